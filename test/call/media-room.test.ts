/** Rooms, proved by the tones that their members hear. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { afterEach, test } from 'node:test'
import { delay } from '../../src/base/clock.ts'
import type { MemberSettings, RoomEvents } from '../../src/media/engine.ts'
import {
  codec,
  digitsOf,
  hasThreads,
  phone as openPhone,
  pcma,
  settled,
  startEngine,
} from '../support/media.ts'
import { temporaryFolder } from '../support/sound.ts'
import { amplitudeAt, levelOf } from '../support/tone.ts'
import { until } from '../support/until.ts'
import { readRecording } from '../support/wav.ts'

type Phone = Awaited<ReturnType<typeof openPhone>>

const opened: Phone[] = []

const phone: typeof openPhone = async (...args) => {
  const one = await openPhone(...args)
  opened.push(one)
  return one
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map(({ peer }) => peer[Symbol.asyncDispose]()))
})

const usual: MemberSettings = { energyLevel: 100 }

/** How many packets each phone had when `talk` began. */
const begins = new Map<Phone, number>()

/** Members talk for so many packets of 20 ms, all at once. */
async function talk(phones: readonly Phone[], tones: readonly number[], packets: number) {
  for (const one of opened) begins.set(one, one.peer.arrived.length)
  await Promise.all(
    phones.map(async ({ peer }, index) => {
      const frequency = tones[index]
      if (frequency !== undefined) await peer.tone(frequency, packets)
    }),
  )
  await come(phones)
}

/** All that was said before has gone through the room and has been read. */
async function come(phones: readonly Phone[]): Promise<void> {
  await settled(...phones.map(({ leg }) => leg))
  await delay(100)
  await settled(...phones.map(({ leg }) => leg))
  await Promise.all(phones.map(({ peer }) => peer.drained()))
}

/** What a phone heard since `talk` began, without the first 100 ms. */
function heardBy(one: Phone, name = 'PCMU', rate = 8000): Int16Array {
  const type = name === 'PCMU' ? undefined : one.peer.arrived.at(-1)?.payloadType
  return one.peer.heard(name, type, begins.get(one) ?? 0).subarray(rate / 10)
}

/** The amplitude of a tone, in pieces of 80 ms that are not silent: a busy machine leaves gaps, which three in four are without. */
function usualAmplitude(pcm: Int16Array, tone: number, rate: number): number {
  const piece = (rate * 80) / 1000
  const amplitudes: number[] = []
  for (let at = 0; at + piece <= pcm.length; at += piece / 4)
    if (levelOf(pcm, at, at + piece) > 300)
      amplitudes.push(amplitudeAt(pcm.subarray(at, at + piece), tone, rate))
  return amplitudes.sort((x, y) => x - y)[Math.floor(amplitudes.length * 0.75)] ?? 0
}

/** The amplitude of each tone in what a phone heard. */
function hears(one: Phone, tones: readonly number[], name = 'PCMU', rate = 8000): number[] {
  const pcm = heardBy(one, name, rate)
  return tones.map((tone) => Math.round(usualAmplitude(pcm, tone, rate)))
}

/** Whether each amplitude is that of a tone (8000) that came whole, or of none. */
function areHeard(amplitudes: readonly number[], expected: readonly boolean[], what: string): void {
  for (const [index, amplitude] of amplitudes.entries()) {
    if (expected[index])
      assert.ok(Math.abs(amplitude - 8000) < 1000, `${what}, ${index}: ${amplitude}`)
    else assert.ok(amplitude < 160, `${what}, ${index} should be silent: ${amplitude}`)
  }
}

const tones = [500, 900, 1300]
const plain = { rate: 8000, comfortNoise: 0 }

test('three parties hear the two others and not themselves', async () => {
  await using engine = await startEngine()
  const phones = await Promise.all([phone(engine), phone(engine), phone(engine)])
  const room = engine.openRoom('room', plain)
  for (const { leg } of phones) room.join(leg, usual)
  await talk(phones, tones, 60)
  for (const [index, one] of phones.entries())
    areHeard(
      hears(one, tones),
      tones.map((_, other) => other !== index),
      `phone ${index}`,
    )
})

