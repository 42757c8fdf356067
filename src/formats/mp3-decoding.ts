/** MP3 files (MPEG 1, 2 and 2.5, layer III and below), with or without tags, at constant or varying rate. */
import type { FileHandle } from 'node:fs/promises'
import { SwitchError } from '../base/errors.ts'
import type { Decoding } from './decoding.ts'
import { FileWindow } from './file-window.ts'
import { Mp3Decoder } from './wasm-decoder.ts'

/** kbit/s by index, for MPEG 1 layers I, II, III and for MPEG 2 layers I, II/III. */
const bitRates = [
  [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
  [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
  [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
  [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
] as const
const sampleRates = [44100, 48000, 32000]
/** Octets that are fed at a time. */
const feedSize = 4096
/** Octets that are searched for the first frame. */
const searchSize = 1 << 17

export interface Mp3Frame {
  /** Octets. */
  readonly length: number
  /** Samples of one channel. */
  readonly samples: number
  readonly rate: number
  readonly bitRate: number
  readonly channels: 1 | 2
  readonly version: 1 | 2
}

/** Reads a frame header; undefined when these four octets are none. */
function readMp3Frame(bytes: Uint8Array, at: number): Mp3Frame | undefined {
  const [first = 0, second = 0, third = 0, fourth = 0] = bytes.subarray(at, at + 4)
  if (first !== 0xff || (second & 0xe0) !== 0xe0) return undefined
  const mpeg = (second >> 3) & 3
  const layer = 4 - ((second >> 1) & 3)
  const rateIndex = (third >> 2) & 3
  if (mpeg === 1 || layer === 4 || rateIndex === 3) return undefined
  const version = mpeg === 3 ? 1 : 2
  const table = version === 1 ? layer - 1 : layer === 1 ? 3 : 4
  const kilobits = bitRates[table]?.[third >> 4] ?? 0
  if (kilobits === 0) return undefined
  const rate = (sampleRates[rateIndex] ?? 44100) >> (mpeg === 3 ? 0 : mpeg === 2 ? 1 : 2)
  const samples = layer === 1 ? 384 : layer === 3 && version === 2 ? 576 : 1152
  const padding = (third >> 1) & 1
  const bitRate = kilobits * 1000
  const length =
    layer === 1
      ? (Math.floor((12 * bitRate) / rate) + padding) * 4
      : Math.floor((samples * bitRate) / 8 / rate) + padding
  return { length, samples, rate, bitRate, channels: fourth >> 6 === 3 ? 1 : 2, version }
}

/** The octets of an ID3v2 tag that heads a file; 0 without one. */
function tagLength(head: Buffer): number {
  if (head.length < 10 || head.toString('latin1', 0, 3) !== 'ID3') return 0
  const size = [6, 7, 8, 9].reduce((sum, at) => (sum << 7) | ((head[at] ?? 0) & 0x7f), 0)
  return size + 10 + ((head[5] ?? 0) & 0x10 ? 10 : 0)
}

/** What the encoder noted in the first frame. */
interface Note {
  /** Frames of sound. */
  readonly frames: number
  /** Samples at the beginning and at the end that it put there itself; 0 where it does not say. */
  readonly delay: number
  readonly padding: number
}

/** Samples by which every decoder is late; they are left out with the encoder's. */
const decoderDelay = 529

/** The encoder's note; undefined without one. */
function noteOf(bytes: Buffer, frame: Mp3Frame): Note | undefined {
  const side =
    frame.version === 1 ? (frame.channels === 1 ? 17 : 32) : frame.channels === 1 ? 9 : 17
  const at = 4 + side
  const mark = bytes.toString('latin1', at, at + 4)
  if (mark === 'Xing' || mark === 'Info') {
    const flags = bytes.readUInt32BE(at + 4)
    if ((flags & 1) === 0) return undefined
    const frames = bytes.readUInt32BE(at + 8)
    // Behind it come sizes, a table and a quality, as the flags say; then the encoder's name and its delays.
    const name = at + 8 + (flags & 1 ? 4 : 0) + (flags & 2 ? 4 : 0) + (flags & 4 ? 100 : 0)
    const lame = name + (flags & 8 ? 4 : 0)
    const isSigned = /^(LAME|Lavf|Lavc)/.test(bytes.toString('latin1', lame, lame + 4))
    const delays = isSigned ? bytes.readUIntBE(lame + 21, 3) : 0
    return { frames, delay: delays >> 12, padding: delays & 0xfff }
  }
  if (bytes.toString('latin1', 36, 40) !== 'VBRI') return undefined
  return { frames: bytes.readUInt32BE(50), delay: 0, padding: 0 }
}

class Mp3Decoding implements Decoding {
  readonly rate: number
  readonly length: number | undefined
  readonly #file: FileHandle
  readonly #path: string
  readonly #window: FileWindow
  readonly #decoder: Mp3Decoder
  readonly #start: number
  readonly #end: number
  /** Samples of the stream before the first that is heard. */
  readonly #delay: number
  readonly #hasNote: boolean
  /** Samples still to be left out after a jump. */
  #skip = 0

  constructor(
    file: FileHandle,
    path: string,
    decoder: Mp3Decoder,
    first: Mp3Frame,
    start: number,
    end: number,
    note: Note | undefined,
  ) {
    this.#file = file
    this.#path = path
    this.#decoder = decoder
    this.#start = start
    this.#end = end
    this.rate = first.rate
    this.length = note
      ? note.frames * first.samples - note.delay - note.padding
      : Math.round(((end - start) * 8 * first.rate) / first.bitRate)
    this.#hasNote = note !== undefined
    this.#delay = note && note.delay > 0 ? note.delay + decoderDelay : 0
    this.#window = new FileWindow(file)
    this.#window.go(start)
  }

  async next(): Promise<Int16Array | undefined> {
    // About half a second.
    const pieces: Int16Array[] = []
    let total = 0
    while (total < this.rate / 2) {
      const left = this.#end - this.#window.position
      const bytes = await this.#window.take(Math.min(feedSize, left))
      if (bytes.length === 0) break
      this.#decoder.feed(bytes, (left, right, rate) => {
        if (rate !== this.rate)
          throw new SwitchError('FILE_BAD', `${this.#path}: its rate changes to ${rate} Hz`)
        const from = Math.min(this.#skip, left.length)
        this.#skip -= from
        if (from === left.length) return
        pieces.push(mixed(left, right, from))
        total += left.length - from
      })
    }
    if (total === 0) return undefined
    const all = new Int16Array(total)
    let at = 0
    for (const piece of pieces) {
      all.set(piece, at)
      at += piece.length
    }
    return all
  }

  /** Frame by frame through the file: headers alone say where a sample lies. */
  async seek(sample: number): Promise<void> {
    this.#window.go(this.#start)
    this.#decoder.restart(sample === 0)
    this.#skip = 0
    if (sample === 0) return
    // The frames before it hold part of its bits and of its overlap; the first one holds the note and no sound.
    const place = sample + this.#delay
    const target = Math.max(0, place - 10 * 1152)
    if (this.#hasNote) await this.#takeFrame()
    let passed = 0
    while (passed < target) {
      const samples = await this.#takeFrame()
      if (samples === 0) break
      passed += samples
    }
    this.#skip = Math.max(0, place - passed)
  }

  /** Steps over a frame; its samples, 0 at the end. */
  async #takeFrame(): Promise<number> {
    for (;;) {
      const frame = readMp3Frame(await this.#window.peek(4), 0)
      if (frame) {
        await this.#window.take(frame.length)
        return frame.samples
      }
      if ((await this.#window.take(1)).length === 0) return 0
    }
  }

  close(): Promise<void> {
    this.#decoder.close()
    return this.#file.close()
  }
}

function mixed(left: Float32Array, right: Float32Array, from: number): Int16Array {
  const pcm = new Int16Array(left.length - from)
  for (let i = 0; i < pcm.length; i++) {
    const value = ((left[from + i] ?? 0) + (right[from + i] ?? 0)) * 16384
    pcm[i] = Math.max(-32768, Math.min(32767, Math.round(value)))
  }
  return pcm
}

/** Opens an MP3 file; the decoding owns it from here on. Throws FILE_BAD when there is no frame in it. */
export async function openMp3(file: FileHandle, path: string): Promise<Decoding> {
  const { size } = await file.stat()
  const head = Buffer.alloc(10)
  await file.read(head, 0, 10, 0)
  const begin = tagLength(head)
  const search = Buffer.alloc(Math.min(searchSize, Math.max(0, size - begin)))
  await file.read(search, 0, search.length, begin)
  for (let at = 0; at + 4 <= search.length; at++) {
    const frame = readMp3Frame(search, at)
    if (!frame) continue
    // Two headers in a row are a stream; one alone may be chance.
    const follows = at + frame.length
    if (follows + 4 <= search.length && !readMp3Frame(search, follows)) continue
    const start = begin + at
    const tail = Buffer.alloc(3)
    await file.read(tail, 0, 3, Math.max(0, size - 128))
    const end = tail.toString('latin1') === 'TAG' && size - start > 128 ? size - 128 : size
    const note = noteOf(search.subarray(at), frame)
    return new Mp3Decoding(file, path, await Mp3Decoder.open(), frame, start, end, note)
  }
  throw new SwitchError('FILE_BAD', `${path}: no MP3 sound in it`)
}
