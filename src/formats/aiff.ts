/** AIFF and AIFF-C files, as programs on the Macintosh write them. */
import type { FileHandle } from 'node:fs/promises'
import { SwitchError } from '../base/errors.ts'
import type { FileFormat } from './format.ts'
import { type Encoding, openPcmFile, type PcmLayout } from './pcm-source.ts'

/** More chunks than this before the sound means that the file is no sound file. */
const chunkLimit = 64

const byBits: Readonly<Record<number, Encoding>> = {
  8: 's8',
  16: 's16be',
  24: 's24be',
  32: 's32be',
}

/** The compression types of AIFF-C that are none, or little. */
const byType: Readonly<Record<string, Encoding | undefined>> = {
  sowt: 's16',
  fl32: 'f32be',
  FL32: 'f32be',
  fl64: 'f64be',
  FL64: 'f64be',
  ulaw: 'ulaw',
  ULAW: 'ulaw',
  alaw: 'alaw',
  ALAW: 'alaw',
  in24: 's24be',
  in32: 's32be',
  'raw ': 'u8',
}

function bad(path: string, why: string): SwitchError {
  return new SwitchError('FILE_BAD', `${path}: ${why}`)
}

/** The 80-bit number in which AIFF has its rate. */
function extended(bytes: Buffer, at: number): number {
  const exponent = (bytes.readUInt16BE(at) & 0x7fff) - 16383 - 63
  return Number(bytes.readBigUInt64BE(at + 2)) * 2 ** exponent
}

async function readHeader(file: FileHandle, path: string): Promise<PcmLayout> {
  const { size } = await file.stat()
  const readAt = async (position: number, length: number) => {
    const bytes = Buffer.alloc(length)
    const { bytesRead } = await file.read(bytes, 0, length, position)
    return bytes.subarray(0, bytesRead)
  }
  const head = await readAt(0, 12)
  const kind = head.toString('latin1', 8, 12)
  if (head.toString('latin1', 0, 4) !== 'FORM' || (kind !== 'AIFF' && kind !== 'AIFC'))
    throw bad(path, 'not an AIFF file')
  let format: Omit<PcmLayout, 'start' | 'end'> | undefined
  let sound: { start: number; end: number } | undefined
  for (let count = 0, position = 12; count < chunkLimit && position + 8 <= size; count++) {
    const chunk = await readAt(position, 8)
    if (chunk.length < 8) break
    const name = chunk.toString('latin1', 0, 4)
    const length = chunk.readUInt32BE(4)
    position += 8
    if (name === 'COMM') format = readFormat(await readAt(position, Math.min(length, 64)), path)
    if (name === 'SSND') {
      const offset = (await readAt(position, 4)).readUInt32BE(0)
      sound = { start: position + 8 + offset, end: Math.min(size, position + length) }
    }
    if (format && sound) return { ...format, ...sound }
    position += length + (length % 2)
  }
  throw bad(path, 'no sound in it')
}

function readFormat(chunk: Buffer, path: string): Omit<PcmLayout, 'start' | 'end'> {
  if (chunk.length < 18) throw bad(path, 'its format is cut off')
  const channels = chunk.readUInt16BE(0)
  const bits = chunk.readUInt16BE(6)
  const rate = Math.round(extended(chunk, 8))
  const type = chunk.length >= 22 ? chunk.toString('latin1', 18, 22) : 'NONE'
  const encoding =
    type === 'NONE' || type === 'twos' ? byBits[Math.ceil(bits / 8) * 8] : byType[type]
  if (!encoding) throw bad(path, `sound of type ${type} with ${bits} bits is not known`)
  if (channels < 1 || channels > 64 || !(rate >= 1000 && rate <= 768000))
    throw bad(path, `${channels} channels at ${rate} Hz`)
  return { encoding, channels, rate }
}

export const aiff: FileFormat = {
  extensions: ['aiff', 'aif', 'aifc'],
  read: (path) => openPcmFile(path, readHeader),
}
