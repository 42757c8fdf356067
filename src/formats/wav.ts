/** WAV files: read in every usual encoding. */
import type { FileFormat } from './format.ts'
import { openPcmFile } from './pcm-source.ts'
import { readWavHeader } from './wav-header.ts'
import { writeWav } from './wav-writer.ts'

export const wav: FileFormat = {
  extensions: ['wav', 'wave'],
  read: (path) => openPcmFile(path, readWavHeader),
  write: writeWav,
}
