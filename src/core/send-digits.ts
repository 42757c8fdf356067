/** Sending digits to a channel's far end, or making them arrive as if it had sent them. */

import { broadcast } from './broadcast.ts'
import type { Channel } from './channel.ts'
import { parseDigits } from './digits-text.ts'
import { announceConversion, receiveDigit } from './receive-digit.ts'

/** Samples at 8 kHz to a millisecond. */
const samplesPerMs = 8

/** Sends what the text says; returns what was wrong with it, or undefined. */
export function sendDigits(channel: Channel, text: string): string | undefined {
  const { chunks, isReceived, bad } = parseDigits(text)
  if (bad) return `${bad} are no digits`
  for (const { digits, ms } of chunks) {
    const duration = ms ?? defaultDurationMs(channel)
    if (isReceived) receiveDigits(channel, digits, duration)
    else deliverDigits(channel, digits, duration)
  }
  return undefined
}

/**
 * Sends digits of `ms` each the way that the channel has for them, within the bounds of the switch; or what stands for them
 * where they are dropped (`drop_dtmf_masking_digits`, `drop_dtmf_masking_file`), or tones.
 */
export function deliverDigits(channel: Channel, digits: string, ms: number): void {
  const { digitRules, driver, sw, variables } = channel
  if (!channel.isUp || digitRules.isBlocking) return
  if (digitRules.isDropping) {
    const file = variables.get('drop_dtmf_masking_file')
    const mask = variables.get('drop_dtmf_masking_digits')
    if (file) broadcast(channel, file, { a: true, b: false, holdsPartner: false })
    if (mask) driver.sendDtmf(mask, defaultDurationMs(channel))
    return
  }
  const { minimum, maximum } = sw.dtmfDurations
  const samples = Math.min(maximum, Math.max(minimum, Math.round(ms * samplesPerMs)))
  if (digitRules.tones !== 'write') return driver.sendDtmf(digits, samples / samplesPerMs)
  channel.media?.sendDtmf(digits, samples / samplesPerMs)
  for (const digit of digits)
    if (!isPause(digit)) announceConversion(channel, { digit, duration: samples, source: 'APP' })
}

/** Digits as if the far end had pressed them. */
export function receiveDigits(channel: Channel, digits: string, ms?: number): void {
  const duration = (ms ?? defaultDurationMs(channel)) * samplesPerMs
  for (const digit of digits)
    if (!isPause(digit)) receiveDigit(channel, { digit, duration, source: 'APP' })
}

function isPause(digit: string): boolean {
  return digit === 'w' || digit === 'W'
}

function defaultDurationMs(channel: Channel): number {
  return channel.sw.dtmfDurations.standard / samplesPerMs
}
