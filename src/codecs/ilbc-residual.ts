/**
 * The residual of an iLBC frame, put together in the order of RFC 3951 section 3.6: the start state, what is left of its two
 * sub-blocks, then forwards to the end of the frame and backwards to its beginning. Backwards is the same as forwards with
 * time turned round.
 */
import { construct, memoryLength, restoreIndices, stateMemory } from './ilbc-codebook.ts'
import { passState } from './ilbc-filters.ts'
import { blockLength, filterLength, type IlbcMode, stages, stateStretch } from './ilbc-mode.ts'
import { stateLevels, stateScales } from './ilbc-tables.ts'

/** A stretch of the residual that three vectors of the codebook stand for. */
export interface Stretch {
  /** Its first sample in coding order, and the way time runs. */
  from: number
  step: 1 | -1
  length: number
  /** How much of the end of the memory is used. */
  memory: number
  /** The sub-block whose weighting filter counts. */
  block: number
  /** 0 for the rest of the start state, else the number of the sub-block in coding order. */
  number: number
  /** Where its indices stand among the values. */
  vectors: number
  gains: number
}

/** Finds the vectors and gains of a stretch and writes them into the values. */
export type Search = (memory: Float64Array, stretch: Stretch) => void

/** What decoding has made so far, time turned as the stretch wants it; the newest sample is the last. */
const memory = new Float64Array(memoryLength)
const built = new Float64Array(blockLength)
const stretch: Stretch = {
  from: 0,
  step: 1,
  length: 0,
  memory: 0,
  block: 0,
  number: 0,
  vectors: 0,
  gains: 0,
}

/** Where the start state of these values begins. */
export function stateStart(mode: IlbcMode, values: Int32Array): number {
  const first = (values[mode.at.start]! - 1) * blockLength
  return values[mode.at.isStateFirst] === 1 ? first : first + stateStretch - mode.stateLength
}

/**
 * Decodes the residual of `values` into `decoded`. An encoder gives its `search`, which finds the values of each stretch before
 * it is decoded; the start state is found already.
 */
export function buildResidual(
  mode: IlbcMode,
  values: Int32Array,
  filters: Float64Array,
  decoded: Float64Array,
  search?: Search,
): void {
  const start = values[mode.at.start]!
  const isStateFirst = values[mode.at.isStateFirst] === 1
  const stateAt = stateStart(mode, values)
  buildState(mode, values, filters, (start - 1) * filterLength, decoded, stateAt)

  stretch.memory = stateMemory
  stretch.length = stateStretch - mode.stateLength
  stretch.number = 0
  stretch.vectors = mode.at.extraVectors
  stretch.gains = mode.at.extraGains
  stretch.step = isStateFirst ? 1 : -1
  stretch.from = isStateFirst ? stateAt + mode.stateLength : stateAt - 1
  stretch.block = isStateFirst ? start : start - 1
  remember(decoded, stateAt, mode.stateLength, stretch.step)
  build(mode, values, decoded, search)

  stretch.memory = memoryLength
  stretch.length = blockLength
  stretch.vectors = mode.at.vectors
  stretch.gains = mode.at.gains
  stretch.step = 1
  remember(decoded, (start - 1) * blockLength, stateStretch, 1)
  for (let block = start + 1; block < mode.blocks; block++) {
    stretch.block = block
    stretch.from = block * blockLength
    next(mode, values, decoded, search)
  }

  stretch.step = -1
  const known = (mode.blocks + 1 - start) * blockLength
  remember(decoded, (start - 1) * blockLength, Math.min(memoryLength, known), -1)
  for (let block = start - 2; block >= 0; block--) {
    stretch.block = block
    stretch.from = (block + 1) * blockLength - 1
    next(mode, values, decoded, search)
  }
}

/** A whole sub-block, which then belongs to the memory of the next one. */
function next(mode: IlbcMode, values: Int32Array, decoded: Float64Array, search?: Search): void {
  stretch.number++
  build(mode, values, decoded, search)
  memory.copyWithin(0, blockLength)
  memory.set(built, memoryLength - blockLength)
  stretch.vectors += stages
  stretch.gains += stages
}

function build(mode: IlbcMode, values: Int32Array, decoded: Float64Array, search?: Search): void {
  const { from, step, length, vectors, gains } = stretch
  search?.(memory, stretch)
  // What a packet says of the first sub-block is short (`unpackIlbc` leaves it so); a search gives whole indices.
  if (!search && vectors === mode.at.vectors) restoreIndices(values, vectors)
  construct(memory, memoryLength, stretch.memory, values, vectors, gains, built, 0, length)
  for (let j = 0; j < length; j++) decoded[from + step * j] = built[j]!
}

/** Fills the memory with a stretch of what was decoded, behind silence. */
function remember(decoded: Float64Array, from: number, length: number, step: 1 | -1): void {
  memory.fill(0, 0, memoryLength - length)
  const end = from + length - 1
  for (let k = 0; k < length; k++)
    memory[memoryLength - 1 - k] = decoded[step === 1 ? end - k : from + k]!
}

const state = new Float64Array(stateStretch)

function buildState(
  mode: IlbcMode,
  values: Int32Array,
  filters: Float64Array,
  filter: number,
  decoded: Float64Array,
  to: number,
): void {
  const length = mode.stateLength
  const unit = 10 ** stateScales[values[mode.at.scale]!]! / 4.5
  for (let k = 0; k < length; k++)
    state[length - 1 - k] = unit * stateLevels[values[mode.at.state + k]!]!
  passState(state, 0, length, filters, filter, state)
  for (let k = 0; k < length; k++) decoded[to + k] = state[length - 1 - k]!
}
