/** Music on hold: one decoder, many listeners, one place. Proved by what the phones hear. */
import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { findCodec } from '../../src/codecs/index.ts'
import { openForWriting } from '../../src/formats/index.ts'
import type { MusicOptions } from '../../src/media/engine.ts'
import { amplitudeAt } from '../support/levels.ts'
import { codec, phone, startEngine } from '../support/media.ts'
import type { RtpPeer } from '../support/rtp-peer.ts'
import { temporaryFolder } from '../support/sound.ts'
import { cleanest, purity } from '../support/tone.ts'
import { until } from '../support/until.ts'

/** A file whose samples count up: what is heard says where it is. */
async function ramp(path: string, seconds: number, rate = 8000): Promise<void> {
  const sink = await openForWriting(path, rate)
  sink.write(Int16Array.from({ length: seconds * rate }, (_, i) => (i % 60000) - 30000))
  await sink.close()
}

async function tone(path: string, hz: number, seconds: number): Promise<void> {
  const sink = await openForWriting(path, 8000)
  sink.write(
    Int16Array.from({ length: seconds * 8000 }, (_, i) =>
      Math.round(8000 * Math.sin((2 * Math.PI * hz * i) / 8000)),
    ),
  )
  await sink.close()
}

function stream(name: string, folder: string, more: Partial<MusicOptions> = {}): MusicOptions {
  return {
    name,
    folder,
    rate: 8000,
    shuffle: false,
    volume: 0,
    chimes: [],
    chimeEverySeconds: 30,
    chimeMostSeconds: 0,
    ...more,
  }
}

/** The last packets that a phone heard: few, for what is looked at again and again must cost the machine nothing. */
function lately(peer: RtpPeer, packets = 20): Int16Array {
  return peer.heard('PCMU', undefined, Math.max(0, peer.arrived.length - packets))
}

const linear = codec('L16', 96, { clockRate: 8000 })
const asLinear = { send: linear, receive: [linear] }

/** 16-bit samples in network order. */
function samplesOf(payload: Buffer): number[] {
  return Array.from({ length: payload.length / 2 }, (_, i) => payload.readInt16BE(i * 2))
}

test('all listeners hear the same place at the same time, whenever they came', async () => {
  await using folder = await temporaryFolder()
  await ramp(join(folder.path, 'a.wav'), 60)
  await using engine = await startEngine()
  engine.music.start(stream('moh', folder.path))
  const first = await phone(engine, asLinear)
  await using _first = first.peer
  const one = first.leg.play({ paths: ['local_stream://moh'] })
  assert.equal(await one.started, true)
  await first.peer.until(15)
  const second = await phone(engine, asLinear, first.leg)
  await using _second = second.peer
  const two = second.leg.play({ paths: ['local_stream://moh'] })
  assert.equal(await two.started, true)
  await second.peer.until(15)
  assert.equal(engine.music.rows()[0]?.listeners, 2)
  const after = second.peer.arrived.slice()
  await first.peer.drained()
  // The first sample of every packet, by the moment of its arrival.
  const places = new Set(first.peer.arrived.map(({ payload }) => samplesOf(payload)[0]))
  const shared = after.filter(({ payload }) => places.has(samplesOf(payload)[0]))
  assert.ok(shared.length >= after.length - 2)
  const atStart = samplesOf(after[0]!.payload)[0]!
  assert.ok(atStart + 30000 > 12 * 160, `the second began at sample ${atStart + 30000}`)
  one.stop()
  two.stop()
  await Promise.all([one.ended, two.ended])
})

test('it is encoded once for all who want it in one way, and who is recorded hears the same', async () => {
  await using folder = await temporaryFolder()
  await tone(join(folder.path, 'a.wav'), 440, 60)
  await using engine = await startEngine()
  engine.music.start(stream('moh', folder.path))
  const opus = codec('opus', 111, { clockRate: 48000, channels: 2 })
  const more = { send: opus, receive: [opus] }
  const first = await phone(engine, more)
  await using _first = first.peer
  const second = await phone(engine, more, first.leg)
  await using _second = second.peer
  const third = await phone(engine, more, first.leg)
  await using _third = third.peer
  // What is tapped is encoded for itself.
  third.leg.record({ path: join(folder.path, 'b.wav'), what: 'write' })
  for (const { leg } of [first, second, third])
    await leg.play({ paths: ['local_stream://moh'] }).started
  await Promise.all([first, second, third].map(({ peer }) => peer.until(40)))
  const after = second.peer.arrived.slice()
  await first.peer.drained()
  const sent = new Set(first.peer.arrived.map(({ payload }) => payload.toString('hex')))
  const same = after.filter(({ payload }) => sent.has(payload.toString('hex')))
  assert.ok(same.length >= after.length - 3, `${same.length} packets are the same`)
  for (const { peer } of [first, second, third]) {
    const decoder = findCodec('opus', 48000)?.open('')
    const heard = peer.arrived.slice(0, 40).map(({ payload }) => {
      const pcm = new Int16Array(960)
      decoder?.decode(payload, pcm)
      return pcm
    })
    // Judged by some stretches of 100 ms: a tick left out by a busy machine is heard as a crack.
    const pieces = Array.from({ length: heard.length - 5 }, (_, from) => {
      const piece = new Int16Array(5 * 960)
      for (const [at, pcm] of heard.slice(from, from + 5).entries()) piece.set(pcm, at * 960)
      return amplitudeAt(piece, 440, 48000)
    })
    const whole = pieces.filter((amplitude) => Math.abs(amplitude - 8000) < 1200)
    assert.ok(whole.length >= 5, `${pieces.map(Math.round)}`)
  }
})

