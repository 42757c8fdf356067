/** How a worker answers what is asked of sound files: a little at a time, for the calls of its thread go on meanwhile. */
import { setTimeout as sleep } from 'node:timers/promises'
import { SwitchError } from '../base/errors.ts'
import type { AudioSink, AudioSource } from '../formats/format.ts'
import { openForReading, openForWriting } from '../formats/index.ts'
import { ResampledSource } from '../formats/resampled-source.ts'
import type { FileQuestion } from './protocol.ts'

/** Hz that is asked for where a file has no rate of its own. */
const usualRate = 8000
/** Samples of one piece, and pieces until others have their turn. */
const pieceLength = 800
const piecesInTurn = 20
/** ms until a disk that had nothing is asked again, and how often: a file that never comes must end, too. */
const pauseMs = 5
const mostPauses = 2000

export function askFiles(question: FileQuestion): Promise<number> {
  return question.ask === 'sound length'
    ? lengthOf(question.path)
    : join(question.from, question.to)
}

async function lengthOf(path: string): Promise<number> {
  const source = await openForReading(path, usualRate)
  try {
    const { length, rate } = source
    if (length !== undefined) return length / rate
    return (await copy(source, undefined)) / rate
  } finally {
    source.close()
  }
}

async function join(from: readonly string[], to: string): Promise<number> {
  const last = await openForReading(from.at(-1) ?? '', usualRate)
  const { rate } = last
  last.close()
  const sink = await openForWriting(to, rate)
  let samples = 0
  try {
    for (const path of from) {
      const source = await openForReading(path, sink.rate)
      const heard = source.rate === sink.rate ? source : new ResampledSource(source, sink.rate)
      try {
        samples += await copy(heard, sink)
      } finally {
        heard.close()
      }
    }
  } catch (thrown) {
    await sink.close().catch(() => undefined)
    throw thrown
  }
  await sink.close()
  return samples / sink.rate
}

/** Samples of a source to its end, written to the sink where there is one. */
async function copy(source: AudioSource, sink: AudioSink | undefined): Promise<number> {
  const piece = new Int16Array(pieceLength)
  let samples = 0
  let pauses = 0
  for (let turn = 1; ; turn++) {
    const count = source.read(piece)
    if (count === 0) return samples
    if (count < 0) {
      if (++pauses > mostPauses) throw new SwitchError('FILE_BAD', 'a sound file does not come')
      await sleep(pauseMs)
      continue
    }
    pauses = 0
    while (sink && !sink.write(piece.subarray(0, count))) {
      if (sink.failure !== undefined) throw new SwitchError('FILE_NOT_WRITABLE', sink.failure)
      if (++pauses > mostPauses) throw new SwitchError('FILE_NOT_WRITABLE', 'the disk is too slow')
      await sleep(pauseMs)
    }
    samples += count
    if (turn % piecesInTurn === 0) await sleep(0)
  }
}
