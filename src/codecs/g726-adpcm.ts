/**
 * The adaptive predictor and quantiser of ITU-T G.726, one sample at a time; sections are those of the Recommendation.
 * Samples here have 14 bits. Signals that the Recommendation keeps as small floating point numbers are kept so.
 */
import type { G726Rate } from './g726-tables.ts'

/** The Recommendation's accumulators have 16 bits. */
function wrap(sum: number): number {
  return (sum << 16) >> 16
}

function bitLength(value: number): number {
  return 32 - Math.clz32(value)
}

/** FLOATA and FLOATB (4.2.6): four bits of exponent, six of mantissa, negative ones less 0x400. */
function toFloat(magnitude: number, isNegative: boolean): number {
  const exponent = bitLength(magnitude)
  const float = magnitude === 0 ? 0x20 : (exponent << 6) + ((magnitude << 6) >> exponent)
  return isNegative ? float - 0x400 : float
}

/** FMULT (4.2.6): a predictor coefficient times a floating point signal. */
function multiply(coefficient: number, float: number): number {
  const an = coefficient >> 2
  const magnitude = an > 0 ? an : -an & 0x1fff
  const exponent = bitLength(magnitude) - 6
  let mantissa = 32
  if (magnitude !== 0) mantissa = exponent >= 0 ? magnitude >> exponent : magnitude << -exponent
  const shift = exponent + ((float >> 6) & 0x0f) - 13
  const product = (mantissa * (float & 0x3f) + 0x30) >> 4
  const value = shift >= 0 ? (product << shift) & 0x7fff : product >> -shift
  return (an ^ float) < 0 ? -value : value
}

/** The state that both directions keep in step. */
export class G726Adpcm {
  readonly #rate: G726Rate
  readonly #sign: number
  readonly #zeroLeak: number
  /** Quantiser scale, fast and slow (4.2.4); speed control and its averages (4.2.5). */
  #fastScale = 544
  #slowScale = 34816
  #speed = 0
  #shortAverage = 0
  #longAverage = 0
  /** Coefficients and memory of the second-order section and of the sixth-order one (4.2.6). */
  #pole1 = 0
  #pole2 = 0
  readonly #zeros = new Int32Array(6)
  readonly #differences = new Int32Array(6).fill(0x20)
  #signal1 = 0x20
  #signal2 = 0x20
  #wasNegative1 = false
  #wasNegative2 = false
  #isTone = false
  /** Of the sample at hand. */
  #scale = 0
  #zeroEstimate = 0
  #estimate = 0

  constructor(rate: G726Rate) {
    this.#rate = rate
    this.#sign = 1 << (rate.bits - 1)
    this.#zeroLeak = rate.bits === 5 ? 9 : 8
  }

  /** The code word of a sample of 14 bits. */
  encode(sample: number): number {
    this.#predict()
    const code = this.#quantise(sample - this.#estimate)
    this.#adapt(code)
    return code
  }

  /** The sample of 14 bits (it may go a little beyond) of a code word. */
  decode(code: number): number {
    this.#predict()
    return this.#adapt(code)
  }

