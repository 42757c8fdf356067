/** The numbers of conf/dialplan/default.xml that play or echo something, dialled by a phone that says what it hears. */
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { muLaw } from '../../src/codecs/g711.ts'
import { Phone, skipWithoutModules } from '../support/baresip.ts'
import { BurstSender } from '../support/burst-sender.ts'
import { levelOf } from '../support/levels.ts'
import { passageLike } from '../support/passage.ts'
import { Phone as WirePhone } from '../support/phone.ts'
import { eventually, skipWithout } from '../support/programs.ts'
import { password, Server } from '../support/server.ts'
import { mainFrequency, type Recording, readRecording, shareOf } from '../support/wav.ts'

const skip = skipWithout('baresip') || skipWithoutModules()

const loudness = (octet: number) => Math.abs(muLaw.decode[octet] ?? 0)

interface Call extends AsyncDisposable {
  readonly server: Server
  readonly phone: Phone
}

/** A server, and a phone that sends 440 Hz and is through to a number. */
async function callTo(number: string): Promise<Call> {
  const server = await Server.start()
  try {
    const phone = await Phone.start({ server: server.ports.internal, user: '1000', tone: 440 })
    try {
      await phone.registered()
      await phone.dial(number)
      await phone.event('CALL_ESTABLISHED')
    } catch (thrown) {
      await phone[Symbol.asyncDispose]()
      throw thrown
    }
    return {
      server,
      phone,
      async [Symbol.asyncDispose]() {
        await phone[Symbol.asyncDispose]()
        await server[Symbol.asyncDispose]()
      },
    }
  } catch (thrown) {
    await server[Symbol.asyncDispose]()
    throw thrown
  }
}

/** So many seconds of what the phone hears, from the first sound on. */
async function sound(phone: Phone, seconds: number): Promise<Recording> {
  const loud = ({ samples }: Recording) => samples.findIndex((sample) => Math.abs(sample) > 300)
  return eventually(
    `${seconds} s of sound`,
    () => {
      const { rate, samples } = phone.heard()
      const begin = loud({ rate, samples })
      if (begin < 0 || samples.length < begin + seconds * rate) return undefined
      return { rate, samples: samples.subarray(begin, begin + seconds * rate) }
    },
    (seconds + 60) * 1000,
    () => phone.heard().samples.length,
  )
}

/** The strongest tone of each piece of `ms`, silence left out. */
function melody({ rate, samples }: Recording, ms: number): number[] {
  const step = (rate * ms) / 1000
  const tones: number[] = []
  for (let at = 0; at + step <= samples.length; at += step) {
    const piece = samples.subarray(at, at + step)
    if (levelOf(piece) > 100) tones.push(mainFrequency({ rate, samples: piece }))
  }
  return tones
}

test('9196 sends back what it hears', { skip }, async () => {
  await using call = await callTo('9196')
  await call.phone.hears(440)
  await call.phone.hangUp()
  await call.server.isIdle()
})

test('9195 sends it back five seconds later', async () => {
  await using server = await Server.start()
  // Of a phone that notes when each packet came: baresip's recording stands still where no sound comes.
  await using phone = await WirePhone.open({
    user: '1000',
    server: `127.0.0.1:${server.ports.internal}`,
    domain: '127.0.0.1',
    password,
  })
  const call = await phone.call('9195', { codecs: [0, 101] })
  assert.equal((await call.outcome()).status, 200)
  const sender = new BurstSender(call.rtp, { frequency: 440, everyMs: 1000, lengthMs: 100 })
  let isOver = false
  const speaking = sender.run(120_000, () => isOver)
  const heardAt = (): number[] => {
    const loud = call.rtp.arrived.filter(
      ({ payloadType, payload }) =>
        payloadType === 0 && payload.some((octet) => loudness(octet) > 3000),
    )
    return loud.filter(({ at }, i) => i === 0 || at - loud[i - 1]!.at > 300).map(({ at }) => at)
  }
  try {
    await eventually('two echoes', () => heardAt().length >= 2, 60_000, heardAt)
  } finally {
    isOver = true
    await speaking
  }
  const said = sender.burstsBetween(0, performance.now())
  const heard = heardAt()
  assert.ok(heard[0]! - said[0]! > 4900, `the echo began after ${heard[0]! - said[0]!} ms`)
  // A busy machine makes one or the other later, never earlier.
  const delays = heard.map((at) => at - Math.max(...said.filter((time) => at - time > 4900)))
  assert.ok(Math.min(...delays) < 5400, `delays of ${delays}`)
})

test('9197 plays 1004 Hz', { skip }, async () => {
  await using call = await callTo('9197')
  await call.phone.hears(1004)
})

test('9198 plays the tune of the file', { skip }, async () => {
  await using call = await callTo('9198')
  const tones = melody(await sound(call.phone, 5), 100)
  assert.ok(new Set(tones).size >= 3, `tones: ${tones}`)
})

test('9664 plays the hold music: a passage of one of its pieces', { skip }, async () => {
  await using call = await callTo('9664')
  const folder = fileURLToPath(new URL('../../../sounds/music/16000/', import.meta.url))
  const pieces = readdirSync(folder).map((name) => readRecording(`${folder}${name}`))
  // A busy machine leaves moments out: there has to be a passage without any.
  let alike = 0
  for (let seconds = 4; seconds <= 16 && alike <= 0.85; seconds *= 2)
    alike = passageLike(await sound(call.phone, seconds), pieces)
  assert.ok(alike > 0.85, `like the pieces by ${alike}`)
})

test('5002 is the attendant: it speaks, in recordings or by text to speech', {
  skip,
}, async () => {
  await using call = await callTo('5002')
  const { rate, samples } = await sound(call.phone, 4)
  const step = rate / 50
  const levels: number[] = []
  for (let at = 0; at + step <= samples.length; at += step)
    levels.push(levelOf(samples, at, at + step))
  // Speech: much that is loud, some silence between words, and no tone that is most of it.
  const loud = levels.filter((level) => level > 400).length / levels.length
  assert.ok(loud > 0.2 && loud < 0.97, `${loud} of it is loud`)
  for (const hz of [440, 523, 659, 784, 1004])
    assert.ok(shareOf({ rate, samples }, hz) < 0.3, `${hz} Hz`)
  await call.phone.hangUp()
  await call.server.isIdle()
})

test('9192 writes every variable of the call to the log and hangs up', { skip }, async () => {
  await using call = await callTo('9192')
  await call.phone.event('CALL_CLOSED')
  await call.server.isIdle()
  for (const name of [
    'Channel-State',
    'Channel-Name',
    'Unique-ID',
    'Caller-Caller-ID-Number',
    'Caller-Destination-Number',
    'variable_uuid',
    'variable_sip_from_user',
    'variable_sip_call_id',
    'variable_user_context',
    'variable_read_codec',
  ]) {
    await call.server.logs(new RegExp(`${name}: \\[.+\\]`))
  }
})
