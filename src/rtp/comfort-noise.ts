/** Comfort noise (RFC 3389): what a sender says of its background, and noise made after it. */

export interface NoiseDescription {
  /** Level below the overload of the system, 0 to 127: -dBov (section 3.1). */
  readonly level: number
  /** Reflection coefficients of the spectrum, each between -1 and 1; none: white noise (section 3.2). */
  readonly reflection: readonly number[]
}

const faintest = 127
/** More tell nothing of a telephone's background. */
const mostCoefficients = 12
/** Samples of 0 dBov: a full square wave (section 3.1). */
const overload = 32767

/** What a payload says; undefined for an empty one. */
export function parseComfortNoise(payload: Uint8Array): NoiseDescription | undefined {
  const [level, ...coded] = payload.subarray(0, 1 + mostCoefficients)
  if (level === undefined) return undefined
  return {
    level: level & 0x7f,
    // 258·(N - 127) / 2^15 for N from 0 to 254; 255 does not occur.
    reflection: coded.map((n) => (258 * (Math.min(n, 254) - 127)) / 32768),
  }
}

/** Writes a payload and returns its length: one octet, and one for each coefficient. */
export function writeComfortNoise(noise: NoiseDescription, into: Uint8Array): number {
  into[0] = Math.min(faintest, Math.max(0, Math.round(noise.level)))
  const count = Math.min(noise.reflection.length, mostCoefficients, into.length - 1)
  for (let i = 0; i < count; i++) {
    into[1 + i] = Math.min(254, Math.max(0, Math.round((noise.reflection[i]! * 32768) / 258) + 127))
  }
  return 1 + count
}

/** Describes the background in `pcm`, with up to 12 coefficients (0: its level alone). */
export function describeNoise(pcm: Int16Array, coefficients = 0): NoiseDescription {
  let energy = 0
  for (let i = 0; i < pcm.length; i++) energy += pcm[i]! * pcm[i]!
  const mean = Math.sqrt(energy / Math.max(1, pcm.length))
  const level =
    mean < 1 ? faintest : Math.min(faintest, Math.round(-20 * Math.log10(mean / overload)))
  const reflection = energy === 0 ? [] : reflections(pcm, Math.min(coefficients, mostCoefficients))
  return { level, reflection }
}

/** Levinson and Durbin's recursion over the autocorrelation. */
function reflections(pcm: Int16Array, order: number): number[] {
  const correlation = Array.from({ length: order + 1 }, (_, lag) => {
    let sum = 0
    for (let i = lag; i < pcm.length; i++) sum += pcm[i]! * pcm[i - lag]!
    return sum
  })
  const result: number[] = []
  let predictor: number[] = []
  let error = correlation[0]! * 1.0001 // a trace of white noise keeps the filter stable
  for (let m = 1; m <= order && error > 0; m++) {
    let sum = correlation[m]!
    for (let j = 1; j < m; j++) sum += predictor[j - 1]! * correlation[m - j]!
    const k = -sum / error
    predictor = [...predictor.map((value, j) => value + k * predictor[m - 2 - j]!), k]
    error *= 1 - k * k
    result.push(k)
  }
  return result
}

/** Noise after a description; changes of it are smoothed. */
export class NoiseSource {
  #reflection: Float64Array = new Float64Array(0)
  /** The lattice filter's state (section 3.2's all-pole model). */
  #state = new Float64Array(1)
  #amplitude = 0
  #target = 0
  /** What the filter adds to the level. */
  #gain = 1
  #random: number

  /** `seed` any whole number: equal seeds make equal noise. */
  constructor(seed = 1) {
    this.#random = seed | 0 || 1
  }

  describe(noise: NoiseDescription): void {
    const { reflection } = noise
    if (reflection.length !== this.#reflection.length) {
      this.#reflection = new Float64Array(reflection.length)
      this.#state = new Float64Array(reflection.length + 1)
    }
    let gain = 1
    for (let i = 0; i < reflection.length; i++) {
      const k = Math.min(0.999, Math.max(-0.999, reflection[i]!))
      this.#reflection[i] = k
      gain *= 1 - k * k
    }
    this.#gain = Math.sqrt(gain)
    this.#target = noise.level >= faintest ? 0 : overload * 10 ** (-noise.level / 20)
    if (this.#amplitude === 0) this.#amplitude = this.#target
  }

  /** Fills a frame. The level goes half of the way to the one described in each. */
  fill(into: Int16Array): void {
    const k = this.#reflection
    const state = this.#state
    const order = k.length
    const end = (this.#amplitude + this.#target) / 2
    const step = (end - this.#amplitude) / Math.max(1, into.length)
    // Even noise from -1 to 1 has a third of the power of its peak.
    const scale = Math.sqrt(3) * this.#gain
    let amplitude = this.#amplitude
    let random = this.#random
    for (let i = 0; i < into.length; i++) {
      random ^= random << 13
      random ^= random >>> 17
      random ^= random << 5
      amplitude += step
      let forward = (random / 0x80000000) * scale * amplitude
      for (let m = order - 1; m >= 0; m--) {
        forward -= k[m]! * state[m]!
        state[m + 1] = state[m]! + k[m]! * forward
      }
      state[0] = forward
      into[i] = Math.max(-32768, Math.min(32767, Math.round(forward)))
    }
    this.#amplitude = Math.abs(end - this.#target) < 1 ? this.#target : end
    this.#random = random
  }
}
