/**
 * One sub-band of ITU-T G.722: the adaptive quantiser scale and the two-pole six-zero predictor.
 * Block names (RECONS, UPPOL1 …) are those of the Recommendation, section 6.2.
 *
 * It works on a whole frame at a time with all that it remembers in local variables: kept in fields and arrays, the same
 * sums take twice as long.
 */
import {
  highLevel,
  highWeights,
  lowCodes,
  lowWeights,
  negativeCodesAt,
  ratioOf,
  scales,
  values2,
  values4,
  values6,
} from './g722-tables.ts'

export class G722Band {
  readonly #isLow: boolean
  readonly #logLimit: number
  readonly #logShift: number
  /** Predicted signal, its part from the zeros, quantiser step and its logarithm. */
  #predicted = 0
  #zeroPart = 0
  #scale: number
  #logScale = 0
  /** Partly reconstructed signal, one and two samples back; the pole coefficients. */
  #p1 = 0
  #p2 = 0
  #a1 = 0
  #a2 = 0
  /** Twice the reconstructed signal of the last sample, saturated, as the poles take it. */
  #t1 = 0
  /** The zero coefficients and twice the differences that they weigh. */
  readonly #b = new Int32Array(6)
  readonly #d = new Int32Array(6)

  constructor(band: 'low' | 'high') {
    this.#isLow = band === 'low'
    this.#scale = band === 'low' ? 32 : 8
    this.#logLimit = band === 'low' ? 18432 : 22528
    this.#logShift = band === 'low' ? 8 : 10
  }

  /** Codes of `count` samples, into `codes`. */
  encode(samples: Int32Array, codes: Int32Array, count: number): void {
    this.#run(samples, codes, count, true)
  }

  /** Samples of `count` codes, into `samples`. */
  decode(codes: Int32Array, samples: Int32Array, count: number): void {
    this.#run(codes, samples, count, false)
  }

  #run(input: Int32Array, output: Int32Array, count: number, isEncoding: boolean): void {
    const isLow = this.#isLow
    const logLimit = this.#logLimit
    const logShift = this.#logShift
    const weights = isLow ? lowWeights : highWeights
    const values = isLow ? values4 : values2
    const codeShift = isLow ? 2 : 0
    const b = this.#b
    const d = this.#d
    let [b0, b1, b2, b3, b4, b5] = [b[0]!, b[1]!, b[2]!, b[3]!, b[4]!, b[5]!]
    let [d0, d1, d2, d3, d4, d5] = [d[0]!, d[1]!, d[2]!, d[3]!, d[4]!, d[5]!]
    let predicted = this.#predicted
    let zeroPart = this.#zeroPart
    let scale = this.#scale
    let log = this.#logScale
    let t1 = this.#t1
    let p1 = this.#p1
    let p2 = this.#p2
    let a1 = this.#a1
    let a2 = this.#a2

