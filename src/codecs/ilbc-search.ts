/** What an iLBC encoder looks for: the start state, and the vectors of the codebook (RFC 3951 sections 3.5 and 3.6). */
import {
  allVectors,
  continued,
  continueVector,
  expandMemory,
  gainScale,
  gainsOf,
  memoryLength,
  plainVectors,
} from './ilbc-codebook.ts'
import { filterPoles, passState } from './ilbc-filters.ts'
import { blockLength, filterLength, type IlbcMode, order, stages } from './ilbc-mode.ts'
import { type Stretch, stateStart } from './ilbc-residual.ts'
import { stateLevels, stateScales } from './ilbc-tables.ts'

/** The index of the level next to a value; the lower one in the middle between two. */
function nearest(levels: Float64Array, value: number): number {
  let i = 0
  while (i < levels.length - 1 && value > (levels[i]! + levels[i + 1]!) / 2) i++
  return i
}

const wanted = new Float64Array(order + 80)
const passed = wanted.subarray(order)
const heard = new Float64Array(order + 80)

/** Codes the start state sample by sample so that its weighted error is small (section 3.5.3). */
export function searchState(
  mode: IlbcMode,
  residual: Float64Array,
  values: Int32Array,
  filters: Float64Array,
  weights: Float64Array,
): void {
  const length = mode.stateLength
  const start = values[mode.at.start]!
  const at = stateStart(mode, values)
  passState(residual, at, length, filters, (start - 1) * filterLength, passed)
  let most = 0
  for (let k = 0; k < length; k++) most = Math.max(most, Math.abs(passed[k]!))
  const scale = nearest(stateScales, Math.log10(Math.max(10, most)))
  values[mode.at.scale] = scale
  const unit = 4.5 / 10 ** stateScales[scale]!
  for (let k = 0; k < length; k++) passed[k]! *= unit

  // The state begins or ends a sub-block, so that the filter changes on the way.
  const change = values[mode.at.isStateFirst] === 1 ? blockLength : length - blockLength
  wanted.fill(0, 0, order)
  heard.fill(0, 0, order)
  for (const [from, to, block] of [
    [0, change, start - 1],
    [change, length, start],
  ] as const) {
    const filter = block * filterLength
    filterPoles(wanted, order + from, to - from, weights, filter)
    for (let n = order + from; n < order + to; n++) {
      let predicted = 0
      for (let k = 1; k <= order; k++) predicted -= weights[filter + k]! * heard[n - k]!
      const level = nearest(stateLevels, wanted[n]! - predicted)
      values[mode.at.state + n - order] = level
      heard[n] = stateLevels[level]! + predicted
    }
  }
}

/** How many of the plain vectors each stage tries, by the number of the stretch (section 3.6.3.3). */
const ranges = [
  [58, 58, 58],
  [108, 44, 44],
  [108, 108, 108],
] as const
/** So many of the filtered vectors are tried, around the best of the plain ones. */
const window = 34
/** No gain above it. */
const mostGain = 1.3

/** Products are summed up eight at a time: targets end in so many zeros, and samples go on for as long. */
const slack = 7
/** Memory and target behind ten samples of silence, weighted; and the memory once more, filtered. */
const line = new Float64Array(order + memoryLength + blockLength + slack)
const filtered = new Float64Array(memoryLength + slack)
/** The vectors of both that are continued by themselves, one after the other. */
const lineContinued = new Float64Array(continued * blockLength)
const filteredContinued = new Float64Array(continued * blockLength)
const target = new Float64Array(blockLength + slack)
const whole = new Float64Array(blockLength)
const vector = new Float64Array(blockLength)
/** One over the energy of each vector of the codebook. */
const inverse = new Float64Array(256)

/** The best vector so far, its measure and its gain: numbers in an array, since variables of a module are objects anew each time. */
const best = new Float64Array(3)
const bestIndex = 0
const bestMeasure = 1
const bestGain = 2

/** The product of the target with the samples from `at` on. */
function product(samples: Float64Array, at: number, length: number): number {
  let a = 0
  let b = 0
  let c = 0
  let d = 0
  for (let j = 0; j < length; j += 8) {
    const i = at + j
    a += target[j]! * samples[i]! + target[j + 4]! * samples[i + 4]!
    b += target[j + 1]! * samples[i + 1]! + target[j + 5]! * samples[i + 5]!
    c += target[j + 2]! * samples[i + 2]! + target[j + 6]! * samples[i + 6]!
    d += target[j + 3]! * samples[i + 3]! + target[j + 7]! * samples[i + 7]!
  }
  return a + b + (c + d)
}

/** Tries `count` vectors, `step` samples apart, the first at `from` and number `index` of the codebook. */
function tryVectors(
  samples: Float64Array,
  from: number,
  step: number,
  count: number,
  length: number,
  index: number,
  stage: number,
): void {
  let most = best[bestMeasure]!
  for (let i = 0; i < count; i++) {
    const dot = product(samples, from + i * step, length)
    const gain = dot * inverse[index + i]!
    const measure = dot * gain
    // The first gain cannot be negative, the others can.
    if (measure > most && gain < mostGain && (stage === 0 ? dot > 0 : gain > -mostGain)) {
      most = measure
      best[bestIndex] = index + i
      best[bestMeasure] = measure
      best[bestGain] = gain
    }
  }
}

function inverseOf(energy: number): number {
  return energy > 1e-9 ? 1 / energy : 0
}

