/** The iLBC decoder of one leg, with concealment of lost frames (RFC 3951 section 4). */

import { newSpectrum } from './ilbc-analysis.ts'
import { IlbcEnhancer } from './ilbc-enhancer.ts'
import { filterPoles, HighPass } from './ilbc-filters.ts'
import { blockLength, filterLength, type IlbcMode, order, unpackIlbc } from './ilbc-mode.ts'
import { buildResidual } from './ilbc-residual.ts'
import { interpolateFilters, spectraOf } from './ilbc-spectrum.ts'

/** Of a frame; all decoders of the thread take them in turn. */
const values = new Int32Array(128)
const spectra = new Float64Array(2 * order)
const residual = new Float64Array(240)
const enhanced = new Float64Array(240)
const noise = new Float64Array(240)
const line = new Float64Array(order + 240)

/** Below it the residual of a lost frame is noise only (the root of its mean square). */
const leastVoiced = 30
/** A loss fades in steps of 40 ms. */
const fadeStep = 320
const fades = [1, 0.9, 0.7, 0.5, 0]

export class IlbcDecoder {
  readonly mode: IlbcMode
  readonly #enhancer: IlbcEnhancer
  readonly #highPass = new HighPass([0.93980581, -1.8795834, 0.93980581], [-1.9330735, 0.93589199])
  readonly #oldSpectrum = newSpectrum()
  /** The filters of the frame, behind those of the last blocks of the frame before: the enhancer is that late. */
  readonly #filters: Float64Array
  readonly #late: number
  /** The last samples of sound: the memory of synthesis. */
  readonly #past = new Float64Array(order)
  readonly #lastResidual: Float64Array
  #period = 20
  /** Of a loss: frames so far, the period that is repeated and how sure it is. */
  #lost = 0
  #lostPeriod = 120
  #certainty = 0
  #seed = 777

  constructor(mode: IlbcMode) {
    this.mode = mode
    this.#enhancer = new IlbcEnhancer(mode)
    this.#late = mode.ptime === 20 ? 1 : 2
    this.#filters = new Float64Array((mode.blocks + this.#late) * filterLength)
    for (let at = 0; at < this.#filters.length; at += filterLength) this.#filters[at] = 1
    this.#lastResidual = new Float64Array(mode.samples)
  }

  /** A frame of `mode.octets` from `at` on; one that says that it is none is concealed. */
  decode(packet: Uint8Array, at: number, into: Int16Array, to: number): void {
    const mode = this.mode
    if (!unpackIlbc(mode, packet, at, values)) return this.conceal(into, to)
    const current = this.#shiftFilters()
    spectraOf(mode, values, spectra)
    interpolateFilters(mode, this.#oldSpectrum, spectra, current)
    buildResidual(mode, values, current, residual)
    this.#lost = 0
    this.#finish(false, into, to)
  }

  /** A frame that did not come. */
  conceal(into: Int16Array, to: number): void {
    const mode = this.mode
    const current = this.#shiftFilters()
    const last = this.#filters.subarray((this.#late - 1) * filterLength, this.#late * filterLength)
    for (let block = 0; block < mode.blocks; block++) current.set(last, block * filterLength)
    this.#makeUp()
    this.#finish(true, into, to)
  }

  /** Room for the filters of this frame. */
  #shiftFilters(): Float64Array {
    this.#filters.copyWithin(0, this.mode.blocks * filterLength)
    return this.#filters.subarray(this.#late * filterLength)
  }

  #finish(isLost: boolean, into: Int16Array, to: number): void {
    const { samples, blocks } = this.mode
    for (let i = 0; i < samples; i++) this.#lastResidual[i] = residual[i]!
    this.#period = this.#enhancer.enhance(residual, isLost, enhanced)
    for (let i = 0; i < order; i++) line[i] = this.#past[i]!
    for (let i = 0; i < samples; i++) line[order + i] = enhanced[i]!
    for (let block = 0; block < blocks; block++) {
      const at = order + block * blockLength
      filterPoles(line, at, blockLength, this.#filters, block * filterLength)
    }
    for (let i = 0; i < order; i++) {
      const sample = line[samples + i]!
      // A filter that rings out in silence would end in numbers that the processor is slow with.
      this.#past[i] = Math.abs(sample) < 1e-20 ? 0 : sample
    }
    for (let i = 0; i < samples; i++) {
      const sample = Math.round(this.#highPass.next(line[order + i]!))
      into[to + i] = sample > 32767 ? 32767 : sample < -32768 ? -32768 : sample
    }
  }

  /** The residual of a lost frame: the last period again, and noise as far as there is none (section 4.5). */
  #makeUp(): void {
    const { samples } = this.mode
    const last = this.#lastResidual
    if (this.#lost === 0) this.#findPeriod()
    this.#lost++
    const fade = fades[Math.min(Math.floor((this.#lost * samples - 1) / fadeStep), 4)]!
    const root = Math.sqrt(this.#certainty)
    const voiced = Math.min(1, Math.max(0, (root - 0.4) / 0.3))
    // Two periods of a high voice: one alone would buzz.
    const period = this.#lostPeriod < 80 ? this.#lostPeriod * 2 : this.#lostPeriod
    let energy = 0
    for (let i = 0; i < samples; i++) {
      this.#seed = (Math.imul(this.#seed, 69069) + 1) & 0x7fffffff
      const lag = 50 + (this.#seed % 70)
      noise[i] = i < lag ? last[samples + i - lag]! : noise[i - lag]!
      const repeated = i < period ? last[samples + i - period]! : residual[i - period]!
      const gain = fade * (1 - 0.05 * Math.floor(i / 80))
      residual[i] = gain * (voiced * repeated + (1 - voiced) * noise[i]!)
      energy += residual[i]! ** 2
    }
    if (Math.sqrt(energy / samples) < leastVoiced)
      for (let i = 0; i < samples; i++) residual[i] = fade * noise[i]!
  }

  /** The best of the periods around that of the last block, over 60 samples. */
  #findPeriod(): void {
    const last = this.#lastResidual
    const end = last.length
    let most = -1
    for (let lag = this.#period - 3; lag <= this.#period + 3; lag++) {
      const length = Math.min(60, end - lag)
      let [product, earlier, later] = [0, 0, 0]
      for (let i = end - length; i < end; i++) {
        product += last[i]! * last[i - lag]!
        earlier += last[i - lag]! ** 2
        later += last[i]! ** 2
      }
      const like = earlier > 0 ? product ** 2 / earlier : 0
      if (like <= most) continue
      most = like
      this.#lostPeriod = lag
      this.#certainty = earlier > 0 ? Math.abs(product) / Math.sqrt(earlier * later) : 0
    }
  }
}
