/**
 * G722: ITU-T G.722 at 64 kbit/s, 16 kHz sound in two sub-bands of ADPCM.
 * RFC 3551 section 4.5.2: its RTP clock is 8000 by an old mistake that has to be kept.
 */
import type { Codec, Coder } from './codec.ts'
import { G722Band } from './g722-band.ts'

/** Hz: at this rate the low band alone is the sound. */
const narrow = 8000
/** Samples that the quadrature mirror filter remembers. */
const history = 22

/**
 * One half of the 24-tap quadrature mirror filter (table 4) over every other sample from `at` on; its gain at DC is 4096.
 * The other half has the same weights backwards.
 */
function forwards(line: Int32Array, at: number): number {
  return (
    Math.imul(line[at]!, 3) +
    Math.imul(line[at + 2]!, -11) +
    Math.imul(line[at + 4]!, 12) +
    Math.imul(line[at + 6]!, 32) +
    Math.imul(line[at + 8]!, -210) +
    Math.imul(line[at + 10]!, 951) +
    Math.imul(line[at + 12]!, 3876) +
    Math.imul(line[at + 14]!, -805) +
    Math.imul(line[at + 16]!, 362) +
    Math.imul(line[at + 18]!, -156) +
    Math.imul(line[at + 20]!, 53) +
    Math.imul(line[at + 22]!, -11)
  )
}

function backwards(line: Int32Array, at: number): number {
  return (
    Math.imul(line[at]!, -11) +
    Math.imul(line[at + 2]!, 53) +
    Math.imul(line[at + 4]!, -156) +
    Math.imul(line[at + 6]!, 362) +
    Math.imul(line[at + 8]!, -805) +
    Math.imul(line[at + 10]!, 3876) +
    Math.imul(line[at + 12]!, 951) +
    Math.imul(line[at + 14]!, -210) +
    Math.imul(line[at + 16]!, 32) +
    Math.imul(line[at + 18]!, 12) +
    Math.imul(line[at + 20]!, -11) +
    Math.imul(line[at + 22]!, 3)
  )
}

/** Frames of both bands on their way, shared by all coders of the thread. They grow to the longest frame seen and stay. */
let low = new Int32Array(640)
let high = new Int32Array(640)
let lowCodes = new Int32Array(640)
let highCodes = new Int32Array(640)

function makeRoom(samples: number): void {
  if (low.length >= samples) return
  low = new Int32Array(samples)
  high = new Int32Array(samples)
  lowCodes = new Int32Array(samples)
  highCodes = new Int32Array(samples)
}

class G722Half {
  readonly lowBand = new G722Band('low')
  highBand = new G722Band('high')
  /** The last 22 samples of the filter, then those of the frame at hand. */
  line = new Int32Array(history + 640)

  /** The low band goes on where it is: so does the other side's. */
  changeRate(): void {
    this.highBand = new G722Band('high')
    this.line.fill(0)
  }

  /** Has room for so many octets. */
  prepare(octets: number): void {
    makeRoom(octets)
    if (this.line.length >= history + octets * 2) return
    const longer = new Int32Array(history + octets * 2)
    longer.set(this.line.subarray(0, history))
    this.line = longer
  }
}

function encode(half: G722Half, pcm: Int16Array, into: Uint8Array): number {
  const length = Math.min(pcm.length >> 1, into.length)
  half.prepare(length)
  const { line } = half
  for (let i = 0; i < length * 2; i++) line[history + i] = pcm[i]!
  for (let i = 0; i < length; i++) {
    const odd = forwards(line, i * 2)
    const even = backwards(line, i * 2 + 1)
    // 12 bits of filter gain, 1 for the sum of two, 1 because G.722 takes 15-bit samples.
    low[i] = (even + odd) >> 14
    high[i] = (even - odd) >> 14
  }
  line.copyWithin(0, length * 2, length * 2 + history)
  half.lowBand.encode(low, lowCodes, length)
  half.highBand.encode(high, highCodes, length)
  for (let i = 0; i < length; i++) into[i] = lowCodes[i]! | (highCodes[i]! << 6)
  return length
}

function decode(half: G722Half, payload: Uint8Array, into: Int16Array): number {
  const length = Math.min(payload.length, into.length >> 1)
  half.prepare(length)
  for (let i = 0; i < length; i++) {
    const code = payload[i]!
    lowCodes[i] = code & 0x3f
    highCodes[i] = code >> 6
  }
  half.lowBand.decode(lowCodes, low, length)
  half.highBand.decode(highCodes, high, length)
  const { line } = half
  for (let i = 0; i < length; i++) {
    line[history + i * 2] = low[i]! + high[i]!
    line[history + i * 2 + 1] = low[i]! - high[i]!
  }
  for (let i = 0; i < length; i++) {
    const first = backwards(line, i * 2 + 1) >> 11
    const second = forwards(line, i * 2) >> 11
    into[i * 2] = first > 32767 ? 32767 : first < -32768 ? -32768 : first
    into[i * 2 + 1] = second > 32767 ? 32767 : second < -32768 ? -32768 : second
  }
  line.copyWithin(0, length * 2, length * 2 + history)
  return length * 2
}

/** The code of the high band that means, and keeps to, silence. */
const silence = 0xc0

/**
 * Sound of 8 kHz as the low band alone: the filter that would part the bands again lets it pass whole up to 3.4 kHz. This saves a
 * resampler and its 3.5 ms. Above, where the bands overlap, what is left of one in the other stays in: 11 dB down at 3.4 kHz,
 * 20 dB at 3 kHz.
 */
function encodeNarrow(half: G722Half, pcm: Int16Array, into: Uint8Array): number {
  const length = Math.min(pcm.length, into.length)
  makeRoom(length)
  for (let i = 0; i < length; i++) low[i] = pcm[i]! >> 1
  half.lowBand.encode(low, lowCodes, length)
  for (let i = 0; i < length; i++) into[i] = lowCodes[i]! | silence
  return length
}

function decodeNarrow(half: G722Half, payload: Uint8Array, into: Int16Array): number {
  const length = Math.min(payload.length, into.length)
  makeRoom(length)
  for (let i = 0; i < length; i++) lowCodes[i] = payload[i]! & 0x3f
  half.lowBand.decode(lowCodes, low, length)
  for (let i = 0; i < length; i++) into[i] = low[i]! << 1
  return length
}

class G722Coder implements Coder {
  readonly #encoder = new G722Half()
  readonly #decoder = new G722Half()
  #takesNarrow = false
  #givesNarrow = false

  encodeAt(rate: number): void {
    this.#takesNarrow = rate === narrow
    this.#encoder.changeRate()
  }

  decodeAt(rate: number): void {
    this.#givesNarrow = rate === narrow
    this.#decoder.changeRate()
  }

  encode(pcm: Int16Array, into: Uint8Array): number {
    return (this.#takesNarrow ? encodeNarrow : encode)(this.#encoder, pcm, into)
  }

  decode(payload: Uint8Array, into: Int16Array): number {
    return (this.#givesNarrow ? decodeNarrow : decode)(this.#decoder, payload, into)
  }
}

export const g722: Codec = {
  name: 'G722',
  payloadType: 9,
  clockRate: 8000,
  sampleRate: 16000,
  sampleRates: [8000, 16000],
  channels: 1,
  ptime: 20,
  bitRate: 64000,
  open: () => new G722Coder(),
}