/** Lays out half of the codebook: the vectors that are continued, and one over the energy of all, from `index` on. */
function prepare(
  samples: Float64Array,
  end: number,
  size: number,
  length: number,
  index: number,
  vectors: Float64Array,
): void {
  const plain = plainVectors(size, length)
  let energy = 0
  for (let j = end - length; j < end; j++) energy += samples[j]! * samples[j]!
  for (let i = 0; i < plain; i++) {
    inverse[index + i] = inverseOf(energy)
    // The next vector begins a sample earlier and ends a sample earlier.
    const [first, last] = [samples[end - length - i - 1]!, samples[end - i - 1]!]
    if (i + 1 < plain) energy += first * first - last * last
  }
  if (length < blockLength) return
  vectors.fill(0)
  for (let n = 0; n < continued; n++) {
    continueVector(samples, end, continued + n, 1, vectors, n * blockLength)
    let sum = 0
    for (let j = n * blockLength; j < (n + 1) * blockLength; j++) sum += vectors[j]! * vectors[j]!
    inverse[index + plain + n] = inverseOf(sum)
  }
}

/** The filtered vectors around the best plain one, which may reach over into the continued ones (section 3.6.3.3). */
function searchFiltered(size: number, length: number, range: number, stage: number): void {
  const all = allVectors(size, length)
  const plain = plainVectors(size, length)
  const around = best[bestIndex]!
  let from = around - window / 2
  let to = from + window
  let firstPeriod = 0
  if (length < blockLength) {
    if (from < 0) {
      to -= from
      from = 0
    }
    if (to > range) {
      from -= to - range
      to = range
    }
  } else if (from < 0) {
    firstPeriod = 2 * continued + from
    from = 0
  } else if (around < plain) {
    if (to > range) {
      from -= to - range
      to = range
    }
  } else {
    firstPeriod = continued + Math.max(0, from - plain)
    to = window - (2 * continued - firstPeriod)
    from = 0
  }
  tryVectors(filtered, size - length - from, -1, to - from, length, all + from, stage)
  if (firstPeriod === 0) return
  const skipped = firstPeriod - continued
  const rest = continued - skipped
  const at = skipped * blockLength
  tryVectors(filteredContinued, at, blockLength, rest, length, all + plain + skipped, stage)
}

/** Writes the vector `index` of the weighted codebook. */
function takeVector(index: number, size: number, length: number): void {
  const all = allVectors(size, length)
  const isFiltered = index >= all
  const number = isFiltered ? index - all : index
  const isPlain = number < plainVectors(size, length)
  const end = isFiltered ? size : order + size
  const at = isPlain ? end - length - number : (number - all + continued) * blockLength
  let samples = isPlain ? line : lineContinued
  if (isFiltered) samples = isPlain ? filtered : filteredContinued
  for (let j = 0; j < length; j++) vector[j] = samples[at + j]!
}

/** Which level of a gain is next to it; `scale` is that of the stage. */
function quantise(stage: number, gain: number, scale: number): number {
  const levels = gainsOf(stage)
  let found = 0
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < levels.length; i++) {
    const error = (gain - scale * levels[i]!) ** 2
    if (error < least) {
      found = i
      least = error
    }
  }
  return found
}

/** Finds three vectors and gains for a stretch of `residual`, one after the other (section 3.6.4). */
export function searchCodebook(
  memory: Float64Array,
  stretch: Stretch,
  residual: Float64Array,
  weights: Float64Array,
  values: Int32Array,
): void {
  const { from, step, length, memory: size, block } = stretch
  const all = allVectors(size, length)
  const plain = plainVectors(size, length)
  line.fill(0)
  for (let k = 0; k < size; k++) line[order + k] = memory[memoryLength - size + k]!
  for (let j = 0; j < length; j++) line[order + size + j] = residual[from + step * j]!
  filterPoles(line, order, size + length, weights, block * filterLength)
  let energy = 0
  for (let j = 0; j < length; j++) {
    target[j] = line[order + size + j]!
    energy += target[j]! ** 2
  }
  target.fill(0, length)
  expandMemory(line, order, size, filtered)
  filtered.fill(0, size)
  prepare(line, order + size, size, length, 0, lineContinued)
  prepare(filtered, size, size, length, all, filteredContinued)
  whole.fill(0)

  const range = ranges[Math.min(stretch.number, 2)]!
  let gain = 1
  let first = 0
  for (let stage = 0; stage < stages; stage++) {
    best[bestIndex] = 0
    best[bestMeasure] = -1e7
    best[bestGain] = 0
    tryVectors(line, order + size - length, -1, range[stage]!, length, 0, stage)
    if (length === blockLength)
      tryVectors(lineContinued, 0, blockLength, continued, length, plain, stage)
    searchFiltered(size, length, range[stage]!, stage)
    const scale = gainScale(gain)
    const level = quantise(stage, best[bestGain]!, scale)
    gain = scale * gainsOf(stage)[level]!
    if (stage === 0) first = gain
    values[stretch.vectors + stage] = best[bestIndex]!
    values[stretch.gains + stage] = level
    takeVector(best[bestIndex]!, size, length)
    for (let j = 0; j < length; j++) {
      whole[j]! += gain * vector[j]!
      target[j]! -= gain * vector[j]!
    }
  }
  restoreEnergy(energy, length, first, values, stretch.gains)
}

/** Coding takes energy away: the first gain, which scales all three, gives it back up to twice (section 3.7). */
function restoreEnergy(
  energy: number,
  length: number,
  first: number,
  values: Int32Array,
  at: number,
): void {
  let coded = 0
  for (let j = 0; j < length; j++) coded += whole[j]! ** 2
  const levels = gainsOf(0)
  let chosen = values[at]!
  for (let i = chosen; i < levels.length; i++) {
    if (coded * levels[i]! ** 2 < energy * first ** 2 && levels[chosen]! < 2 * first) chosen = i
  }
  values[at] = chosen
}
