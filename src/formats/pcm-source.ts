/** Turns the octets of a sound file, in whatever encoding and number of channels, into mono 16-bit samples. */
import type { FileHandle } from 'node:fs/promises'
import { aLaw, muLaw } from '../codecs/g711.ts'
import { ByteStream, type ReadableFile, readable } from './byte-stream.ts'
import type { AudioSource } from './format.ts'
import { openToRead } from './open-to-read.ts'

/** How one sample lies in the file. */
export type Encoding =
  | 'u8'
  | 's8'
  | 's16'
  | 's16be'
  | 's24'
  | 's24be'
  | 's32'
  | 's32be'
  | 'f32'
  | 'f32be'
  | 'f64'
  | 'f64be'
  | 'alaw'
  | 'ulaw'

/** Octets of one sample. */
export const sampleSize: Readonly<Record<Encoding, number>> = {
  u8: 1,
  s8: 1,
  s16: 2,
  s16be: 2,
  s24: 3,
  s24be: 3,
  s32: 4,
  s32be: 4,
  f32: 4,
  f32be: 4,
  f64: 8,
  f64be: 8,
  alaw: 1,
  ulaw: 1,
}

/** A sample as 16 bits; floats beyond ±1 are held at the ends. */
const readers: Readonly<Record<Encoding, (bytes: Buffer, at: number) => number>> = {
  u8: (bytes, at) => (bytes[at]! - 128) << 8,
  s8: (bytes, at) => (bytes[at]! << 24) >> 16,
  s16: (bytes, at) => ((bytes[at + 1]! << 24) >> 16) | bytes[at]!,
  s16be: (bytes, at) => ((bytes[at]! << 24) >> 16) | bytes[at + 1]!,
  // The two highest octets, wherever the others lie.
  s24be: (bytes, at) => ((bytes[at]! << 24) >> 16) | bytes[at + 1]!,
  s32be: (bytes, at) => ((bytes[at]! << 24) >> 16) | bytes[at + 1]!,
  f32be: (bytes, at) => scaled(bytes.readFloatBE(at)),
  f64be: (bytes, at) => scaled(bytes.readDoubleBE(at)),
  s24: (bytes, at) => ((bytes[at + 2]! << 24) >> 16) | bytes[at + 1]!,
  s32: (bytes, at) => ((bytes[at + 3]! << 24) >> 16) | bytes[at + 2]!,
  f32: (bytes, at) => scaled(bytes.readFloatLE(at)),
  f64: (bytes, at) => scaled(bytes.readDoubleLE(at)),
  alaw: (bytes, at) => aLaw.decode[bytes[at]!]!,
  ulaw: (bytes, at) => muLaw.decode[bytes[at]!]!,
}

function scaled(value: number): number {
  return Math.max(-32768, Math.min(32767, Math.round(value * 32767))) || 0
}

export interface PcmLayout {
  readonly encoding: Encoding
  readonly channels: number
  /** Samples a second. */
  readonly rate: number
  /** Octets of the file before the first sample and after the last. */
  readonly start: number
  readonly end: number
}

/** Opens the samples of a file whose layout is known. The source owns the file from here on. */
export async function openPcm(
  file: ReadableFile,
  path: string,
  layout: PcmLayout,
): Promise<AudioSource> {
  const { channels, encoding } = layout
  const step = sampleSize[encoding]
  const block = step * channels
  const readSample = readers[encoding]
  const { start, end, rate } = layout
  const stream = new ByteStream(file, path, start, end, block, rate * block)
  await stream.begin()
  return {
    rate,
    length: Math.floor((end - start) / block),
    get isEnding() {
      return stream.isEnding
    },
    read(into) {
      let written = 0
      while (written < into.length) {
        const ready = stream.available()
        // Less than a block is left only where the file was cut off.
        if (ready < block) return written > 0 ? written : Math.min(ready, 0)
        const count = Math.min(Math.floor(ready / block), into.length - written)
        let at = stream.offset
        const bytes = stream.bytes
        if (channels === 1 && encoding === 's16') {
          for (let i = 0; i < count; i++, at += 2)
            into[written + i] = bytes[at]! | (bytes[at + 1]! << 8)
        } else if (channels === 1) {
          for (let i = 0; i < count; i++, at += step) into[written + i] = readSample(bytes, at)
        } else {
          for (let i = 0; i < count; i++) {
            let sum = 0
            for (let channel = 0; channel < channels; channel++, at += step) {
              sum += readSample(bytes, at)
            }
            into[written + i] = sum / channels
          }
        }
        stream.take(count * block)
        written += count
      }
      return written
    },
    seek: (sample) => stream.seek(Math.max(0, Math.trunc(sample)) * block),
    close: () => stream.close(),
  }
}

/** Opens a file whose header, read by `readHeader`, tells how its samples lie. A file that cannot be read is closed again. */
export async function openPcmFile(
  path: string,
  readHeader: (file: FileHandle, path: string) => Promise<PcmLayout>,
): Promise<AudioSource> {
  const file = await openToRead(path)
  try {
    return await openPcm(readable(file), path, await readHeader(file, path))
  } catch (thrown) {
    await file.close().catch(() => undefined)
    throw thrown
  }
}
