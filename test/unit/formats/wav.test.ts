import assert from 'node:assert/strict'
import { readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { openForReading, openForWriting } from '../../../src/formats/index.ts'
import { sine } from '../../support/levels.ts'
import { readAll, temporaryFolder } from '../../support/sound.ts'

interface Chunk {
  readonly name: string
  readonly body: Buffer
  /** What the header claims, when that is a lie. */
  readonly claims?: number
}

function riff(...chunks: Chunk[]): Buffer {
  const parts = chunks.flatMap(({ name, body, claims }) => {
    const head = Buffer.alloc(8)
    head.write(name, 0, 'latin1')
    head.writeUInt32LE(claims ?? body.length, 4)
    return [head, body, Buffer.alloc(body.length % 2)]
  })
  const all = Buffer.concat(parts)
  const head = Buffer.from('RIFF\0\0\0\0WAVE', 'latin1')
  head.writeUInt32LE(all.length + 4, 4)
  return Buffer.concat([head, all])
}

function format(tag: number, channels: number, rate: number, bits: number, extra = ''): Chunk {
  const body = Buffer.alloc(16 + extra.length / 2)
  body.writeUInt16LE(tag, 0)
  body.writeUInt16LE(channels, 2)
  body.writeUInt32LE(rate, 4)
  body.writeUInt32LE((rate * channels * bits) / 8, 8)
  body.writeUInt16LE((channels * bits) / 8, 12)
  body.writeUInt16LE(bits, 14)
  Buffer.from(extra, 'hex').copy(body, 16)
  return { name: 'fmt ', body }
}

async function samplesOf(bytes: Buffer): Promise<{ rate: number; samples: number[] }> {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'a.wav')
  await writeFile(path, bytes)
  const source = await openForReading(path, 8000)
  const samples = [...(await readAll(source))]
  source.close()
  return { rate: source.rate, samples }
}

const encodings: readonly [string, Chunk, Buffer, number[]][] = [
  ['8-bit', format(1, 1, 8000, 8), Buffer.of(0, 128, 255), [-32768, 0, 32512]],
  ['16-bit', format(1, 1, 8000, 16), Buffer.from('0080ffff3412', 'hex'), [-32768, -1, 0x1234]],
  ['24-bit', format(1, 1, 8000, 24), Buffer.from('550080993412', 'hex'), [-32768, 0x1234]],
  ['32-bit', format(1, 1, 8000, 32), Buffer.from('0000008000003412', 'hex'), [-32768, 0x1234]],
  [
    'float',
    format(3, 1, 8000, 32),
    Buffer.from('0000803f000000bf00004040', 'hex'),
    [32767, -16383, 32767],
  ],
  ['A-law', format(6, 1, 8000, 8), Buffer.of(0xd5, 0x2a, 0xaa), [8, -32256, 32256]],
  ['µ-law', format(7, 1, 8000, 8), Buffer.of(0xff, 0x00, 0x80), [0, -32124, 32124]],
]
for (const [name, head, body, expected] of encodings) {
  test(`${name} samples are read`, async () => {
    const { samples } = await samplesOf(riff(head, { name: 'data', body }))
    assert.deepEqual(samples, expected)
  })
}

test('WAVE_FORMAT_EXTENSIBLE is what its sub-format says', async () => {
  const extra = '1600100004000000010000000000100080000 0aa00389b71'.replaceAll(' ', '')
  const head = format(0xfffe, 1, 16000, 16, extra)
  const { rate, samples } = await samplesOf(
    riff(head, { name: 'data', body: Buffer.of(1, 0, 2, 0) }),
  )
  assert.deepEqual([rate, samples], [16000, [1, 2]])
})

test('channels are mixed to one', async () => {
  const body = Buffer.from(Int16Array.of(100, 300, -50, 50, 32767, 32767).buffer)
  const { samples } = await samplesOf(riff(format(1, 2, 44100, 16), { name: 'data', body }))
  assert.deepEqual(samples, [200, 0, 32767])
})

test('chunks before and after the sound are passed over', async () => {
  const list = { name: 'LIST', body: Buffer.from('INFOx') }
  const sound = { name: 'data', body: Buffer.of(1, 0, 2, 0) }
  const { samples } = await samplesOf(riff(list, format(1, 1, 8000, 16), list, sound, list))
  assert.deepEqual(samples, [1, 2])
})

