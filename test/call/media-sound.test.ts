/** Playing, recording and waiting for silence, proved by the tone in what arrived or was written. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { BugReport } from '../../src/media/engine.ts'
import { levelOf } from '../support/levels.ts'
import { phone, settled, startEngine } from '../support/media.ts'
import { temporaryFolder } from '../support/sound.ts'
import { cleanest } from '../support/tone.ts'

/** The samples of one channel of a 16-bit WAV. */
async function wavOf(path: string, channel = 0, channels = 1): Promise<Int16Array> {
  const octets = await readFile(path)
  const start = octets.indexOf('data') + 8
  const frames = Math.floor((octets.length - start) / 2 / channels)
  return Int16Array.from({ length: frames }, (_, i) =>
    octets.readInt16LE(start + (i * channels + channel) * 2),
  )
}

test('two tones play one after the other without a gap, and their end is told', async () => {
  await using engine = await startEngine()
  const a = await phone(engine)
  const playback = a.leg.play({
    paths: ['tone_stream://%(400,0,440)', 'tone_stream://%(400,0,620)'],
  })
  assert.equal(await playback.started, true)
  const result = await playback.ended
  assert.deepEqual([result.ended, result.samples, result.rate], ['done', 6400, 8000])
  await a.peer.until(40)
  const heard = a.peer.heard()
  assert.equal(a.peer.arrived.length, 40)
  assert.ok(cleanest(440, heard.subarray(0, 3200)) > 0.95)
  assert.ok(cleanest(620, heard.subarray(3200)) > 0.95)
  // A busy machine leaves a tick out now and then, and then the time goes on by more.
  const steps = a.peer.arrived
    .slice(1)
    .map(({ timestamp }, i) => (timestamp - a.peer.arrived[i]!.timestamp) >>> 0)
  assert.ok(steps.filter((step) => step === 160).length > 30, `${steps}`)
  assert.ok(
    steps.every((step) => step >= 160 && step % 160 === 0),
    `${steps}`,
  )
  await a.peer[Symbol.asyncDispose]()
})

test('a file that is not there is told as that', async () => {
  await using engine = await startEngine()
  const a = await phone(engine)
  const playback = a.leg.play({ paths: ['/nowhere/at-all.wav'] })
  assert.equal(await playback.started, false)
  assert.equal((await playback.ended).ended, 'not found')
  await a.peer[Symbol.asyncDispose]()
})

test('a second sound takes the place of the first; stopping and closing end one', async () => {
  await using engine = await startEngine()
  const a = await phone(engine)
  const first = a.leg.play({ paths: ['tone_stream://%(60000,0,440)'] })
  await first.started
  const second = a.leg.play({ paths: ['tone_stream://%(60000,0,620)'] })
  assert.equal((await first.ended).ended, 'stopped')
  await second.started
  second.stop()
  assert.equal((await second.ended).ended, 'stopped')
  const third = a.leg.play({ paths: ['tone_stream://%(60000,0,440)'], loops: -1 })
  await third.started
  await a.leg.close()
  assert.equal((await third.ended).ended, 'closed')
  await a.peer[Symbol.asyncDispose]()
})

test('a sound covers the bridge while it lasts', async () => {
  await using engine = await startEngine()
  const a = await phone(engine)
  const b = await phone(engine, {}, a.leg)
  a.leg.bridge(b.leg)
  const playback = b.leg.play({ paths: ['tone_stream://%(600,0,1000)'] })
  await playback.started
  await a.peer.tone(440, 30)
  await playback.ended
  await b.peer.drained()
  const covered = b.peer.heard()
  assert.ok(cleanest(1000, covered) > 0.95)
  // The last of it may be behind the sound already.
  assert.ok(cleanest(440, covered.subarray(0, 4400)) < 0.5)
  const from = b.peer.arrived.length
  await a.peer.tone(440, 20)
  await b.peer.until(from + 20)
  assert.ok(cleanest(440, b.peer.heard('PCMU', 0, from)) > 0.95)
  const sequences = b.peer.arrived.map(({ sequence }) => sequence)
  assert.equal(new Set(sequences).size, sequences.length)
  await Promise.all([a.peer[Symbol.asyncDispose](), b.peer[Symbol.asyncDispose]()])
})

