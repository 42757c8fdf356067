/** Phones that register over real sockets: who may, what is kept, how it ends. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { onLog } from '../../src/base/log.ts'
import type { Store } from '../../src/core/interfaces.ts'
import { profileNamed } from '../../src/endpoints/sofia/profiles.ts'
import { a1Hash, answerText } from '../../src/sip/digest.ts'
import { parseChallenge } from '../../src/sip/digest-header.ts'
import type { HeaderLine, SipResponse } from '../../src/sip/message.ts'
import { createRequest } from '../../src/sip/request.ts'
import { sqliteStore } from '../../src/stores/sqlite.ts'
import { Phone, type PhoneOptions } from '../support/phone.ts'
import { startSwitch, type TestSwitch } from '../support/switch.ts'

interface Registrar extends TestSwitch {
  readonly server: string
  phone(user: string, more?: Partial<PhoneOptions>): Promise<Phone>
}

const directory = `<domain name="example.test"><users>
<user id="1000"><params><param name="password" value="pw-1000"/></params></user>
<user id="1001"><params><param name="a1-hash" value="${a1Hash('1001', 'example.test', 'pw-1001')}"/></params></user>
<user id="1002"><params><param name="password" value="pw-1002"/></params>
<variables><variable name="sip-force-expires" value="77"/></variables></user>
</users></domain>`

async function startRegistrar(
  settings: Readonly<Record<string, string>> = {},
  store?: Store,
): Promise<Registrar> {
  const all = {
    'sip-ip': '127.0.0.1',
    'sip-port': '0',
    'challenge-realm': 'auto_from',
    'inbound-reg-force-matching-username': 'true',
    'local-network-acl': '',
    ...settings,
  }
  const params = Object.entries(all).map(
    ([name, value]) => `<param name="${name}" value="${value}"/>`,
  )
  const test = await startSwitch({
    modules: ['mod_dialplan_xml', 'mod_commands', 'mod_sofia'],
    configuration: `<configuration name="sofia.conf"><profiles><profile name="internal">
<domains><domain name="all" alias="true"/></domains>
<settings>${params.join('')}</settings></profile></profiles></configuration>
<configuration name="acl.conf"><network-lists><list name="loop" default="deny">
<node type="allow" cidr="127.0.0.0/8"/></list></network-lists></configuration>`,
    directory,
    ...(store ? { store } : {}),
  })
  const profile = profileNamed(test.sw, 'internal')
  const port = (protocol: string) =>
    profile?.agent.listeners.find((listener) => listener.protocol === protocol)?.port ?? 0
  const phones: Phone[] = []
  const end = test[Symbol.asyncDispose].bind(test)
  return Object.assign(test, {
    server: `127.0.0.1:${port('udp')}`,
    async phone(user: string, more: Partial<PhoneOptions> = {}) {
      const server = `127.0.0.1:${port(more.protocol ?? 'udp')}`
      const phone = await Phone.open({ user, server, ...more })
      phones.push(phone)
      return phone
    },
    async [Symbol.asyncDispose]() {
      for (const phone of phones) await phone[Symbol.asyncDispose]()
      await end()
    },
  })
}

/** A REGISTER as it is given, no challenge answered. */
function send(phone: Phone, headers: readonly HeaderLine[]): Promise<SipResponse> {
  const request = createRequest('REGISTER', {
    uri: `sip:${phone.server}`,
    from: `<sip:${phone.user}@example.test>`,
    to: `<sip:${phone.user}@example.test>`,
    headers,
  })
  return new Promise((resolve) => phone.agent.request(request, { final: resolve }))
}

/** Credentials for the challenge of an answer. */
function credentials(phone: Phone, challenged: SipResponse, count = 1, index = 0): HeaderLine {
  const challenge = parseChallenge(challenged.lines('WWW-Authenticate')[index] ?? '')!
  const secret = { password: `pw-${phone.user}` }
  const who = { username: phone.user, secret }
  const uri = `sip:${phone.server}`
  return ['Authorization', answerText(challenge, who, 'REGISTER', uri, count, 'cnonce1')]
}

const contacts = (response: SipResponse) => response.lines('Contact')

