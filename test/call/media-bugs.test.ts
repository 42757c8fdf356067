/** Eavesdrop and displace on the media engine alone, proved by the tones in what each phone received. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MediaEngine } from '../../src/media/engine.ts'
import { hears } from '../support/ears.ts'
import { codec, hasThreads, pcma, phone, settled, startEngine } from '../support/media.ts'

const both = { read: true, write: true }
const none = { read: false, write: false }

/** Two phones that talk over `settings` of the second, and a third that listens. */
async function threesome(engine: MediaEngine, second = {}, apart = false) {
  const a = await phone(engine)
  const b = await phone(engine, second, a.leg)
  const spy = await phone(engine, {}, apart ? undefined : a.leg)
  a.leg.bridge(b.leg)
  const peers = [a.peer, b.peer, spy.peer]
  return {
    a,
    b,
    spy,
    /** Everybody speaks for so many packets of 20 ms: 500, 900 and 1300 Hz. */
    speak: (packets: number, name = 'PCMU') =>
      Promise.all([
        a.peer.tone(500, packets),
        b.peer.tone(900, packets, name),
        spy.peer.tone(1300, packets),
      ]),
    [Symbol.asyncDispose]: async () => {
      for (const peer of peers) await peer[Symbol.asyncDispose]()
    },
  }
}

const all = [500, 900, 1300]

test('the eavesdropper hears both parties of a relay and neither hears him', async () => {
  await using engine = await startEngine()
  await using t = await threesome(engine)
  const spying = t.a.leg.eavesdrop(t.spy.leg, both, none)
  assert.equal(await spying.started, true)
  await t.speak(50)
  assert.equal(hears(t.spy.peer, all), '500 900')
  assert.equal(hears(t.a.peer, all), '900')
  assert.equal(hears(t.b.peer, all), '500')
  spying.stop()
  assert.equal((await spying.ended).ended, 'stopped')
  await t.spy.peer.drained()
  const before = t.spy.peer.arrived.length
  await t.speak(5)
  await t.spy.peer.drained()
  assert.equal(t.spy.peer.arrived.length, before, 'nothing goes to the spy any more')
})

test('he speaks to the party (write), to the other one (read), to both, or to nobody', async () => {
  await using engine = await startEngine()
  await using t = await threesome(engine)
  const spying = t.a.leg.eavesdrop(t.spy.leg, both, { read: false, write: true })
  await spying.started
  await t.speak(50)
  assert.deepEqual(
    [hears(t.a.peer, all), hears(t.b.peer, all), hears(t.spy.peer, all)],
    ['900 1300', '500', '500 900'],
  )
  spying.whisper({ read: true, write: false })
  await settled(t.a.leg)
  await t.speak(50)
  assert.deepEqual(
    [hears(t.a.peer, all), hears(t.b.peer, all), hears(t.spy.peer, all)],
    ['900', '500 1300', '500 900'],
  )
  spying.whisper(both)
  await settled(t.a.leg)
  await t.speak(50)
  assert.deepEqual(
    [hears(t.a.peer, all), hears(t.b.peer, all), hears(t.spy.peer, all)],
    ['900 1300', '500 1300', '500 900'],
  )
  spying.whisper(none)
  await settled(t.a.leg)
  await t.speak(50)
  assert.deepEqual([hears(t.a.peer, all), hears(t.b.peer, all)], ['900', '500'])
})

test('a whisper is heard beside a partner that sends nothing, and while a sound is played', async () => {
  await using engine = await startEngine()
  await using t = await threesome(engine)
  const spying = t.a.leg.eavesdrop(t.spy.leg, both, both)
  await spying.started
  await t.spy.peer.tone(1300, 60)
  assert.equal(hears(t.a.peer, all), '1300')
  assert.equal(hears(t.b.peer, all), '1300')
  const music = t.a.leg.play({ paths: ['tone_stream://%(60000,0,700)'], loops: -1 })
  await music.started
  await t.spy.peer.tone(1300, 50)
  assert.equal(hears(t.a.peer, [700, ...all]), '700 1300')
  assert.equal(hears(t.spy.peer, [700, ...all]), '700')
  music.stop()
})

