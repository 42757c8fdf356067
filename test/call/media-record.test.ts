/** Recordings of whole legs: each side at its time, whatever its packets, its codec and its bridge do. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { MediaEngine, MediaLeg, RecordRequest } from '../../src/media/engine.ts'
import {
  BurstSender,
  type BurstSenderOptions,
  burstsIn,
  pseudoRandom,
} from '../support/burst-sender.ts'
import { codec, hasThreads, pcma, pcmu, phone, settled, startEngine } from '../support/media.ts'
import type { RtpPeer } from '../support/rtp-peer.ts'
import { temporaryFolder } from '../support/sound.ts'
import { cleanest, purity } from '../support/tone.ts'
import { until } from '../support/until.ts'
import { channelOf, wavChunks } from '../support/wav.ts'

/** ms that each of these calls lasts; by hand it may be a minute. */
const lasts = Number(process.env['RECORD_TEST_MS'] ?? 5000)

interface Call extends AsyncDisposable {
  readonly engine: MediaEngine
  readonly folder: string
  readonly a: { leg: MediaLeg; peer: RtpPeer }
  readonly b: { leg: MediaLeg; peer: RtpPeer }
}

async function call(law: 'PCMU' | 'PCMA' = 'PCMU'): Promise<Call> {
  const folder = await temporaryFolder()
  const engine = await startEngine()
  const a = await phone(engine)
  const more = law === 'PCMA' ? { send: pcma, receive: [pcma] } : {}
  const b = await phone(engine, more, a.leg)
  a.leg.bridge(b.leg)
  return {
    engine,
    folder: folder.path,
    a,
    b,
    async [Symbol.asyncDispose]() {
      await engine[Symbol.asyncDispose]()
      await a.peer[Symbol.asyncDispose]()
      await b.peer[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}

/** Two parties say bursts at known times; how far apart, at the most, the two sides of the recording have them otherwise. */
async function misalignment(
  one: Partial<BurstSenderOptions>,
  other: Partial<BurstSenderOptions>,
  law: 'PCMU' | 'PCMA' = 'PCMU',
): Promise<number> {
  await using t = await call(law)
  const path = join(t.folder, 'call.wav')
  const left = new BurstSender(t.a.peer, { frequency: 440, ...one })
  const right = new BurstSender(t.b.peer, { frequency: 620, law, ...other })
  const recording = t.a.leg.record({ path, what: 'stereo' })
  await settled(t.a.leg)
  const startedAt = performance.now()
  assert.equal(await recording.started, true)
  await Promise.all([left.run(lasts), right.run(lasts)])
  const lastHeard = performance.now() - 100
  await new Promise((resolve) => setTimeout(resolve, 200))
  recording.stop()
  assert.equal((await recording.ended).ended, 'stopped')
  const offsets = [left, right].map((sender, side) => {
    const said = sender.burstsBetween(startedAt, lastHeard)
    const found = burstsIn(channelOf(path, side))
    const own = said.flatMap((at) => {
      const off = found.map((place) => place - (at - startedAt)).filter((ms) => Math.abs(ms) < 200)
      return off.slice(0, 1)
    })
    // A worker that stands still reads a burst when its time is over: that is no doing of the recording.
    assert.ok(
      own.length >= (said.length * 2) / 3,
      `${own.length} of ${said.length} bursts were found`,
    )
    return own
  })
  // Both sides carry the same small latency; what counts is how far they are from each other, burst by burst, but for
  // those that the worker read late.
  const all = offsets.flat().sort((one, other) => one - other)
  const few = Math.floor(all.length / 4)
  // How late the machine was to send is not the recording's doing.
  return all.at(-1 - few)! - all[few]! - Math.max(left.mostLate, right.mostLate)
}

test('both sides of a relayed call stand at their times', async () => {
  const off = await misalignment({}, {})
  assert.ok(off < 20, `${off} ms apart`)
})

test('a transcoded call as well', async () => {
  const off = await misalignment({}, {}, 'PCMA')
  assert.ok(off < 20, `${off} ms apart`)
})

test('a sender whose clock drifts and one whose packets jitter', async () => {
  const jitter = (index: number) => pseudoRandom(index) ** 2 * 15
  const off = await misalignment({ drift: 1.0005 }, { delay: jitter })
  assert.ok(off < 20, `${off} ms apart`)
})

test('a sender that falls silent without packets (DTX), and one that loses some', async () => {
  const off = await misalignment(
    { sends: (index) => index % 50 < 37 },
    { loses: (index) => index % 50 > 36 || index % 25 === 20 },
  )
  assert.ok(off < 20, `${off} ms apart`)
})

/** From the first sample that can be heard to the last: how soon somebody speaks and how late a recording ends is the machine's doing. */
function spoken(samples: Int16Array): Int16Array {
  const isLoud = (sample: number) => Math.abs(sample) > 1000
  return samples.subarray(Math.max(0, samples.findIndex(isLoud)), samples.findLastIndex(isLoud) + 1)
}

/** How much of the sound is the tone, in the middle one of its pieces: what a busy machine put in or left out does not count. */
function share(frequency: number, samples: Int16Array, rate = 8000): number {
  const step = rate / 20
  const pieces: number[] = []
  for (let at = 0; at + step <= samples.length; at += step)
    pieces.push(purity(frequency, samples.subarray(at, at + step), rate))
  return pieces.sort((one, other) => one - other)[pieces.length >> 1] ?? 0
}

async function sound(t: Call, request: Partial<RecordRequest>, during: () => Promise<unknown>) {
  const path = join(t.folder, 'sound.wav')
  const recording = t.a.leg.record({ path, what: 'mix', ...request })
  assert.equal(await recording.started, true)
  await during()
  recording.stop()
  const result = await recording.ended
  return { path, result }
}

test('mono holds both voices, one side only the one that was asked for', async () => {
  await using t = await call()
  const paths = { mix: '', read: '', write: '' }
  const recordings = (['mix', 'read', 'write'] as const).map((what) => {
    paths[what] = join(t.folder, `${what}.wav`)
    return t.a.leg.record({ path: paths[what], what })
  })
  await Promise.all(recordings.map(({ started }) => started))
  await Promise.all([t.a.peer.tone(440, 60), t.b.peer.tone(620, 60)])
  for (const recording of recordings) recording.stop()
  await Promise.all(recordings.map(({ ended }) => ended))
  const shares = (path: string) => {
    const samples = spoken(channelOf(path, 0))
    return [share(440, samples), share(620, samples)].map((part) => Math.round(part * 10) / 10)
  }
  assert.deepEqual(shares(paths.mix), [0.5, 0.5])
  assert.deepEqual(shares(paths.read), [1, 0])
  assert.deepEqual(shares(paths.write), [0, 1])
})

test('swapped, the right side has what the party says', async () => {
  await using t = await call()
  const { path } = await sound(t, { what: 'stereo swapped' }, () =>
    Promise.all([t.a.peer.tone(440, 50), t.b.peer.tone(620, 50)]),
  )
  assert.ok(share(620, spoken(channelOf(path, 0))) > 0.9)
  assert.ok(share(440, spoken(channelOf(path, 1))) > 0.9)
})

test('a leg that hears a file has the file on its right side', async () => {
  await using t = await call()
  const { path } = await sound(t, { what: 'stereo' }, async () => {
    const playback = t.a.leg.play({ paths: ['tone_stream://%(900,0,1000)'] })
    await Promise.all([t.a.peer.tone(440, 50), t.b.peer.tone(620, 50), playback.ended])
  })
  assert.ok(share(440, spoken(channelOf(path, 0))) > 0.9)
  // It ends before the others do.
  assert.ok(cleanest(1000, channelOf(path, 1)) > 0.9)
})

/** The most samples of nothing in a row. */
function longestSilence(samples: Int16Array): number {
  let most = 0
  let run = 0
  for (const sample of samples) {
    run = sample === 0 ? run + 1 : 0
    most = Math.max(most, run)
  }
  return most
}

test('a pause leaves its time out, a mask writes silence for it, exactly', async () => {
  await using t = await call()
  const paths = [join(t.folder, 'paused.wav'), join(t.folder, 'masked.wav')]
  const [paused, masked] = paths.map((path) => t.a.leg.record({ path, what: 'read' }))
  await Promise.all([paused!.started, masked!.started])
  const read = (count: number) =>
    until(async () => (await t.a.leg.stats()).in.packets === count, `${count} packets to be read`)
  await t.a.peer.tone(440, 40)
  await read(40)
  const asked = performance.now()
  paused!.pause(true)
  masked!.mask(true)
  await settled(t.a.leg)
  const from = performance.now()
  await t.a.peer.tone(700, 40)
  await read(80)
  const to = performance.now()
  paused!.pause(false)
  masked!.mask(false)
  await settled(t.a.leg)
  // Seconds that it lasted at the least and at the most.
  const least = (to - from) / 1000
  const most = (performance.now() - asked) / 1000
  await t.a.peer.tone(440, 40)
  paused!.stop()
  masked!.stop()
  const [short, long] = await Promise.all([paused!.ended, masked!.ended])
  const seconds = (long.samples - short.samples) / 8000
  const isBetween = seconds > least - 0.15 && seconds < most + 0.15
  assert.ok(isBetween, `${seconds} of ${least} to ${most} s were left out`)
  const [kept, hidden] = paths.map((path) => channelOf(path, 0))
  // Nothing of what was said in between is in either.
  for (const samples of [kept!, hidden!]) {
    for (let at = 0; at + 400 <= samples.length; at += 400) {
      const hidden = purity(700, samples.subarray(at, at + 400))
      assert.ok(hidden < 0.1, `${hidden} of it at ${at / 8} ms`)
    }
  }
  assert.ok(share(440, spoken(kept!)) > 0.8)
  const silent = longestSilence(hidden!) / 8000
  assert.ok(silent > least - 0.15, `${silent} of ${least} s are silence`)
})

test('a limit ends it to the sample', async () => {
  await using t = await call()
  const path = join(t.folder, 'limit.wav')
  const recording = t.a.leg.record({ path, what: 'mix', limitSeconds: 0.5 })
  await recording.started
  await t.a.peer.tone(440, 40)
  const result = await recording.ended
  assert.deepEqual([result.ended, result.samples], ['limit', 4000])
  assert.equal(channelOf(path, 0).length, 4000)
})

test('before anybody speaks and after the last word it ends by the time-out of each', async () => {
  await using t = await call()
  const speech = { threshold: 200, initialMs: 300, finalMs: 600 }
  const silent = t.a.leg.record({ path: join(t.folder, 'a.wav'), what: 'read', speech })
  assert.equal((await silent.ended).ended, 'no input')
  const path = join(t.folder, 'b.wav')
  const patient = { ...speech, initialMs: 30_000 }
  const voiced = t.a.leg.record({ path, what: 'read', speech: patient })
  await voiced.started
  await t.a.peer.tone(440, 30)
  const result = await voiced.ended
  assert.deepEqual([result.ended, result.hasSpoken], ['silence', true])
  const samples = channelOf(path, 0)
  const last = samples.findLastIndex((sample) => Math.abs(sample) > 1000)
  assert.ok(samples.length - last > 4000, `${samples.length - last} samples behind the last word`)
})

test('one that needs a bridge stands still while there is none', async () => {
  await using t = await call()
  t.a.leg.unbridge()
  let least = 0
  let most = 0
  const { result } = await sound(t, { needsBridge: true }, async () => {
    await t.a.peer.tone(440, 30)
    const asked = performance.now()
    t.a.leg.bridge(t.b.leg)
    await settled(t.a.leg)
    const from = performance.now()
    await t.a.peer.tone(620, 40)
    const to = performance.now()
    t.a.leg.unbridge()
    await settled(t.a.leg)
    least = (to - from) / 1000
    most = (performance.now() - asked) / 1000
    await t.a.peer.tone(440, 30)
  })
  const seconds = result.samples / 8000
  const isBetween = seconds > least - 0.15 && seconds < most + 0.15
  assert.ok(isBetween, `${seconds} of ${least} to ${most} s were recorded`)
  const samples = channelOf(join(t.folder, 'sound.wav'), 0)
  const part = share(620, spoken(samples))
  assert.ok(part > 0.9, `${part} of it is what was said`)
})

test('a file that is too short or empty is removed; one that is lengthened stays', async () => {
  await using t = await call()
  const short = await sound(t, { leastSeconds: 60 }, () => t.a.peer.tone(440, 20))
  assert.equal(short.result.discarded, 'short')
  assert.equal(existsSync(short.path), false)
  t.a.leg.unbridge()
  await settled(t.a.leg)
  const without = { leastSeconds: 0, needsBridge: true, path: join(t.folder, 'e.wav') }
  const empty = await sound(t, without, () => settled(t.a.leg))
  t.a.leg.bridge(t.b.leg)
  assert.equal(empty.result.discarded, 'empty')
  assert.equal(existsSync(without.path), false)
  await sound(t, {}, () => t.a.peer.tone(440, 20))
  const longer = await sound(t, { leastSeconds: 60, append: true }, () => t.a.peer.tone(620, 20))
  assert.equal(longer.result.discarded, undefined)
  const samples = spoken(channelOf(longer.path, 0))
  assert.ok(cleanest(440, samples.subarray(0, 2400)) > 0.9)
  assert.ok(cleanest(620, samples.subarray(-2400)) > 0.9)
})

test('the file says what it is called and who made it', async () => {
  await using t = await call()
  const tags = { title: 'A call', artist: 'Zoë', comment: 'odd' }
  const { path } = await sound(t, { tags }, () => t.a.peer.tone(440, 30))
  const chunks = wavChunks(path)
  assert.deepEqual(
    chunks.map(({ name }) => name),
    ['fmt ', 'LIST', 'data'],
  )
  const info = chunks[1]!.body.toString()
  for (const part of ['INFO', 'INAM', 'A call\0', 'IART', 'Zoë\0', 'ICMT', 'odd\0'])
    assert.ok(info.includes(part), part)
  assert.ok(share(440, spoken(channelOf(path, 0))) > 0.9)
})

test('each side goes to a file of its own in the form of the codec', async () => {
  await using t = await call()
  const [path, otherPath] = [join(t.folder, 'x-in.PCMU'), join(t.folder, 'x-out.PCMU')]
  const { result } = await sound(t, { what: 'pair', path, otherPath }, () =>
    Promise.all([t.a.peer.tone(440, 40), t.b.peer.tone(620, 40)]),
  )
  const { muLaw } = await import('../../src/codecs/g711.ts')
  const [said, told] = await Promise.all(
    [path, otherPath].map(async (one) =>
      Int16Array.from(await readFile(one), (octet) => muLaw.decode[octet]!),
    ),
  )
  assert.deepEqual([said!.length, told!.length], [result.samples, result.samples])
  assert.ok(share(440, spoken(said!)) > 0.9)
  assert.ok(share(620, spoken(told!)) > 0.9)
})

test('another leg takes a recording over in the same file', async () => {
  await using t = await call()
  const c = await phone(t.engine, {}, t.a.leg)
  const { path, result } = await sound(t, {}, async () => {
    const began = performance.now()
    const recording = t.a.leg.record({ path: join(t.folder, 'moved.wav'), what: 'read' })
    await recording.started
    await t.a.peer.tone(440, 40)
    recording.moveTo(c.leg)
    await t.a.leg.close()
    await Promise.all([t.a.peer.tone(500, 40), c.peer.tone(620, 40)])
    recording.stop()
    const end = await recording.ended
    assert.equal(end.ended, 'stopped')
    const most = (performance.now() - began) * 8 + 1200
    assert.ok(end.samples > 10_400 && end.samples < most, `${end.samples} of ${most} samples`)
  })
  assert.equal(result.ended, 'closed')
  assert.ok(existsSync(path))
  const samples = spoken(channelOf(join(t.folder, 'moved.wav'), 0))
  assert.ok(cleanest(440, samples.subarray(0, 4800)) > 0.9)
  assert.ok(cleanest(620, samples.subarray(-4800)) > 0.9)
  await c.peer[Symbol.asyncDispose]()
})

test('a leg of another worker takes it over, too', {
  skip: hasThreads ? false : 'needs threads',
}, async () => {
  await using folder = await temporaryFolder()
  await using engine = await startEngine({ workers: 2 })
  const a = await phone(engine)
  let c = await phone(engine)
  while (c.leg.worker === a.leg.worker) c = await phone(engine)
  const path = join(folder.path, 'moved.wav')
  const recording = a.leg.record({ path, what: 'read', leastSeconds: 30 })
  await recording.started
  await a.peer.tone(440, 40)
  recording.moveTo(c.leg)
  await a.leg.close()
  await c.peer.tone(620, 50)
  recording.stop()
  const result = await recording.ended
  assert.deepEqual([result.ended, result.discarded], ['stopped', undefined])
  const samples = channelOf(path, 0)
  assert.ok(Math.abs(samples.length - result.samples) < 200)
  assert.ok(cleanest(440, spoken(samples).subarray(0, 4800)) > 0.9)
  assert.ok(cleanest(620, spoken(samples).subarray(-8000)) > 0.9)
  await a.peer[Symbol.asyncDispose]()
  await c.peer[Symbol.asyncDispose]()
})

test('a disk that is full ends it while the call goes on, and says so', async () => {
  await using t = await call()
  const path = join(t.folder, 'full.wav')
  await symlink('/dev/full', path)
  const recording = t.a.leg.record({ path, what: 'mix' })
  const failed = recording.ended
  await t.a.peer.tone(440, 60)
  const result = await failed
  assert.equal(result.ended, 'error')
  assert.match(result.reason ?? '', /ENOSPC|no space/i)
})

test('a wide-band leg is recorded at its own rate, or at the one that was asked for', async () => {
  await using t = await call()
  const g722 = codec('G722', 9)
  const wide = await phone(t.engine, { send: g722, receive: [g722] }, t.a.leg)
  const paths = [join(t.folder, 'own.wav'), join(t.folder, 'asked.wav')]
  const own = wide.leg.record({ path: paths[0]!, what: 'read' })
  const asked = wide.leg.record({ path: paths[1]!, what: 'read', rate: 8000 })
  await Promise.all([own.started, asked.started])
  await wide.peer.tone(1000, 50, 'G722')
  own.stop()
  asked.stop()
  assert.deepEqual([(await own.ended).rate, (await asked.ended).rate], [16000, 8000])
  assert.ok(share(1000, spoken(channelOf(paths[0]!, 0)), 16000) > 0.9)
  assert.ok(share(1000, spoken(channelOf(paths[1]!, 0))) > 0.9)
  await wide.peer[Symbol.asyncDispose]()
})

test('what is said in a codec that nobody can decode is silence, and the call is not harmed', async () => {
  await using t = await call()
  const g729 = codec('G729', 18)
  t.a.leg.configure({ ...(await settingsOf(t.a.peer.port)), send: g729, receive: [g729] })
  const { result } = await sound(t, {}, async () => {
    for (let i = 0; i < 30; i++) await t.a.peer.packet(Buffer.alloc(20), 18, 160)
    await new Promise((resolve) => setTimeout(resolve, 300))
  })
  assert.equal(result.ended, 'stopped')
})

async function settingsOf(port: number) {
  const { settings } = await import('../support/media.ts')
  return settings(port, { send: pcmu })
}