  #predict(): void {
    let sum = 0
    for (let i = 0; i < 6; i++) sum += multiply(this.#zeros[i]!, this.#differences[i]!)
    sum = wrap(sum)
    this.#zeroEstimate = sum >> 1
    sum += multiply(this.#pole2, this.#signal2) + multiply(this.#pole1, this.#signal1)
    this.#estimate = wrap(sum) >> 1
    this.#scale = this.#mixedScale()
  }

  /** MIX (4.2.4). */
  #mixedScale(): number {
    if (this.#speed >= 256) return this.#fastScale
    const slow = this.#slowScale >> 6
    const step = (this.#fastScale - slow) * (this.#speed >> 2)
    return slow + ((step < 0 ? step + 0x3f : step) >> 6)
  }

  /** LOG, SUBTB and QUAN (4.2.2). */
  #quantise(difference: number): number {
    const { levels, bits } = this.#rate
    const magnitude = Math.abs(difference)
    const exponent = bitLength(magnitude >> 1)
    const logarithm = (exponent << 7) + (((magnitude << 7) >> exponent) & 0x7f)
    const normal = logarithm - (this.#scale >> 2)
    let level = 0
    while (level < levels.length && normal >= levels[level]!) level++
    const last = 2 * this.#sign - 1
    if (difference < 0) return last - level
    // Only with two bits is the all-zero word one to send: elsewhere it is kept free.
    return level === 0 && bits !== 2 ? last : level
  }

  /** Reconstructs the sample and adapts everything to it; returns it. */
  #adapt(code: number): number {
    const { logarithms, weights, speeds } = this.#rate
    const isNegative = code >= this.#sign
    const magnitude = this.#magnitudeOf(logarithms[code]!)
    const difference = isNegative ? -magnitude : magnitude
    const sample = wrap(this.#estimate + difference)
    const isTransition = this.#isTransition(magnitude)
    this.#adaptScale(weights[code]!)
    const partial = wrap(difference + this.#zeroEstimate)
    this.#adaptPredictor(isNegative, magnitude, partial, isTransition)
    this.#signal2 = this.#signal1
    this.#signal1 = sample === -32768 ? 0x20 - 0x400 : toFloat(Math.abs(sample), sample < 0)
    this.#wasNegative2 = this.#wasNegative1
    this.#wasNegative1 = partial < 0
    // TONE (4.2.7)
    this.#isTone = !isTransition && this.#pole2 < -11776
    this.#adaptSpeed(speeds[code]!, isTransition)
    return sample
  }

  /** ADDA and ANTILOG (4.2.3). */
  #magnitudeOf(logarithm: number): number {
    const scaled = logarithm + (this.#scale >> 2)
    return scaled < 0 ? 0 : ((128 + (scaled & 0x7f)) << 7) >> (14 - ((scaled >> 7) & 0x0f))
  }

  /** TRANS (4.2.7): a narrow-band signal has jumped. */
  #isTransition(magnitude: number): boolean {
    if (!this.#isTone) return false
    const whole = this.#slowScale >> 15
    const fraction = (this.#slowScale >> 10) & 0x1f
    const threshold = whole > 9 ? 31 * 1024 : (32 + fraction) * 2 ** whole
    return magnitude > (threshold + (threshold >> 1)) >> 1
  }

  /** FUNCTW, FILTD, LIMB and FILTE (4.2.4). */
  #adaptScale(weight: number): void {
    const fast = this.#scale + ((weight - this.#scale) >> 5)
    this.#fastScale = Math.max(544, Math.min(fast, 5120))
    this.#slowScale += this.#fastScale + (-this.#slowScale >> 6)
  }

  #adaptPredictor(
    isNegative: boolean,
    magnitude: number,
    partial: number,
    isTransition: boolean,
  ): void {
    const zeros = this.#zeros
    const differences = this.#differences
    if (isTransition) {
      this.#pole1 = 0
      this.#pole2 = 0
      zeros.fill(0)
    } else {
      this.#adaptPoles(partial)
      for (let i = 0; i < 6; i++) {
        let zero = zeros[i]!
        zero -= zero >> this.#zeroLeak
        if (magnitude !== 0) zero += differences[i]! < 0 === isNegative ? 128 : -128
        zeros[i] = zero
      }
    }
    for (let i = 5; i > 0; i--) differences[i] = differences[i - 1]!
    differences[0] = toFloat(magnitude, isNegative)
  }

  /** UPA2, LIMC, UPA1 and LIMD (4.2.6). */
  #adaptPoles(partial: number): void {
    const isNegative = partial < 0
    const isTurn = isNegative !== this.#wasNegative1
    let pole2 = this.#pole2 - (this.#pole2 >> 7)
    let pole1 = this.#pole1 - (this.#pole1 >> 8)
    if (partial !== 0) {
      const drift = isTurn ? this.#pole1 : -this.#pole1
      if (drift < -8191) pole2 -= 0x100
      else if (drift > 8191) pole2 += 0xff
      else pole2 += drift >> 5
      pole2 += isNegative !== this.#wasNegative2 ? -0x80 : 0x80
      pole2 = Math.max(-12288, Math.min(pole2, 12288))
      pole1 += isTurn ? -192 : 192
    }
    const limit = 15360 - pole2
    this.#pole2 = pole2
    this.#pole1 = Math.max(-limit, Math.min(pole1, limit))
  }

  /** FILTA, FILTB, SUBTC, FILTC and TRIGA (4.2.5). */
  #adaptSpeed(speed: number, isTransition: boolean): void {
    this.#shortAverage += (speed - this.#shortAverage) >> 5
    this.#longAverage += ((speed << 2) - this.#longAverage) >> 7
    if (isTransition) {
      this.#speed = 256
      return
    }
    const spread = Math.abs((this.#shortAverage << 2) - this.#longAverage)
    const isFast = this.#scale < 1536 || this.#isTone || spread >= this.#longAverage >> 3
    this.#speed += (isFast ? 0x200 - this.#speed : -this.#speed) >> 4
  }
}
