import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { onLog } from '../../../src/base/log.ts'
import { addFormat, openForReading, openForWriting } from '../../../src/formats/index.ts'
import { amplitudeAt, levelOf, sine } from '../../support/levels.ts'
import { readAll, temporaryFolder } from '../../support/sound.ts'

/** Writes a file that says who it is by its only sample. */
async function mark(path: string, value: number): Promise<void> {
  const sink = await openForWriting(path, 8000)
  sink.write(Int16Array.of(value))
  await sink.close()
}

async function firstSample(path: string, rate: number, codec?: string): Promise<number> {
  const source = await openForReading(path, rate, codec)
  const samples = await readAll(source)
  source.close()
  return samples[0]!
}

test('the folder of the rate comes first, then 48000 down to 8000, then the path itself', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'a.wav')
  await mark(path, 1)
  assert.equal(await firstSample(path, 16000), 1)
  await mark(join(folder.path, '8000', 'a.wav'), 8)
  assert.equal(await firstSample(path, 16000), 8)
  await mark(join(folder.path, '32000', 'a.wav'), 32)
  assert.equal(await firstSample(path, 16000), 32)
  await mark(join(folder.path, '16000', 'a.wav'), 16)
  assert.equal(await firstSample(path, 16000), 16)
  assert.equal(await firstSample(path, 8000), 8)
})

test('without an extension the file of the codec is taken, else wav', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'greeting')
  await mark(`${path}.wav`, 1)
  assert.equal(await firstSample(path, 8000, 'PCMU'), 1)
  const sink = await openForWriting(`${path}.PCMU`, 8000)
  sink.write(new Int16Array(160).fill(32124))
  await sink.close()
  assert.equal(await firstSample(path, 8000, 'PCMU'), 32124)
  assert.equal(await firstSample(path, 8000), 1)
})

test('a missing file, a folder, an unknown extension and an unknown scheme are told apart', async () => {
  await using folder = await temporaryFolder()
  await mkdir(join(folder.path, 'b.wav'))
  for (const [path, code] of [
    [join(folder.path, 'none.wav'), 'FILE_NOT_FOUND'],
    [join(folder.path, 'b.wav'), 'FILE_NOT_FOUND'],
    [join(folder.path, 'none'), 'FILE_NOT_FOUND'],
    [join(folder.path, 'a.xyz'), 'FILE_UNKNOWN_FORMAT'],
    ['nosuch://x', 'FILE_UNKNOWN_FORMAT'],
    ['{vol=3', 'FILE_BAD'],
    ['silence_stream://0', 'FILE_BAD'],
    ['silence_stream://soon', 'FILE_BAD'],
    ['tone_stream://v=-3', 'TONE_BAD'],
    ['tone_stream://path=/nowhere/at/all', 'FILE_NOT_FOUND'],
  ] as const) {
    await assert.rejects(openForReading(path, 8000), { code }, path)
  }
  await assert.rejects(openForWriting('tone_stream://5', 8000), { code: 'FILE_UNKNOWN_FORMAT' })
  await assert.rejects(openForWriting('/proc/nowhere/a.wav', 8000), { code: 'FILE_NOT_WRITABLE' })
})

test('loops= and vol= in braces repeat and change the level', async () => {
  const looped = await openForReading('{loops=3}tone_stream://%(100,0,440)', 8000)
  assert.equal((await readAll(looped)).length, 2400)
  const plain = await readAll(await openForReading('tone_stream://%(500,0,440)', 8000))
  const fainter = await readAll(await openForReading('{vol=-6}tone_stream://%(500,0,440)', 8000))
  const change = 20 * Math.log10(levelOf(fainter) / levelOf(plain))
  assert.ok(Math.abs(change + 6) < 0.05)
  const none = await readAll(await openForReading('{vol=-50}tone_stream://%(500,0,440)', 8000))
  assert.equal(levelOf(none), 0)
})

test('a file loops too, and loops=-1 does not end', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'a.wav')
  const sink = await openForWriting(path, 8000)
  sink.write(sine(440, 8000, 1000))
  await sink.close()
  const three = await openForReading(`{loops=3}${path}`, 8000)
  assert.equal((await readAll(three)).length, 3000)
  three.close()
  const endless = await openForReading(`{loops=-1}${path}`, 8000)
  assert.equal((await readAll(endless, 20000)).length, 20000)
  endless.close()
})

test('tone_stream takes ;loops= and scripts from a file', async () => {
  const source = await openForReading('tone_stream://%(100,0,440);loops=2', 8000)
  assert.equal((await readAll(source)).length, 1600)
  const endless = await openForReading('tone_stream://%(100,0,440);loops=-1', 8000)
  assert.equal((await readAll(endless, 9000)).length, 9000)
})

test('silence_stream is pure zeros, or faint noise with a divisor; negative lasts for ever', async () => {
  const silence = await readAll(await openForReading('silence_stream://100', 16000))
  assert.deepEqual([silence.length, levelOf(silence)], [1600, 0])
  const noise = await readAll(await openForReading('silence_stream://1000,1400', 8000))
  assert.equal(noise.length, 8000)
  assert.ok(levelOf(noise) > 5 && levelOf(noise) < 40, `${levelOf(noise)}`)
  const endless = await openForReading('silence_stream://-1', 8000)
  assert.equal((await readAll(endless, 9000)).length, 9000)
})

test('file_string plays its parts one after the other, converting their rates', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'a.wav')
  const sink = await openForWriting(path, 8000)
  sink.write(sine(1000, 8000, 8000))
  await sink.close()
  const source = await openForReading(`file_string://silence_stream://500!${path}`, 16000)
  assert.equal(source.rate, 16000)
  const heard = await readAll(source)
  source.close()
  assert.ok(Math.abs(heard.length - 24000) < 4)
  assert.equal(levelOf(heard, 0, 8000), 0)
  assert.ok(Math.abs(amplitudeAt(heard, 1000, 16000, 9000, 23000) - 10000) < 300)
})

test('file_string passes over a missing part, told once by name, and fails when all are missing', async () => {
  const lines: string[] = []
  using _ = onLog((line) => {
    if (line.level <= 4) lines.push(line.text)
  })
  for (let round = 0; round < 2; round++) {
    const source = await openForReading(
      'file_string:///nowhere.wav!silence_stream://10!/gone.wav',
      8000,
    )
    assert.equal((await readAll(source)).length, 80)
  }
  const of = (name: string) => lines.filter((line) => line.startsWith(`${name} of a sequence`))
  assert.deepEqual([of('/nowhere.wav').length, of('/gone.wav').length], [1, 1])
  await assert.rejects(openForReading('file_string:///nowhere.wav!/gone.wav', 8000), {
    code: 'FILE_NOT_FOUND',
  })
})

test('a format can be added and taken away, and no name is taken twice', async () => {
  const nothing = { extensions: ['nil'], read: () => openForReading('silence_stream://10', 8000) }
  {
    using _handle = addFormat(nothing)
    assert.equal((await readAll(await openForReading('/x/a.nil', 8000))).length, 80)
    assert.throws(() => addFormat(nothing), /nil is there already/)
  }
  await assert.rejects(openForReading('/x/a.nil', 8000), { code: 'FILE_UNKNOWN_FORMAT' })
})
