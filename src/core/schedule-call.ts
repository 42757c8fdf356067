/** Hangup, transfer and broadcast of a channel at a time; forgotten when the channel ends before. */
import { type BroadcastLegs, broadcast } from './broadcast.ts'
import type { Channel } from './channel.ts'
import type { HangupCause } from './hangup-cause.ts'
import { type TransferTarget, transfer } from './transfer.ts'

/** Hangs up at `runtime` (seconds since the epoch); returns the task's id. */
export function scheduleHangup(channel: Channel, runtime: number, cause: HangupCause): number {
  return schedule(channel, 'sch_hangup', runtime, () => channel.hangup(cause))
}

/** Transfers at `runtime` (seconds since the epoch); returns the task's id. */
export function scheduleTransfer(
  channel: Channel,
  runtime: number,
  target: TransferTarget,
): number {
  return schedule(channel, 'sch_transfer', runtime, () => void transfer(channel, target))
}

/** Plays or runs something at `runtime` (seconds since the epoch); returns the task's id. */
export function scheduleBroadcast(
  channel: Channel,
  runtime: number,
  path: string,
  legs: BroadcastLegs,
): number {
  return schedule(channel, 'switch_ivr_schedule_broadcast', runtime, () =>
    broadcast(channel, path, legs),
  )
}

function schedule(channel: Channel, what: string, runtime: number, run: () => void): number {
  const id = channel.sw.scheduler.add(what, channel.uuid, runtime, run)
  channel.signals.once('hangup', () => channel.sw.scheduler.remove(id))
  return id
}
