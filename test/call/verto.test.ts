/** Calls of browsers over Verto, from login to bye, with sound that is only pretended. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { context } from '../support/dialplan.ts'
import type { FakeLeg } from '../support/fake-media.ts'
import { browserAnswer, browserSdp, type VertoClient } from '../support/verto-client.ts'
import { startVerto, type VertoSwitch } from '../support/verto-switch.ts'

const dialplan = context('here', {
  parked: 'answer; park',
  early: 'pre_answer; answer; park',
  busy: 'hangup USER_BUSY',
  other: 'bridge user/1001@example.test',
  third: 'bridge user/1002@example.test',
  elsewhere: 'set arrived=yes; answer; park',
})

const dialog = (callID: string, more: object = {}) => ({ dialogParams: { callID }, ...more })

/** The handshake of the sound succeeds. */
function secure(t: VertoSwitch, callID: string): void {
  const leg = t.media.legs.find(({ uuid }) => uuid === callID) as FakeLeg
  leg.events.emit('secured', {
    suite: 'AES_CM_128_HMAC_SHA1_80',
    cipher: 'ECDHE-ECDSA-AES128-GCM-SHA256',
    role: 'active',
    ms: 1,
  })
}

async function answered(t: VertoSwitch, callID: string): Promise<void> {
  secure(t, callID)
  await t.until(() => t.sw.channels.get(callID)?.isAnswered === true)
}

/** Calls `parked` and waits for the answer, which comes before the keys of the sound. */
async function inviteParked(vera: VertoClient, callID: string): Promise<void> {
  await vera.invite('parked', callID)
  await vera.take(
    ({ method, params }) => method === 'verto.answer' && params.callID === callID,
    'the answer',
  )
}