test('a muted member is not heard and a deaf one does not hear', async () => {
  await using engine = await startEngine()
  const phones = await Promise.all([phone(engine), phone(engine), phone(engine)])
  const room = engine.openRoom('room', plain)
  const [first, second] = phones.map(({ leg }) => room.join(leg, usual))
  first!.set({ speaks: false })
  second!.set({ hears: false })
  await talk(phones, tones, 60)
  areHeard(hears(phones[0]!, tones), [false, true, true], 'the muted one')
  areHeard(hears(phones[1]!, tones), [false, false, false], 'the deaf one')
  areHeard(hears(phones[2]!, tones), [false, true, false], 'the third')
  first!.set({ speaks: true })
  second!.set({ hears: true })
  await talk(phones, tones, 60)
  areHeard(hears(phones[1]!, tones), [true, false, true], 'no longer deaf')
  areHeard(hears(phones[2]!, tones), [true, true, false], 'no longer muted')
})

test('the gain of what a member says and hears is that many dB', async () => {
  await using engine = await startEngine()
  const phones = await Promise.all([phone(engine), phone(engine)])
  const room = engine.openRoom('room', plain)
  const [first, second] = phones.map(({ leg }) => room.join(leg, usual))
  const decibels = (one: Phone, tone: number) => 20 * Math.log10(hears(one, [tone])[0]! / 8000)
  first!.set({ gainIn: -6 })
  second!.set({ gainOut: -12 })
  await talk(phones, tones, 50)
  assert.ok(Math.abs(decibels(phones[1]!, 500) + 18) < 0.7, `${decibels(phones[1]!, 500)} dB`)
  assert.ok(Math.abs(decibels(phones[0]!, 900)) < 0.5)
})

test('members of 8, 16 and 48 kHz hear each other in a room of 16 kHz', async () => {
  await using engine = await startEngine()
  const wide = codec('G722', 9)
  const full = codec('L16', 97, { clockRate: 48_000, ptime: 10 })
  const phones = [
    await phone(engine, { send: pcma, receive: [pcma] }),
    await phone(engine, { send: wide, receive: [wide] }),
    await phone(engine),
  ]
  const fullBand = await phone(engine, { send: full, receive: [full] })
  const room = engine.openRoom('room', { rate: 16_000, comfortNoise: 0 })
  for (const { leg } of [...phones, fullBand]) room.join(leg, usual)
  // A tone above 4 kHz passes between the two wide ones only.
  await Promise.all([phones[0]!.peer.tone(500, 70, 'PCMA'), phones[1]!.peer.tone(5500, 70, 'G722')])
  await come([...phones, fullBand])
  const narrow = hears(phones[2]!, [500, 2500])
  assert.ok(Math.abs(narrow[0]! - 8000) < 800, `PCMU hears PCMA at ${narrow[0]}`)
  const [low = 0, high = 0] = hears(phones[1]!, [500, 5500], 'G722', 16_000)
  assert.ok(Math.abs(low - 8000) < 1000 && high < 300, `G722 hears ${low} and itself ${high}`)
  const octets = fullBand.peer.arrived.slice(10, -20).map(({ payload }) => payload)
  const heard = Int16Array.from({ length: 480 * octets.length }, (_, i) =>
    octets[Math.floor(i / 480)]!.readInt16BE((i % 480) * 2),
  )
  for (const tone of [500, 5500]) {
    const amplitude = usualAmplitude(heard, tone, 48_000)
    assert.ok(Math.abs(amplitude - 8000) < 1200, `L16 at 48 kHz hears ${tone} at ${amplitude}`)
  }
})

