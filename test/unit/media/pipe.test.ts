/** The ring between two workers. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Pipe, pipeOctets, recordKind } from '../../../src/media/pipe.ts'

test('records come out as they went in, round the ring many times', () => {
  const buffer = Pipe.buffer()
  const writer = new Pipe(buffer)
  const reader = new Pipe(buffer)
  const into = new Int16Array(1000)
  for (let round = 0; round < 2000; round++) {
    const length = (round * 7) % 900
    assert.ok(writer.write(recordKind.sound, 160, new Int16Array(length).fill(round)))
    let got: number[] = []
    assert.ok(reader.read(into, (...record) => (got = record)))
    assert.deepEqual(got, [recordKind.sound, 160, length])
    if (length > 0) assert.equal(into[length - 1], round)
  }
  assert.equal(
    reader.read(into, () => undefined),
    false,
  )
})

test('a reader that does not come loses new records, never gets half of one', () => {
  const buffer = Pipe.buffer()
  const writer = new Pipe(buffer)
  const reader = new Pipe(buffer)
  const frame = new Int16Array(160).fill(5)
  let written = 0
  while (writer.write(recordKind.sound, 160, frame)) written++
  assert.ok(written > pipeOctets / 2 / 170)
  const into = new Int16Array(1000)
  let read = 0
  while (reader.read(into, (_kind, _number, length) => assert.equal(length, 160))) read++
  assert.equal(read, written)
})
