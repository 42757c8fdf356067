/** Ringing, early media and answer of an inbound channel. */
import type { Channel } from './channel.ts'

/** 180 to the caller, or 182 when `queued`. Nothing when it is early or answered already. */
export function ringReady(channel: Channel, queued = false): void {
  if (!channel.isUp || channel.isAnswered || channel.isEarly) return
  if (channel.direction === 'outbound') return
  channel.driver.ring(queued)
  channel.markRinging()
}

/** Opens the sound before the answer (183). Nothing when it is open already. */
export async function preAnswer(channel: Channel): Promise<void> {
  if (!channel.isUp || channel.isAnswered || channel.isEarly) return
  if (channel.direction === 'outbound') return
  await channel.driver.progress()
  channel.variables.set('endpoint_disposition', 'EARLY MEDIA')
  channel.markEarly()
}

/** Answers (200). Nothing when it is answered already, or when the far end is the one to answer. */
export async function answer(channel: Channel): Promise<void> {
  if (!channel.isUp || channel.isAnswered) return
  if (channel.direction === 'outbound' && channel.source !== 'mod_loopback') return
  await channel.driver.answer()
  channel.markAnswered()
}
