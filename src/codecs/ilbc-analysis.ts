/** Linear prediction of an iLBC encoder: from sound to line spectral frequencies (RFC 3951 section 3.2). */
import { expandBandwidth } from './ilbc-filters.ts'
import { filterLength, type IlbcMode, order } from './ilbc-mode.ts'
import { spectrumBooks } from './ilbc-spectrum.ts'
import { meanFrequencies } from './ilbc-tables.ts'

/** Samples of a window; how far in the later one begins. */
const windowLength = 240
const lookBack = 60
/** Hz: how much each peak of the spectrum is widened; the noise floor under all of it. */
const widening = 60
const whitening = 1.0001
const chirp = 0.9025

const symmetric = Float64Array.from(
  { length: windowLength },
  (_, i) => 0.5 * (1 - Math.cos((2 * Math.PI * (i + 1)) / (windowLength + 1))),
)
/** Rises over 220 samples and falls within 20: nothing is looked ahead for. */
const asymmetric = Float64Array.from({ length: windowLength }, (_, i) =>
  i < 220 ? Math.sin((Math.PI * (i + 1)) / 441) ** 2 : Math.cos((Math.PI * (i - 220)) / 40),
)
const lags = Float64Array.from({ length: filterLength }, (_, n) =>
  n === 0 ? whitening : Math.exp(-0.5 * ((2 * Math.PI * widening * n) / 8000) ** 2),
)

const windowed = new Float64Array(windowLength)
const correlations = new Float64Array(filterLength)
const filter = new Float64Array(filterLength)
const before = new Float64Array(filterLength)

/** Frequencies that a coder begins with. */
export function newSpectrum(): Float64Array {
  return meanFrequencies.slice()
}

/** The sets of frequencies of 300 samples of sound. */
export function analyse(mode: IlbcMode, sound: Float64Array, into: Float64Array): void {
  for (let set = 0; set < mode.spectra; set++) {
    const isLast = set === mode.spectra - 1
    const shape = isLast ? asymmetric : symmetric
    const from = isLast ? lookBack : 0
    for (let i = 0; i < windowLength; i++) windowed[i] = shape[i]! * sound[from + i]!
    for (let lag = 0; lag < filterLength; lag++) {
      let sum = 0
      for (let i = lag; i < windowLength; i++) sum += windowed[i]! * windowed[i - lag]!
      correlations[lag] = sum * lags[lag]!
    }
    predict()
    expandBandwidth(filter, 0, chirp, filter, 0)
    toFrequencies(into, set * order)
  }
}

/** Levinson and Durbin's recursion. */
function predict(): void {
  filter.fill(0)
  filter[0] = 1
  let error = correlations[0]!
  if (error < 1e-9) return
  for (let m = 1; m <= order; m++) {
    let sum = correlations[m]!
    for (let i = 1; i < m; i++) sum += filter[i]! * correlations[m - i]!
    const reflection = -sum / error
    before.set(filter)
    for (let i = 1; i < m; i++) filter[i] = before[i]! + reflection * before[m - i]!
    filter[m] = reflection
    error *= 1 - reflection ** 2
  }
}

/** The grid on which roots are looked for, in turns, and then three times halved. */
const gridStep = 0.00635
const halvings = 3
/** cos w of each point of the grid. */
const cosines = Float64Array.from({ length: 80 }, (_, i) => Math.cos(2 * Math.PI * gridStep * i))

/** The symmetric and the antisymmetric half of the filter without their roots at the ends, as sums of cosines. */
const sums = new Float64Array(5)
const differences = new Float64Array(5)

function valueAt(series: Float64Array, cosine: number): number {
  const twice = 2 * cosine
  const one = twice + series[0]!
  const two = twice * one - 1 + series[1]!
  const three = twice * two - one + series[2]!
  const four = twice * three - two + series[3]!
  return cosine * four - three + series[4]! / 2
}

/** Line spectral frequencies: the roots of the two halves take turns on the way from 0 to half the rate. */
function toFrequencies(into: Float64Array, at: number): void {
  let [sum, difference] = [1, 1]
  for (let i = 0; i < 5; i++) {
    sum = filter[i + 1]! + filter[order - i]! - sum
    difference = filter[i + 1]! - filter[order - i]! + difference
    sums[i] = sum
    differences[i] = difference
  }
  // The sign that each half had where it was last looked at. A root found turns it.
  const values = [Number.MAX_VALUE, Number.MAX_VALUE]
  let point = 0
  for (let index = 0; index < order; index++) {
    const half = index & 1
    const series = half === 0 ? sums : differences
    const start = values[half]!
    let last = start
    let here = valueAt(series, cosines[point]!)
    while (here * Math.sign(last) > 0 && point < cosines.length - 1) {
      last = here
      here = valueAt(series, cosines[++point]!)
    }
    into[at + index] = refine(series, point * gridStep, last, here)
    values[half] = start > 0 ? -Number.MAX_VALUE : Number.MAX_VALUE
  }
}

/** The root, rad, in the step of the grid that ends at `end` (turns), where the series has the value `here`. */
function refine(series: Float64Array, end: number, before: number, here: number): number {
  let [high, step] = [end, gridStep]
  let [low, value] = [before, here]
  for (let i = 0; i < halvings; i++) {
    step /= 2
    const middle = valueAt(series, Math.cos(2 * Math.PI * (high - step)))
    if (middle * Math.sign(low) > 0) low = middle
    else {
      high -= step
      value = middle
    }
  }
  return 2 * Math.PI * (Math.abs(value) >= Math.abs(low) ? high - step : high)
}

/** The nearest vectors of the codebooks. */
export function quantiseSpectra(mode: IlbcMode, spectra: Float64Array, values: Int32Array): void {
  for (let set = 0; set < mode.spectra; set++) {
    for (const [part, { from, length, book }] of spectrumBooks.entries()) {
      let found = 0
      let least = Number.POSITIVE_INFINITY
      for (let at = 0; at < book.length; at += length) {
        let distance = 0
        for (let i = 0; i < length; i++)
          distance += (spectra[set * order + from + i]! - book[at + i]!) ** 2
        if (distance < least) {
          least = distance
          found = at / length
        }
      }
      values[mode.at.spectra + set * 3 + part] = found
    }
  }
}
