/** Changes the rate of sound: a windowed-sinc filter in as many phases as the two rates need. */
import { FilterKernel, filterKernel } from './filter-kernel.ts'

/** Taps to each side at the lower of the two rates: the delay is as many samples of it. */
const halfWidth = 28
/** The vectors of the inner loop take so many taps at a time: what is missing weighs nothing. */
const tapStep = 8
/** The shape of the Kaiser window: side lobes below -60 dB. */
const beta = 5.9
/** Where the filter is at half amplitude, as a part of the lower rate's Nyquist frequency. */
const cutoff = 0.95
/** Rates without a common measure would need a table for each of thousands of phases: the nearest of these is taken. */
const phaseLimit = 1024

interface Table {
  /** One row of `taps` weights per phase, to be laid over the samples oldest first. */
  readonly weights: Float64Array
  readonly taps: number
  readonly phases: number
  /** Where the vectors find the weights; below 0 where there are no vectors, or not all phases. */
  readonly at: number
}

const tables = new Map<string, Table>()

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}

/** The modified Bessel function of order zero. */
function bessel(x: number): number {
  let sum = 1
  let term = 1
  for (let k = 1; term > sum * 1e-12; k++) {
    term *= (x / (2 * k)) ** 2
    sum += term
  }
  return sum
}

/** `up`/`down` is the ratio of the rates in lowest terms. */
function tableFor(up: number, down: number): Table {
  const key = `${up}/${down}`
  const known = tables.get(key)
  if (known) return known
  // Going down, the filter stretches with the ratio: it has to end before the new Nyquist frequency.
  const stretch = Math.max(1, down / up)
  const reach = halfWidth * stretch
  const used = 2 * Math.ceil(reach)
  const taps = Math.ceil(used / tapStep) * tapStep
  const phases = Math.min(up, phaseLimit)
  const weights = new Float64Array(taps * phases)
  for (let phase = 0; phase < phases; phase++) {
    let sum = 0
    const row = phase * taps + taps - used
    for (let tap = 0; tap < used; tap++) {
      const distance = tap - (used / 2 - 1) - phase / phases
      const x = (distance / stretch) * cutoff * Math.PI
      const edge = distance / reach
      const window = Math.abs(edge) >= 1 ? 0 : bessel(beta * Math.sqrt(1 - edge * edge))
      const weight = window * (x === 0 ? 1 : Math.sin(x) / x)
      weights[row + tap] = weight
      sum += weight
    }
    // Each phase passes a constant unchanged, so that no phase hums.
    for (let tap = 0; tap < used; tap++) weights[row + tap]! /= sum
  }
  const at = phases === up ? (filterKernel()?.keep(weights) ?? -1) : -1
  const table = { weights, taps, phases, at }
  tables.set(key, table)
  return table
}

/** One stream of mono samples from one rate to another. It remembers the end of each call for the next. */
export class Resampler {
  readonly fromRate: number
  readonly toRate: number
  /** How late the sound comes out, ms. */
  readonly delayMs: number
  readonly #up: number
  readonly #down: number
  readonly #table: Table
  /** The samples that the filter still needs, then those of the call. It grows to the longest call and stays. */
  #line: Float32Array
  /** The phase of the next output sample (in parts of `up`) and the input samples to step over before it. */
  #phase = 0
  #skip = 0

