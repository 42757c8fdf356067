/** SIP over WebSocket: what is taken, what is refused and counted, and how a phone behind a socket is reached (RFC 7118). */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { test } from 'node:test'
import { WebSocket } from 'ws'
import { onLog } from '../../src/base/log.ts'
import { profileNamed } from '../../src/endpoints/sofia/profiles.ts'
import { eventually } from '../support/programs.ts'
import { type SipSwitch, startSipSwitch } from '../support/sip-switch.ts'
import { stunServer } from '../support/stun-server.ts'
import { TestTurnServer } from '../support/turn-server.ts'
import { patienceMs } from '../support/until.ts'
import { browserSdp } from '../support/verto-client.ts'

const settings = { 'ws-binding': '127.0.0.1:0', 'wss-binding': ':0', 'accept-blind-reg': 'true' }

function urlOf({ sw }: SipSwitch, protocol: 'ws' | 'wss'): string {
  const listeners = profileNamed(sw, 'internal')?.agent.listeners ?? []
  const port = listeners.find((listener) => listener.protocol === protocol)?.port
  return `${protocol}://127.0.0.1:${port}`
}

function counters({ sw }: SipSwitch): Record<string, number> {
  return { ...(profileNamed(sw, 'internal')?.agent.counters() ?? {}) }
}

async function open(url: string, protocols: string[] = ['sip']): Promise<WebSocket> {
  const socket = new WebSocket(url, protocols, { rejectUnauthorized: false })
  await once(socket, 'open')
  return socket
}

async function reply(socket: WebSocket): Promise<string> {
  const signal = AbortSignal.timeout(patienceMs)
  const [data] = (await once(socket, 'message', { signal })) as [Buffer]
  return data.toString()
}

/** A message as browsers' libraries write it; no Content-Length is needed. */
function message(method: string, user: string, more: readonly string[] = []): string {
  const sip = `sip:${user}@example.test`
  return [
    `${method} sip:example.test SIP/2.0`,
    `Via: SIP/2.0/WS df7jal23ls0d.invalid;branch=z9hG4bK${Math.random().toString(36).slice(2)}`,
    `From: <${sip}>;tag=a1`,
    `To: <${sip}>`,
    `Call-ID: ${user}-${method}`,
    `CSeq: 1 ${method}`,
    `Contact: <sip:${user}x@df7jal23ls0d.invalid;transport=ws>`,
    'Max-Forwards: 70',
    ...more,
    '',
    '',
  ].join('\r\n')
}

