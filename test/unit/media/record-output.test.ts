/** A recording on a disk that stalls. */
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { RecordOutput } from '../../../src/media/record-output.ts'
import { temporaryFolder } from '../../support/sound.ts'
import { until } from '../../support/until.ts'
import { channelOf } from '../../support/wav.ts'

/** A disk that takes nothing until it is let go on. */
function stallDisk(t: TestContext): { goOn(): void } {
  const { writev } = fs
  const waiting: (() => void)[] = []
  let isStalled = true
  const slow = (...args: unknown[]) => {
    const work = () => Reflect.apply(writev, fs, args)
    if (isStalled) waiting.push(work)
    else work()
  }
  t.mock.method(fs, 'writev', slow)
  syncBuiltinESMExports()
  t.after(() => {
    t.mock.restoreAll()
    syncBuiltinESMExports()
  })
  return {
    goOn() {
      isStalled = false
      for (const work of waiting.splice(0)) work()
    },
  }
}

const second = 8000

/** Waits until a file has grown to so many octets. */
function untilSize(path: string, octets: number): Promise<void> {
  return until(() => fs.statSync(path).size >= octets, `${octets} octets`)
}

/** A second of sound that is nowhere silent and says which second it is. */
function soundOf(index: number): Int16Array {
  return new Int16Array(second).fill(index + 1)
}

/** Which second stands where in the file; 0 is silence. */
function secondsIn(path: string): number[] {
  const samples = channelOf(path, 0)
  return Array.from({ length: samples.length / second }, (_, i) => samples[i * second]!)
}

test('a disk that stalls loses nothing within the bound', async (t) => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'a.wav')
  const output = await RecordOutput.open({ path, what: 'read' }, second)
  const disk = stallDisk(t)
  for (let i = 0; i < 400; i++) assert.equal(output.write(soundOf(i)), true)
  disk.goOn()
  assert.equal(await output.close(), 44 + 400 * second * 2)
  assert.deepEqual(
    secondsIn(path),
    Array.from({ length: 400 }, (_, i) => i + 1),
  )
})

test('beyond the bound it says what is lost, and silence stands for that: what follows keeps its time', async (t) => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'a.wav')
  const output = await RecordOutput.open({ path, what: 'read' }, second)
  const disk = stallDisk(t)
  const taken: boolean[] = []
  for (let i = 0; i < 600; i++) taken.push(output.write(soundOf(i)))
  const first = taken.indexOf(false)
  assert.ok(first > 500, `full after ${first} s`)
  assert.ok(taken.slice(first).every((one) => !one))
  assert.equal(output.lost, (600 - first) * second)
  disk.goOn()
  // The disk is back: what was lost is made good with silence as soon as there is room.
  await untilSize(path, (first - 1) * second * 2)
  assert.equal(output.write(soundOf(600)), true)
  await output.close()
  const seconds = secondsIn(path)
  assert.deepEqual(
    seconds.slice(0, first),
    Array.from({ length: first }, (_, i) => i + 1),
  )
  assert.ok(seconds.slice(first, -1).every((one) => one === 0))
  assert.equal(seconds.length, 601)
  assert.equal(seconds.at(-1), 601)
})

test('a disk that fails says why', async (t) => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'a.wav')
  const output = await RecordOutput.open({ path, what: 'read' }, second)
  t.mock.method(fs, 'writev', (_fd: number, _buffers: unknown, _at: number, done: unknown) => {
    ;(done as (error: Error) => void)(new Error('EIO: the disk is gone'))
  })
  syncBuiltinESMExports()
  t.after(() => {
    t.mock.restoreAll()
    syncBuiltinESMExports()
  })
  output.write(soundOf(0))
  output.write(soundOf(1))
  assert.match(output.failure ?? '', /the disk is gone/)
  await assert.rejects(output.close(), { code: 'FILE_NOT_WRITABLE' })
})