  /** Rates in Hz, whole numbers. */
  constructor(fromRate: number, toRate: number) {
    const divisor = greatestCommonDivisor(fromRate, toRate)
    this.fromRate = fromRate
    this.toRate = toRate
    this.#up = toRate / divisor
    this.#down = fromRate / divisor
    this.delayMs = fromRate === toRate ? 0 : (halfWidth * 1000) / Math.min(fromRate, toRate)
    this.#table =
      fromRate === toRate
        ? { weights: new Float64Array(1), taps: 1, phases: 1, at: -1 }
        : tableFor(this.#up, this.#down)
    this.#line = new Float32Array(this.#table.taps - 1 + (this.#table.at < 0 ? 960 : 0))
  }

  /** The most samples that so many can become. */
  room(inputLength: number): number {
    return Math.ceil((inputLength * this.#up) / this.#down) + 1
  }

  /** Forgets what came before: silence precedes the next sample. */
  reset(): void {
    this.#line.fill(0)
    this.#phase = 0
    this.#skip = 0
  }

  /** Converts `inputLength` samples; `output` needs `room(inputLength)`. Returns how many it wrote. */
  process(input: Int16Array, inputLength: number, output: Int16Array): number {
    if (this.#up === this.#down) {
      for (let i = 0; i < inputLength; i++) output[i] = input[i]!
      return inputLength
    }
    if (this.#table.at >= 0) return this.#processByVectors(input, inputLength, output)
    const { taps, phases, weights } = this.#table
    const history = taps - 1
    const total = history + inputLength
    if (this.#line.length < total) this.#grow(total)
    const line = this.#line
    for (let i = 0; i < inputLength; i++) line[history + i] = input[i]!

    const up = this.#up
    const down = this.#down
    let phase = this.#phase
    let at = this.#skip
    let written = 0
    while (at < inputLength) {
      const row = (phases === up ? phase : Math.floor((phase * phases) / up)) * taps
      // `taps` is even: two sums at a time keep the processor's adders busy.
      let even = 0
      let odd = 0
      for (let tap = 0; tap < taps; tap += 2) {
        even += line[at + tap]! * weights[row + tap]!
        odd += line[at + tap + 1]! * weights[row + tap + 1]!
      }
      const value = Math.round(even + odd)
      output[written++] = Math.max(-32768, Math.min(32767, value))
      phase += down
      const whole = Math.floor(phase / up)
      at += whole
      phase -= whole * up
    }
    this.#phase = phase
    this.#skip = at - inputLength
    line.copyWithin(0, inputLength, total)
    return written
  }

  /** The same with the line in the memory of the kernel while it is worked on. */
  #processByVectors(input: Int16Array, inputLength: number, output: Int16Array): number {
    const { taps, at: weights } = this.#table
    const history = taps - 1
    const most = Math.min(
      FilterKernel.room - history,
      Math.floor(((FilterKernel.room - 1) * this.#down) / this.#up),
    )
    let written = 0
    for (let done = 0; done < inputLength; ) {
      const count = Math.min(inputLength - done, most)
      written += this.#piece(input, done, count, output, written, weights, taps)
      done += count
    }
    return written
  }

  #piece(
    input: Int16Array,
    from: number,
    count: number,
    output: Int16Array,
    to: number,
    weights: number,
    taps: number,
  ): number {
    const kernel = filterKernel()!
    const { line, result } = kernel
    const past = this.#line
    const history = taps - 1
    const up = this.#up
    const down = this.#down
    for (let i = 0; i < history; i++) line[i] = past[i]!
    for (let i = 0; i < count; i++) line[history + i] = input[from + i]!
    for (let i = 0; i < history; i++) past[i] = line[count + i]!
    // Positions in parts of an input sample.
    const start = this.#skip * up + this.#phase
    const made = Math.max(0, Math.ceil((count * up - start) / down))
    if (made > 0)
      kernel.run(
        this.#skip * 4,
        weights,
        FilterKernel.out,
        FilterKernel.out + made * 2,
        taps * 4,
        up,
        this.#phase,
        Math.floor(down / up) * 4,
        down % up,
      )
    for (let i = 0; i < made; i++) output[to + i] = result[i]!
    const next = start + made * down
    this.#skip = Math.floor(next / up) - count
    this.#phase = next % up
    return made
  }

  #grow(length: number): void {
    const longer = new Float32Array(length)
    longer.set(this.#line)
    this.#line = longer
  }
}