test('a phone behind a socket registers, is reached over it, and is gone when it closes', async () => {
  await using sw = await startSipSwitch({ settings })
  for (const protocol of ['ws', 'wss'] as const) {
    const socket = await open(urlOf(sw, protocol))
    assert.equal(socket.protocol, 'sip')
    socket.send(message('REGISTER', '1000'))
    assert.match(await reply(socket), /^SIP\/2\.0 200 /)
    const registrations = profileNamed(sw.sw, 'internal')?.registrations
    const [kept] = registrations?.list() ?? []
    assert.equal(kept?.status, `Registered(${protocol.toUpperCase()}-NAT)`)
    assert.match(decodeURIComponent(kept?.path ?? ''), new RegExp(`;transport=${protocol}$`))
    const contact = await sw.api('sofia_contact internal/1000@example.test')
    assert.match(
      contact,
      /^sofia\/internal\/sip:1000x@df7jal23ls0d\.invalid;transport=ws;fs_nat=yes/,
    )
    const invited = reply(socket)
    await sw.api(`bgapi originate ${contact} &park()`)
    const invite = await invited
    assert.match(invite, /^INVITE sip:1000x@df7jal23ls0d\.invalid;transport=ws SIP\/2\.0\r\n/)
    assert.match(invite, new RegExp(`^Via: SIP/2\\.0/${protocol.toUpperCase()} `, 'm'))
    assert.match(invite, /^m=audio \d+ UDP\/TLS\/RTP\/SAVPF /m)
    assert.match(invite, /^a=setup:actpass\r$/m)
    assert.match(invite, /^a=rtcp-mux\r$/m)
    socket.terminate()
    await eventually('no registration', () => registrations?.count === 0)
    await sw.api('hupall')
    await sw.until(() => sw.sw.channels.count === 0)
    assert.match(await sw.api('sofia_contact internal/1000@example.test'), /^error\//)
  }
})

test('a phone that registers a contact with marks of dial strings is still one phone', async () => {
  await using sw = await startSipSwitch({ settings })
  const socket = await open(urlOf(sw, 'ws'))
  const contact = 'sip:1000@192.0.2.1;x=a,loopback/app=set:caught=yes|error/user_busy;y=${z}'
  socket.send(message('REGISTER', '1000').replace(/^Contact: .*$/m, `Contact: <${contact}>\r`))
  assert.match(await reply(socket), /^SIP\/2\.0 200 /)
  const found = await sw.api('sofia_contact internal/1000@example.test')
  assert.match(found, /^sofia\/internal\/sip:1000@192\.0\.2\.1;x=a%2Cloopback/)
  assert.doesNotMatch(found, /[,|{}$]/)
  const invited = reply(socket)
  await sw.api(`bgapi originate ${found} &park()`)
  assert.match(await invited, /^INVITE sip:1000@192\.0\.2\.1;x=a%2Cloopback/)
  socket.close()
})

test('keep-alives are answered, text and binary alike are taken, and one frame is one message', async () => {
  await using sw = await startSipSwitch({ settings })
  const socket = await open(urlOf(sw, 'ws'))
  socket.send('\r\n\r\n')
  assert.equal(await reply(socket), '\r\n')
  socket.ping('are you there')
  assert.equal(String((await once(socket, 'pong'))[0]), 'are you there')
  socket.send(Buffer.from(message('OPTIONS', '1001')), { binary: true })
  assert.match(await reply(socket), /^SIP\/2\.0 200 /)
  socket.close()
})

test('what is no SIP, too long, or another protocol is refused and counted, and others go on', async () => {
  await using sw = await startSipSwitch({ settings })
  const url = urlOf(sw, 'ws')
  const good = await open(url)
  // Another subprotocol, and a plain request.
  const other = new WebSocket(url, ['verto'])
  const [, refusal] = (await once(other, 'unexpected-response')) as [
    unknown,
    { statusCode: number },
  ]
  assert.equal(refusal.statusCode, 400)
  other.on('error', () => undefined)
  other.terminate()
  const plain = request(url.replace('ws:', 'http:'))
  plain.end()
  const [response] = (await once(plain, 'response')) as [{ statusCode: number; resume(): void }]
  assert.equal(response.statusCode, 426)
  response.resume()
  // A frame longer than any message ends its connection alone.
  const long = await open(url)
  const closed = once(long, 'close') as Promise<[number]>
  long.send('x'.repeat(1_000_000))
  assert.equal((await closed)[0], 1009)
  const noise = await open(url)
  for (let i = 0; i < 50; i++) noise.send(Buffer.from([200 + i, 1, 2, 3]))
  for (let i = 0; i < 50; i++) noise.send(`{"jsonrpc":"2.0","id":${i}}`)
  noise.send(message('OPTIONS', '1002'))
  assert.match(await reply(noise), /^SIP\/2\.0 200 /)
  good.send(message('OPTIONS', '1003'))
  assert.match(await reply(good), /^SIP\/2\.0 200 /)
  const figures = counters(sw)
  assert.equal(figures['refusedConnections'], 1)
  assert.ok((figures['parseErrors'] ?? 0) >= 50, JSON.stringify(figures))
  assert.ok((figures['notSip'] ?? 0) >= 50)
  for (const socket of [good, noise]) socket.terminate()
  await eventually('no connection', () => counters(sw)['connections'] === 0)
})

test('the status of the profile names its sockets', async () => {
  await using sw = await startSipSwitch({ settings })
  const text = await sw.api('sofia status profile internal')
  assert.match(text, /^WS-BIND-URL +\tsip:mod_sofia@127\.0\.0\.1:\d+;transport=ws$/m)
  assert.match(text, /^WSS-BIND-URL +\tsip:mod_sofia@127\.0\.0\.1:\d+;transport=wss$/m)
})

/** What a browser that registers here is offered when it is called. */
async function offered(sw: SipSwitch): Promise<string> {
  const socket = await open(urlOf(sw, 'ws'))
  socket.send(message('REGISTER', '1000'))
  await reply(socket)
  const invited = reply(socket)
  await sw.api(
    `bgapi originate ${await sw.api('sofia_contact internal/1000@example.test')} &park()`,
  )
  const invite = await invited
  socket.terminate()
  await sw.api('hupall')
  return invite
}

test('ext-rtp-ip may be what a STUN server says: browsers get it as a candidate beside the inner one', async () => {
  using server = await stunServer('198.51.100.4')
  const at = server.url
  await using sw = await startSipSwitch({ settings: { ...settings, 'ext-rtp-ip': at } })
  const invite = await offered(sw)
  assert.match(invite, /^c=IN IP4 198\.51\.100\.4\r$/m)
  assert.match(invite, /^a=candidate:1 1 UDP \d+ 127\.0\.0\.1 \d+ typ host\r$/m)
  assert.match(
    invite,
    /^a=candidate:2 1 UDP \d+ 198\.51\.100\.4 (\d+) typ srflx raddr 127\.0\.0\.1 rport \1\r$/m,
  )
})

/** A profile that names TURN servers for its own sound; the accounts are attributes of the same param. */
const withTurn = (url: string, mode = 'full') => ({
  ...settings,
  'ice-mode': mode,
  'turn-server': `${url}" username="u" password="p`,
})

async function turnCounters(sw: SipSwitch): Promise<Readonly<Record<string, number>> | undefined> {
  return (await sw.sw.counters.read()).find(([name]) => name === 'turn')?.[1]
}

test('turn-server: with full ICE a browser is offered our address at the server, which is given back with the call', async () => {
  await using turn = await TestTurnServer.start()
  await using sw = await startSipSwitch({ settings: withTurn(`turn:localhost:${turn.port}`) })
  const invite = await offered(sw)
  assert.match(invite, /^a=candidate:1 1 UDP \d+ 127\.0\.0\.1 (\d+) typ host\r$/m)
  assert.match(
    invite,
    /^a=candidate:4 1 UDP 16777215 127\.0\.0\.1 (\d+) typ relay raddr 127\.0\.0\.1 rport \d+\r$/m,
  )
  assert.deepEqual(await turnCounters(sw), { asked: 1, relayed: 1, without: 0 })
  await eventually('the address to be given back', () => turn.allocations.size === 0)
  assert.equal(turn.counts['freed'], 1)
})

test('turn-server: an answer to a browser has the address too, one to a phone without ICE asks for none', async () => {
  await using turn = await TestTurnServer.start()
  await using sw = await startSipSwitch({
    settings: {
      ...withTurn(`turn:127.0.0.1:${turn.port}`),
      'auth-calls': 'false',
      context: 'default',
    },
    extensions: { 9: ['answer', 'park'] },
  })
  const answerTo = async (user: string, sdp: string) => {
    const socket = await open(urlOf(sw, 'ws'))
    const body = ['Content-Type: application/sdp', `Content-Length: ${Buffer.byteLength(sdp)}`]
    const text = message('INVITE', user, body).replace('sip:example.test ', 'sip:9@example.test ')
    const texts: string[] = []
    socket.on('message', (data) => void texts.push(String(data)))
    socket.send(text + sdp)
    const answer = await eventually('an answer', () =>
      texts.find((one) => /^SIP\/2.0 200/.test(one)),
    )
    socket.terminate()
    await sw.api('hupall')
    return answer
  }
  assert.match(
    await answerTo('1000', browserSdp),
    /^a=candidate:4 1 UDP 16777215 127\.0\.0\.1 \d+ typ relay/m,
  )
  await eventually('the address to be given back', () => turn.allocations.size === 0)
  const plain = 'v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n'
  assert.doesNotMatch(await answerTo('1001', `${plain}m=audio 9000 RTP/AVP 0\r\n`), /candidate/)
  assert.deepEqual(await turnCounters(sw), { asked: 1, relayed: 1, without: 0 })
})

test('turn-server: nobody is asked with ICE-lite, and the log says that it is for full ICE', async () => {
  const lines: string[] = []
  using _ = onLog(({ text }) => void lines.push(text))
  await using turn = await TestTurnServer.start()
  await using sw = await startSipSwitch({
    settings: withTurn(`turn:127.0.0.1:${turn.port}`, 'lite'),
    switchParams: { loglevel: 'debug' },
  })
  assert.doesNotMatch(await offered(sw), /typ relay/)
  assert.deepEqual(turn.counts, {})
  assert.ok(lines.some((line) => /: turn-server is for calls with full ICE/.test(line)))
})

for (const [what, rules, words] of [
  ['is silent', { isSilent: true }, /no relayed candidate: turn:127\S+: no answer within \d+ ms/],
  ['refuses', { refuse: 508 }, /no relayed candidate: turn:127\S+: it has no ports left \(508/],
] as const)
  test(`turn-server: where it ${what} the offer goes without, which is told and counted`, async () => {
    const lines: string[] = []
    using _ = onLog(({ text }) => void lines.push(text))
    await using turn = await TestTurnServer.start(rules)
    await using sw = await startSipSwitch({ settings: withTurn(`turn:127.0.0.1:${turn.port}`) })
    const invite = await offered(sw)
    assert.match(invite, /typ host/)
    assert.doesNotMatch(invite, /typ relay/)
    assert.ok(
      lines.some((line) => words.test(line)),
      lines.join('\n'),
    )
    assert.deepEqual(await turnCounters(sw), { asked: 1, relayed: 0, without: 1 })
  })

test('turn-server: what is reached otherwise than by UDP is refused with its place', async () => {
  const lines: string[] = []
  using _ = onLog(({ text, level }) => void (level === 3 && lines.push(text)))
  await using sw = await startSipSwitch({
    settings: withTurn('turns:127.0.0.1:5349?transport=tcp'),
  })
  assert.doesNotMatch(await offered(sw), /typ relay/)
  assert.match(
    lines.join('\n'),
    /\d+:\d+: turn-server="turns:127\.0\.0\.1:5349\?transport=tcp" is no turn:host:port over UDP/,
  )
  assert.equal(await turnCounters(sw), undefined)
})
