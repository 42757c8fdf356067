/** The adaptive codebook of iLBC: pieces of what was decoded already (RFC 3951 sections 3.6.3 and 4.4). */
import { blockLength, stages } from './ilbc-mode.ts'
import { expansionFilter, gains3, gains4, gains5 } from './ilbc-tables.ts'

/** The longest memory of the codebook, and that of the start state's rest. */
export const memoryLength = 147
export const stateMemory = 85
/** Vectors that are shorter than the block and continued by themselves: 20 to 39 samples long. */
export const continued = 20

/** The memory once more, filtered: the second half of the codebook. */
export function expandMemory(
  memory: Float64Array,
  from: number,
  length: number,
  into: Float64Array,
): void {
  for (let k = 0; k < length; k++) {
    let value = 0
    for (let j = Math.max(0, 3 - k); j < 8 && k + j - 3 < length; j++)
      value += memory[from + k + j - 3]! * expansionFilter[7 - j]!
    into[k] = value
  }
}

/**
 * Adds `gain` times the vector whose period is shorter than the block: the last `period` samples before `end`, then the same
 * once more, with five samples of transition.
 */
export function continueVector(
  memory: Float64Array,
  end: number,
  period: number,
  gain: number,
  into: Float64Array,
  to: number,
): void {
  const once = end - period
  const again = end - period * 2
  for (let j = 0; j < period - 5; j++) into[to + j]! += gain * memory[once + j]!
  for (let j = period - 5; j < period; j++) {
    const share = (j - period + 5) * 0.2
    into[to + j]! += gain * ((1 - share) * memory[once + j]! + share * memory[again + j]!)
  }
  for (let j = period; j < blockLength; j++) into[to + j]! += gain * memory[again + j]!
}

const expanded = new Float64Array(memoryLength)

/** Vectors in one half of the codebook: those taken as they are, and those with the continued ones. */
export function plainVectors(memory: number, length: number): number {
  return memory - length + 1
}

export function allVectors(memory: number, length: number): number {
  return plainVectors(memory, length) + (length === blockLength ? continued : 0)
}

/** Adds `gain` times the vector `index` of a memory that ends at `end` and is `size` long. */
function addVector(
  memory: Float64Array,
  end: number,
  size: number,
  index: number,
  gain: number,
  into: Float64Array,
  to: number,
  length: number,
): void {
  const all = allVectors(size, length)
  const plain = plainVectors(size, length)
  let source = memory
  let sourceEnd = end
  let number = index
  if (index >= all) {
    expandMemory(memory, end - size, size, expanded)
    source = expanded
    sourceEnd = size
    number = index - all
  }
  if (number < plain) {
    const from = sourceEnd - number - length
    for (let j = 0; j < length; j++) into[to + j]! += gain * source[from + j]!
  } else {
    continueVector(source, sourceEnd, continued + number - plain, gain, into, to)
  }
}

const gainTables = [gains5, gains4, gains3] as const

/** The levels of a stage's gain; each stage's are scaled by the gain before it, but not below a tenth. */
export function gainsOf(stage: number): Float64Array {
  return gainTables[stage]!
}

export function gainScale(before: number): number {
  return Math.max(0.1, Math.abs(before))
}

/** Builds a block of residual from three vectors and gains of `values`. The memory ends at `end` and is `size` long. */
export function construct(
  memory: Float64Array,
  end: number,
  size: number,
  values: Int32Array,
  vectorsAt: number,
  gainsAt: number,
  into: Float64Array,
  to: number,
  length: number,
): void {
  into.fill(0, to, to + length)
  let gain = 1
  const last = 2 * allVectors(size, length) - 1
  for (let stage = 0; stage < stages; stage++) {
    gain = gainScale(gain) * gainsOf(stage)[values[gainsAt + stage]!]!
    const index = Math.min(values[vectorsAt + stage]!, last)
    addVector(memory, end, size, index, gain, into, to, length)
  }
}

/**
 * The second and third index of the first block have 7 bits, for the range where they are searched (section 3.6.3.3). Both ways
 * in place; `at` is where the three of them stand.
 */
export function shortenIndices(values: Int32Array, at: number): void {
  for (let k = at + 1; k < at + stages; k++) {
    const index = values[k]!
    if (index >= 108 && index < 172) values[k] = index - 64
    else if (index >= 236) values[k] = index - 128
  }
}

export function restoreIndices(values: Int32Array, at: number): void {
  for (let k = at + 1; k < at + stages; k++) {
    const index = values[k]!
    if (index >= 44 && index < 108) values[k] = index + 64
    else if (index >= 108 && index < 128) values[k] = index + 128
  }
}
