/** The two halves of GSM 06.10 full rate: a frame of 160 samples to its parameters, and back. */

import { findLag, GsmInputFilter, GsmRatios, type LongTerm } from './gsm-analysis.ts'
import { multiply, saturate } from './gsm-arithmetic.ts'
import { frameSamples, type GsmFrame } from './gsm-frame.ts'
import { expandPulses, GsmPulseCoder } from './gsm-pulses.ts'
import { GsmShortTerm } from './gsm-short-term.ts'

/** Table 5.3b: the long-term gains. */
const gains = [3277, 11469, 21299, 32767]
/** The longest lag. */
const history = 120

export class GsmEncoder {
  readonly #input = new GsmInputFilter()
  readonly #ratios = new GsmRatios()
  readonly #shortTerm = new GsmShortTerm()
  readonly #pulses = new GsmPulseCoder()
  readonly #samples = new Int16Array(frameSamples)
  /** The residual as the decoder will have it: the past, then this frame. */
  readonly #rebuilt = new Int16Array(history + frameSamples)
  readonly #residual = new Int16Array(40)
  readonly #predicted = new Int16Array(40)
  readonly #longTerm: LongTerm = { lag: 40, gain: 0 }

  /** Codes the 160 samples of `pcm` from `from` on. */
  encode(pcm: Int16Array, from: number, frame: GsmFrame): void {
    const samples = this.#samples
    this.#input.filter(pcm, from, samples)
    this.#ratios.measure(samples, frame.ratios)
    this.#shortTerm.analyse(frame.ratios, samples)
    for (let j = 0; j < 4; j++) this.#subframe(j, frame)
    this.#rebuilt.copyWithin(0, frameSamples)
  }

  #subframe(j: number, frame: GsmFrame): void {
    const rebuilt = this.#rebuilt
    const predicted = this.#predicted
    const residual = this.#residual
    const now = history + j * 40
    findLag(this.#samples, j * 40, rebuilt, now, this.#longTerm)
    const { lag, gain } = this.#longTerm
    frame.lags[j] = lag
    frame.gains[j] = gain
    const factor = gains[gain]!
    for (let k = 0; k < 40; k++) {
      predicted[k] = multiply(factor, rebuilt[now + k - lag]!)
      residual[k] = saturate(this.#samples[j * 40 + k]! - predicted[k]!)
    }
    this.#pulses.encode(residual, frame, j)
    expandPulses(frame, j, residual)
    for (let k = 0; k < 40; k++) rebuilt[now + k] = saturate(residual[k]! + predicted[k]!)
  }
}

export class GsmDecoder {
  readonly #shortTerm = new GsmShortTerm()
  readonly #rebuilt = new Int16Array(history + frameSamples)
  readonly #residual = new Int16Array(40)
  readonly #samples = new Int16Array(frameSamples)
  #lag = 40
  #lastOutput = 0

  /** Writes the 160 samples of a frame into `pcm` from `from` on. */
  decode(frame: GsmFrame, pcm: Int16Array, from: number): void {
    const rebuilt = this.#rebuilt
    for (let j = 0; j < 4; j++) this.#subframe(j, frame)
    const samples = this.#samples
    samples.set(rebuilt.subarray(history))
    rebuilt.copyWithin(0, frameSamples)
    this.#shortTerm.synthesise(frame.ratios, samples)
    for (let k = 0; k < frameSamples; k++) {
      // De-emphasis, then 13 bits at the top (5.3.5–5.3.7).
      this.#lastOutput = saturate(samples[k]! + multiply(this.#lastOutput, 28180))
      pcm[from + k] = saturate(this.#lastOutput * 2) & 0xfff8
    }
  }

  #subframe(j: number, frame: GsmFrame): void {
    const rebuilt = this.#rebuilt
    const residual = this.#residual
    const now = history + j * 40
    const lag = frame.lags[j]!
    // A lag that cannot be is an error of the line: the last one stands (5.3.2).
    if (lag >= 40 && lag <= 120) this.#lag = lag
    const factor = gains[frame.gains[j]!]!
    expandPulses(frame, j, residual)
    for (let k = 0; k < 40; k++) {
      const predicted = multiply(factor, rebuilt[now + k - this.#lag]!)
      rebuilt[now + k] = saturate(residual[k]! + predicted)
    }
  }
}