describe('Verto', () => {
  it('a browser calls, is answered when its sound is secured, and hangs up', async () => {
    await using t = await startVerto({ dialplan })
    using vera = await t.client('1000', 's1')
    const reply = await vera.invite('parked', 'c1', { userVariables: { color: 'green' } })
    assert.deepEqual(reply['result'], { message: 'CALL CREATED', callID: 'c1', sessid: 's1' })
    const answer = await vera.wait('verto.answer')
    assert.equal(answer['callID'], 'c1')
    assert.match(answer['sdp'], /^m=audio \d+ UDP\/TLS\/RTP\/SAVPF 0 126\r$/m)
    assert.match(answer['sdp'], /^a=fingerprint:sha-256 /m)
    const channel = t.sw.channels.get('c1')
    assert.equal(channel?.isAnswered, false)
    assert.equal(channel?.variables.get('verto_dvar_color'), 'green')
    assert.equal(channel?.variables.get('desk'), 'd1000')
    assert.equal(channel?.profile.get('caller_id_name'), 'Vera')
    await answered(t, 'c1')
    const bye = await vera.call('verto.bye', dialog('c1', { cause: 'USER_BUSY' }))
    assert.deepEqual(bye['result'], {
      callID: 'c1',
      message: 'CALL ENDED',
      causeCode: 17,
      cause: 'USER_BUSY',
      sessid: 's1',
    })
    const ended = await t.event('CHANNEL_HANGUP_COMPLETE')
    assert.equal(ended.get('Hangup-Cause'), 'USER_BUSY')
    assert.equal(
      vera.messages.some(({ method }) => method === 'verto.bye'),
      false,
    )
  })

  it('the description goes with early media, and not again with the answer', async () => {
    await using t = await startVerto({ dialplan })
    using vera = await t.client('1000')
    await vera.invite('early', 'c1')
    assert.ok((await vera.wait('verto.media'))['sdp'])
    assert.equal((await vera.wait('verto.answer'))['sdp'], undefined)
  })

  it('a call that fails tells the browser why', async () => {
    await using t = await startVerto({ dialplan })
    using vera = await t.client('1000')
    await vera.invite('busy', 'c1')
    const bye = await vera.wait('verto.bye')
    assert.deepEqual(bye, { callID: 'c1', causeCode: 17, cause: 'USER_BUSY' })
  })

  it('a handshake that fails ends the call and says why', async () => {
    await using t = await startVerto({ dialplan })
    using vera = await t.client('1000')
    await vera.invite('parked', 'c1')
    await vera.wait('verto.answer')
    const leg = t.media.legs.find(({ uuid }) => uuid === 'c1')
    leg?.events.emit('security failed', { reason: 'its certificate is another than it said' })
    assert.equal((await vera.wait('verto.bye'))['cause'], 'DESTINATION_OUT_OF_ORDER')
    const ended = await t.event('CHANNEL_HANGUP_COMPLETE')
    assert.match(ended.get('variable_webrtc_failure') ?? '', /another than it said/)
  })

  it('two browsers of two users talk, one transfers blindly, and the other one hears where it went', async () => {
    await using t = await startVerto({ dialplan })
    using vera = await t.client('1000', 's1')
    using bob = await t.client('1001', 's2')
    await vera.invite('other', 'c1')
    const invite = await bob.wait('verto.invite')
    assert.equal(invite['caller_id_name'], 'Vera')
    assert.equal(invite['display_direction'], 'outbound')
    assert.match(invite['sdp'], /a=setup:actpass/)
    const callee = invite['callID']
    const reply = await bob.call('verto.answer', dialog(callee, { sdp: browserAnswer }))
    assert.deepEqual(reply['result'], { sessid: 's2' })
    await vera.wait('verto.answer')
    await answered(t, 'c1')
    await t.event('CHANNEL_BRIDGE')
    assert.equal((await bob.wait('verto.display'))['display_name'], 'Vera')
    await t.until(() => t.sw.channels.get(callee)?.partner !== undefined)
    const moved = await bob.call(
      'verto.modify',
      dialog(callee, { action: 'transfer', destination: 'elsewhere' }),
    )
    assert.equal(moved['result'].message, 'CALL TRANSFERRED')
    await t.until(() => t.sw.channels.get('c1')?.variables.get('arrived') === 'yes')
    assert.equal((await bob.wait('verto.bye'))['cause'], 'NORMAL_CLEARING')
  })

  it('hold is told to the channel, and undone', async () => {
    await using t = await startVerto({ dialplan })
    using vera = await t.client('1000')
    await vera.invite('parked', 'c1')
    await vera.wait('verto.answer')
    const modify = async (action: string) =>
      (await vera.call('verto.modify', dialog('c1', { action })))['result'].holdState
    await answered(t, 'c1')
    assert.equal(await modify('hold'), 'held')
    assert.equal(t.sw.channels.get('c1')?.callState, 'HELD')
    assert.equal(await modify('toggleHold'), 'active')
    assert.equal(await modify('toggleHold'), 'held')
    assert.equal(await modify('unhold'), 'active')
  })

  it('hold before the answer is none; between the answer and the keys of the sound it waits for them', async () => {
    await using t = await startVerto({ dialplan })
    using vera = await t.client('1000')
    using bob = await t.client('1001')
    const modify = async (callID: string, action: string) =>
      (await vera.call('verto.modify', dialog(callID, { action })))['result'].holdState
    await vera.invite('other', 'ringing')
    await bob.wait('verto.invite')
    assert.equal(await modify('ringing', 'hold'), 'active')
    for (const [callID, actions, isHeld] of [
      ['c1', ['hold'], true],
      ['c2', ['hold', 'toggleHold', 'toggleHold'], true],
      ['c3', ['toggleHold', 'unhold'], false],
    ] as const) {
      await inviteParked(vera, callID)
      const answers = actions.map((action) => modify(callID, action))
      await answered(t, callID)
      assert.equal((await Promise.all(answers)).at(-1), isHeld ? 'held' : 'active')
      const channel = t.sw.channels.get(callID)
      assert.equal(channel?.isHeld, isHeld)
      assert.equal(channel?.callState, isHeld ? 'HELD' : 'ACTIVE')
      assert.equal(await modify(callID, 'unhold'), 'active')
    }
  })

  it('hold while no keys come is answered with how things stand, and forgotten', async () => {
    await using t = await startVerto({ dialplan })
    using vera = await t.client('1000')
    await inviteParked(vera, 'c1')
    const modify = async (action: string) =>
      (await vera.call('verto.modify', dialog('c1', { action })))['result'].holdState
    assert.equal(await modify('hold'), 'active')
    await answered(t, 'c1')
    assert.equal(t.sw.channels.get('c1')?.isHeld, false)
    assert.equal(await modify('hold'), 'held')
  })

  it('digits of a browser are digits of its channel', async () => {
    await using t = await startVerto({ dialplan })
    using vera = await t.client('1000')
    await vera.invite('parked', 'c1')
    await vera.wait('verto.answer')
    await answered(t, 'c1')
    const reply = await vera.call('verto.info', dialog('c1', { dtmf: '1#' }))
    assert.equal(reply['result'].message, 'SENT')
    const digits = t.events.filter(({ name }) => name === 'DTMF').map((e) => e.get('DTMF-Digit'))
    assert.deepEqual(digits, ['1', '#'])
  })

  it('attended transfer: both partners meet and the browser is out', async () => {
    await using t = await startVerto({ dialplan })
    using vera = await t.client('1000', 's1')
    using bob = await t.client('1001', 's2')
    using carl = await t.client('1002', 's3')
    const callees: string[] = []
    for (const [client, id, destination] of [
      [bob, 'c1', 'other'],
      [carl, 'c2', 'third'],
    ] as const) {
      await vera.invite(destination, id)
      const invite = await client.wait('verto.invite')
      callees.push(invite['callID'])
      await client.call('verto.answer', dialog(invite['callID'], { sdp: browserAnswer }))
      await answered(t, id)
      await t.until(() => t.sw.channels.get(invite['callID'])?.partner !== undefined)
    }
    const reply = await vera.call(
      'verto.modify',
      dialog('c1', { action: 'replace', replaceCallID: 'c2' }),
    )
    assert.ok(reply['result'], JSON.stringify(reply))
    const [left = '', right = ''] = callees
    await t.until(() => t.sw.channels.get(left)?.partner?.uuid === right)
    assert.equal(t.sw.channels.get('c1'), undefined)
    assert.equal(t.sw.channels.get('c2'), undefined)
  })

  it('a call waits for a browser that went off, and goes on when it comes back', async () => {
    await using t = await startVerto({ dialplan })
    using vera = await t.client('1000', 's1')
    await vera.invite('parked', 'c1')
    const first = await vera.wait('verto.answer')
    await answered(t, 'c1')
    await vera.close()
    assert.ok(t.sw.channels.get('c1')?.isUp)
    using again = await t.connect('s1')
    await again.login('1000')
    const attach = await again.wait('verto.attach')
    assert.equal(attach['callID'], 'c1')
    assert.equal(attach['holdState'], 'active')
    assert.ok(attach['seconds'] >= 0 && attach['seconds'] < 60, String(attach['seconds']))
    const password = (sdp: string) => /a=ice-pwd:(\S+)/.exec(sdp)?.[1]
    assert.notEqual(password(attach['sdp']), password(first['sdp']), 'ICE begins anew')
    assert.deepEqual((await again.wait('verto.clientReady'))['reattached_sessions'], ['c1'])
    const reply = await again.call('verto.attach', dialog('c1', { sdp: browserAnswer }))
    assert.deepEqual(reply['result'], { sessid: 's1' })
    assert.ok(t.sw.channels.get('c1')?.isAnswered)
    assert.equal((await t.counters())['calls reattached'], 1)
  })

  it('a browser that comes back is told that it has its party on hold', async () => {
    await using t = await startVerto({ dialplan })
    using vera = await t.client('1000', 's1')
    await vera.invite('parked', 'c1')
    await vera.wait('verto.answer')
    await answered(t, 'c1')
    await vera.call('verto.modify', dialog('c1', { action: 'hold' }))
    await vera.close()
    using again = await t.connect('s1')
    await again.login('1000')
    assert.equal((await again.wait('verto.attach'))['holdState'], 'held')
  })

  it('a browser that does not come back in time loses its call', async () => {
    const settings = '<param name="detach-timeout-sec" value="1"/>'
    await using t = await startVerto({ dialplan, settings })
    using vera = await t.client('1000', 's1')
    await vera.invite('parked', 'c1')
    await vera.wait('verto.answer')
    await answered(t, 'c1')
    await vera.close()
    const ended = await t.event('CHANNEL_HANGUP')
    assert.equal(ended.get('Hangup-Cause'), 'RECOVERY_ON_TIMER_EXPIRE')
  })

  it('nor does one that comes back and does not take its call up keep it', async () => {
    const settings = '<param name="detach-timeout-sec" value="2"/>'
    await using t = await startVerto({ dialplan, settings })
    using vera = await t.client('1000', 's1')
    await vera.invite('parked', 'c1')
    await vera.wait('verto.answer')
    await answered(t, 'c1')
    await vera.close()
    using again = await t.connect('s1')
    await again.login('1000')
    await again.wait('verto.attach')
    assert.equal((await again.wait('verto.bye'))['cause'], 'RECOVERY_ON_TIMER_EXPIRE')
  })

  it('a call that was never answered, or must not be recovered, ends with its socket', async () => {
    await using t = await startVerto({ dialplan })
    using vera = await t.client('1000', 's1')
    await vera.invite('parked', 'c1')
    await vera.wait('verto.answer')
    await vera.invite('parked', 'c2', { recoverCall: false })
    await vera.wait('verto.answer')
    await answered(t, 'c2')
    await vera.close()
    await t.event('CHANNEL_DESTROY', (event) => event.get('Unique-ID') === 'c1')
    await t.event('CHANNEL_DESTROY', (event) => event.get('Unique-ID') === 'c2')
    const causes = t.events
      .filter(({ name }) => name === 'CHANNEL_HANGUP')
      .map((event) => event.get('Hangup-Cause'))
    assert.deepEqual(causes.sort(), ['DESTINATION_OUT_OF_ORDER', 'NORMAL_CLEARING'])
  })

  it('a second socket of a session takes it over; that of another user is refused', async () => {
    await using t = await startVerto({ dialplan })
    using vera = await t.client('1000', 's1')
    using again = await t.connect('s1')
    assert.ok((await again.login('1000'))['result'])
    assert.deepEqual(await vera.wait('verto.punt'), {})
    await vera.until(() => vera.isClosed, 'the end of the first socket')
    using thief = await t.connect('s1')
    assert.deepEqual((await thief.login('1001'))['error'], {
      code: -32001,
      message: 'Session in use',
    })
    await thief.until(() => thief.isClosed, 'the end of the thief')
    assert.match(await t.api('verto_contact 1000@example.test'), /^verto\.rtc\/u:s1$/)
  })

  it('a call of another session is none', async () => {
    await using t = await startVerto({ dialplan })
    using vera = await t.client('1000', 's1')
    using bob = await t.client('1001', 's2')
    await vera.invite('parked', 'c1')
    await vera.wait('verto.answer')
    const bye = await bob.call('verto.bye', dialog('c1'))
    assert.equal(bye['error'].message, 'CALL DOES NOT EXIST')
    assert.ok(t.sw.channels.get('c1')?.isUp)
  })

  it('a new description within a call is answered, one of no use changes nothing', async () => {
    await using t = await startVerto({ dialplan })
    using vera = await t.client('1000')
    await vera.invite('parked', 'c1')
    await vera.wait('verto.answer')
    await answered(t, 'c1')
    const update = (sdp: string) =>
      vera.call('verto.modify', dialog('c1', { action: 'updateMedia', sdp }))
    assert.match((await update(browserSdp))['result'].sdp, /a=setup:active/)
    assert.equal((await update('hello'))['error'].message, 'CODEC NEGOTIATION ERROR')
    assert.ok(t.sw.channels.get('c1')?.isUp)
  })

  it('messages go from user to user', async () => {
    await using t = await startVerto({ dialplan })
    using vera = await t.client('1000')
    using bob = await t.client('1001')
    const msg = { to: '1001@example.test', body: 'hello', from_msg_name: 'Vera' }
    const reply = await vera.call('verto.info', { msg })
    assert.equal(reply['result'].message, 'SENT')
    const got = (await bob.wait('verto.info'))['msg']
    assert.deepEqual(got, {
      from: '1000@example.test',
      to: '1001@example.test',
      body: 'hello',
      from_msg_name: 'Vera',
      from_user: '1000',
      from_host: 'example.test',
      from_full: '1000',
    })
  })

  it('who is on the phone is told to those who subscribe to presence', async () => {
    await using t = await startVerto({ dialplan })
    using vera = await t.client('1000')
    using bob = await t.client('1001')
    await bob.call('verto.subscribe', { eventChannel: 'presence.1000@example.test' })
    await vera.invite('parked', 'c1')
    const event = await bob.wait('verto.event')
    assert.equal(event['eventChannel'], 'presence.1000@example.test')
    assert.equal(event['data'].channelUUID, 'c1')
    assert.equal(event['eventSerno'], 0)
  })

  it('the lamp of a mailbox is told to the browser that asks for it and whose it is', async () => {
    await using t = await startVerto({ dialplan })
    const waiting = (voice: string, more: readonly (readonly [string, string])[] = []) =>
      t.sw.events.announce('MESSAGE_WAITING', (event) => {
        event.add('MWI-Messages-Waiting', 'yes')
        event.add('MWI-Message-Account', 'sip:1000@example.test')
        event.add('MWI-Voice-Message', voice)
        for (const [name, value] of more) event.add(name, value)
      })
    t.sw.events.attach({
      name: 'mailboxes',
      wants: (name) => name === 'MESSAGE_QUERY',
      receive: (event) => {
        if (event.get('Message-Account') !== 'sip:1000@example.test') return
        queueMicrotask(() => waiting('1/2 (0/0)', [['Call-ID', event.get('VM-Call-ID') ?? '']]))
      },
    })
    using vera = await t.client('1000', 's1')
    using bob = await t.client('1001', 's2')
    const lamp = { account: '1000@example.test', isWaiting: true }
    for (const client of [vera, bob]) {
      const reply = await client.call('verto.subscribe', { eventChannel: 'mailbox' })
      assert.deepEqual(reply['result'].subscribedChannels, ['mailbox'])
    }
    const first = (await vera.wait('verto.event'))['data']
    assert.deepEqual(first, { ...lamp, newMessages: 1, savedMessages: 2 })
    waiting('3/2 (1/0)')
    const second = (await vera.wait('verto.event'))['data']
    assert.deepEqual(second, { ...lamp, newMessages: 3, savedMessages: 2 })
    const forged = { eventChannel: 'mailbox', localBroadcast: true, data: lamp }
    assert.equal(
      (await bob.call('verto.broadcast', forged))['result'].message,
      'Permission Denied.',
    )
    // What a phone has asked for is not for browsers.
    waiting('9/9', [['Call-ID', 'a registration']])
    await vera.call('verto.ping')
    assert.ok(![...vera.messages, ...bob.messages].some(({ method }) => method === 'verto.event'))
  })

  it('the module can be loaded anew: calls end, browsers come back', async () => {
    await using t = await startVerto({ dialplan })
    using vera = await t.client('1000', 's1')
    await vera.invite('parked', 'c1')
    await vera.wait('verto.answer')
    await t.api('reload mod_verto')
    assert.equal((await vera.wait('verto.bye'))['cause'], 'SYSTEM_SHUTDOWN')
    await vera.until(() => vera.isClosed, 'the end of the socket')
    assert.match(await t.api('verto status'), /1 profile , 0 clients/)
    assert.match(await t.api('verto status'), /RUNNING/)
  })

  it('commands run as far as the directory allows', async () => {
    await using t = await startVerto({ dialplan })
    using vera = await t.client('1000', 's1')
    const status = await vera.call('fsapi', { cmd: 'status' })
    assert.match(status['result'].message, /^UP /)
    assert.equal((await vera.call('fsapi', { cmd: 'hupall' }))['error'].code, -32602)
    assert.equal(
      (await vera.call('jsapi', { command: 'status', data: {} }))['result'].systemStatus,
      'ready',
    )
    assert.equal((await vera.call('jsapi', { command: 'nosuch', data: {} }))['error'].code, -32602)
    const echoed = await vera.call('echo', { echoParams: true, y: 1 })
    assert.equal(echoed['result'].requestParams.y, 1)
  })
})