test('a length of nothing, of all ones or beyond the end means: to the end', async () => {
  for (const claims of [0, 0xffffffff, 1000]) {
    const sound = { name: 'data', body: Buffer.of(1, 0, 2, 0), claims }
    const { samples } = await samplesOf(riff(format(1, 1, 8000, 16), sound))
    assert.deepEqual(samples, [1, 2])
  }
})

test('a file cut off within a sample is played as far as it goes', async () => {
  const sound = { name: 'data', body: Buffer.of(1, 0, 2, 0, 3), claims: 6 }
  const bytes = riff(format(1, 1, 8000, 16), sound).subarray(0, -1)
  assert.deepEqual((await samplesOf(bytes)).samples, [1, 2])
})

for (const [why, bytes, words] of [
  ['is something else', Buffer.from('ID3 an mp3 with a wrong name'), /not a WAVE file/],
  ['is empty', Buffer.alloc(0), /not a WAVE file/],
  ['has no sound chunk', riff(format(1, 1, 8000, 16)), /no sound/],
  [
    'is in an unknown encoding',
    riff(format(0x55, 1, 8000, 16), { name: 'data', body: Buffer.of(1, 0) }),
    /format 85/,
  ],
  [
    'claims no channels',
    riff(format(1, 0, 8000, 16), { name: 'data', body: Buffer.of(1, 0) }),
    /0 channels/,
  ],
] as const) {
  test(`a file that ${why} is FILE_BAD`, async () => {
    await assert.rejects(samplesOf(bytes), (thrown: Error & { code: string }) => {
      return thrown.code === 'FILE_BAD' && words.test(thrown.message)
    })
  })
}

test('seeking jumps to a sample, forward and back, also over what was read ahead', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'long.wav')
  const sink = await openForWriting(path, 8000)
  sink.write(Int16Array.from({ length: 60000 }, (_, i) => i % 30000))
  await sink.close()
  const source = await openForReading(path, 8000)
  const frame = new Int16Array(10)
  for (const place of [50000, 3, 25000, 0]) {
    source.seek?.(place)
    let count = source.read(frame)
    while (count < 0) {
      await new Promise((resolve) => setImmediate(resolve))
      count = source.read(frame)
    }
    assert.equal(frame[0], place % 30000)
  }
  source.seek?.(70000)
  assert.equal((await readAll(source)).length, 0)
  source.close()
})

test('the header is true after each second of sound, before the file is closed', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'running.wav')
  const sink = await openForWriting(path, 8000)
  const frame = sine(500, 8000, 160)
  // Two seconds and a bit; then wait until the second one is on the disk.
  for (let i = 0; i < 110; i++) sink.write(frame)
  let bytes = await readFile(path)
  while (bytes.length < 44 + 32000 || bytes.readUInt32LE(40) < 32000) {
    await new Promise((resolve) => setImmediate(resolve))
    bytes = await readFile(path)
  }
  assert.equal(bytes.readUInt32LE(40), 32000)
  assert.equal(bytes.readUInt32LE(4), 32036)
  const source = await openForReading(path, 8000)
  assert.equal((await readAll(source)).length, 16000)
  source.close()
  await sink.close()
})

test('appending goes on at the rate and channels that the file has', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'a.wav')
  const first = await openForWriting(path, 16000, 1, true)
  first.write(Int16Array.of(1, 2))
  await first.close()
  const second = await openForWriting(path, 8000, 2, true)
  assert.deepEqual([second.rate, second.channels], [16000, 1])
  second.write(Int16Array.of(3))
  await second.close()
  const source = await openForReading(path, 8000)
  assert.deepEqual([...(await readAll(source))], [1, 2, 3])
  source.close()
})

test('appending to a recording that was cut off drops the half sample', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'a.wav')
  const first = await openForWriting(path, 8000)
  first.write(Int16Array.of(1, 2, 3))
  await first.close()
  await truncate(path, 44 + 5)
  const second = await openForWriting(path, 8000, 1, true)
  second.write(Int16Array.of(9))
  await second.close()
  const source = await openForReading(path, 8000)
  assert.deepEqual([...(await readAll(source))], [1, 2, 9])
  source.close()
})