test('members who come and go do not disturb the others, and leave nothing behind', async () => {
  await using engine = await startEngine()
  const phones = await Promise.all([phone(engine), phone(engine), phone(engine)])
  const room = engine.openRoom('room', plain)
  for (const { leg } of phones.slice(0, 2)) room.join(leg, usual)
  const before = await engine.figures()
  const third = phones[2]!
  const talking = talk(phones, [500], 70)
  for (let i = 0; i < 50; i++) {
    const member = room.join(third.leg, usual)
    await settled(third.leg)
    if (i % 2 === 0) member.leave()
    else third.leg.unbridge()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  await talking
  const heard = heardBy(phones[1]!)
  assert.ok(
    Math.abs(usualAmplitude(heard, 500, 8000) - 8000) < 400,
    'the tone goes on without a hole',
  )
  const after = await engine.figures()
  assert.deepEqual([after.legs, after.portsInUse], [before.legs, before.portsInUse])
  room.close()
  for (const { leg } of phones) await leg.close()
  assert.equal((await engine.figures()).legs, 0)
})

test('a leg that is bridged elsewhere has left the room', async () => {
  await using engine = await startEngine()
  const phones = await Promise.all([phone(engine), phone(engine), phone(engine)])
  const room = engine.openRoom('room', plain)
  const left: RoomEvents['left'][] = []
  room.events.on('left', (member) => left.push(member))
  const members = phones.slice(0, 2).map(({ leg }) => room.join(leg, usual))
  await settled(...phones.map(({ leg }) => leg))
  phones[1]!.leg.bridge(phones[2]!.leg)
  assert.deepEqual(left, [members[1]])
  await talk(phones, [500, 900], 40)
  areHeard(hears(phones[2]!, [500, 900]), [false, true], 'the bridged one')
  await phones[0]!.leg.close()
  assert.deepEqual(left, [members[1], members[0]])
})

test('what is played into a room all hear, to one member only he, and a recording has it all', async () => {
  await using engine = await startEngine()
  await using folder = await temporaryFolder()
  const phones = await Promise.all([phone(engine), phone(engine)])
  const room = engine.openRoom('room', plain)
  const members = phones.map(({ leg }) => room.join(leg, usual))
  const path = join(folder.path, 'room.wav')
  const recording = room.record({ path, what: 'read' })
  assert.equal(await recording.started, true)
  const toAll = room.openVoice()
  const toOne = room.openVoice(members[1])
  const sounds = [
    toAll.play({ paths: ['tone_stream://%(1200,0,700)'] }),
    toOne.play({ paths: ['tone_stream://%(1200,0,1500)'] }),
  ]
  await talk(phones, [500], 55)
  const all = [500, 700, 1500]
  const amplitudes = [hears(phones[0]!, all), hears(phones[1]!, all)]
  await Promise.all(sounds.map(({ ended }) => ended))
  recording.stop()
  const { samples, ended } = await recording.ended
  assert.equal(ended, 'stopped')
  const isLoud = (list: readonly number[]) => list.map((amplitude) => amplitude > 2000)
  assert.deepEqual(isLoud(amplitudes[0]!), [false, true, false])
  assert.deepEqual(isLoud(amplitudes[1]!), [true, true, true])
  const recorded = readRecording(path).samples
  assert.equal(recorded.length, samples)
  assert.deepEqual(isLoud(all.map((tone) => usualAmplitude(recorded, tone, 8000))), [
    true,
    true,
    false,
  ])
  await Promise.all([toAll.close(), toOne.close()])
})

test('who must not hear whom does not', async () => {
  await using engine = await startEngine()
  const phones = await Promise.all([phone(engine), phone(engine), phone(engine)])
  const room = engine.openRoom('room', plain)
  const members = phones.map(({ leg }) => room.join(leg, usual))
  members[0]!.relate(members[1]!, false)
  await talk(phones, tones, 50)
  areHeard(hears(phones[0]!, tones), [false, false, true], 'the first')
  areHeard(hears(phones[1]!, tones), [true, false, true], 'the second')
  areHeard(hears(phones[2]!, tones), [true, true, false], 'the third')
})

test('talk and floor are told, and a sound under the threshold is neither heard nor told', async () => {
  await using engine = await startEngine()
  const phones = await Promise.all([phone(engine), phone(engine)])
  const room = engine.openRoom('room', plain)
  const told: string[] = []
  const members = [
    room.join(phones[0]!.leg, { energyLevel: 20_000 }),
    room.join(phones[1]!.leg, usual),
  ]
  room.events.on('talking', ({ member, isTalking }) =>
    told.push(`${members.indexOf(member)} ${isTalking}`),
  )
  room.events.on('floor', (holder) => told.push(`floor ${holder ? members.indexOf(holder) : '-'}`))
  await talk(phones, [500, 900], 50)
  areHeard(hears(phones[1]!, [500]), [false], 'under the threshold')
  areHeard(hears(phones[0]!, [900]), [true], 'over it')
  // The first holds the floor of the empty room until he is quiet and another one speaks.
  assert.equal(told[0], 'floor 0')
  assert.ok(told.includes('1 true'), told.join())
  assert.ok(!told.includes('0 true'), told.join())
  members[0]!.set({ speaks: false })
  members[1]!.takeFloor()
  await settled(phones[0]!.leg)
  assert.equal(told.at(-1), 'floor 1')
})

test('a word is heard from its first sample on, and the threshold costs no click', async () => {
  await using engine = await startEngine()
  const phones = await Promise.all([phone(engine), phone(engine)])
  const room = engine.openRoom('room', plain)
  for (const { leg } of phones) room.join(leg, usual)
  const { peer } = phones[0]!
  // µ-law silence, then a soft frame under the threshold, then speech: all of the soft one must come.
  const quiet = new Uint8Array(160).fill(0xff)
  const soft = new Uint8Array(160).map((_, i) => (i % 8 < 4 ? 0xf0 : 0x70))
  const words = 4
  for (let word = 0; word < words; word++) {
    for (let i = 0; i < 10; i++) {
      await peer.packet(quiet, 0, 160)
      await delay(20)
    }
    await peer.packet(soft, 0, 160)
    await peer.tone(500, 10)
  }
  /** Where each word begins in what the other one hears. */
  const begins = (heard: Int16Array) =>
    Array.from(heard.keys()).filter(
      (at) =>
        at > 800 &&
        Math.abs(heard[at]!) > 1000 &&
        heard.subarray(at - 800, at).every((sample) => Math.abs(sample) <= 1000),
    )
  const heard = () => phones[1]!.peer.heard()
  await until(() => begins(heard()).length > 0, 'a word')
  await phones[1]!.peer.drained()
  const all = heard()
  const before = begins(all).map((at) => Math.round(levelOf(all.subarray(at - 100, at - 10))))
  // Where a busy machine has sent too much at once it is the soft frames that the room may leave out.
  assert.ok(
    before.some((level) => level > 20),
    `the frames before are at ${before}`,
  )
})

test('digits of a member who spreads them reach the others', async () => {
  await using engine = await startEngine()
  const phones = await Promise.all([phone(engine), phone(engine)])
  const room = engine.openRoom('room', plain)
  room.join(phones[0]!.leg, { ...usual, spreadsDigits: true })
  room.join(phones[1]!.leg, usual)
  const digits = digitsOf(phones[0]!.leg)
  const { peer } = phones[0]!
  await peer.tone(500, 5)
  for (let i = 1; i <= 4; i++) await peer.event(5, false, i * 160, 101, i === 1)
  for (let i = 0; i < 3; i++) await peer.event(5, true, 800)
  const isEvent = () =>
    phones[1]!.peer.arrived.some(
      ({ payloadType, payload }) => payloadType === 101 && payload[0] === 5,
    )
  await until(isEvent, 'the event at the other phone')
  await until(() => digits.length > 0, 'the digit to be told')
  assert.deepEqual(
    digits.map(({ digit }) => digit),
    ['5'],
  )
})

test('members in two workers hear each other, and leave without a trace', {
  skip: hasThreads ? false : 'one thread only, run from the sources',
}, async () => {
  await using engine = await startEngine({ workers: 2 })
  const phones = [await phone(engine), await phone(engine), await phone(engine)]
  assert.equal(new Set(phones.map(({ leg }) => leg.worker)).size, 2)
  const room = engine.openRoom('room', plain)
  const members = phones.map(({ leg }) => room.join(leg, usual))
  await talk(phones, tones, 70)
  for (const [index, one] of phones.entries())
    areHeard(
      hears(one, tones),
      tones.map((_, other) => other !== index),
      `phone ${index}`,
    )
  members[0]!.leave()
  await settled(...phones.map(({ leg }) => leg))
  await talk(phones, tones, 60)
  areHeard(hears(phones[1]!, tones), [false, false, true], 'the second, without the first')
  areHeard(hears(phones[2]!, tones), [false, true, false], 'the third, without the first')
  room.close()
  for (const { leg } of phones) await leg.close()
  assert.equal((await engine.figures()).legs, 0)
})

test('a room whose worker dies is told as closed', {
  skip: hasThreads ? false : 'no thread',
}, async () => {
  await using engine = await startEngine()
  const one = await phone(engine)
  const room = engine.openRoom('room', plain)
  room.join(one.leg, usual)
  await settled(one.leg)
  const closed = new Promise<void>((resolve) => room.events.on('closed', () => resolve()))
  await engine.killWorker(0)
  await closed
})

test('a gain follows a loudness, and who is too loud for too long is muted', async () => {
  await using engine = await startEngine()
  const phones = await Promise.all([phone(engine), phone(engine), phone(engine)])
  const room = engine.openRoom('room', plain)
  const [loud, limited] = phones.map(({ leg }) => room.join(leg, usual))
  // A tone of 8000 has a mean amplitude of 5093: it is to become 1000, 14 dB less, a dB each 60 ms.
  loud!.set({ autoGain: { level: 1000, low: 0, margin: 100, patience: 0, periodMs: 40 } })
  await talk(phones.slice(0, 1), tones, 100)
  await talk(phones.slice(0, 1), tones, 40)
  const [amplitude] = hears(phones[2]!, tones)
  assert.ok(amplitude! > 1000 && amplitude! < 2300, `${amplitude}`)
  limited!.set({ limit: { level: 4000, muteMs: 60_000, hits: 5 } })
  await talk([phones[2]!, phones[1]!], tones, 40)
  await talk([phones[2]!, phones[1]!], tones, 40)
  assert.ok(hears(phones[0]!, tones)[1]! < 300, 'muted')
})
