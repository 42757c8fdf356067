/** The filters of iLBC. A set of coefficients begins at `at` with the 1 that is never multiplied. */
import { filterLength, order } from './ilbc-mode.ts'

/** All-pole, in place: `signal` has the filter's past in the ten samples before `from`. */
export function filterPoles(
  signal: Float64Array,
  from: number,
  count: number,
  a: Float64Array,
  at: number,
): void {
  const a1 = a[at + 1]!
  const a2 = a[at + 2]!
  const a3 = a[at + 3]!
  const a4 = a[at + 4]!
  const a5 = a[at + 5]!
  const a6 = a[at + 6]!
  const a7 = a[at + 7]!
  const a8 = a[at + 8]!
  const a9 = a[at + 9]!
  const a10 = a[at + 10]!
  for (let n = from; n < from + count; n++) {
    signal[n] =
      signal[n]! -
      a1 * signal[n - 1]! -
      a2 * signal[n - 2]! -
      a3 * signal[n - 3]! -
      a4 * signal[n - 4]! -
      a5 * signal[n - 5]! -
      a6 * signal[n - 6]! -
      a7 * signal[n - 7]! -
      a8 * signal[n - 8]! -
      a9 * signal[n - 9]! -
      a10 * signal[n - 10]!
  }
}

/** All-zero: `input` has ten samples of the past before `from`. */
export function filterZeros(
  input: Float64Array,
  from: number,
  count: number,
  a: Float64Array,
  at: number,
  output: Float64Array,
  to: number,
): void {
  for (let n = 0; n < count; n++) {
    let sum = 0
    for (let k = 0; k < filterLength; k++) sum += a[at + k]! * input[from + n - k]!
    output[to + n] = sum
  }
}

/** A set with its coefficients drawn towards 0: the nth by the nth power of `factor`. */
export function expandBandwidth(
  from: Float64Array,
  at: number,
  factor: number,
  into: Float64Array,
  to: number,
): void {
  let power = 1
  for (let i = 0; i < filterLength; i++) {
    into[to + i] = from[at + i]! * power
    power *= factor
  }
}

/** Second-order high-pass filters (sections 3.1 and 4.8). */
export class HighPass {
  readonly #zeros: readonly [number, number, number]
  readonly #poles: readonly [number, number]
  #x1 = 0
  #x2 = 0
  #y1 = 0
  #y2 = 0

  constructor(zeros: readonly [number, number, number], poles: readonly [number, number]) {
    this.#zeros = zeros
    this.#poles = poles
  }

  next(x: number): number {
    const [b0, b1, b2] = this.#zeros
    const [a1, a2] = this.#poles
    const y = b0 * x + b1 * this.#x1 + b2 * this.#x2 - a1 * this.#y1 - a2 * this.#y2
    this.#x2 = this.#x1
    this.#x1 = x
    this.#y2 = this.#y1
    // Silence decays to numbers that the processor is slow with.
    this.#y1 = Math.abs(y) < 1e-20 ? 0 : y
    return y
  }
}

const numerator = new Float64Array(filterLength)
const line = new Float64Array(order + 160)
const passed = new Float64Array(order + 160)

/**
 * The all-pass filter of the start state (section 3.5.2): circular, by letting what rings on after the end come in again at the
 * beginning. `from` and `into` may be the same.
 */
export function passState(
  from: Float64Array,
  start: number,
  length: number,
  a: Float64Array,
  at: number,
  into: Float64Array,
): void {
  for (let k = 0; k < filterLength; k++) numerator[k] = a[at + order - k]!
  line.fill(0)
  for (let k = 0; k < length; k++) line[order + k] = from[start + k]!
  passed.fill(0, 0, order)
  filterZeros(line, order, length * 2, numerator, 0, passed, order)
  filterPoles(passed, order, length * 2, a, at)
  for (let k = 0; k < length; k++) into[k] = passed[order + k]! + passed[order + length + k]!
}
