/** The iLBC encoder of one leg (RFC 3951 section 3). Each packet can be decoded without those before it. */

import { analyse, newSpectrum, quantiseSpectra } from './ilbc-analysis.ts'
import { shortenIndices } from './ilbc-codebook.ts'
import { expandBandwidth, filterZeros, HighPass } from './ilbc-filters.ts'
import { blockLength, filterLength, type IlbcMode, order, packIlbc } from './ilbc-mode.ts'
import { buildResidual, type Stretch } from './ilbc-residual.ts'
import { searchCodebook, searchState } from './ilbc-search.ts'
import { interpolateFilters, spectraOf } from './ilbc-spectrum.ts'

/** Draws the weighting filter in, so that errors hide under what is loud (section 3.4). */
const weighting = 0.4222
/** Of a frame; all encoders of the thread take them in turn. */
const found = new Float64Array(2 * order)
const quantised = new Float64Array(2 * order)
const filters = new Float64Array(6 * filterLength)
const weights = new Float64Array(6 * filterLength)
const residual = new Float64Array(240)
const decoded = new Float64Array(240)
const values = new Int32Array(128)

const search = (memory: Float64Array, stretch: Stretch): void =>
  searchCodebook(memory, stretch, residual, weights, values)

export class IlbcEncoder {
  readonly #mode: IlbcMode
  readonly #highPass = new HighPass([0.92727436, -1.8544941, 0.92727436], [-1.9059465, 0.9114024])
  /** 300 samples of sound that the analysis looks at, the newest last. */
  readonly #sound = new Float64Array(300)
  readonly #oldFound = newSpectrum()
  readonly #oldQuantised = newSpectrum()

  constructor(mode: IlbcMode) {
    this.#mode = mode
  }

  /** A frame of `mode.samples` from `from` on, as `mode.octets` octets. */
  encode(pcm: Int16Array, from: number, into: Uint8Array, at: number): void {
    const mode = this.#mode
    const sound = this.#sound
    const begin = sound.length - mode.samples
    sound.copyWithin(0, mode.samples)
    for (let i = 0; i < mode.samples; i++) sound[begin + i] = this.#highPass.next(pcm[from + i]!)
    values.fill(0)
    analyse(mode, sound, found)
    quantiseSpectra(mode, found, values)
    spectraOf(mode, values, quantised)
    interpolateFilters(mode, this.#oldQuantised, quantised, filters)
    interpolateFilters(mode, this.#oldFound, found, weights)
    for (let block = 0; block < mode.blocks; block++) {
      const filter = block * filterLength
      expandBandwidth(weights, filter, weighting, weights, filter)
      const start = block * blockLength
      filterZeros(sound, begin + start, blockLength, filters, filter, residual, start)
    }
    placeState(mode)
    searchState(mode, residual, values, filters, weights)
    buildResidual(mode, values, filters, decoded, search)
    shortenIndices(values, mode.at.vectors)
    packIlbc(mode, values, into, at)
  }
}

/** How much the pairs of sub-blocks count: loud ones in the middle of the frame make the best start (section 3.5.1). */
const places = [0.8, 0.9, 1, 0.9, 0.8]

/** The energy of a sub-block without the sixths that are faded in at its beginning or out at its end. */
function blockEnergy(block: number, fade: 'in' | 'out'): number {
  let energy = 0
  for (let i = 0; i < blockLength; i++) {
    const edge = fade === 'in' ? i : blockLength - 1 - i
    energy += Math.min(1, (edge + 1) / 6) * residual[block * blockLength + i]! ** 2
  }
  return energy
}

function energyOf(from: number, length: number): number {
  let energy = 0
  for (let i = from; i < from + length; i++) energy += residual[i]! ** 2
  return energy
}

/** Chooses the two sub-blocks of the start state and which end of them it takes. */
function placeState(mode: IlbcMode): void {
  let start = 1
  let most = Number.NEGATIVE_INFINITY
  for (let n = 1; n < mode.blocks; n++) {
    const place = places[mode.ptime === 20 ? n : n - 1]!
    const energy = (blockEnergy(n - 1, 'in') + blockEnergy(n, 'out')) * place
    if (energy > most) {
      most = energy
      start = n
    }
  }
  const from = (start - 1) * blockLength
  const rest = 2 * blockLength - mode.stateLength
  values[mode.at.start] = start
  values[mode.at.isStateFirst] =
    energyOf(from, mode.stateLength) > energyOf(from + rest, mode.stateLength) ? 1 : 0
}
