/** The prompts that come with the program, heard in a call; and what is heard in place of one that is missing. */
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { SwitchError } from '../../src/base/errors.ts'
import { openForWriting } from '../../src/formats/index.ts'
import { Resampler } from '../../src/formats/resampler.ts'
import { codec, phone, startEngine } from '../support/media.ts'
import { passageLike } from '../support/passage.ts'
import { temporaryFolder } from '../support/sound.ts'
import { cleanest } from '../support/tone.ts'
import { readRecording } from '../support/wav.ts'

const set = fileURLToPath(new URL('../../../sounds/en/us/callie/', import.meta.url))

/** The greatest correlation of the two over all shifts of `b` by less than a quarter of a second. */
function likeness(a: Int16Array, b: Int16Array, rate: number): number {
  let best = 0
  for (let shift = -rate / 4; shift < rate / 4; shift++) {
    let sum = 0
    let one = 0
    let two = 0
    for (let i = Math.max(0, -shift); i < Math.min(a.length, b.length - shift); i++) {
      sum += a[i]! * b[i + shift]!
      one += a[i]! ** 2
      two += b[i + shift]! ** 2
    }
    best = Math.max(best, sum / Math.sqrt(one * two || 1))
  }
  return best
}

/** What a narrowband call should hear of a file. */
function narrow(path: string): Int16Array {
  const { rate, samples } = readRecording(path)
  const resampler = new Resampler(rate, 8000)
  const out = new Int16Array(resampler.room(samples.length))
  return out.subarray(0, resampler.process(samples, samples.length, out))
}

test('a prompt is found by its name, and heard as it is in a narrowband and in a wideband call', async () => {
  await using engine = await startEngine()
  const file = join(set, 'voicemail', '16000', 'vm-hello.wav')
  const wideband = codec('L16', 96, { clockRate: 16000 })
  const calls = [
    { more: {}, rate: 8000, wanted: narrow(file) },
    {
      more: { send: wideband, receive: [wideband] },
      rate: 16000,
      wanted: readRecording(file).samples,
    },
  ]
  for (const { more, rate, wanted } of calls) {
    const a = await phone(engine, more)
    await using _peer = a.peer
    const playback = a.leg.play({ paths: [join(set, 'voicemail', 'vm-hello.wav')] })
    const { ended } = await playback.ended
    assert.equal(ended, 'done')
    const packets = Math.floor(wanted.length / (rate / 50))
    await a.peer.until(packets - 2)
    // Ticks that a busy machine leaves out shift what follows: the half that has fewer of them is judged.
    const heard = rate === 8000 ? a.peer.heard() : samplesOf(a.peer.arrived.map((p) => p.payload))
    const half = Math.floor(heard.length / 2)
    const shares = [0, half].map((from) =>
      likeness(heard.subarray(from, from + half), wanted.subarray(from), rate),
    )
    assert.ok(Math.max(...shares) > 0.95, `${shares} alike at ${rate} Hz`)
  }
})

/** 16-bit samples in network order. */
function samplesOf(payloads: readonly Buffer[]): Int16Array {
  const all = Buffer.concat(payloads)
  return Int16Array.from({ length: all.length / 2 }, (_, i) => all.readInt16BE(i * 2))
}

test('in place of a prompt that is missing its text is spoken, also in the middle of a sequence', async () => {
  await using folder = await temporaryFolder()
  const gone = join(folder.path, 'ivr', 'ivr-gone.wav')
  await using engine = await startEngine()
  const asked: string[] = []
  engine.fetchers.set('prompt', (_scheme, path) => {
    asked.push(path)
    if (path === gone) return Promise.resolve(join(folder.path, 'spoken.wav'))
    return Promise.reject(new SwitchError('FILE_NOT_FOUND', 'no words'))
  })
  const a = await phone(engine)
  await using _peer = a.peer
  const sink = await openForWriting(join(folder.path, 'spoken.wav'), 8000)
  sink.write(Int16Array.from({ length: 3200 }, (_, i) => 8000 * Math.sin(i * 0.62)))
  await sink.close()
  const playback = a.leg.play({
    paths: [`file_string://tone_stream://%(200,0,1000)!${gone}`, '/nowhere/else.wav'],
  })
  assert.equal((await playback.ended).ended, 'done')
  await a.peer.until(28)
  const heard = a.peer.heard()
  assert.ok(cleanest(1000, heard.subarray(0, 1500)) > 0.9)
  assert.ok(cleanest((0.62 * 8000) / (2 * Math.PI), heard.subarray(1800, 4400)) > 0.9)
  assert.deepEqual(asked, [gone, '/nowhere/else.wav'])
})

test('music on hold that comes with the program is heard in a narrowband call', async () => {
  await using engine = await startEngine()
  const folder = fileURLToPath(new URL('../../../sounds/music/16000/', import.meta.url))
  engine.music.start({
    name: 'moh',
    folder,
    rate: 16000,
    shuffle: true,
    volume: 0,
    chimes: [],
    chimeEverySeconds: 30,
    chimeMostSeconds: 0,
  })
  const a = await phone(engine)
  await using _peer = a.peer
  const playback = a.leg.play({ paths: ['local_stream://moh'] })
  assert.equal(await playback.started, true)
  await a.peer.until(150)
  playback.stop()
  const heard = { rate: 8000, samples: a.peer.heard() }
  const files = readdirSync(folder).map((name) => readRecording(join(folder, name)))
  const alike = passageLike(heard, files)
  assert.ok(alike > 0.85, `like the pieces by ${alike}`)
  const tone = Int16Array.from({ length: 16000 }, (_, i) => 3000 * Math.sin(i * 0.3))
  assert.ok(passageLike({ rate: 8000, samples: tone }, files) < 0.85)
})
