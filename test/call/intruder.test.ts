/** What somebody with a login, or without one, must not get at over Verto. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { WebSocket } from 'ws'
import { vertoOf } from '../../src/endpoints/verto/verto.ts'
import { context } from '../support/dialplan.ts'
import type { FakeLeg } from '../support/fake-media.ts'
import { until } from '../support/until.ts'
import { startVerto, type VertoSwitch } from '../support/verto-switch.ts'

const dialplan = context('here', {
  parked: 'answer; park',
  named: 'set who=${caller_id_name}; set twice=${who}; set sent=yes; park',
})

/** Runs something if anybody expands it. */
const bait = '${global_setvar(caught=yes)}'

async function answered(t: VertoSwitch, callID: string): Promise<void> {
  const leg = t.media.legs.find(({ uuid }) => uuid === callID) as FakeLeg
  const suite = 'AES_CM_128_HMAC_SHA1_80'
  leg.events.emit('secured', { suite, cipher: 'any', role: 'active', ms: 1 })
  await t.until(() => t.sw.channels.get(callID)?.isAnswered === true)
}

describe('an intruder at Verto', () => {
  it('puts no command into the dialplan by a name, a number or a variable', async () => {
    await using t = await startVerto({ dialplan })
    using vera = await t.client('1000')
    await vera.login('1000', 'pw-1000', { userVariables: { hat: bait } })
    await vera.invite('named', 'c1', {
      caller_id_name: bait,
      caller_id_number: bait.replace('{', "\\'{"),
      userVariables: { colour: bait },
    })
    await t.until(() => t.sw.channels.get('c1')?.variables.get('sent') === 'yes')
    assert.equal(t.sw.globals.get('caught'), undefined)
    const channel = t.sw.channels.get('c1')
    assert.equal(channel?.variables.get('twice'), bait.replace('$', '%'))
    for (const name of ['verto_dvar_colour', 'verto_dvar_hat'])
      assert.equal(channel?.variables.get(name), bait.replace('$', '%'))
    for (const name of ['caller_id_number', 'verto_dvar_colour', 'verto_dvar_hat'])
      await t.sw.expand(await t.sw.expand(`\${${name}}`, channel), channel)
    assert.equal(t.sw.globals.get('caught'), undefined)
  })

  it('sets no variable of the switch at login; the directory says which he may', async () => {
    const further = `<user id="1003"><params><param name="password" value="pw-1003"/>
<param name="jsonrpc-allowed-methods" value="verto"/>
<param name="jsonrpc-allowed-variables" value="hat, scarf"/></params></user>`
    await using t = await startVerto({ dialplan, users: further })
    const userVariables = {
      execute_on_answer: 'hangup',
      presence_id: '1001@example.test',
      user_name: '1001',
      hat: 'green',
    }
    using vera = await t.connect()
    await vera.login('1000', 'pw-1000', { userVariables })
    await vera.invite('parked', 'c1')
    const own = t.sw.channels.get('c1')?.variables
    assert.equal(own?.get('execute_on_answer'), undefined)
    assert.equal(own?.get('presence_id'), '1000@example.test')
    assert.equal(own?.get('user_name'), '1000')
    assert.equal(own?.get('hat'), undefined)
    assert.equal(own?.get('verto_dvar_hat'), 'green')
    using other = await t.connect()
    await other.login('1003', 'pw-1003', { userVariables })
    await other.invite('parked', 'c2')
    const others = t.sw.channels.get('c2')?.variables
    assert.equal(others?.get('hat'), 'green')
    assert.equal(others?.get('execute_on_answer'), undefined)
  })

  it('adds no variables without end, and none whose name is that of an element', async () => {
    await using t = await startVerto({ dialplan })
    using vera = await t.client('1000')
    await vera.invite('parked', 'c1')
    const many = Object.fromEntries(
      Array.from({ length: 5000 }, (_, at) => [`n${at}`, 'x'] as const),
    )
    for (let round = 0; round < 15; round++) {
      const userVariables = Object.fromEntries(
        Object.keys(many).map((name) => [`${name}-${round}`, 'x']),
      )
      await vera.call('verto.info', {
        dialogParams: { callID: 'c1', userVariables: { 'list[4000]': 'x', ...userVariables } },
      })
    }
    const variables = t.sw.channels.get('c1')?.variables
    assert.ok(variables && variables.size <= 2000, `${variables?.size}`)
    assert.equal(variables.get('verto_dvar_list'), undefined)
  })

  it('runs no command by a message', async () => {
    await using t = await startVerto({ dialplan })
    using vera = await t.client('1000')
    for (const to of ['api+global_setvar caught=yes', 'API+global_setvar caught=yes', 'event+x']) {
      const reply = await vera.call('verto.info', { msg: { to, body: 'hello' } })
      assert.equal(reply['error']?.['message'], 'Permission Denied', to)
    }
    assert.equal(t.sw.globals.get('caught'), undefined)
    assert.equal((await t.counters())['refused permission'], 3)
  })

  it('gets no call of another user by his session, whose socket is gone', async () => {
    await using t = await startVerto({ dialplan })
    using vera = await t.client('1000', 's1')
    await vera.invite('parked', 'c1')
    await vera.wait('verto.answer')
    await answered(t, 'c1')
    await vera.close()
    await t.until(() => vertoOf(t.sw)?.counters['calls detached'] === 1)
    using thief = await t.connect('s1')
    assert.equal((await thief.login('1001'))['error']?.['message'], 'Session in use')
    await thief.until(() => thief.isClosed, 'the end of the socket')
    assert.deepEqual(
      thief.messages.filter(({ method }) => method === 'verto.attach'),
      [],
    )
    using again = await t.client('1000', 's1')
    assert.equal((await again.wait('verto.attach'))['callID'], 'c1')
  })

  it('hears no channel, and speaks on none, that has the name of his session or his call', async () => {
    await using t = await startVerto({
      dialplan,
      settings: '<param name="enable-fs-events" value="true"/>',
    })
    for (const name of ['FSevent', 'presence', 'conference-mod.3000']) {
      using mallory = await t.client('1002', name)
      const { result, error } = await mallory.call('verto.subscribe', { eventChannel: [name] })
      assert.deepEqual(
        (result ?? error)['subscribedChannels'] ?? [],
        name === 'presence' ? [name] : [],
      )
      assert.notEqual(result?.['sessid'], name)
      const call = await mallory.invite('parked', name)
      assert.equal(call['error']?.['message'], 'CALL ERROR')
    }
    // Any other name may be that of a session, but nothing is heard of the channel.
    using mallory = await t.client('1002', 'secret')
    await mallory.call('verto.subscribe', { eventChannel: 'secret' })
    const spoken = await mallory.call('verto.broadcast', { eventChannel: 'secret', data: {} })
    assert.equal(spoken['result']?.['message'], 'Permission Denied.')
  })

  it('is one leg of a dial string, whatever his session is called', async () => {
    await using t = await startVerto({ dialplan })
    using mallory = await t.client('1002', 'x,loopback/app=set:caught=yes')
    assert.match(await t.api('verto_contact 1002@example.test'), /^verto\.rtc\/u:[\w-]+$/)
    const { error } = await mallory.login('10\n02')
    assert.equal(error?.['message'], 'Missing or improper credentials')
  })

  it('brings no page of his to where nobody has to log in', async () => {
    const open = '<param name="userauth" value="false"/>'
    const come = (port: number, origin?: string) =>
      new Promise<string>((resolve) => {
        const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { ...(origin && { origin }) })
        socket.on('open', () => resolve('open'))
        socket.on('error', ({ message }) => resolve(message))
        socket.on('open', () => socket.terminate())
      })
    {
      await using t = await startVerto({ dialplan, profile: open })
      assert.match(await come(t.port, 'https://evil.example'), /403/)
      assert.equal(await come(t.port, `http://127.0.0.1:${t.port}`), 'open')
      assert.equal(await come(t.port), 'open')
      assert.equal((await t.counters())['refused origin'], 1)
    }
    {
      await using t = await startVerto({ dialplan })
      assert.equal(await come(t.port, 'https://any.example'), 'open')
    }
    const allowed = '<param name="allowed-origins" value="https://a.example, https://b.example"/>'
    await using t = await startVerto({ dialplan, profile: allowed })
    assert.equal(await come(t.port, 'https://B.example'), 'open')
    assert.match(await come(t.port, 'https://c.example'), /403/)
  })

  it('tries no passwords for pages without end', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pages-'))
    writeFileSync(join(folder, 'index.html'), 'secret')
    try {
      await using t = await startVerto({
        dialplan,
        profile: `<vhosts><vhost domain="localhost"><param name="root" value="${folder}"/>
<param name="auth-realm" value="r"/><param name="auth-user" value="u"/><param name="auth-pass" value="p"/></vhost></vhosts>`,
      })
      const page = async (user: string, password: string) => {
        const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
        const url = `http://127.0.0.1:${t.port}/`
        const response = await fetch(url, { headers: { authorization } })
        return response.status
      }
      assert.equal((await fetch(`http://127.0.0.1:${t.port}/`)).status, 401)
      assert.equal(await page('u', 'p'), 200)
      for (let at = 0; at < 30; at++) assert.equal(await page('u', `p${at}`), 401)
      assert.equal(await page('u', 'p'), 429)
      assert.equal((await t.counters())['refused login'], 30)
      assert.equal((await t.counters())['refused login rate'], 1)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('does not keep the server busy with lists of channels', async () => {
    await using t = await startVerto({ dialplan })
    using vera = await t.client('1000')
    const eventChannel = Array.from({ length: 100_000 }, (_, at) => `n${at}`)
    const began = process.cpuUsage()
    const refused = await vera.call('verto.subscribe', { eventChannel })
    assert.equal(refused['error']?.['unauthorizedChannels']?.length, 1000)
    const absent = await vera.call('verto.unsubscribe', { eventChannel })
    assert.equal(absent['error']?.['notSubscribedChannels']?.length, 1000)
    assert.ok(process.cpuUsage(began).user < 3e6)
  })

  it('sends no long message before the login', async () => {
    await using t = await startVerto({ dialplan })
    using nobody = await t.connect()
    nobody.send('login', { login: 'x'.repeat(20_000) })
    await nobody.until(() => nobody.isClosed, 'the end of the socket')
    assert.equal((await t.counters())['refused size'], 1)
  })

  it('keeps no memory busy by messages that he begins before the login and never ends', async () => {
    await using t = await startVerto({ dialplan })
    using nobody = await t.connect()
    nobody.socket.send(Buffer.alloc(60_000, 0x20), { fin: false })
    nobody.socket.send(Buffer.alloc(60_000, 0x20), { fin: false })
    await nobody.until(() => nobody.isClosed, 'the end of the socket')
    assert.equal((await t.counters())['refused size'], 1)
    // Whoever has logged in may say more.
    using vera = await t.client('1000')
    const reply = await vera.call('echo', { text: 'x'.repeat(200_000) })
    assert.equal(reply['result']?.['text']?.length, 200_000)
  })

  it('is slowed down by the messages of a batch as by others', async () => {
    await using t = await startVerto({ dialplan })
    using vera = await t.client('1000')
    const message = { jsonrpc: '2.0', method: 'verto.ping', params: {}, id: 1 }
    const batch = JSON.stringify(Array(100).fill(message))
    for (let at = 0; at < 30; at++) vera.socket.send(batch)
    await until(() => (vertoOf(t.sw)?.counters['slowed messages'] ?? 0) > 0, 'the brake')
  })

  it('gets no answers to his pings that he does not read', async () => {
    await using t = await startVerto({ dialplan })
    using vera = await t.client('1000')
    for (let at = 0; at < 3000; at++) vera.socket.ping()
    await until(() => (vertoOf(t.sw)?.counters['slowed messages'] ?? 0) > 0, 'the brake')
  })
})
