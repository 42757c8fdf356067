/** Something like speech, the same each time, and how well it came through: for chains of codecs. */
import { Resampler } from '../../src/formats/resampler.ts'

/** Formants of some vowels, Hz. */
const vowels: readonly (readonly number[])[] = [
  [730, 1090, 2440, 3400],
  [270, 2290, 3010, 3700],
  [570, 840, 2410, 3300],
  [530, 1840, 2480, 3600],
  [300, 870, 2240, 3200],
]

/** A two-pole resonance. */
class Resonance {
  readonly #a1: number
  readonly #a2: number
  readonly #gain: number
  #y1 = 0
  #y2 = 0

  constructor(hertz: number, width: number, rate: number) {
    const radius = Math.exp((-Math.PI * width) / rate)
    this.#a1 = 2 * radius * Math.cos((2 * Math.PI * hertz) / rate)
    this.#a2 = -radius * radius
    this.#gain = 1 - this.#a1 - this.#a2
  }

  next(x: number): number {
    const y = this.#gain * x + this.#a1 * this.#y1 + this.#a2 * this.#y2
    this.#y2 = this.#y1
    this.#y1 = y
    return y
  }
}

/**
 * Seconds of syllables at `rate` Hz: a hiss or a stop, a vowel of four formants over a gliding voice, sometimes a pause.
 * The sound goes up to 7 kHz.
 */
export function speech(seconds: number, rate: number): Int16Array {
  const samples = new Float64Array(seconds * rate)
  let seed = 12345
  const random = () => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0
    return (seed >>> 8) / 0x1000000
  }
  let phase = 0
  for (let at = 0; at < samples.length; ) {
    const formants = vowels[Math.floor(random() * vowels.length)]!
    const filters = formants.map((hertz, i) => new Resonance(hertz, 60 + 40 * i, rate))
    const hiss = [
      new Resonance(2500 + 3500 * random(), 1500, rate),
      new Resonance(5200, 2500, rate),
    ]
    const [soft, long, pitch, glide] = [0.3 + 0.7 * random(), random(), random(), random() - 0.5]
    const hissLength = Math.floor(rate * (0.03 + 0.08 * random()))
    const vowelLength = Math.floor(rate * (0.09 + 0.14 * long))
    const pause = random() < 0.25 ? Math.floor(rate * 0.2 * random()) : 0
    for (let i = 0; i < hissLength + vowelLength && at + i < samples.length; i++) {
      const t = i / (hissLength + vowelLength)
      const noise = random() * 2 - 1
      let value = 0
      const inVowel = i - hissLength
      if (inVowel < 0) {
        const swell = Math.sin((Math.PI * (i + 1)) / hissLength)
        value = 2.2 * swell * hiss.reduce((x, filter) => filter.next(x), noise * 2)
      } else {
        const swell = Math.min(1, inVowel / (0.015 * rate), (vowelLength - inVowel) / (0.04 * rate))
        phase += (95 + 60 * pitch + 40 * glide * t) / rate
        if (phase >= 1) phase--
        // A glottal pulse that opens slowly and shuts at once, with a breath.
        const pulse = phase < 0.6 ? phase * phase * (0.6 - phase) * 40 - 0.4 : -0.4
        value =
          swell *
          filters.reduce((sum, filter, k) => {
            return sum + filter.next(pulse + 0.02 * noise) / (1 + k * 0.7)
          }, 0)
      }
      samples[at + i] = value * soft
    }
    at += hissLength + vowelLength + pause
  }
  // Lips and microphones let no constant pressure through.
  let [before, level] = [0, 0]
  for (const [i, sample] of samples.entries()) {
    level = sample - before + (1 - (2 * Math.PI * 60) / rate) * level
    before = sample
    samples[i] = level
  }
  const most = samples.reduce((high, sample) => Math.max(high, Math.abs(sample)), 1e-9)
  return Int16Array.from(samples, (sample) => Math.round((sample / most) * 16000))
}

/** All of it at another rate, without the delay of the resampler. */
export function atRate(pcm: Int16Array, from: number, to: number): Int16Array {
  if (from === to) return pcm
  const resampler = new Resampler(from, to)
  const late = Math.round((resampler.delayMs * to) / 1000)
  const padded = new Int16Array(pcm.length + from / 10)
  padded.set(pcm)
  const made = new Int16Array(resampler.room(padded.length))
  resampler.process(padded, padded.length, made)
  return made.slice(late, late + Math.floor((pcm.length * to) / from))
}

