/** Waiting on a channel: while one thing goes on, the channel runs what commands have queued for it. */
import { reasonOf } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import { Activity } from './activity.ts'
import type { Channel } from './channel.ts'
import type { QueuedCommand } from './command-queue.ts'
import { executeApplication } from './execute.ts'

const log = logger('core/attend')

/** What has run for less than this is not run again, whatever its `loops` say (as with FreeSWITCH). */
const spinningMs = 500

/**
 * Waits for `work`, meanwhile running queued applications one after the other (uuid_broadcast, sendmsg). They run to
 * their end, or until the channel leaves what it does; `work` is expected to end by itself when `signal` aborts.
 * `around` is told when one begins and ends, so that a player can pause meanwhile.
 */
export async function attend<T>(
  channel: Channel,
  work: Promise<T>,
  signal: { readonly aborted: boolean },
  around?: { begin(): void; end(): void },
): Promise<T> {
  let over = false
  const finished = work.finally(() => {
    over = true
  })
  for (;;) {
    await Promise.race([finished, channel.queue.filled()])
    if (over || signal.aborted) return finished
    const command = channel.queue.take()
    if (!command) continue
    around?.begin()
    await runQueued(channel, command)
    around?.end()
  }
}

/** Runs one queued application, as often as it asks, or does what stands in its place. */
export async function runQueued(channel: Channel, command: QueuedCommand): Promise<void> {
  const lock = command.isLocked ? channel.queue.lock() : undefined
  countGuest(channel, 1)
  let after: (() => void) | undefined
  try {
    if (command.around) after = await command.around()
    if (command.act) await command.act()
    else await repeat(channel, command)
  } catch (thrown) {
    log.err(`${command.application} failed: ${reasonOf(thrown)}`, channel.uuid)
  } finally {
    after?.()
    lock?.[Symbol.dispose]()
    countGuest(channel, -1)
    command.done?.()
  }
}

/** Runs what is queued and not locked, until there is no more or the signal aborts. */
export async function runAllQueued(
  channel: Channel,
  signal: { readonly aborted: boolean },
): Promise<void> {
  while (!signal.aborted && channel.isUp) {
    const command = channel.queue.take()
    if (!command) return
    await runQueued(channel, command)
  }
}

async function repeat(channel: Channel, command: QueuedCommand): Promise<void> {
  const { variables } = channel
  const loops = command.loops ?? 1
  for (let i = 0; loops <= 0 || i < loops; i++) {
    if (!channel.isUp) return
    const { state, activity } = channel
    const begun = performance.now()
    variables.set('current_loop', String(i + 1))
    variables.set('total_loops', String(loops <= 0 ? -1 : loops))
    await executeApplication(channel, command.application, command.data, {
      uuid: command.uuid,
      uuidName: command.uuidName,
    })
    // A transfer or a hangup ends the repetition, and so does an application that takes no time: it would spin.
    if (channel.state !== state || activity.aborted || performance.now() - begun < spinningMs) break
  }
  variables.unset('current_loop')
  variables.unset('total_loops')
}

function countGuest(channel: Channel, step: 1 | -1): void {
  channel.guests += step
  channel.signals.emit('keys', undefined)
}

/** Waits until called off, running queued applications meanwhile. */
export function attendUntilAborted(
  channel: Channel,
  called: Activity | AbortSignal,
): Promise<void> {
  const over = called instanceof Activity ? called.untilAborted() : untilAborted(called)
  return attend(channel, over, called)
}

/** Resolves when the channel is hung up. */
export function untilHungUp(channel: Channel): Promise<void> {
  if (!channel.isUp) return Promise.resolve()
  return new Promise((resolve) => channel.signals.once('hangup', () => resolve()))
}

/** Resolves when the signal aborts. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