test('its place goes on while nobody listens', async () => {
  await using folder = await temporaryFolder()
  await tone(join(folder.path, 'a.wav'), 440, 1)
  await tone(join(folder.path, 'b.wav'), 1000, 60)
  await using engine = await startEngine()
  engine.music.start(stream('moh', folder.path))
  await new Promise((resolve) => setTimeout(resolve, 1200))
  const a = await phone(engine)
  await using _a = a.peer
  const playback = a.leg.play({ paths: ['local_stream://moh'] })
  await playback.started
  await a.peer.until(20)
  assert.ok(cleanest(1000, a.peer.heard()) > 0.9)
})

test('one file follows the other without a gap, and hup goes on at once', async () => {
  await using folder = await temporaryFolder()
  // Long enough for a busy machine to begin with it.
  await tone(join(folder.path, 'a.wav'), 400, 4)
  await tone(join(folder.path, 'b.wav'), 1000, 60)
  await tone(join(folder.path, 'c.wav'), 1600, 60)
  await using engine = await startEngine()
  engine.music.start(stream('moh', folder.path))
  const a = await phone(engine)
  await using _a = a.peer
  const playback = a.leg.play({ paths: ['local_stream://moh'] })
  await playback.started
  await until(() => cleanest(1000, lately(a.peer)) > 0.9, 'the second file')
  const heard = a.peer.heard()
  // Of 20 ms each: the first file, the second, or neither.
  const pieces = Array.from({ length: heard.length / 160 }, (_, i) => {
    const piece = heard.subarray(i * 160, (i + 1) * 160)
    return purity(400, piece) > 0.7 ? 'a' : purity(1000, piece) > 0.7 ? 'b' : '-'
  })
  assert.match(pieces.join(''), /a-?b/)
  assert.equal(engine.music.next('moh'), true)
  // Without it the file would go on for a minute.
  await until(() => cleanest(1600, lately(a.peer)) > 0.9, 'the next file')
})

test('the name with the rate comes first, then the name, then default; stop ends it for all', async () => {
  await using folder = await temporaryFolder()
  for (const [name, hz] of [['wide', 700] as const, ['any', 440] as const]) {
    await mkdir(join(folder.path, name))
    await tone(join(folder.path, name, 'a.wav'), hz, 60)
  }
  await using engine = await startEngine()
  engine.music.start(stream('moh/8000', join(folder.path, 'wide')))
  engine.music.start(stream('default', join(folder.path, 'any')))
  const a = await phone(engine)
  await using _a = a.peer
  const named = a.leg.play({ paths: ['local_stream://moh'] })
  await named.started
  await a.peer.until(20)
  assert.ok(cleanest(700, a.peer.heard()) > 0.9)
  const other = a.leg.play({ paths: ['local_stream://nosuch'] })
  await other.started
  await until(() => cleanest(440, lately(a.peer, 10)) > 0.9, 'the other music')
  assert.equal(engine.music.stop('default'), true)
  assert.equal((await other.ended).ended, 'done')
  const gone = a.leg.play({ paths: ['local_stream://nosuch'] })
  assert.equal((await gone.ended).ended, 'not found')
})

test('a chime breaks in and the music has gone on below it', async () => {
  await using folder = await temporaryFolder()
  await mkdir(join(folder.path, 'music'))
  await tone(join(folder.path, 'music', 'a.wav'), 440, 60)
  await tone(join(folder.path, 'chime.wav'), 1500, 0.5)
  await using engine = await startEngine()
  engine.music.start(
    stream('moh', join(folder.path, 'music'), {
      chimes: [join(folder.path, 'chime.wav')],
      chimeEverySeconds: 0.6,
    }),
  )
  const a = await phone(engine)
  await using _a = a.peer
  const playback = a.leg.play({ paths: ['local_stream://moh'] })
  await playback.started
  await until(() => cleanest(1500, lately(a.peer)) > 0.9, 'the chime')
  await until(() => cleanest(440, lately(a.peer, 10)) > 0.9, 'the music again')
})

test('of a folder that bears a rate and is not there, the one of another rate beside it is played', async () => {
  await using folder = await temporaryFolder()
  await mkdir(join(folder.path, '16000'))
  await tone(join(folder.path, '16000', 'a.wav'), 620, 30)
  await using engine = await startEngine()
  engine.music.start(stream('moh/8000', join(folder.path, '8000')))
  const a = await phone(engine)
  await using _a = a.peer
  const playback = a.leg.play({ paths: ['local_stream://moh'] })
  assert.equal(await playback.started, true)
  await a.peer.until(20)
  assert.ok(cleanest(620, a.peer.heard()) > 0.9)
  playback.stop()
  await playback.ended
})
