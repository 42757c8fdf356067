/** Soft instruments, each made of a few sines or a plucked string: they add a note to a line of samples. */
import { randomNumbers } from '../random.ts'
import { frequency } from './notes.ts'

export interface Note {
  /** A MIDI number. */
  readonly note: number
  /** Seconds. */
  readonly at: number
  readonly seconds: number
  /** 0 to 1. */
  readonly force: number
}

/** Adds a note to `into`, which wraps: what sounds past the end sounds on at the beginning. */
export type Instrument = (into: Float64Array, rate: number, note: Note) => void

function add(
  into: Float64Array,
  rate: number,
  { at }: Note,
  seconds: number,
  make: (time: number) => number,
): void {
  const start = Math.round(at * rate)
  const count = Math.round(seconds * rate)
  const fade = Math.round(rate * 0.03)
  for (let i = 0; i < count; i++) {
    const end = Math.min(1, (count - i) / fade)
    into[(start + i) % into.length]! += end * make(i / rate)
  }
}

/** An electric piano: a sine whose phase another one of the same pitch shakes, with a short bright tine. */
export const electricPiano: Instrument = (into, rate, note) => {
  const w = 2 * Math.PI * frequency(note.note)
  const decay = 1.1 + (80 - note.note) * 0.03
  const release = note.seconds + 0.12
  const bright = 0.35 + 1.1 * note.force
  add(into, rate, note, release + 0.6, (t) => {
    const envelope =
      Math.min(1, t / 0.004) *
      Math.exp(-t / decay) *
      (t > release ? Math.exp((release - t) / 0.12) : 1)
    const body = Math.sin(w * t + bright * Math.exp(-t / 0.5) * Math.sin(w * t))
    const tine = 0.1 * Math.exp(-t / 0.05) * Math.sin(w * 7 * t)
    return note.force * envelope * (body + tine) * 0.5
  })
}

/** A vibraphone: the bar's own tones, the second two octaves higher, and a slow tremolo. */
export const vibraphone: Instrument = (into, rate, note) => {
  const w = 2 * Math.PI * frequency(note.note)
  const release = note.seconds + 0.4
  add(into, rate, note, release + 1, (t) => {
    const envelope =
      Math.min(1, t / 0.003) *
      Math.exp(-t / 1.6) *
      (t > release ? Math.exp((release - t) / 0.25) : 1)
    const tremolo = 1 - 0.14 * (0.5 - 0.5 * Math.cos(2 * Math.PI * 4.6 * t))
    const high = 0.16 * Math.exp(-t / 0.28) * Math.sin(3.98 * w * t)
    return note.force * envelope * tremolo * (Math.sin(w * t) + high) * 0.5
  })
}

/** A warm pad: three sines a little apart, slowly in and out. */
export const pad: Instrument = (into, rate, note) => {
  const w = 2 * Math.PI * frequency(note.note)
  const swell = Math.min(0.7, note.seconds / 2)
  add(into, rate, note, note.seconds + 0.8, (t) => {
    const rise = 0.5 - 0.5 * Math.cos(Math.PI * Math.min(1, t / swell))
    const left = (note.seconds + 0.8 - t) / 0.8
    const fall = 0.5 - 0.5 * Math.cos(Math.PI * Math.min(1, Math.max(0, left)))
    const tone =
      Math.sin(w * t) + 0.7 * Math.sin(w * 1.003 * t + 1) + 0.25 * Math.sin(2 * w * t + 2)
    return note.force * rise * fall * tone * 0.3
  })
}

/** A bass that small loudspeakers let through: its second and third tones are strong. */
export const bass: Instrument = (into, rate, note) => {
  const w = 2 * Math.PI * frequency(note.note)
  const release = note.seconds * 0.92
  add(into, rate, note, release + 0.2, (t) => {
    const envelope =
      Math.min(1, t / 0.012) *
      Math.exp(-t / 1.4) *
      (t > release ? Math.exp((release - t) / 0.06) : 1)
    const tone =
      Math.sin(w * t) +
      0.6 * Math.exp(-t / 0.9) * Math.sin(2 * w * t) +
      0.28 * Math.exp(-t / 0.5) * Math.sin(3 * w * t)
    return note.force * envelope * tone * 0.42
  })
}

/** A nylon string (Karplus and Strong): a pluck in a loop that softens it at every round. */
export const nylonString: Instrument = (into, rate, note) => {
  const pitch = frequency(note.note)
  const period = rate / pitch
  // The loop's mean of two samples delays by half a sample; an all-pass adds what is left.
  const length = Math.floor(period - 0.5 - 0.1)
  const rest = period - 0.5 - length
  const turn = (1 - rest) / (1 + rest)
  const loss = 0.001 ** (1 / (pitch * (2.6 + 300 / pitch)))
  const line = new Float64Array(length)
  const noise = randomNumbers(Math.round(note.note * 977 + note.at * 131))
  // The string is drawn aside a fifth of its length from the bridge; the finger adds a little noise.
  let soft = 0
  for (let i = 0; i < length; i++) {
    const place = i / length
    soft += 0.5 * (2 * noise() - 1 - soft)
    line[i] = (place < 0.2 ? place / 0.2 : (1 - place) / 0.8) + 0.22 * note.force * soft
  }
  const mean = line.reduce((sum, x) => sum + x, 0) / length
  let place = 0
  let last = 0
  let passIn = 0
  let passOut = 0
  const release = note.seconds + 0.25
  add(into, rate, note, release + 0.5, (t) => {
    const x = line[place]! - (t < period / rate ? mean : 0)
    const damped = loss * 0.5 * (x + last)
    last = x
    passOut = turn * (damped - passOut) + passIn
    passIn = damped
    line[place] = passOut
    place = (place + 1) % length
    return note.force * x * (t > release ? Math.exp((release - t) / 0.08) : 1) * 1.5
  })
}