/** How many samples `heard` is late, up to `most`. */
export function delayOf(said: Int16Array, heard: Int16Array, most: number): number {
  let best = 0
  let greatest = Number.NEGATIVE_INFINITY
  for (let delay = 0; delay <= most; delay++) {
    let product = 0
    for (let i = 0; i + delay < heard.length && i < said.length; i += 3)
      product += said[i]! * heard[i + delay]!
    if (product > greatest) {
      greatest = product
      best = delay
    }
  }
  return best
}

const size = 256
const hop = 128
/** Octave thirds from 150 Hz on, and how many there are at a rate of 8000 Hz. */
const lowestBand = 150
const thirds = 14
/** Frames of 384 ms that are compared at a time. */
const stretch = 24
/** Frames this much quieter than the loudest are no speech, dB. */
const quiet = 40
/** A part of a band that is more than this off counts no worse than that, dB. */
const worst = 15

/** Power in each third of an octave, frame by frame, of sound at 8 kHz. */
function spectrum(pcm: Int16Array): number[][] {
  const frames: number[][] = []
  const edges = Array.from({ length: thirds }, (_, k) => {
    const middle = lowestBand * 2 ** (k / 3)
    return [middle * 2 ** (-1 / 6), middle * 2 ** (1 / 6)] as const
  })
  const window = Array.from({ length: size }, (_, i) => Math.sin((Math.PI * (i + 0.5)) / size) ** 2)
  const cosines = Array.from({ length: size }, (_, i) => Math.cos((2 * Math.PI * i) / size))
  for (let at = 0; at + size <= pcm.length; at += hop) {
    const bands = new Array<number>(thirds).fill(0)
    for (let bin = 3; bin < size / 2; bin++) {
      const hertz = (bin * 8000) / size
      const band = edges.findIndex(([low, high]) => hertz >= low && hertz < high)
      if (band < 0) continue
      let [re, im] = [0, 0]
      for (let i = 0; i < size; i++) {
        const sample = pcm[at + i]! * window[i]!
        re += sample * cosines[(bin * i) % size]!
        im += sample * cosines[(bin * i + (size * 3) / 4) % size]!
      }
      bands[band]! += re * re + im * im
    }
    frames.push(bands)
  }
  return frames
}

/** How `heard` compares with `said`, both at 8 kHz and aligned. */
export interface SpeechQuality {
  /**
   * Intelligibility: the mean correlation of the envelopes of octave thirds over 384 ms, as in STOI (Taal and others, 2011) but at
   * 8 kHz: 1 is perfect, above 0.9 every word is understood.
   */
  readonly intelligibility: number
  /** Log-spectral distance of the octave thirds in frames with speech, dB: what is off in loudness and colour. */
  readonly distance: number
}

export function compareSpeech(said: Int16Array, heard: Int16Array): SpeechQuality {
  const length = Math.min(said.length, heard.length)
  const a = spectrum(said.subarray(0, length))
  const b = spectrum(heard.subarray(0, length))
  const powers = a.map((bands) => bands.reduce((sum, power) => sum + power, 1))
  const least = Math.max(...powers) * 10 ** (-quiet / 10)
  const speaking = powers.flatMap((power, i) => (power > least ? [i] : []))
  // Bands 50 dB below the loudest of the file are heard by nobody.
  const floor = Math.max(...a.flat()) * 1e-5
  let distance = 0
  for (const i of speaking) {
    let sum = 0
    for (let k = 0; k < thirds; k++)
      sum += (10 * Math.log10((a[i]![k]! + floor) / (b[i]![k]! + floor))) ** 2
    distance += Math.sqrt(sum / thirds)
  }
  let [total, count] = [0, 0]
  for (let first = 0; first + stretch <= speaking.length; first++) {
    const frames = speaking.slice(first, first + stretch)
    for (let k = 0; k < thirds; k++) {
      const x = frames.map((i) => Math.sqrt(a[i]![k]!))
      const y = frames.map((i) => Math.sqrt(b[i]![k]!))
      total += likeness(x, y)
      count++
    }
  }
  return { intelligibility: total / count, distance: distance / speaking.length }
}

function likeness(x: readonly number[], y: readonly number[]): number {
  const power = (of: readonly number[]) => of.reduce((sum, value) => sum + value * value, 1e-9)
  const gain = Math.sqrt(power(x) / power(y))
  const clip = 1 + 10 ** (worst / 20)
  const scaled = y.map((value, i) => Math.min(value * gain, x[i]! * clip))
  const mean = (of: readonly number[]) => of.reduce((sum, value) => sum + value, 0) / of.length
  const [mx, my] = [mean(x), mean(scaled)]
  let [xy, xx, yy] = [0, 1e-9, 1e-9]
  for (const [i, value] of x.entries()) {
    xy += (value - mx) * (scaled[i]! - my)
    xx += (value - mx) ** 2
    yy += (scaled[i]! - my) ** 2
  }
  return xy / Math.sqrt(xx * yy)
}
