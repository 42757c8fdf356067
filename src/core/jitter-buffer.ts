/** The jitter buffer of a channel: `jitterbuffer`, `uuid_jitterbuffer` and the variables that go with them. */
import type { JitterHabits } from '../media/engine.ts'
import type { Channel } from './channel.ts'
import { isFalse, isTrue } from './variables.ts'

/** An order with what the channel's variables say of the buffer. */
export function jitterHabits(channel: Channel, order: string): JitterHabits {
  const { variables } = channel
  return {
    order,
    inBridge: isTrue(variables.get('rtp_jitter_buffer_during_bridge')),
    conceals: !isFalse(variables.get('rtp_jitter_buffer_plc')),
  }
}

/**
 * Does what `order` says; without sound yet, it is done when there is some. A length stays in `jitterbuffer_msec`. What is no
 * order is told in the log.
 */
export function orderJitterBuffer(channel: Channel, order: string): void {
  const text = order.trim()
  if (text === '') return
  if (/^[-\d]/.test(text)) channel.variables.set('jitterbuffer_msec', text)
  channel.media?.jitterBuffer(jitterHabits(channel, text))
}

/** In a bridge the buffer rests unless `rtp_jitter_buffer_during_bridge` was set, perhaps since the sound began. */
export function refreshJitterBuffer(channel: Channel): void {
  if (channel.variables.has('rtp_jitter_buffer_during_bridge'))
    channel.media?.jitterBuffer(jitterHabits(channel, ''))
}