test('a phone is challenged, registers, and is found by sofia_contact', async () => {
  await using sw = await startRegistrar()
  const phone = await sw.phone('1000')
  const answer = await phone.register(120)
  assert.equal(answer.status, 200)
  assert.deepEqual(contacts(answer), [`<sip:1000@127.0.0.1:${phone.port}>;expires=120`])
  assert.equal(answer.has('Date'), true)
  const found = await sw.api('sofia_contact 1000@example.test')
  assert.equal(found, `sofia/internal/sip:1000@127.0.0.1:${phone.port}`)
  assert.equal(await sw.api('reg_url 1000@example.test'), found)
  assert.equal(await sw.api('sofia_count_reg 1000@example.test'), '1')
  assert.equal(await sw.api('sofia_username_of 1000@example.test'), '1000')
  assert.match(await sw.api('show registrations'), /1000,example\.test,.*\n\n1 total\.\n$/)
  const event = await sw.event('CUSTOM', (each) => each.subclass === 'sofia::register')
  assert.equal(event.get('from-user'), '1000')
  assert.equal(event.get('expires'), '120')
})

test('a user may be kept as a1-hash', async () => {
  await using sw = await startRegistrar()
  assert.equal((await (await sw.phone('1001')).register()).status, 200)
})

test('SHA-256 is offered and taken (RFC 8760), MD5 too', async () => {
  await using sw = await startRegistrar({ 'rfc8760-auth-algorithms': 'SHA-256,MD5' })
  const phone = await sw.phone('1000')
  const header: HeaderLine = ['Contact', phone.contact]
  const challenged = await send(phone, [header])
  const offers = challenged.lines('WWW-Authenticate')
  assert.deepEqual(
    offers.map((offer) => /algorithm=([^,]+)/.exec(offer)?.[1]),
    ['SHA-256', 'MD5'],
  )
  assert.equal((await send(phone, [header, credentials(phone, challenged, 1, 0)])).status, 200)
  assert.equal((await send(phone, [header, credentials(phone, challenged, 2, 1)])).status, 200)
  assert.equal((await phone.register()).status, 200)
})

test('an algorithm that was not offered is refused', async () => {
  await using sw = await startRegistrar({ 'rfc8760-auth-algorithms': 'SHA-256' })
  const phone = await sw.phone('1000')
  const header: HeaderLine = ['Contact', phone.contact]
  const challenged = await send(phone, [header])
  assert.equal(challenged.lines('WWW-Authenticate').length, 1)
  const challenge = { ...parseChallenge(challenged.get('WWW-Authenticate')!)!, algorithm: 'MD5' }
  const who = { username: '1000', secret: { password: 'pw-1000' } }
  const weak = answerText(challenge, who, 'REGISTER', `sip:${phone.server}`, 1, 'cnonce1')
  assert.equal((await send(phone, [header, ['Authorization', weak]])).status, 403)
})

test('a wrong password gets 403, is logged with user and address, and registers nothing', async () => {
  await using sw = await startRegistrar()
  const lines: string[] = []
  using _ = onLog((line) => lines.push(line.text))
  const phone = await sw.phone('1000', { password: 'wrong' })
  const answer = await phone.register()
  assert.equal(answer.status, 403)
  assert.ok(
    lines.some(
      (line) => line.includes('[1000@example.test] from ip 127.0.0.1') && /password/.test(line),
    ),
  )
  assert.equal(await sw.api('sofia_contact 1000@example.test'), 'error/user_not_registered')
  await sw.event('CUSTOM', (each) => each.subclass === 'sofia::register_failure')
})

test('an unknown user is challenged like any other and then refused', async () => {
  await using sw = await startRegistrar()
  const phone = await sw.phone('4999')
  assert.equal((await send(phone, [['Contact', phone.contact]])).status, 401)
  assert.equal((await phone.register()).status, 403)
})

test('nobody registers for somebody else', async () => {
  await using sw = await startRegistrar()
  const phone = await sw.phone('1000')
  const headers: HeaderLine[] = [['Contact', phone.contact]]
  const request = createRequest('REGISTER', {
    uri: `sip:${sw.server}`,
    from: '<sip:1002@example.test>',
    to: '<sip:1002@example.test>',
    headers: [...headers, credentials(phone, await send(phone, headers))],
  })
  const answer = await new Promise<SipResponse>((resolve) =>
    phone.agent.request(request, { final: resolve }),
  )
  assert.equal(answer.status, 403)
})

