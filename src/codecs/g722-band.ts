/**
 * One sub-band of ITU-T G.722: the adaptive quantiser scale and the two-pole six-zero predictor.
 * Block names (RECONS, UPPOL1 …) are those of the Recommendation, section 6.2.
 */

/** The multiplier of the scale factor, 32 steps to the octave (table 11: ILB). */
const ilb = Int32Array.of(
  2048,
  2093,
  2139,
  2186,
  2233,
  2282,
  2332,
  2383,
  2435,
  2489,
  2543,
  2599,
  2656,
  2714,
  2774,
  2834,
  2896,
  2960,
  3025,
  3091,
  3158,
  3228,
  3298,
  3371,
  3444,
  3520,
  3597,
  3676,
  3756,
  3838,
  3922,
  4008,
)

function saturate(value: number): number {
  if (value > 32767) return 32767
  return Math.max(value, -32768)
}

export class G722Band {
  /** The signal that the predictor expects next. */
  predicted = 0
  /** The quantiser's step. */
  scale: number
  #logScale = 0
  readonly #logLimit: number
  readonly #logShift: number
  #zeroPart = 0
  /** Reconstructed and partly reconstructed signal, one and two samples back. */
  #r1 = 0
  #r2 = 0
  #p1 = 0
  #p2 = 0
  /** The pole coefficients. */
  #a1 = 0
  #a2 = 0
  /** The zero coefficients, and the differences that they weigh. */
  readonly #b = new Int32Array(6)
  readonly #d = new Int32Array(6)

  constructor(band: 'low' | 'high') {
    this.scale = band === 'low' ? 32 : 8
    this.#logLimit = band === 'low' ? 18432 : 22528
    this.#logShift = band === 'low' ? 8 : 10
  }

  /** LOGSCL and SCALEL, or LOGSCH and SCALEH: moves the step by the weight of the code just used. */
  adaptScale(weight: number): void {
    let log = ((this.#logScale * 127) >> 7) + weight
    if (log < 0) log = 0
    else if (log > this.#logLimit) log = this.#logLimit
    this.#logScale = log
    const shift = this.#logShift - (log >> 11)
    const base = ilb[(log >> 6) & 31]!
    this.scale = (shift < 0 ? base << -shift : base >> shift) << 2
  }

  /** Takes the quantised difference of this sample and predicts the next. */
  adaptPredictor(difference: number): void {
    const b = this.#b
    const d = this.#d
    const r0 = saturate(this.predicted + difference) // RECONS
    const p0 = saturate(this.#zeroPart + difference) // PARREC
    const sameAsOne = p0 < 0 === this.#p1 < 0
    const sameAsTwo = p0 < 0 === this.#p2 < 0

    // UPPOL2
    const fourfold = saturate(this.#a1 << 2)
    const turned = sameAsOne ? Math.min(-fourfold, 32767) : fourfold
    let a2 = (turned >> 7) + (sameAsTwo ? 128 : -128) + ((this.#a2 * 32512) >> 15)
    if (a2 > 12288) a2 = 12288
    else if (a2 < -12288) a2 = -12288

    // UPPOL1
    let a1 = saturate((sameAsOne ? 192 : -192) + ((this.#a1 * 32640) >> 15))
    const limit = saturate(15360 - a2)
    if (a1 > limit) a1 = limit
    else if (a1 < -limit) a1 = -limit

    // UPZERO, DELAYA and FILTEZ in one pass from the oldest to the newest
    const step = difference === 0 ? 0 : 128
    const negative = difference < 0
    let zero = 0
    for (let i = 5; i >= 0; i--) {
      const old = d[i]!
      const coefficient = saturate((old < 0 === negative ? step : -step) + ((b[i]! * 32640) >> 15))
      b[i] = coefficient
      const moved = i > 0 ? d[i - 1]! : difference
      d[i] = moved
      zero += (coefficient * saturate(moved << 1)) >> 15
    }
    this.#zeroPart = saturate(zero)

    // DELAYA of the poles, then FILTEP and PREDIC
    this.#a1 = a1
    this.#a2 = a2
    this.#p2 = this.#p1
    this.#p1 = p0
    this.#r2 = this.#r1
    this.#r1 = r0
    const pole = saturate(
      ((a1 * saturate(this.#r1 << 1)) >> 15) + ((a2 * saturate(this.#r2 << 1)) >> 15),
    )
    this.predicted = saturate(pole + this.#zeroPart)
  }
}
