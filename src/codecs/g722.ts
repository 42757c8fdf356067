/**
 * G722: ITU-T G.722 at 64 kbit/s, 16 kHz sound in two sub-bands of ADPCM.
 * RFC 3551 section 4.5.2: its RTP clock is 8000 by an old mistake that has to be kept.
 */
import type { Codec, Coder } from './codec.ts'
import { G722Band } from './g722-band.ts'

/** Half of the symmetric 24-tap quadrature mirror filter (table 4); its gain at DC is 4096. */
const qmf = Int32Array.of(3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11)
/** Decision levels of the 60-level quantiser (table 14: Q6). */
const levels = Int32Array.of(
  0,
  35,
  72,
  110,
  150,
  190,
  233,
  276,
  323,
  370,
  422,
  473,
  530,
  587,
  650,
  714,
  786,
  858,
  940,
  1023,
  1121,
  1219,
  1339,
  1458,
  1612,
  1765,
  1980,
  2195,
  2557,
  2919,
)
/** Codes of the low band for negative and positive differences (table 14: ILN, ILP). */
const negativeCodes = Uint8Array.of(
  0,
  63,
  62,
  31,
  30,
  29,
  28,
  27,
  26,
  25,
  24,
  23,
  22,
  21,
  20,
  19,
  18,
  17,
  16,
  15,
  14,
  13,
  12,
  11,
  10,
  9,
  8,
  7,
  6,
  5,
  4,
)
const positiveCodes = Uint8Array.of(
  0,
  61,
  60,
  59,
  58,
  57,
  56,
  55,
  54,
  53,
  52,
  51,
  50,
  49,
  48,
  47,
  46,
  45,
  44,
  43,
  42,
  41,
  40,
  39,
  38,
  37,
  36,
  35,
  34,
  33,
  32,
)
/** Scale weights of the low band by its four upper bits: WL through RL42 (table 10). */
const lowWeights = Int32Array.of(
  -60,
  3042,
  1198,
  538,
  334,
  172,
  58,
  -30,
  3042,
  1198,
  538,
  334,
  172,
  58,
  -30,
  -60,
)
/** Values of the 16- and 64-level inverse quantisers of the low band (tables 17: QM4, QM6). */
const values4 = Int32Array.of(
  0,
  -20456,
  -12896,
  -8968,
  -6288,
  -4240,
  -2584,
  -1200,
  20456,
  12896,
  8968,
  6288,
  4240,
  2584,
  1200,
  0,
)
const values6 = Int32Array.of(
  -136,
  -136,
  -136,
  -136,
  -24808,
  -21904,
  -19008,
  -16704,
  -14984,
  -13512,
  -12280,
  -11192,
  -10232,
  -9360,
  -8576,
  -7856,
  -7192,
  -6576,
  -6000,
  -5456,
  -4944,
  -4464,
  -4008,
  -3576,
  -3168,
  -2776,
  -2400,
  -2032,
  -1688,
  -1360,
  -1040,
  -728,
  24808,
  21904,
  19008,
  16704,
  14984,
  13512,
  12280,
  11192,
  10232,
  9360,
  8576,
  7856,
  7192,
  6576,
  6000,
  5456,
  4944,
  4464,
  4008,
  3576,
  3168,
  2776,
  2400,
  2032,
  1688,
  1360,
  1040,
  728,
  432,
  136,
  -432,
  -136,
)
/** The high band has two bits: values (QM2) and scale weights (WH through RH2). */
const values2 = Int32Array.of(-7408, -1616, 7408, 1616)
const highWeights = Int32Array.of(798, -214, 798, -214)

/** Samples that the mirror filter remembers. */
const history = 22

function clip(value: number, low: number, high: number): number {
  if (value < low) return low
  return Math.min(value, high)
}

/** The index of the quantiser level of a difference: the first whose scaled bound exceeds it. */
function levelOf(magnitude: number, scale: number): number {
  let below = 1
  let above = 30
  while (below < above) {
    const middle = (below + above) >> 1
    if (magnitude < (levels[middle]! * scale) >> 12) above = middle
    else below = middle + 1
  }
  return below
}

class G722Encoder {
  readonly #low = new G722Band('low')
  readonly #high = new G722Band('high')
  /** The last 22 samples, then those of the frame at hand. It grows to the longest frame seen and stays. */
  #line = new Int16Array(history + 640)

