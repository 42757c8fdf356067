/** The short-term filter of GSM 06.10 (sections 5.2.8–5.2.10 and 5.3.3–5.3.4): both directions and its coefficients. */
import { multiply, saturate } from './gsm-arithmetic.ts'
import { frameSamples } from './gsm-frame.ts'

/** Table 5.2: offset B, least value MIC and 1/A of each ratio. */
const offsets = [0, 0, 2048, -2560, 94, -1792, -341, -1144]
const least = [-32, -32, -16, -16, -8, -8, -4, -4]
const inverses = [13107, 13107, 13107, 13107, 19223, 17476, 31454, 29708]

/** Where each interpolation begins (5.2.9.1). */
const bounds = [0, 13, 27, 40, frameSamples]

/** Log area ratio to reflection coefficient (5.2.9.2). */
function reflection(ratio: number): number {
  const size = ratio < 0 ? Math.min(-ratio, 32767) : ratio
  let value = size << 1
  if (size >= 20070) value = saturate((size >> 2) + 26112)
  else if (size >= 11059) value = size + 11059
  return ratio < 0 ? -value : value
}

export class GsmShortTerm {
  #ratios = new Int16Array(8)
  #before = new Int16Array(8)
  readonly #coefficients = new Int16Array(8)
  readonly #memory = new Int16Array(9)

  /** Turns a frame of speech into the short-term residual, in place. */
  analyse(coded: Int16Array, samples: Int16Array): void {
    this.#decode(coded)
    for (let part = 0; part < 4; part++) {
      this.#interpolate(part)
      this.#analysePart(samples, bounds[part]!, bounds[part + 1]!)
    }
  }

  /** Turns a frame of residual into speech, in place. */
  synthesise(coded: Int16Array, samples: Int16Array): void {
    this.#decode(coded)
    for (let part = 0; part < 4; part++) {
      this.#interpolate(part)
      this.#synthesisePart(samples, bounds[part]!, bounds[part + 1]!)
    }
  }

  /** The coded ratios' values (5.2.8); those of the frame before are kept. */
  #decode(coded: Int16Array): void {
    const ratios = this.#before
    this.#before = this.#ratios
    this.#ratios = ratios
    for (let i = 0; i < 8; i++) {
      const step = saturate(((coded[i]! + least[i]!) << 10) - (offsets[i]! << 1))
      ratios[i] = saturate(2 * multiply(inverses[i]!, step))
    }
  }

  #interpolate(part: number): void {
    for (let i = 0; i < 8; i++) {
      const before = this.#before[i]!
      const now = this.#ratios[i]!
      let ratio = now
      if (part === 0) ratio = saturate(saturate((before >> 2) + (now >> 2)) + (before >> 1))
      else if (part === 1) ratio = saturate((before >> 1) + (now >> 1))
      else if (part === 2) ratio = saturate(saturate((before >> 2) + (now >> 2)) + (now >> 1))
      this.#coefficients[i] = reflection(ratio)
    }
  }

  #analysePart(samples: Int16Array, from: number, to: number): void {
    const memory = this.#memory
    const coefficients = this.#coefficients
    for (let k = from; k < to; k++) {
      let residual = samples[k]!
      let saved = residual
      for (let i = 0; i < 8; i++) {
        const past = memory[i]!
        const coefficient = coefficients[i]!
        memory[i] = saved
        saved = saturate(past + multiply(coefficient, residual))
        residual = saturate(residual + multiply(coefficient, past))
      }
      samples[k] = residual
    }
  }

  #synthesisePart(samples: Int16Array, from: number, to: number): void {
    const memory = this.#memory
    const coefficients = this.#coefficients
    for (let k = from; k < to; k++) {
      let sample = samples[k]!
      for (let i = 7; i >= 0; i--) {
        const coefficient = coefficients[i]!
        sample = saturate(sample - multiply(coefficient, memory[i]!))
        memory[i + 1] = saturate(memory[i]! + multiply(coefficient, sample))
      }
      memory[0] = sample
      samples[k] = sample
    }
  }
}
