/** AU files, the sound files of Sun and NeXT. */
import type { FileHandle } from 'node:fs/promises'
import { SwitchError } from '../base/errors.ts'
import { writeAu } from './au-writer.ts'
import type { FileFormat } from './format.ts'
import { type Encoding, openPcmFile, type PcmLayout } from './pcm-source.ts'

/** Encodings by their number in the header. */
const encodings: Readonly<Record<number, Encoding>> = {
  1: 'ulaw',
  2: 's8',
  3: 's16be',
  4: 's24be',
  5: 's32be',
  6: 'f32be',
  7: 'f64be',
  27: 'alaw',
}

async function readHeader(file: FileHandle, path: string): Promise<PcmLayout> {
  const head = Buffer.alloc(24)
  const { bytesRead } = await file.read(head, 0, 24, 0)
  if (bytesRead < 24 || head.toString('latin1', 0, 4) !== '.snd')
    throw new SwitchError('FILE_BAD', `${path}: not an AU file`)
  const [start, length, number, rate, channels] = [4, 8, 12, 16, 20].map((at) =>
    head.readUInt32BE(at),
  ) as [number, number, number, number, number]
  const encoding = encodings[number]
  if (!encoding) throw new SwitchError('FILE_BAD', `${path}: encoding ${number} is not known`)
  if (channels < 1 || channels > 64 || rate < 1000 || rate > 768000 || start < 24)
    throw new SwitchError('FILE_BAD', `${path}: ${channels} channels at ${rate} Hz`)
  const { size } = await file.stat()
  // All ones: the length was not known when the header was written; so is 0 after a recorder was killed.
  const end = length === 0 || start + length > size ? size : start + length
  return { encoding, channels, rate, start, end }
}

export const au: FileFormat = {
  extensions: ['au', 'snd'],
  read: (path) => openPcmFile(path, readHeader),
  write: writeAu,
}
