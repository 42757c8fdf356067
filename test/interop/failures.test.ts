/** Calls that come to nothing, and people who may not call: what the phone is told, what events and log say. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Phone, skipWithoutModules } from '../support/baresip.ts'
import { skipWithout } from '../support/programs.ts'
import {
  copyOfConf,
  folderForTest,
  Server,
  withoutLamps,
  withoutMailboxes,
} from '../support/server.ts'
import { register, Sipp } from '../support/sipp.ts'

const skip = skipWithout('baresip', 'sipp') || skipWithoutModules()

const noMailboxes = {
  'dialplan/features.xml': withoutMailboxes,
  'sip_profiles/internal.xml': withoutLamps,
}

const shortRing = {
  ...noMailboxes,
  'dialplan/default.xml': (text: string) => text.replaceAll('call_timeout=30', 'call_timeout=4'),
}

/** A party at 1001 that does what a scenario says. */
async function partyAt1001(
  server: Server,
  scenario: string,
  answer = '603 Decline',
): Promise<Sipp> {
  const party = await Sipp.start({ scenario, server: server.ports.internal, answer })
  await register(server, '1001', party.port)
  return party
}

/** The end of the caller's channel, and the word for why the called party could not be had. */
async function endOfCall(server: Server): Promise<[cause: string, disposition: string]> {
  const event = await server.event('CHANNEL_HANGUP_COMPLETE', { 'Call-Direction': 'inbound' })
  await server.isIdle()
  const { headers } = event
  return [
    headers.get('Hangup-Cause') ?? '',
    headers.get('variable_originate_disposition') ?? headers.get('variable_DIALSTATUS') ?? '',
  ]
}

const refusals = [
  { answer: '486 Busy Here', cause: 'USER_BUSY', told: /^486/ },
  { answer: '603 Decline', cause: 'CALL_REJECTED', told: /^603/ },
  { answer: '480 Temporarily Unavailable', cause: 'NO_USER_RESPONSE', told: /^(480|408)/ },
  { answer: '404 Not Found', cause: 'UNALLOCATED_NUMBER', told: /^404/ },
]

for (const { answer, cause, told } of refusals) {
  test(`a party that answers ${answer} gives ${cause}`, { skip }, async () => {
    using folder = folderForTest()
    const conf = copyOfConf(`${folder.path}/conf`, noMailboxes)
    await using server = await Server.start({ conf })
    await using caller = await Phone.start({ server: server.ports.internal, user: '1000' })
    await caller.registered()
    await using party = await partyAt1001(server, 'refuse', answer)
    await caller.dial('1001')
    assert.match((await caller.event('CALL_CLOSED')).param, told)
    await party.succeeds()
    assert.deepEqual(await endOfCall(server), [cause, cause])
  })
}

test('a phone that refuses is busy', { skip }, async () => {
  using folder = folderForTest()
  const conf = copyOfConf(`${folder.path}/conf`, noMailboxes)
  await using server = await Server.start({ conf })
  const port = server.ports.internal
  await using caller = await Phone.start({ server: port, user: '1000' })
  await using callee = await Phone.start({ server: port, user: '1001' })
  await Promise.all([caller.registered(), callee.registered()])
  await caller.dial('1001')
  await callee.event('CALL_INCOMING')
  await callee.hangUp()
  assert.match((await caller.event('CALL_CLOSED')).param, /^486/)
  assert.deepEqual(await endOfCall(server), ['USER_BUSY', 'USER_BUSY'])
})

test('call_timeout ends the ringing with NO_ANSWER', { skip }, async () => {
  using folder = folderForTest()
  const conf = copyOfConf(`${folder.path}/conf`, shortRing)
  await using server = await Server.start({ conf })
  await using caller = await Phone.start({ server: server.ports.internal, user: '1000' })
  await caller.registered()
  await using party = await partyAt1001(server, 'ring')
  await caller.dial('1001')
  await caller.event('CALL_PROGRESS')
  assert.match((await caller.event('CALL_CLOSED')).param, /^480/)
  await party.succeeds() // it got the CANCEL
  assert.deepEqual(await endOfCall(server), ['NO_ANSWER', 'NO_ANSWER'])
})

test('a caller who gives up cancels the call', { skip }, async () => {
  using folder = folderForTest()
  const conf = copyOfConf(`${folder.path}/conf`, noMailboxes)
  await using server = await Server.start({ conf })
  await using caller = await Phone.start({ server: server.ports.internal, user: '1000' })
  await caller.registered()
  await using party = await partyAt1001(server, 'ring')
  await caller.dial('1001')
  await caller.event('CALL_PROGRESS')
  await caller.hangUp()
  await party.succeeds()
  const [cause] = await endOfCall(server)
  assert.equal(cause, 'ORIGINATOR_CANCEL')
})

test('a wrong password gets 403, is logged with user and address, and registers nobody', {
  skip,
}, async () => {
  await using server = await Server.start()
  await using phone = await Phone.start({
    server: server.ports.internal,
    user: '1000',
    password: 'wrong',
  })
  await phone.program.says(/403 Forbidden/)
  await server.logs(/\[WARNING\].*REGISTER.*1000@127\.0\.0\.1.*127\.0\.0\.1/)
  assert.match(await server.api('show registrations'), /^\s*0 total/m)
  assert.match(await server.api('originate user/1000 &park()'), /^-ERR USER_NOT_REGISTERED/)
})

test('a number that nobody has gets 404', { skip }, async () => {
  await using server = await Server.start()
  await using phone = await Phone.start({ server: server.ports.internal, user: '1000' })
  await phone.registered()
  await phone.dial('4711')
  assert.match((await phone.event('CALL_CLOSED')).param, /^404/)
  await server.isIdle()
})
