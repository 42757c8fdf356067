/** `originate` typed at the event socket, with real phones at the other end. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Phone, skipWithoutModules } from '../support/baresip.ts'
import { skipWithout } from '../support/programs.ts'
import { Server } from '../support/server.ts'

const skip = skipWithout('baresip') || skipWithoutModules()
const accepted = /^\+OK [0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

test('originate calls phones and connects them to what was asked for', { skip }, async (t) => {
  await using server = await Server.start()
  const port = server.ports.internal
  await using first = await Phone.start({ server: port, user: '1000', tone: 440, answers: true })
  await using second = await Phone.start({ server: port, user: '1001', tone: 1000 })
  await Promise.all([first.registered(), second.registered()])

  await t.test(
    'originate user/1000 &echo() replies +OK and the uuid; the phone hears itself',
    async () => {
      const reply = await server.api('originate user/1000 &echo()')
      assert.match(reply, accepted)
      await first.event('CALL_ESTABLISHED')
      await first.hears(440)
      assert.match(await server.api(`uuid_kill ${reply.slice(4)}`), /^\+OK/)
      await first.event('CALL_CLOSED')
      await server.isIdle()
    },
  )

  await t.test('originate user/1000 1001 calls the one, then the other', async () => {
    assert.match(await server.api('originate user/1000 1001'), accepted)
    await first.event('CALL_ESTABLISHED')
    await second.event('CALL_INCOMING')
    await second.accept()
    await second.event('CALL_ESTABLISHED')
    await Promise.all([first.hears(1000), second.hears(440)])
    await second.hangUp()
    await first.event('CALL_CLOSED')
    await second.event('CALL_CLOSED')
    await server.isIdle()
  })

  await t.test('origination_caller_id_number is what the phone shows', async () => {
    const calling = server.api(
      'originate {origination_caller_id_number=99}user/1001 9197 XML default',
    )
    assert.match((await second.event('CALL_INCOMING')).param, /^sip:99@/)
    await second.accept()
    assert.match(await calling, accepted)
    await second.hears(1004)
    await second.hangUp()
    await second.event('CALL_CLOSED')
    await server.isIdle()
  })

  await t.test('bgapi originate tells of its end by BACKGROUND_JOB', async () => {
    const reply = await server.socket.job('originate user/1000 &park()', 60_000)
    assert.match(reply.trim(), accepted)
    await server.api('hupall NORMAL_CLEARING')
    await server.isIdle()
  })

  await t.test('a call that fails replies -ERR and the cause', async () => {
    const replies = {
      'originate user/1019 &park()': '-ERR USER_NOT_REGISTERED',
      'originate user/4711 &park()': '-ERR SUBSCRIBER_ABSENT',
      'originate error/USER_BUSY &park()': '-ERR USER_BUSY',
      'originate nothing/1000 &park()': '-ERR CHAN_NOT_IMPLEMENTED',
      'originate {originate_timeout=1}user/1001 &park()': '-ERR NO_ANSWER',
    }
    for (const [command, reply] of Object.entries(replies)) {
      assert.equal(await server.api(command), reply, command)
    }
    await second.event('CALL_INCOMING')
    await server.isIdle()
  })

  await t.test('a phone that refuses gives -ERR USER_BUSY', async () => {
    const calling = server.api('originate user/1001 &park()')
    await second.event('CALL_INCOMING')
    await second.hangUp()
    assert.equal(await calling, '-ERR USER_BUSY')
  })
})
