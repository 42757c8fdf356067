/** What GSM 06.10 measures of a frame: log area ratios (sections 5.2.1–5.2.7), lag and gain (5.2.11). */
import { divide, headroom, magnitude, multiply, saturate } from './gsm-arithmetic.ts'
import { frameSamples } from './gsm-frame.ts'

/** Table 5.1: step A, offset B and the range of each coded ratio. */
const steps = [20480, 20480, 20480, 20480, 13964, 15360, 8534, 9036]
const offsets = [0, 0, 2048, -2560, 94, -1792, -341, -1144]
const highest = [31, 31, 15, 15, 7, 7, 3, 3]
const lowest = [-32, -32, -16, -16, -8, -8, -4, -4]
/** Table 5.3a: decision levels of the long-term gain. */
const gainLevels = [6554, 16384, 26214]

/** Takes the constant out of the signal and lifts the high tones (5.2.1–5.2.3). */
export class GsmInputFilter {
  #lastInput = 0
  #offset = 0
  #lastOutput = 0

  filter(pcm: Int16Array, from: number, into: Int16Array): void {
    for (let k = 0; k < frameSamples; k++) {
      const input = (pcm[from + k]! >> 3) << 2
      const step = input - this.#lastInput
      this.#lastInput = input
      const high = this.#offset >> 15
      const low = this.#offset - (high << 15)
      this.#offset = limit32(high * 32735 + step * 32768 + multiply(low, 32735))
      const output = limit32(this.#offset + 16384) >> 15
      into[k] = saturate(output + multiply(this.#lastOutput, -28180))
      this.#lastOutput = output
    }
  }
}

function limit32(value: number): number {
  return Math.max(-0x80000000, Math.min(value, 0x7fffffff))
}

export class GsmRatios {
  readonly #correlation = new Float64Array(9)
  readonly #k = new Int16Array(9)
  readonly #p = new Int16Array(9)

  /** The coded ratios of a frame. Scaling costs loud frames their lowest bits, in `samples` too, as 5.2.4 says. */
  measure(samples: Int16Array, into: Int16Array): void {
    this.#correlate(samples)
    this.#reflect(into)
    for (let i = 0; i < 8; i++) into[i] = codeRatio(logAreaRatio(into[i]!), i)
  }

  #correlate(samples: Int16Array): void {
    let largest = 0
    for (const sample of samples) largest = Math.max(largest, magnitude(sample))
    const shift = largest === 0 ? 0 : Math.max(0, 4 - headroom(largest << 16))
    if (shift > 0) {
      const factor = 16384 >> (shift - 1)
      for (let i = 0; i < frameSamples; i++) samples[i] = multiply(samples[i]!, factor)
    }
    for (let lag = 0; lag <= 8; lag++) {
      let sum = 0
      for (let i = lag; i < frameSamples; i++) sum += samples[i]! * samples[i - lag]!
      this.#correlation[lag] = sum * 2
    }
    if (shift > 0) for (let i = 0; i < frameSamples; i++) samples[i]! <<= shift
  }

  /** Schur's recursion with integers (5.2.5). */
  #reflect(into: Int16Array): void {
    const p = this.#p
    const k = this.#k
    into.fill(0)
    const energy = this.#correlation[0]!
    if (energy === 0) return
    const shift = headroom(energy)
    for (let i = 0; i <= 8; i++) p[i] = k[i] = (this.#correlation[i]! << shift) >> 16
    for (let n = 0; n < 8; n++) {
      const size = magnitude(p[1]!)
      if (p[0]! < size) return
      const quotient = divide(size, p[0]!)
      const reflection = p[1]! > 0 ? -quotient : quotient
      into[n] = reflection
      p[0] = saturate(p[0]! + multiply(p[1]!, reflection))
      for (let m = 1; m < 8 - n; m++) {
        const next = p[m + 1]!
        p[m] = saturate(next + multiply(k[m]!, reflection))
        k[m] = saturate(k[m]! + multiply(next, reflection))
      }
    }
  }
}

/** 5.2.6 */
function logAreaRatio(reflection: number): number {
  const size = magnitude(reflection)
  let ratio = size >> 1
  if (size >= 31130) ratio = (size - 26112) << 2
  else if (size >= 22118) ratio = size - 11059
  return reflection < 0 ? -ratio : ratio
}

/** 5.2.7 */
function codeRatio(ratio: number, i: number): number {
  const scaled = saturate(saturate(((steps[i]! * ratio) >> 15) + offsets[i]!) + 256) >> 9
  return Math.max(lowest[i]!, Math.min(scaled, highest[i]!)) - lowest[i]!
}

/** Lag (40–120) and coded gain of the long-term predictor. */
export interface LongTerm {
  lag: number
  gain: number
}

const scaledPart = new Int16Array(40)

/**
 * Finds the lag at which the past residual is most like a subframe (5.2.11). `past` holds the subframe's own place at `now`.
 */
export function findLag(
  residual: Int16Array,
  from: number,
  past: Int16Array,
  now: number,
  found: LongTerm,
): void {
  let largest = 0
  for (let k = 0; k < 40; k++) largest = Math.max(largest, magnitude(residual[from + k]!))
  const room = largest === 0 ? 0 : headroom(largest << 16)
  const shift = room > 6 ? 0 : 6 - room
  for (let k = 0; k < 40; k++) scaledPart[k] = residual[from + k]! >> shift
  let best = 0
  found.lag = 40
  for (let lag = 40; lag <= 120; lag++) {
    let sum = 0
    for (let k = 0, at = now - lag; k < 40; k++) sum += scaledPart[k]! * past[at++]!
    if (sum > best) {
      best = sum
      found.lag = lag
    }
  }
  found.gain = gainOf((best << 1) >> (6 - shift), past, now - found.lag)
}

function gainOf(likeness: number, past: Int16Array, at: number): number {
  let power = 0
  for (let k = 0; k < 40; k++) power += (past[at + k]! >> 3) ** 2
  power <<= 1
  if (likeness <= 0) return 0
  if (likeness >= power) return 3
  const shift = headroom(power)
  const r = (likeness << shift) >> 16
  const s = (power << shift) >> 16
  for (let gain = 0; gain < 3; gain++) if (r <= (s * gainLevels[gain]!) >> 15) return gain
  return 3
}
