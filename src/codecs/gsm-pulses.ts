/** Regular pulse excitation of GSM 06.10 (sections 5.2.13–5.2.18): forty samples as thirteen pulses on a grid. */
import { magnitude, multiply, saturate } from './gsm-arithmetic.ts'
import type { GsmFrame } from './gsm-frame.ts'

/** Table 5.4: the weighting filter, symmetric around its middle. */
const weights = Int32Array.from([-134, -374, 0, 2054, 5741, 8192, 5741, 2054, 0, -374, -134])
/** Tables 5.5 and 5.6: inverse and direct mantissas. */
const inverseMantissas = [29128, 26215, 23832, 21846, 20165, 18725, 17476, 16384]
const mantissas = [18431, 20479, 22527, 24575, 26623, 28671, 30719, 32767]

/** A coded block maximum as exponent (−4…6) times 8 plus mantissa (0…7), biased so that it is positive. */
function splitMaximum(coded: number): { exponent: number; mantissa: number } {
  let exponent = coded > 15 ? (coded >> 3) - 1 : 0
  let mantissa = coded - (exponent << 3)
  if (mantissa === 0) return { exponent: -4, mantissa: 7 }
  for (; mantissa <= 7; exponent--) mantissa = (mantissa << 1) | 1
  return { exponent, mantissa: mantissa - 8 }
}

const maxima = Array.from({ length: 64 }, (_, coded) => splitMaximum(coded))

/** Makes the pulses of subframe `j` of `frame` into a residual of forty samples (5.2.16, 5.2.17). */
export function expandPulses(frame: GsmFrame, j: number, into: Int16Array): void {
  const { exponent, mantissa } = maxima[frame.maxima[j]!]!
  const factor = mantissas[mantissa]!
  const shift = 6 - exponent
  const rounding = shift > 0 ? 1 << (shift - 1) : 0
  into.fill(0)
  for (let i = 0, at = frame.grids[j]!; i < 13; i++, at += 3) {
    const pulse = ((frame.pulses[j * 13 + i]! << 1) - 7) << 12
    into[at] = saturate(multiply(factor, pulse) + rounding) >> shift
  }
}

export class GsmPulseCoder {
  /** The residual with five zeros at either end, and what the weighting filter makes of it. */
  readonly #padded = new Int16Array(50)
  readonly #weighted = new Int16Array(40)

  /** Codes the forty samples of `residual` into subframe `j` of `frame`. */
  encode(residual: Int16Array, frame: GsmFrame, j: number): void {
    this.#weigh(residual)
    const grid = this.#bestGrid()
    frame.grids[j] = grid
    const weighted = this.#weighted
    let largest = 0
    for (let i = 0; i < 13; i++) largest = Math.max(largest, magnitude(weighted[grid + 3 * i]!))
    const coded = codeMaximum(largest)
    frame.maxima[j] = coded
    const { exponent, mantissa } = maxima[coded]!
    const factor = inverseMantissas[mantissa]!
    for (let i = 0; i < 13; i++) {
      const scaled = ((weighted[grid + 3 * i]! << (6 - exponent)) << 16) >> 16
      frame.pulses[j * 13 + i] = ((scaled * factor) >> 27) + 4
    }
  }

  #weigh(residual: Int16Array): void {
    const padded = this.#padded
    padded.set(residual, 5)
    for (let k = 0; k < 40; k++) {
      let sum = 4096
      for (let i = 0; i < 11; i++) sum += padded[k + i]! * weights[i]!
      this.#weighted[k] = saturate(sum >> 13)
    }
  }

  /** The first of the four grids with the most energy. */
  #bestGrid(): number {
    let best = 0
    let most = 0
    for (let grid = 0; grid < 4; grid++) {
      let energy = 0
      for (let i = 0; i < 13; i++) energy += (this.#weighted[grid + 3 * i]! >> 2) ** 2
      if (energy > most) {
        most = energy
        best = grid
      }
    }
    return best
  }
}

/** The block maximum in six bits, nearly logarithmic (5.2.15). */
function codeMaximum(largest: number): number {
  const exponent = Math.min(6, 32 - Math.clz32(largest >> 9))
  return saturate((largest >> (exponent + 5)) + (exponent << 3))
}