test('a made-up nonce and one used before are stale, a counted-up one is good (RFC 7616 §3.3)', async () => {
  await using sw = await startRegistrar()
  const phone = await sw.phone('1000')
  const header: HeaderLine = ['Contact', phone.contact]
  const challenged = await send(phone, [header])
  const first = credentials(phone, challenged)
  assert.equal((await send(phone, [header, first])).status, 200)
  const again = await send(phone, [header, first])
  assert.equal(again.status, 401)
  assert.match(again.get('WWW-Authenticate') ?? '', /stale=true/)
  assert.equal((await send(phone, [header, credentials(phone, challenged, 2)])).status, 200)
  const madeUp: HeaderLine = ['Authorization', first[1].replace(/nonce="[^"]+"/, 'nonce="abc"')]
  assert.match((await send(phone, [header, madeUp])).get('WWW-Authenticate') ?? '', /stale=true/)
})

test('several contacts are kept and listed; one is taken away, then all (RFC 3261 §10.3)', async () => {
  await using sw = await startRegistrar({
    'accept-blind-reg': 'true',
    'multiple-registrations': 'contact',
  })
  const phone = await sw.phone('1000')
  const uri = (port: number) => `<sip:1000@127.0.0.1:${port}>`
  const two = await send(phone, [
    ['Contact', `${uri(15001)};expires=60, ${uri(15002)}`],
    ['Expires', '300'],
  ])
  const listed = (response: SipResponse) =>
    contacts(response).map((contact) => {
      const [, who = '', left = ''] = /^(.*);expires=(\d+)$/.exec(contact) ?? []
      return [who, Number(left)] as const
    })
  const isGranted = ([who, left]: readonly [string, number] = ['', 0], port = 0, seconds = 0) =>
    who === uri(port) && left > seconds - 30 && left <= seconds
  const [first, second, ...more] = listed(two)
  assert.ok(isGranted(first, 15001, 60) && isGranted(second, 15002, 300), `${contacts(two)}`)
  assert.deepEqual(more, [])
  const asked = await send(phone, [])
  assert.equal(contacts(asked).length, 2)
  const one = await send(phone, [['Contact', `${uri(15001)};expires=0`]])
  assert.ok(isGranted(listed(one)[0], 15002, 300), `${contacts(one)}`)
  assert.equal(listed(one).length, 1)
  const bad = await send(phone, [
    ['Contact', '*'],
    ['Expires', '60'],
  ])
  assert.equal(bad.status, 400)
  const none = await send(phone, [
    ['Contact', '*'],
    ['Expires', '0'],
  ])
  assert.equal(none.status, 200)
  assert.deepEqual(contacts(none), [])
  assert.equal(await sw.api('sofia_contact 1000@example.test'), 'error/user_not_registered')
})

test('refreshing changes the time and keeps one contact', async () => {
  await using sw = await startRegistrar()
  const phone = await sw.phone('1000')
  await phone.register(300)
  const answer = await phone.register(60)
  assert.deepEqual(contacts(answer), [`<sip:1000@127.0.0.1:${phone.port}>;expires=60`])
  const events = sw.events.filter((event) => event.subclass === 'sofia::register')
  assert.deepEqual(
    events.map((event) => event.get('update-reg')),
    [undefined, 'true'],
  )
})

test('unregistering ends with sofia::unregister', async () => {
  await using sw = await startRegistrar()
  const phone = await sw.phone('1000')
  await phone.register()
  assert.deepEqual(contacts(await phone.register(0)), [])
  const event = await sw.event('CUSTOM', (each) => each.subclass === 'sofia::unregister')
  assert.equal(event.get('username'), '1000')
})

test('a registration that nobody refreshes expires with sofia::expire', async () => {
  await using sw = await startRegistrar({ 'sip-expires-late-margin': '0' })
  const phone = await sw.phone('1000')
  await phone.register(1)
  const event = await sw.event('CUSTOM', (each) => each.subclass === 'sofia::expire')
  assert.equal(event.get('user'), '1000')
  assert.equal(await sw.api('sofia_count_reg 1000@example.test'), '0')
})

test('the time granted follows user and profile', async () => {
  await using sw = await startRegistrar({
    'sip-force-expires-min': '100',
    'sip-force-expires-max': '200',
  })
  const granted = async (user: string, asked: number) =>
    /expires=(\d+)/.exec(contacts(await (await sw.phone(user)).register(asked))[0] ?? '')?.[1]
  assert.equal(await granted('1000', 10), '100')
  assert.equal(await granted('1001', 5000), '200')
  assert.equal(await granted('1002', 150), '100')
})

test('more phones than max-registrations-per-extension are refused, refreshing is not', async () => {
  await using sw = await startRegistrar({
    'max-registrations-per-extension': '1',
    'multiple-registrations': 'contact',
  })
  const first = await sw.phone('1000')
  assert.equal((await first.register()).status, 200)
  const second = await sw.phone('1000')
  assert.equal((await second.register()).status, 403)
  assert.equal((await first.register()).status, 200)
})

test('an older request with the same Call-ID does not bring back what was taken away (§10.3 step 7)', async () => {
  await using sw = await startRegistrar({ 'accept-blind-reg': 'true' })
  const phone = await sw.phone('1000')
  const numbered = (sequence: number) => {
    const request = createRequest('REGISTER', {
      uri: `sip:${sw.server}`,
      from: '<sip:1000@example.test>',
      to: '<sip:1000@example.test>',
      callId: 'same',
      sequence,
      headers: [['Contact', phone.contact]],
    })
    return new Promise<SipResponse>((resolve) => phone.agent.request(request, { final: resolve }))
  }
  assert.equal((await numbered(7)).status, 200)
  assert.equal((await numbered(6)).status, 500)
  assert.equal((await numbered(8)).status, 200)
})

test('the answer goes where the request came from, with received and rport (RFC 3581)', async () => {
  await using sw = await startRegistrar({ 'accept-blind-reg': 'true' })
  const phone = await sw.phone('1000')
  const answer = await phone.register()
  assert.match(answer.topViaText, new RegExp(`rport=${phone.port}`))
})

test('a phone behind NAT is kept with the way back, and shown its own contact', async () => {
  await using sw = await startRegistrar({
    'accept-blind-reg': 'true',
    'apply-nat-acl': 'rfc1918.auto',
  })
  const phone = await sw.phone('1000')
  const answer = await send(phone, [['Contact', '<sip:1000@10.1.2.3:5060>']])
  assert.deepEqual(contacts(answer), ['<sip:1000@10.1.2.3:5060>;expires=3600'])
  const path = encodeURIComponent(`sip:1000@127.0.0.1:${phone.port}`)
  assert.equal(
    await sw.api('sofia_contact 1000@example.test'),
    `sofia/internal/sip:1000@10.1.2.3:5060;fs_nat=yes;fs_path=${path}`,
  )
  assert.match(
    await sw.api('sofia status profile internal reg'),
    /Registered\(UDP-NAT\)\(unknown\)/,
  )
})

test('apply-register-acl spares those in it the password and refuses all others', async () => {
  await using sw = await startRegistrar({ 'apply-register-acl': 'loop' })
  const phone = await sw.phone('1000', { password: 'wrong' })
  assert.equal((await phone.register()).status, 200)
  await using closed = await startRegistrar({ 'apply-register-acl': '192.0.2.0/24' })
  assert.equal((await (await closed.phone('1000')).register()).status, 403)
})

test('registrations over TCP name their connection', async () => {
  await using sw = await startRegistrar()
  const phone = await sw.phone('1000', { protocol: 'tcp' })
  assert.equal((await phone.register()).status, 200)
  assert.match(await sw.api('sofia status profile internal reg'), /Registered\(TCP\)/)
})

test('a restart keeps registrations', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'strowger-reg-'))
  try {
    const file = join(folder, 'store.db')
    let contact = ''
    {
      await using sw = await startRegistrar({}, sqliteStore(file))
      await (await sw.phone('1000')).register()
      contact = await sw.api('sofia_contact 1000@example.test')
    }
    await using sw = await startRegistrar({}, sqliteStore(file))
    assert.match(contact, /^sofia\/internal/)
    assert.equal(await sw.api('sofia_contact 1000@example.test'), contact)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('flush_inbound_reg forgets phones and says so', async () => {
  await using sw = await startRegistrar()
  await (await sw.phone('1000')).register()
  await (await sw.phone('1002')).register()
  assert.equal(
    await sw.api('sofia profile internal flush_inbound_reg 1000@example.test'),
    '+OK flushing all registrations matching specified call_id\n',
  )
  assert.match(await sw.api('show registrations count'), /^\n1 total/)
  assert.equal(
    await sw.api('sofia profile internal flush_inbound_reg'),
    '+OK flushing all registrations\n',
  )
  assert.match(await sw.api('show registrations count'), /^\n0 total/)
})

test('phones are pinged, and forgotten when they do not answer', async () => {
  await using sw = await startRegistrar({
    'all-reg-options-ping': 'true',
    'ping-mean-interval': '1',
    'unregister-on-options-fail': 'true',
  })
  const phone = await sw.phone('1000')
  await phone.register()
  const refusing = await sw.phone('1002')
  refusing.agent.onRequest((transaction) => transaction.respond(480))
  await refusing.register()
  const event = await sw.event('CUSTOM', (each) => each.subclass === 'sofia::sip_user_state')
  assert.equal(event.get('Ping-Status'), 'UNREACHABLE')
  assert.equal(event.get('sip_user'), '1002@example.test')
  assert.equal(event.get('Status'), '480')
  assert.equal(await sw.api('sofia_count_reg 1002@example.test'), '0')
  assert.equal(await sw.api('sofia_count_reg 1000@example.test'), '1')
})
