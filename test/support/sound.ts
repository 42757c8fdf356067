/** Reading sound sources to their end, as a player would, and a folder that goes away by itself. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AudioSource } from '../../src/formats/format.ts'

/** All samples of a source, at most `limit`; waits whenever the disk has not delivered. */
export async function readAll(source: AudioSource, limit = 1_000_000): Promise<Int16Array> {
  const all = new Int16Array(limit)
  let length = 0
  const frame = new Int16Array(Math.round(source.rate / 50))
  while (length < limit) {
    const count = source.read(frame)
    if (count === 0) break
    if (count < 0) {
      await new Promise((resolve) => setImmediate(resolve))
      continue
    }
    all.set(frame.subarray(0, Math.min(count, limit - length)), length)
    length += count
  }
  return all.subarray(0, Math.min(length, limit))
}

/** A new folder; disposing removes it with all that is in it. */
export async function temporaryFolder(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'sound-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}