    for (let i = 0; i < count; i++) {
      const given = input[i]!
      let code = given
      if (isEncoding) {
        let wanted = given - predicted
        wanted = wanted > 32767 ? 32767 : wanted < -32768 ? -32768 : wanted
        const sign = wanted >> 31
        const magnitude = wanted ^ sign
        if (isLow) code = lowCodes[ratioOf(magnitude, scale) + (sign & negativeCodesAt)]!
        else code = (sign === 0 ? 2 : 0) | (magnitude >= Math.imul(highLevel, scale) >> 12 ? 0 : 1)
        output[i] = code
      }
      const difference = Math.imul(scale, values[code >> codeShift]!) >> 15
      if (!isEncoding) {
        const fine = isLow ? Math.imul(scale, values6[code]!) >> 15 : difference
        const sample = predicted + fine
        output[i] = sample > 16383 ? 16383 : sample < -16384 ? -16384 : sample
      }

      // LOGSCL and SCALEL, or LOGSCH and SCALEH
      log = (Math.imul(log, 127) >> 7) + weights[code >> codeShift]!
      log = log < 0 ? 0 : log > logLimit ? logLimit : log
      const shift = logShift - (log >> 11)
      const base = scales[(log >> 6) & 31]!
      scale = (shift < 0 ? base << -shift : base >> shift) << 2

      // RECONS, PARREC
      let r0 = predicted + difference
      r0 = r0 > 32767 ? 32767 : r0 < -32768 ? -32768 : r0
      let p0 = zeroPart + difference
      p0 = p0 > 32767 ? 32767 : p0 < -32768 ? -32768 : p0
      const isLikeOne = (p0 ^ p1) >= 0

      // UPPOL2
      let turned = a1 << 2
      turned = turned > 32767 ? 32767 : turned < -32768 ? -32768 : turned
      if (isLikeOne) turned = turned === -32768 ? 32767 : -turned
      a2 = (turned >> 7) + ((p0 ^ p2) >= 0 ? 128 : -128) + (Math.imul(a2, 32512) >> 15)
      a2 = a2 > 12288 ? 12288 : a2 < -12288 ? -12288 : a2

      // UPPOL1
      a1 = (isLikeOne ? 192 : -192) + (Math.imul(a1, 32640) >> 15)
      const limit = 15360 - a2
      a1 = a1 > limit ? limit : a1 < -limit ? -limit : a1

      // UPZERO: each coefficient leaks by a 256th and moves by 128 towards where the signs agree. It cannot leave 16 bits.
      const step = difference === 0 ? 0 : 128
      let against = (d0 ^ difference) >> 31
      b0 += (-b0 >> 8) + (step ^ against) - against
      against = (d1 ^ difference) >> 31
      b1 += (-b1 >> 8) + (step ^ against) - against
      against = (d2 ^ difference) >> 31
      b2 += (-b2 >> 8) + (step ^ against) - against
      against = (d3 ^ difference) >> 31
      b3 += (-b3 >> 8) + (step ^ against) - against
      against = (d4 ^ difference) >> 31
      b4 += (-b4 >> 8) + (step ^ against) - against
      against = (d5 ^ difference) >> 31
      b5 += (-b5 >> 8) + (step ^ against) - against

      // DELAYA and FILTEZ
      d5 = d4
      d4 = d3
      d3 = d2
      d2 = d1
      d1 = d0
      d0 = difference << 1
      d0 = d0 > 32767 ? 32767 : d0 < -32768 ? -32768 : d0
      zeroPart =
        (Math.imul(b0, d0) >> 15) +
        (Math.imul(b1, d1) >> 15) +
        (Math.imul(b2, d2) >> 15) +
        (Math.imul(b3, d3) >> 15) +
        (Math.imul(b4, d4) >> 15) +
        (Math.imul(b5, d5) >> 15)
      zeroPart = zeroPart > 32767 ? 32767 : zeroPart < -32768 ? -32768 : zeroPart

      // FILTEP and PREDIC
      p2 = p1
      p1 = p0
      let t0 = r0 << 1
      t0 = t0 > 32767 ? 32767 : t0 < -32768 ? -32768 : t0
      let pole = (Math.imul(a1, t0) >> 15) + (Math.imul(a2, t1) >> 15)
      pole = pole > 32767 ? 32767 : pole < -32768 ? -32768 : pole
      t1 = t0
      predicted = pole + zeroPart
      predicted = predicted > 32767 ? 32767 : predicted < -32768 ? -32768 : predicted
    }

    b[0] = b0
    b[1] = b1
    b[2] = b2
    b[3] = b3
    b[4] = b4
    b[5] = b5
    d[0] = d0
    d[1] = d1
    d[2] = d2
    d[3] = d3
    d[4] = d4
    d[5] = d5
    this.#predicted = predicted
    this.#zeroPart = zeroPart
    this.#scale = scale
    this.#logScale = log
    this.#t1 = t1
    this.#p1 = p1
    this.#p2 = p2
    this.#a1 = a1
    this.#a2 = a2
  }
}
