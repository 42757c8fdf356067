/**
 * How a call sounds, estimated from what was measured of it: the E-model of ITU-T G.107, its wideband version G.107.1 for
 * wideband codecs, with the codecs' values of G.113. All parameters that nobody can measure here have their default values.
 */

/** Which sound is a 4.5: that of the telephone, or 50–7000 Hz. Scores of different scales do not compare. */
export type QualityScale = 'narrowband' | 'wideband'

export interface Quality {
  /** Transmission rating: up to 93.2, or 129 on the wideband scale. */
  readonly rating: number
  /** Mean opinion score, 1 to 4.5. */
  readonly mos: number
  readonly scale: QualityScale
}

export interface Line {
  /** Share of packets that were not there when their turn came, 0 to 1. */
  readonly loss: number
  /** G.107 BurstR: mean length of a run of losses, as a multiple of what chance would make it. Default 1. */
  readonly burstRatio?: number
  /** From mouth to ear, ms. */
  readonly delay: number
}

interface CodecValues {
  /** Equipment impairment without loss (Ie), and robustness against loss (Bpl). */
  readonly impairment: number
  readonly robustness: number
  readonly scale: QualityScale
}

function narrow(impairment: number, robustness: number): CodecValues {
  return { impairment, robustness, scale: 'narrowband' }
}

function wide(impairment: number, robustness: number): CodecValues {
  return { impairment, robustness, scale: 'wideband' }
}

/** Bpl of G.711 with concealment (G.113 appendix I): for codecs of samples, where each packet stands for itself. */
const concealed = 25.1

/**
 * G.113 appendices I and IV. There is no published Bpl for G.726, which gets that of G.711, for FR GSM, which gets that of
 * EFR GSM, and for wideband codecs, which get a usual one; none at all for Opus, which is taken for a good wideband codec.
 */
const codecs: Readonly<Record<string, CodecValues>> = {
  PCMU: narrow(0, concealed),
  PCMA: narrow(0, concealed),
  'G726-40': narrow(2, concealed),
  'G726-32': narrow(7, concealed),
  'G726-24': narrow(25, concealed),
  'G726-16': narrow(50, concealed),
  GSM: narrow(20, 10),
  G729: narrow(11, 19),
  G723: narrow(15, 16.1),
  ILBC: narrow(11, 32),
  AMR: narrow(5, 10),
  G722: wide(13, 10),
  'AMR-WB': wide(13, 10),
  OPUS: wide(0, concealed),
}

/** Values of a codec by its SDP name and clock; one that is not known counts as G.711, linear sound of 16 kHz and more as perfect. */
function valuesOf(name: string, clockRate: number): CodecValues {
  const word = name.toUpperCase().replace(/^AAL2-/, '')
  const known = codecs[word]
  if (known) return known
  return word === 'L16' && clockRate >= 16000 ? wide(0, concealed) : narrow(0, concealed)
}

/** G.107: rating without delay and codec, all parameters at their defaults; what G.107.1 has in its place. */
const basicRating = { narrowband: 93.2, wideband: 129 } as const

/** What a codec of `clockRate` Hz sounds like over a line. */
export function quality(codec: string, clockRate: number, line: Line): Quality {
  const { impairment, robustness, scale } = valuesOf(codec, clockRate)
  const rating =
    basicRating[scale] -
    delayImpairment(line.delay) -
    effectiveImpairment(impairment, robustness, line.loss, line.burstRatio ?? 1)
  // G.107.1 section 7.9: the wideband rating is brought to the range of the other before it becomes a score.
  return { rating, mos: scoreOf(scale === 'wideband' ? rating / 1.29 : rating), scale }
}

/** G.107 equation 7-29: Ie,eff. `loss` from 0 to 1. */
export function effectiveImpairment(
  impairment: number,
  robustness: number,
  loss: number,
  burstRatio: number,
): number {
  const percent = Math.min(1, Math.max(0, loss)) * 100
  return impairment + ((95 - impairment) * percent) / (percent / burstRatio + robustness)
}

/** G.107 annex B: the score for a rating. */
export function scoreOf(rating: number): number {
  if (rating <= 0) return 1
  if (rating >= 100) return 4.5
  // The cubic dips below 1 for the smallest ratings.
  return Math.max(1, 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6)
}

/** G.107 section 7.4 with its defaults: TELR 65 dB, WEPL 110 dB, noise -61.18 dBm0p. No more than what is in 93.2 at 0 ms. */
export function delayImpairment(delay: number): number {
  const ms = Math.max(0, delay)
  return talkerEcho(ms) + (listenerEcho(ms) - listenerEcho(0)) + pureDelay(ms)
}

const noise = -61.18
const signal = 15 - 1.5 * (8 + noise)

function talkerEcho(ms: number): number {
  const masked = 65 - 40 * Math.log10((1 + ms / 10) / (1 + ms / 150)) + 6 * Math.exp(-0.3 * ms * ms)
  const half = (-1.5 * (noise - 2) - (80 + 2.5 * (masked - 14))) / 2
  return (half + Math.sqrt(half * half + 100) - 1) * (1 - Math.exp(-ms))
}

function listenerEcho(ms: number): number {
  const half = (signal - 10.5 * (110 + 7) * (2 * ms + 1) ** -0.25) / 2
  return half + Math.sqrt(half * half + 169)
}

/** Even without echo people begin to speak at the same time. */
function pureDelay(ms: number): number {
  if (ms <= 100) return 0
  const x = Math.log2(ms / 100)
  return 25 * ((1 + x ** 6) ** (1 / 6) - 3 * (1 + (x / 3) ** 6) ** (1 / 6) + 2)
}
