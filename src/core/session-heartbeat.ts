/** SESSION_HEARTBEAT: a channel tells at intervals that it lives (enable_heartbeat, uuid_session_heartbeat). */
import type { Channel } from './channel.ts'
import { isTrue } from './variables.ts'

/** The task of each channel that beats. */
const tasks = new WeakMap<Channel, number>()

/** Fires SESSION_HEARTBEAT every so many seconds until hangup; 0 stops it. */
export function setSessionHeartbeat(channel: Channel, seconds: number): void {
  const { scheduler } = channel.sw
  const before = tasks.get(channel)
  if (before !== undefined) scheduler.remove(before)
  tasks.delete(channel)
  if (seconds <= 0 || !channel.isUp) return
  const atOnce = isTrue(channel.text('heartbeat_fire_on_set'))
  const first = Math.trunc(Date.now() / 1000) + (atOnce ? 0 : seconds)
  const beat = () => channel.announce('SESSION_HEARTBEAT')
  const name = 'switch_core_session_sched_heartbeat'
  const id = scheduler.add(name, channel.uuid, first, beat, seconds)
  tasks.set(channel, id)
  if (before === undefined) channel.signals.once('hangup', () => setSessionHeartbeat(channel, 0))
}
