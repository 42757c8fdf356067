/** WAV files: read in every usual encoding. */
import { open } from 'node:fs/promises'
import { reasonOf, SwitchError } from '../base/errors.ts'
import { readable } from './byte-stream.ts'
import type { AudioSource, FileFormat } from './format.ts'
import { openPcm } from './pcm-source.ts'
import { readWavHeader } from './wav-header.ts'
import { writeWav } from './wav-writer.ts'

/** Opens a file for reading. Throws FILE_NOT_FOUND, or FILE_BAD when it cannot be read. */
export async function openToRead(path: string): Promise<Awaited<ReturnType<typeof open>>> {
  try {
    const file = await open(path, 'r')
    if ((await file.stat()).isFile()) return file
    await file.close()
    throw new SwitchError('FILE_NOT_FOUND', `${path} is not a file`)
  } catch (thrown) {
    if (thrown instanceof SwitchError) throw thrown
    const code = (thrown as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new SwitchError('FILE_NOT_FOUND', `no file ${path}`)
    }
    throw new SwitchError('FILE_BAD', `cannot read ${path}: ${reasonOf(thrown)}`)
  }
}

async function read(path: string): Promise<AudioSource> {
  const file = await openToRead(path)
  try {
    return await openPcm(readable(file), path, await readWavHeader(file, path))
  } catch (thrown) {
    await file.close().catch(() => undefined)
    throw thrown
  }
}

export const wav: FileFormat = { extensions: ['wav', 'wave'], read, write: writeWav }
