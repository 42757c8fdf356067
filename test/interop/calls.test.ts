/** Two baresip phones and the server: registration, calls, sound both ways, the end of a call. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Phone, type PhoneOptions, skipWithoutModules } from '../support/baresip.ts'
import { levelOf } from '../support/levels.ts'
import { eventually, skipWithout } from '../support/programs.ts'
import { Server } from '../support/server.ts'
import { lastOf, shareOf } from '../support/wav.ts'

const skip = skipWithout('baresip') || skipWithoutModules()

/** Ports for two calls at a time and a few more: a call that kept its ports would soon be missed. */
const rtpPorts = 20

type Pair = readonly [caller: Partial<PhoneOptions>, callee: Partial<PhoneOptions>]

async function phones(server: Server, [first, second]: Pair): Promise<[Phone, Phone]> {
  const port = server.ports.internal
  const started = await Promise.all([
    Phone.start({ server: port, user: '1000', tone: 440, ...first }),
    Phone.start({ server: port, user: '1001', tone: 1000, ...second }),
  ])
  await Promise.all(started.map((phone) => phone.registered()))
  return started
}

/** 1000 calls 1001, who answers; both hear each other. */
async function talk(caller: Phone, callee: Phone): Promise<void> {
  await caller.dial('1001')
  await callee.event('CALL_INCOMING')
  await caller.event('CALL_PROGRESS') // the dialplan sets ringback: 183 with our tone
  await callee.accept()
  await Promise.all([caller.event('CALL_ESTABLISHED'), callee.event('CALL_ESTABLISHED')])
  await Promise.all([caller.hears(1000), callee.hears(440)])
}

async function end(server: Server, who: Phone, other: Phone): Promise<void> {
  await who.hangUp()
  await Promise.all([who.event('CALL_CLOSED'), other.event('CALL_CLOSED')])
  await server.isIdle()
}

test('phones over UDP hear each other, and either can end the call', { skip }, async () => {
  await using server = await Server.start({ rtpPorts })
  const [caller, callee] = await phones(server, [{}, {}])
  await using _caller = caller
  await using _callee = callee
  // Whichever phone was faster comes first.
  const registrations = await server.api('show registrations')
  for (const row of [/^1000,/m, /^1001,/m, /^2 total/m]) assert.match(registrations, row)
  await talk(caller, callee)
  assert.equal(await server.channelCount(), 2)
  assert.match(await server.api('show calls count'), /1 total/)
  await end(server, caller, callee)
  await talk(caller, callee)
  await end(server, callee, caller)
  const ends = () => server.events.filter((event) => event.name === 'CHANNEL_HANGUP_COMPLETE')
  const ended = await eventually('four ends', () => ends().length >= 4 && ends())
  assert.deepEqual(
    ended.map((event) => event.headers.get('Hangup-Cause')),
    Array(4).fill('NORMAL_CLEARING'),
  )
})

test('calls give their RTP ports back: there can be more calls than ports', { skip }, async () => {
  await using server = await Server.start({ rtpPorts })
  await using callee = await Phone.start({
    server: server.ports.internal,
    user: '1001',
    answers: true,
  })
  await callee.registered()
  // Twelve calls with two parties each use 24 pairs of ports; there are ten.
  for (let i = 0; i < 12; i++) {
    const reply = await server.api('originate user/1001 &park()')
    assert.match(reply, /^\+OK /, `call ${i}`)
    await server.api(`uuid_kill ${reply.slice(4)}`)
    await callee.event('CALL_CLOSED')
  }
  await server.isIdle()
})

test('phones over TCP with different codecs hear each other', { skip }, async () => {
  await using server = await Server.start({ rtpPorts })
  const [caller, callee] = await phones(server, [
    { transport: 'tcp', codec: 'PCMA' },
    { transport: 'tcp', codec: 'G722' },
  ])
  await using _caller = caller
  await using _callee = callee
  assert.match(await server.api('show registrations'), /tcp/i)
  await talk(caller, callee)
  await end(server, caller, callee)
  await talk(caller, callee)
  await end(server, callee, caller)
})

test('a party that is put on hold hears music, and the caller again afterwards', {
  skip,
}, async () => {
  await using server = await Server.start({ rtpPorts })
  const [caller, callee] = await phones(server, [{}, {}])
  await using _caller = caller
  await using _callee = callee
  await talk(caller, callee)
  // baresip itself hears nothing more once it has held a call, so only the other phone is asked.
  await caller.command('hold')
  await server.event('CHANNEL_HOLD')
  await eventually('hold music', () => {
    const last = lastOf(callee.heard(), 300)
    return levelOf(last.samples) > 100 && shareOf(last, 440) < 0.2
  })
  await caller.command('resume')
  await server.event('CHANNEL_UNHOLD')
  await callee.hears(440, true)
  await end(server, caller, callee)
})
