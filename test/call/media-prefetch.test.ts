/** A slow disk and broken files: the sound of a call neither stops nor takes anything down. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { ReadableFile } from '../../src/formats/byte-stream.ts'
import { addFormat, openForReading } from '../../src/formats/index.ts'
import { openPcm } from '../../src/formats/pcm-source.ts'
import { codec, phone, startEngine } from '../support/media.ts'
import { temporaryFolder } from '../support/sound.ts'

/** `seconds` of samples that count up; every read takes `ms`. */
function slowFile(seconds: number, rate: number, ms: number): ReadableFile {
  const bytes = Buffer.alloc(seconds * rate * 2)
  for (let i = 0; i < seconds * rate; i++) bytes.writeInt16LE((i % 60000) - 30000, i * 2)
  return {
    read(into, offset, length, position, done) {
      const count = bytes.copy(into, offset, position, Math.min(position + length, bytes.length))
      setTimeout(done, ms, null, count)
    },
    close: () => Promise.resolve(),
  }
}

test('a disk that takes 300 ms for every read is not heard', async () => {
  using _format = addFormat({
    extensions: ['slowtest'],
    read: () =>
      openPcm(slowFile(4, 8000, 300), 'slow', {
        encoding: 's16',
        channels: 1,
        rate: 8000,
        start: 0,
        end: 4 * 16000,
      }),
  })
  await using engine = await startEngine({ workers: 0 })
  const linear = codec('L16', 96, { clockRate: 8000 })
  const a = await phone(engine, { send: linear, receive: [linear] })
  await using peer = a.peer
  const playback = a.leg.play({ paths: ['/nowhere/a.slowtest'] })
  assert.equal(await playback.started, true)
  const result = await playback.ended
  assert.equal(result.samples, 4 * 8000)
  await peer.until(200)
  // Every sample once and in its place: a late disk would have left silence between.
  let expected = -30000
  for (const { payload } of peer.arrived.slice(0, 200))
    for (let at = 0; at < payload.length; at += 2) {
      assert.equal(payload.readInt16BE(at), expected)
      expected = expected === 29999 ? -30000 : expected + 1
    }
})

test('files that are no sound are FILE_BAD, and the decoder lives on', async () => {
  await using folder = await temporaryFolder()
  for (const [name, content] of [
    ['noise.mp3', randomBytes(200_000)],
    ['empty.mp3', Buffer.alloc(0)],
    ['zero.ogg', Buffer.alloc(70_000)],
    ['cut.ogg', Buffer.from('OggS\0\x02')],
    ['text.wav', Buffer.from('hello')],
    ['text.au', Buffer.from('hello')],
    ['text.aiff', Buffer.from('FORM....AIFFCOMM')],
  ] as const) {
    const path = join(folder.path, name)
    await writeFile(path, content)
    // Random octets hold something like a frame now and then: silence or noise may come of it, never a hang.
    const opened = await openForReading(path, 8000).catch((thrown: { code?: string }) => thrown)
    if ('read' in opened) opened.close()
    else assert.equal(opened.code, 'FILE_BAD', name)
  }
})
