/** Line spectral frequencies of iLBC: to and from filters, and between frames (RFC 3951 sections 3.2 and 4.1). */
import { filterLength, type IlbcMode, order } from './ilbc-mode.ts'
import { highFrequencies, lowFrequencies, middleFrequencies } from './ilbc-tables.ts'

/** The three codebooks that a set is looked up in part by part: first frequency, how many, vectors. */
export const spectrumBooks = [
  { from: 0, length: 3, book: lowFrequencies },
  { from: 3, length: 3, book: middleFrequencies },
  { from: 6, length: 4, book: highFrequencies },
] as const

/** rad: the least distance of two frequencies, half of it, and the bounds of all. */
const leastDistance = 0.039
const halfDistance = 0.0195
const lowest = 0.01
const highest = 3.14

/** The sets that the indices of a frame stand for. */
export function spectraOf(mode: IlbcMode, values: Int32Array, into: Float64Array): void {
  for (let set = 0; set < mode.spectra; set++) {
    for (const [part, { from, length, book }] of spectrumBooks.entries()) {
      const index = values[mode.at.spectra + set * 3 + part]!
      for (let i = 0; i < length; i++) into[set * order + from + i] = book[index * length + i]!
    }
    separate(into, set * order)
  }
}

/** Moves frequencies apart that are too close for a stable filter (section 3.2.5). */
function separate(f: Float64Array, at: number): void {
  for (let round = 0; round < 2; round++) {
    for (let k = at; k < at + order - 1; k++) {
      if (f[k + 1]! < f[k]!) {
        f[k + 1] = f[k]! + halfDistance
        f[k] = f[k + 1]! - halfDistance
      } else if (f[k + 1]! - f[k]! < leastDistance) {
        f[k]! -= halfDistance
        f[k + 1]! += halfDistance
      }
      f[k] = Math.min(highest, Math.max(lowest, f[k]!))
    }
  }
}

/** How much of the older of two sets goes into each sub-block. */
const weights20 = [3 / 4, 2 / 4, 1 / 4, 0]
const weights30 = [1 / 2, 1, 2 / 3, 1 / 3, 0, 0]
const mixed = new Float64Array(order)

/** A filter for each sub-block from the sets of the frame and the last one of the frame before, which it then replaces. */
export function interpolateFilters(
  mode: IlbcMode,
  old: Float64Array,
  sets: Float64Array,
  filters: Float64Array,
): void {
  const weights = mode.spectra === 2 ? weights30 : weights20
  for (let block = 0; block < mode.blocks; block++) {
    // With two sets, only the first sub-block looks back to the frame before.
    const isBetween = mode.spectra === 2 && block > 0
    const weight = weights[block]!
    for (let i = 0; i < order; i++) {
      const older = isBetween ? sets[i]! : old[i]!
      const newer = sets[isBetween ? order + i : i]!
      mixed[i] = weight * older + (1 - weight) * newer
    }
    toFilter(mixed, filters, block * filterLength)
  }
  for (let i = 0; i < order; i++) old[i] = sets[(mode.spectra - 1) * order + i]!
}

const half = order / 2
const sum = new Float64Array(filterLength + 1)
const difference = new Float64Array(filterLength + 1)

/** Multiplies a polynomial of degree `degree` by 1 - 2 cos(w) z + z². */
function multiply(polynomial: Float64Array, degree: number, cosine: number): void {
  for (let i = degree + 2; i >= 0; i--) {
    const one = i > 0 && i - 1 <= degree ? polynomial[i - 1]! : 0
    const two = i > 1 ? polynomial[i - 2]! : 0
    const here = i <= degree ? polynomial[i]! : 0
    polynomial[i] = here - 2 * cosine * one + two
  }
}

/** The prediction filter that has these line spectral frequencies. */
function toFilter(frequencies: Float64Array, into: Float64Array, at: number): void {
  if (frequencies[0]! <= 0 || frequencies[order - 1]! >= Math.PI) spread(frequencies)
  sum.fill(0)
  difference.fill(0)
  sum[0] = 1
  difference[0] = 1
  for (let i = 0; i < half; i++) {
    multiply(sum, i * 2, Math.cos(frequencies[i * 2]!))
    multiply(difference, i * 2, Math.cos(frequencies[i * 2 + 1]!))
  }
  // The symmetric one has another root at -1, the other one at 1.
  into[at] = 1
  for (let i = 1; i < filterLength; i++) {
    const symmetric = sum[i]! + sum[i - 1]!
    const other = difference[i]! - difference[i - 1]!
    into[at + i] = (symmetric + other) / 2
  }
}

/** Frequencies beyond the ends make no filter: they are laid evenly between them. */
function spread(f: Float64Array): void {
  const first = f[0]! <= 0 ? 0.022 * 2 * Math.PI : f[0]!
  const last = f[order - 1]! >= Math.PI ? 0.499 * 2 * Math.PI : f[order - 1]!
  for (let i = 0; i < order; i++) f[i] = first + ((last - first) * i) / (order - 1)
}