test('a stereo recording has what the party says left and what it hears right', async () => {
  await using folder = await temporaryFolder()
  await using engine = await startEngine()
  const a = await phone(engine)
  const b = await phone(engine, {}, a.leg)
  a.leg.bridge(b.leg)
  const path = join(folder.path, 'call.wav')
  const began = performance.now()
  const recording = a.leg.record({ path, what: 'stereo' })
  assert.equal(await recording.started, true)
  await Promise.all([a.peer.tone(440, 50), b.peer.tone(620, 50)])
  recording.stop()
  const result = await recording.ended
  const most = (performance.now() - began) * 8 + 800
  assert.equal(result.ended, 'stopped')
  const left = await wavOf(path, 0, 2)
  const right = await wavOf(path, 1, 2)
  assert.equal(left.length, result.samples)
  assert.ok(left.length > 7200 && left.length < most, `${left.length} of ${most} samples`)
  assert.ok(cleanest(440, left) > 0.9 && cleanest(620, left) < 0.1)
  assert.ok(cleanest(620, right) > 0.9 && cleanest(440, right) < 0.1)
  await Promise.all([a.peer[Symbol.asyncDispose](), b.peer[Symbol.asyncDispose]()])
})

test('a recording of a loop hears what is played into its other end', async () => {
  await using folder = await temporaryFolder()
  await using engine = await startEngine()
  const [left, right] = engine.openLoop('left', 'right')
  const path = join(folder.path, 'loop.wav')
  const recording = right.record({ path, what: 'read' })
  await recording.started
  await left.play({ paths: ['tone_stream://%(600,0,700)'] }).ended
  recording.stop()
  assert.equal((await recording.ended).ended, 'stopped')
  const heard = await wavOf(path)
  assert.ok(cleanest(700, heard) > 0.95)
})

test('a recording ends by itself at its limit and after silence', async () => {
  await using folder = await temporaryFolder()
  await using engine = await startEngine()
  const a = await phone(engine)
  const limited = a.leg.record({
    path: join(folder.path, 'a.wav'),
    what: 'read',
    limitSeconds: 0.4,
  })
  const quiet = a.leg.record({
    path: join(folder.path, 'b.wav'),
    what: 'read',
    speech: { threshold: 200, initialMs: 30_000, finalMs: 500 },
  })
  await Promise.all([limited.started, quiet.started])
  await a.peer.tone(440, 40)
  assert.deepEqual([(await limited.ended).ended, (await limited.ended).samples], ['limit', 3200])
  const result = await quiet.ended
  assert.equal(result.ended, 'silence')
  const samples = await wavOf(join(folder.path, 'b.wav'))
  const last = samples.findLastIndex((sample) => Math.abs(sample) > 1000)
  assert.ok(samples.length - last > 3200, 'the silence began behind the tone')
  await a.peer[Symbol.asyncDispose]()
})

test('a recording that cannot be written is an error, told with its reason', async () => {
  await using engine = await startEngine()
  const a = await phone(engine)
  const recording = a.leg.record({ path: '/proc/nothing/here.wav', what: 'mix' })
  assert.equal(await recording.started, false)
  const result = await recording.ended
  assert.equal(result.ended, 'error')
  assert.ok(result.reason)
  await a.peer[Symbol.asyncDispose]()
})

test('silence is noticed once the party has spoken', async () => {
  await using engine = await startEngine()
  const a = await phone(engine)
  const rules = { wants: 'silence after sound', threshold: 200, hits: 10, listenHits: 5 } as const
  const wait = (timeoutMs: number) => {
    const reports: BugReport[] = []
    const bug = a.leg.bug({ kind: 'loudness', ...rules, timeoutMs }, (one) => reports.push(one))
    return { bug, reports }
  }
  const first = wait(30_000)
  await first.bug.started
  await a.peer.tone(440, 20)
  await first.bug.ended
  assert.deepEqual(
    first.reports.map((one) => one.heard === 'loudness' && one.isTimeout),
    [false],
  )
  const second = wait(300)
  assert.equal((await second.bug.ended).ended, 'done')
  assert.deepEqual(second.reports, [{ heard: 'loudness', isTimeout: true, hits: 0, listened: 0 }])
  const stopped = wait(60_000)
  stopped.bug.stop()
  assert.equal((await stopped.bug.ended).ended, 'stopped')
  assert.deepEqual(stopped.reports, [])
  await a.peer[Symbol.asyncDispose]()
})

test('a parked party gets comfort noise, and it stops', async () => {
  await using engine = await startEngine()
  const a = await phone(engine)
  a.leg.sendSilence(1400)
  await a.peer.until(20)
  const level = levelOf(a.peer.heard())
  assert.ok(level > 1 && level < 100, `noise of ${level}`)
  a.leg.sendSilence(0)
  await settled(a.leg)
  const { out } = await a.leg.stats()
  assert.equal((await a.leg.stats()).out.packets, out.packets)
  await a.peer[Symbol.asyncDispose]()
})
