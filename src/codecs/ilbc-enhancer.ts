/**
 * The enhancer of iLBC (RFC 3951 section 4.6): each block of residual is mixed with the periods before and after it, so that
 * voices sound less rough. It looks ahead: sound comes out a block later.
 */
import type { IlbcMode } from './ilbc-mode.ts'
import { fractions } from './ilbc-tables.ts'

/** Samples of a block; how many of them are kept, and how many periods to each side are looked at. */
const block = 80
const blocks = 8
const size = block * blocks
const around = 3
/** How far off a period may be, in samples. */
const slop = 2
const overhang = 2
/** The energy that may change, as a part of the block's. */
const mostChange = 0.05
/** Low pass before every other sample is dropped for the search of periods. */
const lowPass = Float64Array.of(-0.06665, 0.125, 0.31665, 0.414063, 0.31665, 0.125, -0.06665)

/** Squared correlation over energy: how much of `length` samples at `at` is the sound `lag` samples on. */
function likeness(samples: Float64Array, at: number, lag: number, length: number): number {
  let product = 0
  let energy = 0
  for (let i = 0; i < length; i++) {
    const other = samples[at + lag + i]!
    product += samples[at + i]! * other
    energy += other * other
  }
  return product > 0 ? (product * product) / energy : 0
}

/** Scratch, shared by all decoders of the thread. */
const low = new Float64Array(180)
const segments = new Float64Array(block * (2 * around + 1))
const starts = new Float64Array(2 * around + 1)
const correlations = new Float64Array(2 * slop + 1)
const shaped = new Float64Array(block)
const prediction = new Float64Array(block)
const shares = Float64Array.from({ length: 2 * around + 1 }, (_, i) =>
  i === around ? 0 : 0.5 * (1 - Math.cos((2 * Math.PI * (i + 1)) / (2 * around + 2))),
)

export class IlbcEnhancer {
  readonly #mode: IlbcMode
  /** Blocks that a frame has, and how far ahead is looked, in samples. */
  readonly #fresh: number
  readonly #ahead: number
  readonly #residual = new Float64Array(size)
  /** The period of each block. */
  readonly #periods = new Float64Array(blocks).fill(40)
  #wasLost = false

  constructor(mode: IlbcMode) {
    this.#mode = mode
    this.#fresh = mode.samples / block
    this.#ahead = mode.ptime === 20 ? 40 : 80
  }

  /** Takes the residual of a frame, gives that of `ahead` samples earlier. Returns the last period, in samples. */
  enhance(residual: Float64Array, isLost: boolean, into: Float64Array): number {
    const { samples } = this.#mode
    this.#residual.copyWithin(0, samples)
    for (let i = 0; i < samples; i++) this.#residual[size - samples + i] = residual[i]!
    this.#findPeriods()
    const last = this.#periods[blocks - 1]!
    if (this.#wasLost) this.#joinOn(residual)
    this.#wasLost = isLost
    const first = size - samples - this.#ahead
    for (let at = 0; at < samples; at += block) {
      this.#gather(first + at)
      smooth(into, at)
    }
    return last
  }

  #findPeriods(): void {
    const residual = this.#residual
    const { samples } = this.#mode
    const from = size - samples - 120
    const length = (samples + 120) / 2
    for (let i = 0; i < length; i++) {
      let value = 0
      for (let j = 0; j < lowPass.length; j++) {
        const at = from + 3 + 2 * i - j
        if (at < size) value += lowPass[j]! * residual[at]!
      }
      low[i] = value
    }
    this.#periods.copyWithin(0, this.#fresh)
    for (let n = 0; n < this.#fresh; n++) {
      let best = 10
      let most = -1
      for (let lag = 10; lag < 60; lag++) {
        const like = likeness(low, 60 + n * 40, -lag, 40)
        if (like > most) {
          most = like
          best = lag
        }
      }
      this.#periods[blocks - this.#fresh + n] = best * 2
    }
  }

