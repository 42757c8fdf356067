/** WAV files: read in every usual encoding. */
import { readable } from './byte-stream.ts'
import type { AudioSource, FileFormat } from './format.ts'
import { openToRead } from './open-to-read.ts'
import { openPcm } from './pcm-source.ts'
import { readWavHeader } from './wav-header.ts'
import { writeWav } from './wav-writer.ts'

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