  encode(pcm: Int16Array, into: Uint8Array): number {
    const length = Math.min(pcm.length >> 1, into.length)
    this.#line = roomFor(this.#line, history + length * 2)
    const line = this.#line
    for (let i = 0; i < length * 2; i++) line[history + i] = pcm[i]!
    for (let i = 0; i < length; i++) into[i] = this.#step(line, i * 2)
    line.copyWithin(0, length * 2, length * 2 + history)
    return length
  }

  #step(line: Int16Array, start: number): number {
    let odd = 0
    let even = 0
    for (let tap = 0, at = start; tap < 12; tap++, at += 2) {
      odd += line[at]! * qmf[tap]!
      even += line[at + 1]! * qmf[11 - tap]!
    }
    // 12 bits of filter gain, 1 for the sum of two, 1 because G.722 takes 15-bit samples.
    return this.#lowCode((even + odd) >> 14) | (this.#highCode((even - odd) >> 14) << 6)
  }

  #lowCode(sample: number): number {
    const band = this.#low
    const difference = clip(sample - band.predicted, -32768, 32767)
    const level = levelOf(difference < 0 ? ~difference : difference, band.scale)
    const code = difference < 0 ? negativeCodes[level]! : positiveCodes[level]!
    const quantised = (band.scale * values4[code >> 2]!) >> 15
    band.adaptScale(lowWeights[code >> 2]!)
    band.adaptPredictor(quantised)
    return code
  }

  #highCode(sample: number): number {
    const band = this.#high
    const difference = clip(sample - band.predicted, -32768, 32767)
    const magnitude = difference < 0 ? ~difference : difference
    const isLarge = magnitude >= (564 * band.scale) >> 12
    const code = (difference < 0 ? 0 : 2) | (isLarge ? 0 : 1)
    const quantised = (band.scale * values2[code]!) >> 15
    band.adaptScale(highWeights[code]!)
    band.adaptPredictor(quantised)
    return code
  }
}

class G722Decoder {
  readonly #low = new G722Band('low')
  readonly #high = new G722Band('high')
  #line = new Int32Array(history + 640)

  decode(payload: Uint8Array, into: Int16Array): number {
    const length = Math.min(payload.length, into.length >> 1)
    this.#line = roomFor(this.#line, history + length * 2)
    const line = this.#line
    for (let i = 0; i < length; i++) {
      const code = payload[i]!
      const low = this.#lowSample(code & 0x3f)
      const high = this.#highSample(code >> 6)
      line[history + i * 2] = low + high
      line[history + i * 2 + 1] = low - high
      let first = 0
      let second = 0
      for (let tap = 0, at = i * 2; tap < 12; tap++, at += 2) {
        second += line[at]! * qmf[tap]!
        first += line[at + 1]! * qmf[11 - tap]!
      }
      into[i * 2] = clip(first >> 11, -32768, 32767)
      into[i * 2 + 1] = clip(second >> 11, -32768, 32767)
    }
    line.copyWithin(0, length * 2, length * 2 + history)
    return length * 2
  }

  #lowSample(code: number): number {
    const band = this.#low
    const sample = clip(band.predicted + ((band.scale * values6[code]!) >> 15), -16384, 16383)
    const quantised = (band.scale * values4[code >> 2]!) >> 15
    band.adaptScale(lowWeights[code >> 2]!)
    band.adaptPredictor(quantised)
    return sample
  }

  #highSample(code: number): number {
    const band = this.#high
    const quantised = (band.scale * values2[code]!) >> 15
    const sample = clip(band.predicted + quantised, -16384, 16383)
    band.adaptScale(highWeights[code]!)
    band.adaptPredictor(quantised)
    return sample
  }
}

/** The buffer itself, or a longer one with the same beginning: only a frame longer than any before it allocates. */
function roomFor<T extends Int16Array | Int32Array>(line: T, length: number): T {
  if (line.length >= length) return line
  const longer = new (line.constructor as new (length: number) => T)(length)
  longer.set(line.subarray(0, history))
  return longer
}

function openG722(): Coder {
  const encoder = new G722Encoder()
  const decoder = new G722Decoder()
  return {
    encode: (pcm, into) => encoder.encode(pcm, into),
    decode: (payload, into) => decoder.decode(payload, into),
  }
}

export const g722: Codec = {
  name: 'G722',
  payloadType: 9,
  clockRate: 8000,
  sampleRate: 16000,
  channels: 1,
  ptime: 20,
  bitRate: 64000,
  open: openG722,
}
