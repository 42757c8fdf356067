/** WAV files: read in every usual encoding, written as 16-bit samples with a header that is true at every second. */
import { open } from 'node:fs/promises'
import { reasonOf, SwitchError } from '../base/errors.ts'
import { FileSink, openToWrite } from './file-sink.ts'
import type { AudioSink, AudioSource, FileFormat } from './format.ts'
import { openPcm } from './pcm-source.ts'
import { blockSize, readWavHeader, wavHeader, wavHeaderSize } from './wav-header.ts'

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
    return await openPcm(file, path, await readWavHeader(file, path))
  } catch (thrown) {
    await file.close().catch(() => undefined)
    throw thrown
  }
}

/** What an existing file to be lengthened already holds. */
interface Beginning {
  readonly rate: number
  readonly channels: 1 | 2
  readonly start: number
  readonly end: number
}

async function write(
  path: string,
  rate: number,
  channels: 1 | 2,
  append: boolean,
): Promise<AudioSink> {
  const file = await openToWrite(path, append)
  try {
    let beginning: Beginning = { rate, channels, start: wavHeaderSize, end: wavHeaderSize }
    if (append && (await file.stat()).size > wavHeaderSize) {
      const layout = await readWavHeader(file, path)
      if (layout.encoding !== 's16' || layout.channels > 2) {
        throw new SwitchError('FILE_BAD', `${path}: only 16-bit files can be lengthened`)
      }
      const cutOff = (layout.end - layout.start) % blockSize(layout)
      beginning = {
        rate: layout.rate,
        channels: layout.channels === 2 ? 2 : 1,
        start: layout.start,
        end: layout.end - cutOff,
      }
      await file.truncate(beginning.end)
    } else {
      await file.write(wavHeader(rate, channels, 0), 0, wavHeaderSize, 0)
    }
    const { start } = beginning
    const sizes = Buffer.alloc(4)
    const patch = async (length: number): Promise<void> => {
      sizes.writeUInt32LE(Math.min(length - 8, 0xffffffff))
      await file.write(sizes, 0, 4, 4)
      sizes.writeUInt32LE(Math.min(length - start, 0xffffffff))
      await file.write(sizes, 0, 4, start - 4)
    }
    const second = beginning.rate * beginning.channels * 2
    const sink = new FileSink(file, path, beginning.end, second, patch)
    return {
      rate: beginning.rate,
      channels: beginning.channels,
      write(pcm) {
        const bytes = sink.room(pcm.length * 2)
        if (!bytes) return
        for (let i = 0, at = 0; i < pcm.length; i++, at += 2) {
          bytes[at] = pcm[i]!
          bytes[at + 1] = pcm[i]! >> 8
        }
      },
      close: () => sink.close(),
    }
  } catch (thrown) {
    await file.close().catch(() => undefined)
    if (thrown instanceof SwitchError) throw thrown
    throw new SwitchError('FILE_NOT_WRITABLE', `cannot write ${path}: ${reasonOf(thrown)}`)
  }
}

export const wav: FileFormat = { extensions: ['wav', 'wave'], read, write }
