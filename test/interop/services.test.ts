/** The numbers of conf/dialplan/default.xml that play or echo something, dialled by a phone that says what it hears. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Phone, skipWithoutModules } from '../support/baresip.ts'
import { levelOf } from '../support/levels.ts'
import { eventually, skipWithout } from '../support/programs.ts'
import { Server } from '../support/server.ts'
import { mainFrequency, type Recording, shareOf } from '../support/wav.ts'

const skip = skipWithout('baresip') || skipWithoutModules()

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
    (seconds + 8) * 1000,
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

test('9195 sends it back five seconds later', { skip }, async () => {
  await using call = await callTo('9195')
  const all = await eventually(
    'seven seconds',
    () => {
      const heard = call.phone.heard()
      return heard.samples.length > 7 * heard.rate && heard
    },
    15_000,
  )
  const begin = all.samples.findIndex((sample) => Math.abs(sample) > 1000) / all.rate
  // Where no sound comes, baresip's recording may stand still: what was missing is then missing in the time, too.
  assert.ok(begin > 4.5 && begin < 5.6, `the echo began after ${begin} s`)
  assert.ok(shareOf({ rate: all.rate, samples: all.samples.slice(-all.rate) }, 440) > 0.85)
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

test('9664 plays the hold music: the notes of its chords', { skip }, async () => {
  await using call = await callTo('9664')
  // The first eight notes of hold_music in vars.xml, 400 ms each.
  const notes = [261.6, 329.6, 392, 523.3, 392, 329.6, 220, 261.6]
  const tones = melody(await sound(call.phone, 4), 100)
  for (const note of new Set(notes)) {
    assert.ok(
      tones.some((tone) => Math.abs(tone - note) <= 8),
      `${note} Hz is missing in ${tones}`,
    )
  }
})

test('9192 writes every variable of the call to the log and hangs up', { skip }, async () => {
  await using call = await callTo('9192')
  await call.phone.event('CALL_CLOSED')
  await call.server.isIdle()
  const { log } = call.server
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
    assert.match(log, new RegExp(`${name}: \\[.+\\]`), name)
  }
})
