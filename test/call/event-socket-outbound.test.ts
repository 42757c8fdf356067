/** The application `socket`: another program controls the call. */
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { describe, it, mock } from 'node:test'
import { counters } from '../../src/sinks/event_socket/counters.ts'
import { connectTo } from '../../src/sinks/event_socket/outbound-hosts.ts'
import { comes } from '../support/ears.ts'
import { pressKeys } from '../support/keys.ts'
import { OutboundServer } from '../support/outbound-server.ts'
import type { PhoneCall } from '../support/phone.ts'
import { freePorts } from '../support/ports.ts'
import { type SipSwitch, startSipSwitch } from '../support/sip-switch.ts'
import { startSwitch } from '../support/switch.ts'
import { purity, toneFrom } from '../support/tone.ts'
import { until } from '../support/until.ts'

const configuration = `<configuration name="event_socket.conf"><settings>
<param name="listen-port" value="0"/><param name="password" value="pw"/></settings></configuration>`

/** Calls for which `socket` runs with some words, and what follows it; `HERE` is the server's address. */
async function begin(
  actions: readonly string[] = ['socket:HERE async full'],
): Promise<{ sw: SipSwitch; server: OutboundServer; call: PhoneCall } & AsyncDisposable> {
  const server = await OutboundServer.start()
  const sw = await startSipSwitch({
    modules: ['mod_event_socket'],
    configuration,
    extensions: {
      7000: actions.map((action) => action.replaceAll('HERE', `127.0.0.1:${server.port}`)),
      7001: ['set:been=here', 'respond:480'],
    },
  })
  const phone = await sw.phone('1000')
  const call = await phone.call('7000')
  return {
    sw,
    server,
    call,
    async [Symbol.asyncDispose]() {
      await sw[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

const locked = { 'event-lock': 'true' }

describe('the channel at an outbound socket', () => {
  it('is told only when the client asks, as one block with the mode at its end', async () => {
    await using t = await begin(['set:colour=deep red', 'socket:HERE/desk/1 async full'])
    const client = await t.server.call()
    client.socket.write('\n')
    await client.connect()
    assert.equal(client.replies.all.length, 1)
    const names = [...client.data.keys()]
    assert.equal(names[0], 'Event-Name')
    assert.deepEqual([...client.data].slice(-4), [
      ['Content-Type', 'command/reply'],
      ['Reply-Text', '+OK\n'],
      ['Socket-Mode', 'async'],
      ['Control', 'full'],
    ])
    const told = (name: string) => client.data.get(name)
    assert.equal(told('Event-Name'), 'CHANNEL_DATA')
    assert.equal(told('Channel-Destination-Number'), '7000')
    assert.equal(told('Caller-Caller-ID-Number'), '1000')
    assert.equal(told('variable_colour'), 'deep red')
    assert.equal(told('variable_socket_host'), '127.0.0.1')
    assert.equal(told('variable_socket_path'), 'desk/1')
    assert.equal(told('Unique-ID'), t.sw.channel('1000@example.test').uuid)
  })

  it('answers, plays, collects keys, bridges and hangs up as it is told', async () => {
    await using t = await begin()
    const bob = await t.sw.phone('1001')
    await bob.register()
    const client = await t.server.connected()
    assert.equal(await client.say('myevents'), '+OK Events Enabled')
    assert.equal(await client.execute('answer'), '+OK')
    assert.equal((await t.call.outcome()).status, 200)
    await client.execute('playback', 'tone_stream://%(400,0,600)', { 'event-uuid': 'the-tone' })
    await comes(t.call.rtp, 600, { from: 0, least: 0.9 })
    const played = await client.event('CHANNEL_EXECUTE_COMPLETE', 'playback')
    assert.equal(played.headers.get('Application-UUID'), 'the-tone')
    assert.equal(played.headers.get('Application-Response'), 'FILE PLAYED')
    await client.execute(
      'play_and_get_digits',
      '2 4 1 20000 # silence_stream://20000 none keys \\d+',
    )
    await client.event('CHANNEL_EXECUTE', 'play_and_get_digits')
    await pressKeys(t.call.rtp, '471#')
    const collected = await client.event('CHANNEL_EXECUTE_COMPLETE', 'play_and_get_digits')
    assert.equal(collected.headers.get('variable_keys'), '471')
    assert.equal(await client.say('getvar keys'), '471')
    const incoming = bob.incoming()
    await client.execute('bridge', 'sofia/internal/1001%example.test')
    const leg = await incoming
    leg.answer()
    await client.event('CHANNEL_BRIDGE')
    await leg.bye()
    const bridged = await client.event('CHANNEL_EXECUTE_COMPLETE', 'bridge')
    assert.equal(bridged.headers.get('variable_bridge_hangup_cause'), 'NORMAL_CLEARING')
    assert.equal(await client.hangup('CALL_REJECTED'), '+OK')
    await t.call.hungUp()
    const ended = await client.event('CHANNEL_HANGUP_COMPLETE')
    assert.equal(ended.headers.get('Hangup-Cause'), 'CALL_REJECTED')
    const notice = await client.notices.next('a notice')
    assert.equal(notice.headers.get('Controlled-Session-UUID'), client.uuid)
    assert.equal(notice.headers.get('Content-Disposition'), 'disconnect')
    await client.closed
  })

  it('does one thing after the other in a static socket, each before its reply', async () => {
    await using t = await begin(['socket:HERE full', 'hangup:USER_BUSY'])
    const client = await t.server.connected()
    assert.equal(client.data.get('Socket-Mode'), 'static')
    const executed = () => t.sw.executed('1000@example.test')
    await client.execute('set', 'first=1')
    assert.equal(await client.say('getvar first'), '1')
    await client.execute('sleep', '50')
    const [sleep, second] = [client.execute('sleep', '50'), client.execute('set', 'second=2')]
    await sleep
    assert.equal(await client.say('myevents'), '+OK Events Enabled')
    await second
    assert.deepEqual(executed().slice(1), [
      'set(first=1)',
      'sleep(50)',
      'sleep(50)',
      'set(second=2)',
    ])
    assert.equal(await client.say('exit'), '+OK bye')
    assert.equal((await t.call.outcome()).status, 486)
    await client.closed
  })

  it('takes only the commands of its call without `full`', async () => {
    await using t = await begin(['socket:HERE async'])
    const client = await t.server.connected()
    assert.equal(client.data.get('Control'), 'single-channel')
    const refused = '-ERR command not found'
    for (const line of [
      'api status',
      'bgapi status',
      'event plain ALL',
      'nixevent ALL',
      'noevents',
      'log 7',
      'nolog',
      'linger',
      'nolinger',
      'sendevent CUSTOM',
    ])
      assert.equal(await client.say(line), refused, line)
    assert.equal(await client.say('filter Unique-ID x'), '+OK filter added. [Unique-ID]=[x]')
    assert.equal(await client.say('getvar destination_number'), '7000')
    assert.equal(await client.say('divert_events on'), '+OK events diverted')
    assert.equal(await client.say('resume'), '+OK')
    assert.equal(await client.hangup('CALL_REJECTED'), '+OK')
    assert.equal((await t.call.outcome()).status, 603)
  })
})

describe('orders to a channel', () => {
  it('wait behind one with event-lock, a hangup too', async () => {
    await using t = await begin()
    const client = await t.server.connected()
    await client.say('myevents')
    await client.execute('answer', '', locked)
    await client.execute('playback', 'tone_stream://%(300,0,600)', locked)
    await client.hangup('NORMAL_CLEARING')
    const played = await client.event('CHANNEL_EXECUTE_COMPLETE', 'playback')
    assert.equal(played.headers.get('Application-Response'), 'FILE PLAYED')
    await t.call.hungUp()
  })

  it('do not wait without it: a hangup ends what is played', async () => {
    await using t = await begin()
    const client = await t.server.connected()
    await client.say('myevents')
    await client.execute('answer')
    await client.execute('playback', 'silence_stream://-1')
    await client.event('CHANNEL_EXECUTE', 'playback')
    await client.hangup('NORMAL_CLEARING')
    await t.call.hungUp()
  })

  it('are repeated as often as loops says, but not what takes no time', async () => {
    await using t = await begin()
    const client = await t.server.connected()
    await client.say('event plain CHANNEL_EXECUTE_COMPLETE')
    await client.execute('set', 'x=1', { loops: '3', ...locked })
    await client.execute('sleep', '520', { loops: '2', ...locked })
    await client.execute('set', 'end=1', locked)
    for (;;) {
      const { headers } = await client.event('CHANNEL_EXECUTE_COMPLETE')
      if (headers.get('Application-Data') === 'end=1') break
    }
    assert.deepEqual(t.sw.executed('1000@example.test').slice(1), [
      'set(x=1)',
      'sleep(520)',
      'sleep(520)',
      'set(end=1)',
    ])
    const begun = t.sw.events.filter((event) => event.get('Application') === 'sleep')
    assert.equal(begun[2]?.get('variable_current_loop'), '2')
    assert.equal(begun[2]?.get('variable_total_loops'), '2')
  })

  it('have their argument in a body where that is text', async () => {
    await using t = await begin()
    const client = await t.server.connected()
    const order = { 'call-command': 'execute', 'execute-app-name': 'set' }
    await client.ask('sendmsg', { ...order, 'content-type': 'text/plain' }, 'where=in the body')
    await client.ask('sendmsg', { ...order, 'content-type': 'text/other' }, 'other=ignored')
    await t.sw.until(() => t.sw.executed('1000@example.test').length === 3)
    assert.equal(await client.say('getvar where'), 'in the body')
    assert.equal(await client.say('getvar other'), '-ERR command not found')
  })

  it('do not park a channel that is parked for them', async () => {
    await using t = await begin()
    const client = await t.server.connected()
    await client.execute('park')
    await client.execute('set', 'after=park')
    await t.sw.until(() => t.sw.executed('1000@example.test').length === 3)
    assert.equal(t.sw.events.filter(({ name }) => name === 'CHANNEL_PARK').length, 1)
  })

  it('may transfer it; the socket goes with the call', async () => {
    await using t = await begin()
    const client = await t.server.connected()
    await client.say('myevents')
    await client.execute('transfer', '7001 XML default')
    const set = await client.event('CHANNEL_EXECUTE', 'set')
    assert.equal(set.headers.get('Application-Data'), 'been=here')
    assert.equal((await t.call.outcome()).status, 480)
    await client.closed
  })

  it('give its sound to a program by UDP, and take some from there', async () => {
    await using t = await begin()
    const client = await t.server.connected()
    const program = createSocket('udp4')
    const heard: number[] = []
    program.on('message', (datagram) => {
      for (let i = 0; i + 1 < datagram.length; i += 2) heard.push(datagram.readInt16LE(i))
    })
    await new Promise<void>((resolve) => program.bind(0, '127.0.0.1', resolve))
    const local = await freePorts(1)
    await client.execute('answer')
    await t.call.outcome()
    await client.say('sendmsg', {
      'call-command': 'unicast',
      'local-port': String(local),
      'remote-port': String(program.address().port),
    })
    await t.sw.event('MEDIA_BUG_START', (event) => event.get('Media-Bug-Function') === 'unicast')
    await t.call.rtp.tone(600, 40)
    await until(() => heard.length > 4000, 'the sound of the call')
    assert.ok(purity(600, Int16Array.from(heard.slice(800, 4000))) > 0.9)
    let sent = 0
    const speaking = setInterval(() => {
      const frame = Buffer.alloc(320)
      toneFrom(sent, 1000, 8000, 160).forEach((sample, i) => void frame.writeInt16LE(sample, i * 2))
      sent += 160
      program.send(frame, local, '127.0.0.1')
    }, 20)
    await comes(t.call.rtp, 1000, { from: 0, least: 0.7 })
    clearInterval(speaking)
    program.close()
    client.socket.destroy()
    await t.sw.event('MEDIA_BUG_STOP', (event) => event.get('Media-Bug-Function') === 'unicast')
  })

  it('get its digits alone once events are diverted', async () => {
    await using t = await begin()
    const client = await t.server.connected()
    await client.say('event plain CHANNEL_ANSWER')
    await client.say('divert_events on')
    await client.execute('answer')
    await t.call.outcome()
    await pressKeys(t.call.rtp, '5')
    assert.equal((await client.event('DTMF')).headers.get('DTMF-Digit'), '5')
    await client.say('sendevent SEND_MESSAGE', { 'unique-id': client.uuid, Colour: 'red' })
    const sent = await client.event('SEND_MESSAGE')
    assert.equal(sent.headers.get('Colour'), 'red')
    assert.equal(sent.headers.get('Channel-State'), 'CS_EXECUTE')
    const elsewhere = t.sw.events.map(({ name }) => name)
    assert.equal(elsewhere.includes('DTMF') || elsewhere.includes('SEND_MESSAGE'), false)
  })
})

describe('an outbound socket that closes', () => {
  const after = ['socket:HERE async full', 'set:after=socket', 'hangup:USER_BUSY']

  it('leaves behind what it ordered, then the dialplan goes on', async () => {
    await using t = await begin(after)
    const client = await t.server.connected()
    await client.execute('sleep', '200', locked)
    await client.execute('set', 'late=1', locked)
    client.socket.destroy()
    assert.equal((await t.call.outcome()).status, 486)
    assert.deepEqual(t.sw.executed('1000@example.test').slice(1), [
      'sleep(200)',
      'set(late=1)',
      'set(after=socket)',
      'hangup(USER_BUSY)',
    ])
  })

  it('with `resume` lets the dialplan go on at once', async () => {
    await using t = await begin(after)
    const client = await t.server.connected()
    await client.say('myevents')
    await client.execute('sleep', '60000', locked)
    await client.execute('set', 'late=1', locked)
    await client.event('CHANNEL_EXECUTE', 'sleep')
    assert.equal(await client.say('resume'), '+OK')
    client.socket.destroy()
    assert.equal((await t.call.outcome()).status, 486)
    assert.deepEqual(t.sw.executed('1000@example.test').slice(1), [
      'sleep(60000)',
      'set(after=socket)',
      'hangup(USER_BUSY)',
    ])
  })

  it('goes on with a static socket, too, whatever the variable socket_resume says', async () => {
    for (const first of ['set:socket_resume=true', 'set:x=1']) {
      await using t = await begin([first, 'socket:HERE', 'hangup:USER_BUSY'])
      const client = await t.server.connected()
      client.socket.destroy()
      assert.equal((await t.call.outcome()).status, 486)
    }
  })

  it('before it has said anything leaves the call to the dialplan', async () => {
    for (const mode of ['', ' async full']) {
      await using t = await begin([`socket:HERE${mode}`, 'hangup:USER_BUSY'])
      const client = await t.server.call()
      client.socket.destroy()
      assert.equal((await t.call.outcome()).status, 486)
    }
  })

  it('lingers behind the call as long as was asked', async () => {
    await using t = await begin()
    const client = await t.server.connected()
    await client.say('myevents')
    assert.equal(await client.say('linger 1'), '+OK will linger 1 seconds')
    await client.hangup('CALL_REJECTED')
    const lingering = await client.notices.next('the notice of lingering')
    assert.deepEqual(lingering.headers.entries.slice(1), [
      ['Controlled-Session-UUID', client.uuid],
      ['Content-Disposition', 'linger'],
      ['Channel-Name', client.data.get('Channel-Name')],
      ['Linger-Time', '1'],
      ['Content-Length', '0'],
    ])
    await client.event('CHANNEL_HANGUP_COMPLETE')
    assert.equal(await client.say('api echo still here'), 'still here')
    await client.closed
    assert.equal(client.notices.all[1]?.headers.get('Content-Disposition'), 'disconnect')
    const names = client.events.all.map(({ name }) => name)
    assert.equal(names.includes('CHANNEL_DESTROY'), false)
  })

  it('by the caller ends with a notice when it does not linger', async () => {
    await using t = await begin()
    const client = await t.server.connected()
    await client.say('linger')
    await client.say('nolinger')
    await client.execute('answer')
    await t.call.outcome()
    await t.call.bye()
    const notice = await client.notices.next('a notice')
    assert.equal(notice.headers.get('Content-Disposition'), 'disconnect')
    await client.closed
  })
})

describe('an outbound socket without a client to speak of', () => {
  it('waits 25 s for a first word, then lets the call go on', async () => {
    await using server = await OutboundServer.start()
    const modules = ['mod_dptools', 'mod_commands', 'mod_loopback', 'mod_event_socket']
    await using t = await startSwitch({ modules, configuration })
    const uuid = (await t.api('originate null/somebody &park()')).trim().slice(-36)
    mock.timers.enable({ apis: ['setTimeout'] })
    try {
      const [before, calls] = [counters.timedOut, counters.outbound]
      await t.api(`uuid_broadcast ${uuid} socket::127.0.0.1:${server.port} aleg`)
      const client = await server.call()
      while (counters.outbound === calls) await new Promise((resolve) => setImmediate(resolve))
      mock.timers.tick(24_999)
      assert.equal(counters.timedOut, before)
      mock.timers.tick(1)
      await client.closed
      await t.event('CHANNEL_EXECUTE_COMPLETE', (event) => event.get('Application') === 'socket')
      assert.equal(counters.timedOut, before + 1)
      assert.equal(t.sw.channels.get(uuid)?.isUp, true)
    } finally {
      mock.timers.reset()
    }
  })

  it('is given up while it is still being reached when the call ends', async () => {
    await using server = await OutboundServer.start()
    const call = new AbortController()
    const host = { host: '127.0.0.1', port: server.port, path: undefined }
    const reached = connectTo(host, call.signal)
    call.abort()
    await assert.rejects(reached, /the call has ended/)
  })

  it('lets the dialplan go on with its `exit`, though the client keeps its end open', async () => {
    await using t = await begin(['socket:HERE', 'hangup:USER_BUSY'])
    const client = await t.server.call()
    client.socket.allowHalfOpen = true
    await client.connect()
    client.send('exit')
    assert.equal((await t.call.outcome()).status, 486)
    assert.equal(client.socket.writable, true)
  })
})

describe('the hosts of an outbound socket', () => {
  it('are tried in their order; a name that is none and one who refuses are counted', async () => {
    const before = counters.outboundFailed
    await using t = await begin(['socket:127.0.0.1:99999|127.0.0.1:9/no|HERE/yes full'])
    const client = await t.server.connected()
    assert.equal(client.data.get('variable_socket_path'), 'yes')
    assert.equal(counters.outboundFailed - before, 2)
  })

  it('leave the call to the dialplan when none accepts', async () => {
    await using t = await begin(['socket:127.0.0.1:9 async full', 'hangup:NETWORK_OUT_OF_ORDER'])
    assert.equal((await t.call.outcome()).status, 503)
  })
})

describe('a client of an outbound socket', () => {
  it('that sends faster than it is answered is held back and loses nothing', async () => {
    await using t = await begin()
    const client = await t.server.connected()
    const before = counters.heldBack
    client.socket.pause()
    const count = 2000
    const padding = 'x'.repeat(10_000)
    client.socket.write(
      Array.from({ length: count }, (_, i) => `api echo ${i} ${padding}\n\n`).join(''),
    )
    await until(() => counters.heldBack > before, 'the client held back')
    assert.equal(t.sw.sw.channels.get(client.uuid)?.isUp, true)
    client.socket.resume()
    await until(() => client.replies.all.length === count + 1, 'all answers')
    const bodies = client.replies.all.slice(1).map(({ body }) => Number.parseInt(body, 10))
    assert.ok(bodies.every((number, i) => number === i))
  })

  it('that never reads is cut off, with its events counted; the call goes on', async () => {
    await using t = await begin(['socket:HERE async full', 'hangup:USER_BUSY'])
    const client = await t.server.connected()
    await client.say('event plain CUSTOM')
    client.socket.pause()
    const before = counters.eventsLost
    const body = 'x'.repeat(100_000)
    for (let i = 0; i < 2000 && counters.eventsLost - before < 501; i++) {
      t.sw.sw.events.announce('CUSTOM', (event) => {
        event.body = body
      })
      if (i % 20 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    assert.ok(counters.eventsLost - before >= 500)
    assert.equal((await t.call.outcome()).status, 486)
  })
})