  /** Behind a loss: what was made up and is still to come is led over into the sound that came (section 4.6.1). */
  #joinOn(fresh: Float64Array): void {
    const residual = this.#residual
    const length = this.#ahead
    const guess = this.#periods[blocks - this.#fresh]!
    let period = guess - 1
    for (const one of [guess, guess + 1])
      if (likeness(fresh, 0, one, length) > likeness(fresh, 0, period, length)) period = one
    this.#periods[blocks - this.#fresh - 1] = period
    const end = size - this.#mode.samples
    let [predicted, made] = [0, 0]
    for (let i = 0; i < length; i++) {
      const back = length - i
      prediction[i] = back <= period ? fresh[period - back]! : residual[end - (back - period)]!
      predicted += prediction[i]! ** 2
      made += residual[end - back]! ** 2
    }
    // A sound that begins anew must not be heard before it came.
    const gain = Math.min(1, 2 * Math.sqrt(made / Math.max(predicted, 1e-9)))
    for (let i = 0; i < length; i++) {
      const back = length - i
      const rise = Math.max(0, 10 - back) / 10
      const share = back / (length + 1)
      const wanted = prediction[i]! * (gain + (1 - gain) * rise)
      residual[end - back] = residual[end - back]! * share + wanted * (1 - share)
    }
  }

  /** The block at `centre` and the three periods before and after it. */
  #gather(centre: number): void {
    const residual = this.#residual
    const periods = this.#periods
    for (let i = 0; i < block; i++) segments[around * block + i] = residual[centre + i]!
    starts[around] = centre
    let nearest = blockAt(centre + (block - 1) / 2)
    for (let q = around - 1; q >= 0; q--) {
      const period = periods[nearest]!
      const start = starts[q + 1]! - period
      starts[q] = start
      nearest = blockAt(start + block / 2 - period)
      if (start >= overhang) this.#refine(q, start, centre)
      else segments.fill(0, q * block, (q + 1) * block)
    }
    for (let q = around + 1; q <= 2 * around; q++) {
      const next = this.#blockBefore(starts[q - 1]! + block / 2)
      const start = starts[q - 1]! + periods[next]!
      starts[q] = start
      if (start + block + overhang < size) this.#refine(q, start, centre)
      else segments.fill(0, q * block, (q + 1) * block)
    }
  }

  /** The block whose middle, one of its periods earlier, is next to a position. */
  #blockBefore(position: number): number {
    let best = 0
    let least = Number.POSITIVE_INFINITY
    for (let i = 0; i < blocks; i++) {
      const distance = Math.abs(i * block + block / 2 - this.#periods[i]! - position)
      if (distance < least) {
        least = distance
        best = i
      }
    }
    return best
  }

  /** Finds, to a quarter of a sample, where around `start` the residual is most like the centre's, and takes it from there. */
  #refine(q: number, start: number, centre: number): void {
    const residual = this.#residual
    const rounded = Math.trunc(start - 0.5)
    const from = Math.max(0, rounded - slop)
    const to = Math.min(rounded + slop, size - block - 1)
    const count = to - from + 1
    for (let i = 0; i < count; i++) {
      let sum = 0
      for (let j = 0; j < block; j++) sum += residual[from + i + j]! * residual[centre + j]!
      correlations[i] = sum
    }
    const best = bestQuarter(count)
    starts[q] = from + best / 4 + 1
    const whole = Math.ceil(best / 4)
    const filter = (whole * 4 - best) * 7
    const first = from + whole - around
    for (let i = 0; i < block; i++) {
      let sum = 0
      for (let j = 0; j < 7; j++) {
        const at = first + i + j
        if (at >= 0 && at < size) sum += residual[at]! * fractions[filter + j]!
      }
      segments[q * block + i] = sum
    }
  }
}

/** The block whose middle is next to a position; the earlier one in the middle between two. */
function blockAt(position: number): number {
  const index = Math.ceil(position / block - 1)
  return Math.max(0, Math.min(blocks - 1, index))
}

/** The greatest of the correlations and three values between each two of them, in quarters. */
function bestQuarter(count: number): number {
  const half = Math.min(3, count >> 1)
  let best = 0
  let most = Number.NEGATIVE_INFINITY
  for (let n = 0; n < count; n++) {
    for (let quarter = 0; quarter < 4; quarter++) {
      let value = 0
      for (let k = 0; k <= 2 * half; k++) {
        const at = n + half - k
        if (at >= 0 && at < count)
          value += fractions[quarter * 7 + 3 - half + k]! * correlations[at]!
      }
      if (value > most) {
        most = value
        best = n * 4 + quarter
      }
    }
  }
  return best
}

/** Mixes the segments, as far as the energy that may change allows. */
function smooth(into: Float64Array, at: number): void {
  const middle = around * block
  let own = 0
  let other = 0
  let both = 0
  for (let i = 0; i < block; i++) {
    let sum = 0
    for (let k = 0; k < shares.length; k++) sum += shares[k]! * segments[k * block + i]!
    shaped[i] = sum
    const sample = segments[middle + i]!
    own += sample * sample
    other += sum * sum
    both += sum * sample
  }
  other = Math.max(1, other)
  let fromShape = Math.sqrt(own / other)
  let fromOwn = 0
  const change = own - 2 * fromShape * both + fromShape ** 2 * other
  if (change > mostChange * own) {
    const energy = Math.max(1, own)
    const spread = (other * energy - both * both) / (energy * energy)
    fromShape = spread > 0.0001 ? Math.sqrt((mostChange - mostChange ** 2 / 4) / spread) : 0
    fromOwn = spread > 0.0001 ? 1 - mostChange / 2 - (fromShape * both) / energy : 1
  }
  for (let i = 0; i < block; i++)
    into[at + i] = fromShape * shaped[i]! + fromOwn * segments[middle + i]!
}
