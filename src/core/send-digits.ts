/** Sending digits to a channel's far end, or making them arrive as if it had sent them. */
import type { Channel } from './channel.ts'
import { parseDigits } from './digits-text.ts'

/** Samples at 8 kHz to a millisecond. */
const samplesPerMs = 8

/** Sends what the text says; returns what was wrong with it, or undefined. */
export function sendDigits(channel: Channel, text: string): string | undefined {
  const { chunks, isReceived, bad } = parseDigits(text)
  if (bad) return `${bad} are no digits`
  for (const { digits, ms } of chunks) {
    const duration = ms ?? defaultDurationMs(channel)
    if (isReceived) receiveDigits(channel, digits, duration)
    else channel.driver.sendDtmf(digits, duration)
  }
  return undefined
}

/** Digits as if the far end had pressed them. */
export function receiveDigits(channel: Channel, digits: string, ms?: number): void {
  const duration = (ms ?? defaultDurationMs(channel)) * samplesPerMs
  for (const digit of digits) {
    if (digit !== 'w' && digit !== 'W') channel.receiveDigit({ digit, duration, source: 'APP' })
  }
}

function defaultDurationMs(channel: Channel): number {
  return channel.sw.dtmfDurations.standard / samplesPerMs
}
