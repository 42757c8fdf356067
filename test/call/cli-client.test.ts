/** The event socket client against a peer that says what it is told to. */
import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { SwitchError } from '../../src/base/errors.ts'
import { EventSocketClient, type SocketLogLine } from '../../src/cli/event-socket-client.ts'
import { EventSocketPeer, type PeerOptions } from '../support/event-socket-peer.ts'

const hasCode = (code: string) => (thrown: unknown) =>
  thrown instanceof SwitchError && thrown.code === code

async function connected(options: PeerOptions = {}) {
  const peer = await EventSocketPeer.start(options)
  const { port, password } = peer
  const client = await EventSocketClient.connect({ host: '127.0.0.1', port, password })
  return {
    peer,
    client,
    async [Symbol.asyncDispose]() {
      client.close()
      await peer[Symbol.asyncDispose]()
    },
  }
}

test('a command gets its own answer, many at once get theirs in order', async () => {
  await using it = await connected({ api: { echo: (args) => args } })
  const answers = await Promise.all(['a', 'b', 'c'].map((word) => it.client.api(`echo ${word}`)))
  assert.deepEqual(answers, ['a', 'b', 'c'])
})

test('answers, events and log lines survive a network that delivers byte by byte', async () => {
  await using it = await connected({ isSlow: true, api: { echo: 'Grüße\n\nEnde' } })
  const logged = new Promise<SocketLogLine>((resolve) => it.client.on('log', resolve))
  const event = it.client.waitFor('CUSTOM')
  it.peer.event('CUSTOM', { 'Event-Subclass': 'a::b' }, 'the body\n')
  it.peer.log(4, 'attention\n', 'a-uuid')
  assert.equal(await it.client.api('echo'), 'Grüße\n\nEnde')
  assert.equal((await event).body, 'the body\n')
  assert.equal((await event).headers.get('event-subclass'), 'a::b')
  const { level, text, uuid } = await logged
  assert.deepEqual({ level, text, uuid }, { level: 4, text: 'attention\n', uuid: 'a-uuid' })
})

test('the answer to a command that timed out is not taken for the next one', async () => {
  await using it = await connected({ api: { hang: undefined, echo: 'echoed' } })
  await assert.rejects(it.client.api('hang', { timeout: 20 }), hasCode('EVENT_SOCKET_TIMEOUT'))
  const next = it.client.api('echo')
  await it.peer.received(/^api echo/)
  it.peer.release('late')
  assert.equal(await next, 'echoed')
})

test('a job gives its output', async () => {
  await using it = await connected({ api: { status: 'UP\n' } })
  assert.equal(await it.client.job('status'), 'UP\n')
  assert.equal((await it.peer.received(/^bgapi/)).line, 'bgapi status')
})

test('headers and a body go out with the command', async () => {
  await using it = await connected()
  await it.client.sendmsg('a-uuid', { 'call-command': 'execute' }, 'Grüße')
  const { headers, body } = await it.peer.received(/^sendmsg a-uuid$/)
  assert.equal(headers['call-command'], 'execute')
  assert.equal(body, 'Grüße')
})

test("a refusal is thrown with the server's words", async () => {
  await using it = await connected()
  await assert.rejects(it.client.command('nonsense'), {
    code: 'EVENT_SOCKET_REFUSED',
    message: 'command not found',
  })
})

test('a wrong password, a refused address and a closed port are told apart', async () => {
  await using peer = await EventSocketPeer.start()
  await using strict = await EventSocketPeer.start({ refuses: true })
  const gone = await EventSocketPeer.start()
  const { port: closedPort } = gone
  await gone[Symbol.asyncDispose]()
  const attempt = (port: number, password: string) =>
    EventSocketClient.connect({ host: '127.0.0.1', port, password })
  await assert.rejects(attempt(peer.port, 'wrong'), hasCode('EVENT_SOCKET_BAD_PASSWORD'))
  await assert.rejects(attempt(strict.port, 'x'), hasCode('EVENT_SOCKET_DENIED'))
  await assert.rejects(attempt(closedPort, 'x'), hasCode('EVENT_SOCKET_UNREACHABLE'))
})

test('a user of the directory authenticates with userauth', async () => {
  await using peer = await EventSocketPeer.start({ password: 'secret' })
  const { port } = peer
  const client = await EventSocketClient.connect({
    host: '127.0.0.1',
    port,
    password: 'secret',
    user: '1000@example.org',
  })
  client.close()
  assert.deepEqual(peer.lines, ['userauth 1000@example.org:secret'])
})

test('a port that says nothing, or speaks something else, does not hold the client', async () => {
  const server = createServer((socket) => socket.on('error', () => undefined))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    const { port } = server.address() as { port: number }
    await assert.rejects(
      EventSocketClient.connect({ host: '127.0.0.1', port, password: 'x', connectTimeout: 50 }),
      hasCode('EVENT_SOCKET_TIMEOUT'),
    )
  } finally {
    server.close()
  }
})

test('when the server goes, what waits is rejected and the reason is known', async () => {
  await using it = await connected({ api: { hang: undefined } })
  const pending = it.client.api('hang')
  const event = it.client.waitFor('NEVER')
  const rejected = [
    assert.rejects(pending, hasCode('EVENT_SOCKET_CLOSED')),
    assert.rejects(event, hasCode('EVENT_SOCKET_CLOSED')),
  ]
  await it.peer.received(/^api hang/)
  it.peer.hangUp()
  await Promise.all(rejected)
  assert.match(await it.client.whenClosed, /closed the connection/)
  await assert.rejects(it.client.api('status'), hasCode('EVENT_SOCKET_CLOSED'))
  await assert.rejects(it.client.waitFor('X'), hasCode('EVENT_SOCKET_CLOSED'))
})

test('what is no frame ends the connection', async () => {
  await using it = await connected()
  it.peer.frame('Content-Length: many\n\n')
  assert.match(await it.client.whenClosed, /Content-Length: many/)
})

test('disposing takes leave of the server', async () => {
  await using peer = await EventSocketPeer.start()
  {
    const { port, password } = peer
    await using client = await EventSocketClient.connect({ host: '127.0.0.1', port, password })
    await client.log('info')
  }
  assert.deepEqual(peer.lines, ['auth ClueCon', 'log info', 'exit'])
})
