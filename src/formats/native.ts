/** Files of bare codec payload, named by the codec: `greeting.PCMU`, `.PCMA`, `.G722`, `.L16`. */
import type { Codec } from '../codecs/codec.ts'
import { codecs, findCodec } from '../codecs/index.ts'
import { ByteStream, readable } from './byte-stream.ts'
import { FileSink, openToWrite } from './file-sink.ts'
import {
  type AudioSink,
  type AudioSource,
  type FileFormat,
  flushSize,
  type WriteOptions,
} from './format.ts'
import { openToRead } from './open-to-read.ts'

/** The codec's form for a wished rate, else its first (L16 has one for each rate; its files do not say which). */
function codecFor(name: string, rate: number): Codec | undefined {
  return findCodec(name, rate, 1) ?? findCodec(name)
}

/** Packets that can be cut again out of a file, as they are all of one size. */
function isFileCodec(codec: Codec): boolean {
  return !codec.passThrough && codec.bitRate > 0
}

/** Octets of a packet: a whole number in all of them, which a bit rate may tell only nearly (iLBC). */
function packetSize(codec: Codec): number {
  return Math.round((codec.bitRate * codec.ptime) / 8000)
}

async function read(codec: Codec, path: string): Promise<AudioSource> {
  const file = await openToRead(path)
  // One packet at a time.
  const packet = packetSize(codec)
  const { size } = await file.stat()
  const stream = new ByteStream(readable(file), path, 0, size, packet, codec.bitRate / 8)
  await stream.begin()
  const samples = new Int16Array((codec.sampleRate * codec.ptime) / 1000)
  let coder = codec.open('')
  let at = 0
  let decoded = 0
  /** Samples to leave out of the next packet. */
  let skip = 0
  return {
    rate: codec.sampleRate,
    length: Math.floor((size / packet) * samples.length),
    get isEnding() {
      return stream.isEnding
    },
    read(into) {
      let written = 0
      while (written < into.length) {
        if (at === decoded) {
          const ready = stream.available()
          if (ready <= 0) return written > 0 ? written : ready
          const count = Math.min(ready, packet)
          decoded = coder.decode(
            stream.bytes.subarray(stream.offset, stream.offset + count),
            samples,
          )
          stream.take(count)
          at = Math.min(skip, decoded)
          skip = 0
          if (at === decoded) continue
        }
        const count = Math.min(decoded - at, into.length - written)
        for (let i = 0; i < count; i++) into[written + i] = samples[at + i]!
        at += count
        written += count
      }
      return written
    },
    seek(sample) {
      // To the packet that holds it; the coder starts afresh, as its past is not known there.
      stream.seek(Math.floor(sample / samples.length) * packet)
      skip = Math.max(0, Math.trunc(sample)) % samples.length
      coder = codec.open('')
      at = 0
      decoded = 0
    },
    close: () => stream.close(),
  }
}

async function write(
  codec: Codec,
  path: string,
  append: boolean,
  options: WriteOptions = {},
): Promise<AudioSink> {
  const file = await openToWrite(path, append ? 'append' : options.over ? 'over' : 'truncate')
  const length = append ? (await file.stat()).size : 0
  const sink = new FileSink(file, path, length, flushSize(options, Math.ceil(codec.bitRate / 8)))
  const coder = codec.open('')
  const packet = packetSize(codec)
  const encode = (pcm: Int16Array) => {
    const octets = frames ? packet : (pcm.length * codec.bitRate) / 8 / codec.sampleRate
    const bytes = sink.room(Math.floor(octets))
    if (bytes) coder.encode(pcm, bytes)
  }
  const frames = isCutAnywhere(codec) ? undefined : new Frames(codec, encode)
  return {
    rate: codec.sampleRate,
    channels: 1,
    get failure() {
      return sink.failure
    },
    write(pcm) {
      if (sink.isFull) return false
      if (frames) frames.write(pcm)
      else encode(pcm)
      return true
    },
    close() {
      frames?.end()
      return sink.close()
    },
  }
}

/** Two samples always make whole octets. */
function isCutAnywhere(codec: Codec): boolean {
  return Number.isInteger(codec.bitRate / 4 / codec.sampleRate)
}

/** Cuts sound into whole packets, the last one filled up with silence. */
class Frames {
  readonly #frame: Int16Array
  readonly #encode: (pcm: Int16Array) => void
  #filled = 0

  constructor(codec: Codec, encode: (pcm: Int16Array) => void) {
    this.#frame = new Int16Array((codec.sampleRate * codec.ptime) / 1000)
    this.#encode = encode
  }

  write(pcm: Int16Array): void {
    for (let at = 0; at < pcm.length; ) {
      const count = Math.min(this.#frame.length - this.#filled, pcm.length - at)
      this.#frame.set(pcm.subarray(at, at + count), this.#filled)
      this.#filled += count
      at += count
      if (this.#filled === this.#frame.length) this.end()
    }
  }

  end(): void {
    if (this.#filled === 0) return
    this.#encode(this.#frame.fill(0, this.#filled))
    this.#filled = 0
  }
}

function nativeFormat(name: string): FileFormat {
  return {
    extensions: [name.toLowerCase()],
    read: (path, rate) => read(codecFor(name, rate)!, path),
    write: (path, rate, _channels, append, options) =>
      write(codecFor(name, rate)!, path, append, options),
  }
}

export const nativeFormats: readonly FileFormat[] = [
  ...new Set(codecs.filter(isFileCodec).map((codec) => codec.name)),
].map(nativeFormat)
