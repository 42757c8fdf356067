/** WAV files written: 16-bit samples behind a header that is true after every flush, with title and author if any. */

import type { FileHandle } from 'node:fs/promises'
import { endianness } from 'node:os'
import { reasonOf, SwitchError } from '../base/errors.ts'
import { FileSink, openToWrite } from './file-sink.ts'
import { type AudioSink, type FileTags, flushSize, type WriteOptions } from './format.ts'
import { blockSize, readWavHeader, wavHeader, wavHeaderSize } from './wav-header.ts'

const isLittleEndian = endianness() === 'LE'

/** The chunks of `LIST INFO` by what they hold. */
const infoChunks: Readonly<Record<keyof FileTags, string>> = {
  title: 'INAM',
  copyright: 'ICOP',
  software: 'ISFT',
  artist: 'IART',
  comment: 'ICMT',
  date: 'ICRD',
}

/** A `LIST INFO` chunk of all tags that are given; empty without any. */
function infoChunk(tags: FileTags): Buffer {
  const entries = Object.entries(infoChunks).flatMap(([tag, name]) => {
    const value = tags[tag as keyof FileTags]
    if (value === undefined || value === '') return []
    const text = Buffer.from(`${value}\0`)
    const head = Buffer.alloc(8)
    head.write(name, 0, 'latin1')
    head.writeUInt32LE(text.length, 4)
    return [head, text, Buffer.alloc(text.length % 2)]
  })
  if (entries.length === 0) return Buffer.alloc(0)
  const body = Buffer.concat([Buffer.from('INFO'), ...entries])
  const head = Buffer.alloc(8)
  head.write('LIST', 0, 'latin1')
  head.writeUInt32LE(body.length, 4)
  return Buffer.concat([head, body])
}

/** Where the sound of a file begins, where it goes on, and all that stands before it. */
interface Beginning {
  readonly rate: number
  readonly channels: 1 | 2
  readonly head: Buffer
  readonly position: number
  /** The end of the sound that is there already. */
  readonly end: number
}

function newBeginning(rate: number, channels: 1 | 2, tags: FileTags): Beginning {
  const plain = wavHeader(rate, channels, 0)
  const info = infoChunk(tags)
  // What describes the sound stands before it, so that the sound can grow.
  const head = Buffer.concat([plain.subarray(0, 36), info, plain.subarray(36)])
  return { rate, channels, head, position: head.length, end: head.length }
}

/** How the sound of an existing file goes on. Throws FILE_BAD when it cannot. */
async function oldBeginning(file: FileHandle, path: string, over: boolean): Promise<Beginning> {
  const layout = await readWavHeader(file, path)
  if (layout.encoding !== 's16' || layout.channels > 2) {
    throw new SwitchError('FILE_BAD', `${path}: only 16-bit files can be lengthened`)
  }
  const end = layout.end - ((layout.end - layout.start) % blockSize(layout))
  const head = Buffer.alloc(layout.start)
  await file.read(head, 0, head.length, 0)
  if (!over) await file.truncate(end)
  const channels = layout.channels === 2 ? 2 : 1
  return { rate: layout.rate, channels, head, position: over ? layout.start : end, end }
}

/** Puts the lengths into a header; `length` is that of the whole file. */
function withLengths(head: Buffer, length: number): Buffer {
  head.writeUInt32LE(Math.min(length - 8, 0xffffffff), 4)
  head.writeUInt32LE(Math.min(length - head.length, 0xffffffff), head.length - 4)
  return head
}

/** Opens a WAV file for writing. Throws FILE_NOT_WRITABLE, or FILE_BAD when it cannot be lengthened. */
export async function writeWav(
  path: string,
  rate: number,
  channels: 1 | 2,
  append: boolean,
  options: WriteOptions = {},
): Promise<AudioSink> {
  const isOver = options.over === true && !append
  const file = await openToWrite(path, append ? 'append' : isOver ? 'over' : 'truncate')
  try {
    const isThere = (append || isOver) && (await file.stat()).size > wavHeaderSize
    const beginning = isThere
      ? await oldBeginning(file, path, isOver)
      : newBeginning(rate, channels, options.tags ?? {})
    const { head, end, position } = beginning
    if (!isThere) await file.write(withLengths(head, end), 0, head.length, 0)
    const size = flushSize(options, beginning.rate * beginning.channels * 2)
    const sink = new FileSink(file, path, position, size, (length) =>
      withLengths(head, Math.max(length, end)),
    )
    return {
      rate: beginning.rate,
      channels: beginning.channels,
      get failure() {
        return sink.failure
      },
      write(pcm) {
        if (sink.isFull) return false
        const bytes = sink.room(pcm.length * 2)
        if (bytes) putSamples(pcm, bytes)
        return true
      },
      close: () => sink.close(),
    }
  } catch (thrown) {
    await file.close().catch(() => undefined)
    if (thrown instanceof SwitchError) throw thrown
    throw new SwitchError('FILE_NOT_WRITABLE', `cannot write ${path}: ${reasonOf(thrown)}`)
  }
}

/** Samples as little-endian octets. */
function putSamples(pcm: Int16Array, bytes: Buffer): void {
  if (isLittleEndian && bytes.byteOffset % 2 === 0) {
    new Int16Array(bytes.buffer, bytes.byteOffset, pcm.length).set(pcm)
    return
  }
  for (let i = 0, at = 0; i < pcm.length; i++, at += 2) {
    bytes[at] = pcm[i]!
    bytes[at + 1] = pcm[i]! >> 8
  }
}
