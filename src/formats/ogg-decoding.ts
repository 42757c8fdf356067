/** Ogg files with Opus (RFC 7845) or Vorbis in them, also several streams one after the other. */
import type { FileHandle } from 'node:fs/promises'
import { SwitchError } from '../base/errors.ts'
import { OpusDecoder } from '../codecs/opus-decoder.ts'
import { longestPacket, opusRate } from '../codecs/opus-library.ts'
import type { Decoding } from './decoding.ts'
import { lastGranule, OggReader } from './ogg-pages.ts'
import { VorbisDecoder } from './wasm-decoder.ts'

/** Turns the packets of one stream into mono samples. */
interface StreamDecoder {
  readonly rate: number
  /** Samples at the beginning that are no sound. */
  readonly skip: number
  decode(packet: Buffer): Int16Array
  close(): void
}

function isOpus(packet: Buffer): boolean {
  return packet.toString('latin1', 0, 8) === 'OpusHead' && packet.length >= 19
}

function isVorbis(packet: Buffer): boolean {
  return packet[0] === 1 && packet.toString('latin1', 1, 7) === 'vorbis' && packet.length >= 30
}

const isKnown = (packet: Buffer) => isOpus(packet) || isVorbis(packet)

function opusStream(head: Buffer, path: string): StreamDecoder {
  const channels = head[9] ?? 1
  if (channels > 2) throw new SwitchError('FILE_BAD', `${path}: ${channels} channels`)
  const gain = 10 ** (head.readInt16LE(16) / 256 / 20)
  const decoder = new OpusDecoder()
  const samples = new Int16Array(longestPacket)
  return {
    rate: opusRate,
    skip: head.readUInt16LE(10),
    decode(packet) {
      const pcm = samples.slice(0, decoder.decode(packet, samples))
      if (gain !== 1)
        for (let i = 0; i < pcm.length; i++)
          pcm[i] = Math.max(-32768, Math.min(32767, (pcm[i] ?? 0) * gain))
      return pcm
    },
    close: () => undefined,
  }
}

async function vorbisStream(head: Buffer, setup: Buffer): Promise<StreamDecoder> {
  const decoder = await VorbisDecoder.open(head, setup)
  return {
    rate: head.readUInt32LE(12),
    skip: 0,
    decode(packet) {
      const channels = decoder.decode(packet)
      const pcm = new Int16Array(channels[0]?.length ?? 0)
      for (let i = 0; i < pcm.length; i++) {
        let sum = 0
        for (const channel of channels) sum += channel[i] ?? 0
        pcm[i] = Math.max(-32768, Math.min(32767, Math.round((sum / channels.length) * 32768)))
      }
      return pcm
    },
    close: () => decoder.close(),
  }
}

class OggDecoding implements Decoding {
  rate = 0
  length: number | undefined
  readonly #file: FileHandle
  readonly #path: string
  readonly #reader: OggReader
  #stream: StreamDecoder | undefined
  /** Samples still to be left out, and those of this stream that came so far, both with its beginning that is no sound. */
  #skip = 0
  #made = 0

  constructor(file: FileHandle, path: string) {
    this.#file = file
    this.#path = path
    this.#reader = new OggReader(file)
  }

  /** Reads the first stream's headers. Throws FILE_BAD when there is none. */
  async begin(): Promise<void> {
    const head = await this.#reader.packet(isKnown)
    if (!head) throw new SwitchError('FILE_BAD', `${this.#path}: neither Opus nor Vorbis in it`)
    await this.#open(head.bytes)
    const last = await lastGranule(this.#file)
    this.rate = this.#stream?.rate ?? opusRate
    this.length = last === undefined ? undefined : Math.max(0, last - (this.#stream?.skip ?? 0))
  }

  async next(): Promise<Int16Array | undefined> {
    const pieces: Int16Array[] = []
    let total = 0
    while (total < this.rate / 2) {
      const piece = await this.#packet()
      if (!piece) break
      pieces.push(piece)
      total += piece.length
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

  async seek(sample: number): Promise<void> {
    this.#reader.restart()
    this.#stream?.close()
    this.#stream = undefined
    this.#made = 0
    this.#skip = 0
    const head = await this.#reader.packet(isKnown)
    if (!head) return
    await this.#open(head.bytes)
    this.#skip += sample
  }

  close(): Promise<void> {
    this.#stream?.close()
    this.#stream = undefined
    return this.#file.close()
  }

  /** The sound of one packet, possibly none; undefined at the end. */
  async #packet(): Promise<Int16Array | undefined> {
    const packet = await this.#reader.packet(isKnown)
    if (!packet) return undefined
    if (packet.isFirst && isKnown(packet.bytes)) {
      const left = Math.max(0, this.#skip)
      this.#stream?.close()
      await this.#open(packet.bytes)
      this.#skip += left
      if (this.#stream?.rate !== this.rate)
        throw new SwitchError('FILE_BAD', `${this.#path}: its rate changes`)
      return new Int16Array(0)
    }
    const pcm = this.#stream?.decode(packet.bytes) ?? new Int16Array(0)
    let end = pcm.length
    // The last page says how much of its sound is meant.
    if (packet.isLast && packet.granule >= 0)
      end = Math.max(0, Math.min(end, packet.granule - this.#made))
    this.#made += pcm.length
    const start = Math.min(this.#skip, end)
    this.#skip -= start
    return pcm.subarray(start, end)
  }

  /** Reads the rest of a stream's headers. */
  async #open(head: Buffer): Promise<void> {
    const first = Buffer.from(head)
    const comments = await this.#reader.packet(isKnown)
    if (isOpus(first)) this.#stream = opusStream(first, this.#path)
    else {
      const setup = await this.#reader.packet(isKnown)
      if (!comments || !setup) throw new SwitchError('FILE_BAD', `${this.#path}: cut off`)
      this.#stream = await vorbisStream(first, Buffer.from(setup.bytes))
    }
    this.#made = 0
    this.#skip = this.#stream.skip
  }
}

/** Opens an Ogg file; the decoding owns it from here on. Throws FILE_BAD when there is no known sound in it. */
export async function openOgg(file: FileHandle, path: string): Promise<Decoding> {
  const decoding = new OggDecoding(file, path)
  await decoding.begin()
  return decoding
}
