/** What Opus is told about a call: format parameters of RFC 7587 section 6.1 from both sides, and settings of opus.conf. */
import { flag, formatParameters, wholeNumber } from './format-parameters.ts'

/** Sample rates (Hz) that show one of the bandwidths of RFC 6716 section 2 whole. */
export type OpusRate = 8000 | 12000 | 16000 | 24000 | 48000

/** How a leg's encoder is set. */
export interface OpusEncoding {
  /** Bits a second, on average. */
  readonly bitRate: number
  /** The highest rate (Hz) whose sound the other side can make use of. */
  readonly bandwidth: OpusRate
  readonly isConstantRate: boolean
  readonly hasErrorCorrection: boolean
  /** Expected loss, per cent: how much is spent on error correction. */
  readonly lossPercent: number
  /** Sends nothing while nothing is said. */
  readonly skipsSilence: boolean
  /** 0–10: CPU time against quality. */
  readonly complexity: number
}

/** RFC 7587 section 6.1: average bit rates outside are to be ignored. */
export const leastBitRate = 6000
export const mostBitRate = 510000
const defaultComplexity = 5
const defaultLossPercent = 20
/** What speech of each bandwidth needs (RFC 7587 section 3.1.1), bits a second. */
const defaultBitRates: Readonly<Record<OpusRate, number>> = {
  8000: 14000,
  12000: 16000,
  16000: 20000,
  24000: 26000,
  48000: 30000,
}

export const opusRates: readonly OpusRate[] = [8000, 12000, 16000, 24000, 48000]

export function isOpusRate(rate: number): rate is OpusRate {
  return rate in defaultBitRates
}

function rateOf(parameters: ReadonlyMap<string, string>, name: string): OpusRate {
  const given = wholeNumber(parameters, name, 8000, 48000) ?? 48000
  // RFC 7587 section 6.1 allows any rate: the bandwidth is the widest that it still carries.
  if (given < 12000) return 8000
  if (given < 16000) return 12000
  if (given < 24000) return 16000
  return given < 48000 ? 24000 : 48000
}

/** What both sides' parameters come to for what we send. */
export function opusEncoding(theirFmtp: string, ourFmtp: string): OpusEncoding {
  const theirs = formatParameters(theirFmtp)
  const ours = formatParameters(ourFmtp)
  const bandwidth = Math.min(
    rateOf(theirs, 'maxplaybackrate'),
    rateOf(ours, 'sprop-maxcapturerate'),
  ) as OpusRate
  const limit = wholeNumber(theirs, 'maxaveragebitrate', leastBitRate, mostBitRate)
  const wanted = wholeNumber(ours, 'bitrate', leastBitRate, mostBitRate)
  return {
    bitRate: Math.min(limit ?? mostBitRate, wanted ?? defaultBitRates[bandwidth]),
    bandwidth,
    isConstantRate: flag(theirs, 'cbr') === true || flag(ours, 'cbr') === true,
    // Only a receiver that says so makes use of it.
    hasErrorCorrection: flag(theirs, 'useinbandfec') === true,
    lossPercent: wholeNumber(ours, 'packet-loss-percent', 0, 100) ?? defaultLossPercent,
    skipsSilence: flag(theirs, 'usedtx') ?? flag(ours, 'usedtx') ?? false,
    complexity: wholeNumber(ours, 'complexity', 0, 10) ?? defaultComplexity,
  }
}

/** What opus.conf can say. */
export interface OpusSettings {
  readonly complexity: number
  readonly lossPercent: number
  readonly isConstantRate: boolean
  readonly skipsSilence: boolean
  readonly asksErrorCorrection: boolean
  /** Bits a second, both ways; undefined: what the bandwidth needs. */
  readonly bitRate: number | undefined
  /** Hz: what we want to receive, and what we have to send. */
  readonly playbackRate: OpusRate
  readonly captureRate: OpusRate
}

export const defaultOpusSettings: OpusSettings = {
  complexity: defaultComplexity,
  lossPercent: defaultLossPercent,
  isConstantRate: false,
  skipsSilence: false,
  asksErrorCorrection: true,
  bitRate: undefined,
  playbackRate: 48000,
  captureRate: 48000,
}

/** The format parameters that we offer and answer with: they say what we like to receive. */
export function opusFormat(settings: OpusSettings): string {
  const parts = [`useinbandfec=${settings.asksErrorCorrection ? 1 : 0}`]
  if (settings.skipsSilence) parts.push('usedtx=1')
  if (settings.isConstantRate) parts.push('cbr=1')
  parts.push(`maxaveragebitrate=${settings.bitRate ?? defaultBitRates[settings.playbackRate]}`)
  parts.push(`maxplaybackrate=${settings.playbackRate}`)
  if (settings.captureRate !== 48000) parts.push(`sprop-maxcapturerate=${settings.captureRate}`)
  parts.push('minptime=10', 'maxptime=40')
  return parts.join('; ')
}

/** The part of the settings that only our own encoder has to know. */
export function opusEncoderSettings(settings: OpusSettings): string {
  const { complexity, lossPercent, bitRate, captureRate, skipsSilence, isConstantRate } = settings
  const parts = [`complexity=${complexity}`, `packet-loss-percent=${lossPercent}`]
  if (bitRate !== undefined) parts.push(`bitrate=${bitRate}`)
  if (captureRate !== 48000) parts.push(`sprop-maxcapturerate=${captureRate}`)
  if (skipsSilence) parts.push('usedtx=1')
  if (isConstantRate) parts.push('cbr=1')
  return parts.join(';')
}