test('it works between codecs and rates, and one side alone can be heard', async () => {
  await using engine = await startEngine()
  const g722 = codec('G722', 9)
  await using t = await threesome(engine, { send: g722, receive: [g722] })
  const spying = t.a.leg.eavesdrop(
    t.spy.leg,
    { read: false, write: true },
    { read: true, write: true },
  )
  await spying.started
  await t.speak(50, 'G722')
  assert.equal(hears(t.spy.peer, all), '900')
  assert.equal(hears(t.a.peer, all), '900 1300')
  assert.equal(hears(t.b.peer, all, 'G722'), '500 1300')
})

test('it ends with the leg and with the spy', async () => {
  await using engine = await startEngine()
  await using t = await threesome(engine, { send: pcma, receive: [pcma] })
  const first = t.a.leg.eavesdrop(t.spy.leg, both, both)
  await first.started
  await t.spy.leg.close()
  assert.equal((await first.ended).ended, 'closed')
  const another = await phone(engine)
  const second = t.a.leg.eavesdrop(another.leg, both, both)
  await second.started
  await t.a.leg.close()
  assert.equal((await second.ended).ended, 'closed')
  assert.equal((await t.a.leg.eavesdrop(another.leg, both, both).ended).ended, 'closed')
  await another.peer[Symbol.asyncDispose]()
})

test('it works from another worker', {
  skip: hasThreads ? false : 'there are no threads without a build',
}, async () => {
  await using engine = await startEngine({ workers: 2 })
  await using t = await threesome(engine, {}, true)
  assert.notEqual(t.a.leg.worker, t.spy.leg.worker)
  const spying = t.a.leg.eavesdrop(t.spy.leg, both, { read: false, write: true })
  await spying.started
  await t.speak(60)
  assert.deepEqual(
    [hears(t.a.peer, all), hears(t.b.peer, all), hears(t.spy.peer, all)],
    ['900 1300', '500', '500 900'],
  )
  spying.stop()
  await spying.ended
  await settled(t.spy.leg)
  await t.spy.peer.drained()
  const before = t.spy.peer.arrived.length
  await t.speak(5)
  await t.spy.peer.drained()
  assert.equal(t.spy.peer.arrived.length, before)
})

const tone = 'tone_stream://%(60000,0,1700)'

test('a displaced party hears the sound alone, and its partner nothing of it', async () => {
  await using engine = await startEngine()
  await using t = await threesome(engine)
  const bug = t.a.leg.bug({
    kind: 'displace',
    path: tone,
    side: 'write',
    mixes: false,
    loops: false,
    isFirst: false,
  })
  assert.equal(await bug.started, true)
  await t.speak(50)
  assert.equal(hears(t.a.peer, [...all, 1700]), '1700')
  assert.equal(hears(t.b.peer, [...all, 1700]), '')
  bug.stop()
  assert.equal((await bug.ended).ended, 'stopped')
  await t.speak(30)
  assert.equal(hears(t.a.peer, [...all, 1700]), '900')
  assert.equal(hears(t.b.peer, [...all, 1700]), '500')
})

test('mixed, it is heard beside the other party; for both, by both; and again for loops', async () => {
  await using engine = await startEngine()
  await using t = await threesome(engine)
  const request = { kind: 'displace', mixes: true, loops: true, isFirst: false } as const
  const path = 'tone_stream://%(200,0,1700)'
  const bug = t.a.leg.bug({ ...request, path, side: 'write' })
  await bug.started
  await t.speak(50)
  assert.equal(hears(t.a.peer, [...all, 1700]), '900 1700')
  assert.equal(hears(t.b.peer, [...all, 1700]), '500')
  bug.stop()
  const second = t.a.leg.bug({ ...request, path, side: 'both' })
  await second.started
  await t.speak(50)
  assert.equal(hears(t.a.peer, [...all, 1700]), '900 1700')
  assert.equal(hears(t.b.peer, [...all, 1700]), '500 1700')
})

test('a displacement ends with its sound, and a file that is not there is told', async () => {
  await using engine = await startEngine()
  await using t = await threesome(engine)
  const request = {
    kind: 'displace',
    side: 'write',
    mixes: true,
    loops: false,
    isFirst: false,
  } as const
  const bug = t.a.leg.bug({ ...request, path: 'tone_stream://%(200,0,1700)' })
  assert.equal(await bug.started, true)
  assert.equal((await bug.ended).ended, 'done')
  const missing = t.a.leg.bug({ ...request, path: '/nowhere/at-all.wav', loops: true })
  assert.equal(await missing.started, false)
  const result = await missing.ended
  assert.equal(result.ended, 'failed')
  assert.match(result.reason ?? '', /at-all/)
})
