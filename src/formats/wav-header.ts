/** The chunks of a RIFF WAVE file: read with tolerance for what programs write wrongly, written plainly. */
import type { FileHandle } from 'node:fs/promises'
import { SwitchError } from '../base/errors.ts'
import type { Encoding, PcmLayout } from './pcm-source.ts'
import { sampleSize } from './pcm-source.ts'

export const wavHeaderSize = 44
/** More chunks than this before the sound means that the file is no sound file. */
const chunkLimit = 64

/** The plain header of 16-bit samples. `dataLength` is in octets. */
export function wavHeader(rate: number, channels: number, dataLength: number): Buffer {
  const header = Buffer.alloc(wavHeaderSize)
  const block = channels * 2
  header.write('RIFF', 0, 'latin1')
  header.writeUInt32LE(Math.min(dataLength + 36, 0xffffffff), 4)
  header.write('WAVEfmt ', 8, 'latin1')
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20)
  header.writeUInt16LE(channels, 22)
  header.writeUInt32LE(rate, 24)
  header.writeUInt32LE(rate * block, 28)
  header.writeUInt16LE(block, 32)
  header.writeUInt16LE(16, 34)
  header.write('data', 36, 'latin1')
  header.writeUInt32LE(Math.min(dataLength, 0xffffffff), 40)
  return header
}

function encodingOf(tag: number, bits: number): Encoding | undefined {
  switch (`${tag} ${bits}`) {
    case '1 8':
      return 'u8'
    case '1 16':
      return 's16'
    case '1 24':
      return 's24'
    case '1 32':
      return 's32'
    case '3 32':
      return 'f32'
    case '3 64':
      return 'f64'
    case '6 8':
      return 'alaw'
    case '7 8':
      return 'ulaw'
    default:
      return undefined
  }
}

function bad(path: string, why: string): SwitchError {
  return new SwitchError('FILE_BAD', `${path}: ${why}`)
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length)
  const { bytesRead } = await file.read(bytes, 0, length, position)
  return bytes.subarray(0, bytesRead)
}

/** Finds the sound in a file. Throws FILE_BAD when it is no WAVE file or in an encoding that is not known. */
export async function readWavHeader(file: FileHandle, path: string): Promise<PcmLayout> {
  const size = (await file.stat()).size
  const head = await readAt(file, 0, 12)
  const magic = head.toString('latin1', 0, 4)
  if ((magic !== 'RIFF' && magic !== 'RF64') || head.toString('latin1', 8, 12) !== 'WAVE') {
    throw bad(path, 'not a WAVE file')
  }
  let format: Omit<PcmLayout, 'start' | 'end'> | undefined
  let position = 12
  for (let count = 0; count < chunkLimit && position + 8 <= size; count++) {
    const chunk = await readAt(file, position, 8)
    if (chunk.length < 8) break
    const name = chunk.toString('latin1', 0, 4)
    const length = chunk.readUInt32LE(4)
    position += 8
    if (name === 'fmt ')
      format = parseFormat(await readAt(file, position, Math.min(length, 40)), path)
    if (name === 'data') {
      if (!format) throw bad(path, 'the sound comes before its format')
      // A length of 0 is a recorder that was killed, all ones one that streamed; beyond the end one that lied.
      const end = length === 0 || position + length > size ? size : position + length
      return { ...format, start: position, end }
    }
    position += length + (length % 2)
  }
  throw bad(path, 'no sound in it')
}

function parseFormat(chunk: Buffer, path: string): Omit<PcmLayout, 'start' | 'end'> {
  if (chunk.length < 16) throw bad(path, 'its format is cut off')
  let tag = chunk.readUInt16LE(0)
  const channels = chunk.readUInt16LE(2)
  const rate = chunk.readUInt32LE(4)
  const bits = chunk.readUInt16LE(14)
  // WAVE_FORMAT_EXTENSIBLE: the true tag heads the sub-format's GUID.
  if (tag === 0xfffe && chunk.length >= 26) tag = chunk.readUInt16LE(24)
  if (channels < 1 || channels > 64) throw bad(path, `${channels} channels`)
  if (rate < 1000 || rate > 768000) throw bad(path, `a rate of ${rate} Hz`)
  // The container's size decides, not the valid bits: 20 bits lie in 24.
  const block = chunk.readUInt16LE(12)
  const stored = block % channels === 0 && block > 0 ? (block / channels) * 8 : bits
  const encoding = encodingOf(tag, stored) ?? encodingOf(tag, bits)
  if (!encoding) throw bad(path, `sound format ${tag} with ${bits} bits is not known`)
  return { encoding, channels, rate }
}

/** Octets of all channels at one moment. */
export function blockSize(layout: PcmLayout): number {
  return sampleSize[layout.encoding] * layout.channels
}
