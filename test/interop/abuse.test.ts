/** Bad input on every live port while a call is up: the call goes on, and nothing of it stays. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { readdirSync, readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Phone, skipWithoutModules } from '../support/baresip.ts'
import { eventually, root, skipWithout } from '../support/programs.ts'
import { Server } from '../support/server.ts'

/** Node 20 has no AsyncDisposableStack. */
class Disposables implements AsyncDisposable {
  readonly #all: AsyncDisposable[] = []

  use<T extends AsyncDisposable>(one: T): T {
    this.#all.push(one)
    return one
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const one of this.#all.reverse()) await one[Symbol.asyncDispose]()
  }
}

const skip = skipWithout('baresip') || skipWithoutModules()

let server: Server
let caller: Phone
let callee: Phone
let openFiles = 0
const stack = new Disposables()

before(async () => {
  if (skip) return
  server = stack.use(await Server.start())
  const port = server.ports.internal
  caller = stack.use(await Phone.start({ server: port, user: '1000', tone: 440 }))
  callee = stack.use(await Phone.start({ server: port, user: '1001', tone: 1000, answers: true }))
  await Promise.all([caller.registered(), callee.registered()])
  await caller.dial('1001')
  await Promise.all([caller.hears(1000), callee.hears(440)])
  openFiles = server.openFiles
})

after(() => stack[Symbol.asyncDispose]())

/** The call is as good as before. */
async function callGoesOn(): Promise<void> {
  await Promise.all([caller.hears(1000, true), callee.hears(440, true)])
  assert.equal(server.program.exitCode, undefined)
  assert.doesNotMatch(server.log, /uncaught|unhandled/)
}

/** Random, and the same in every run. */
function octets(seed: string, length: number): Buffer {
  const parts: Buffer[] = []
  for (let i = 0; i * 32 < length; i++) {
    parts.push(createHash('sha256').update(`${seed} ${i}`).digest())
  }
  return Buffer.concat(parts).subarray(0, length)
}

/** Sends datagrams, a few at a time so that the system loses none. */
async function sendAll(port: number, datagrams: readonly Buffer[]): Promise<void> {
  const socket = createSocket('udp4')
  for (const datagram of datagrams) {
    await new Promise<void>((resolve, reject) => {
      socket.send(datagram, port, '127.0.0.1', (error) => (error ? reject(error) : resolve()))
    })
  }
  await new Promise<void>((resolve) => socket.close(() => resolve()))
}

function opened(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.removeListener('error', reject)
      socket.on('error', () => undefined) // the server may well close it
      resolve(socket)
    })
    socket.once('error', reject)
  })
}

/** Writes bytes to a TCP port, takes what comes, and leaves. */
async function throwAt(port: number, bytes: Buffer): Promise<string> {
  const socket = await opened(port)
  let answer = ''
  socket.on('data', (data) => {
    answer += data.toString('latin1')
  })
  await new Promise<void>((resolve) => {
    socket.once('close', () => resolve())
    socket.end(bytes)
  })
  return answer
}

/** The messages of test/torture, and each of them again cut short or with a wrong octet. */
function tortures(): Buffer[] {
  const folder = join(root, 'test', 'torture', 'messages')
  const whole = readdirSync(folder).map((name) => {
    const text = readFileSync(join(folder, name), 'utf8').replace(/^(?:# .*\n)+/, '')
    return Buffer.from(text.replace(/\n/g, '\r\n'))
  })
  const broken = whole.flatMap((message, i) => {
    const wrong = Buffer.from(message)
    if (wrong.length > 0) wrong[(i * 37) % wrong.length] = (i * 101) % 256
    return [message.subarray(0, Math.floor(message.length / 2)), wrong]
  })
  return [...whole, ...broken].filter((message) => message.length < 60_000)
}

test('random octets on the SIP port, UDP and TCP', { skip }, async () => {
  const { internal } = server.ports
  await sendAll(
    internal,
    Array.from({ length: 300 }, (_, i) => octets(`udp ${i}`, 1 + ((i * 53) % 1400))),
  )
  for (let i = 0; i < 20; i++) await throwAt(internal, octets(`tcp ${i}`, 4000))
  await callGoesOn()
  await server.logs(/127\.0\.0\.1:\d+: no SIP message/)
})

test('random octets on every RTP port', { skip }, async () => {
  const { firstRtp, lastRtp } = server.ports
  for (let port = firstRtp; port <= lastRtp; port++) {
    await sendAll(port, [octets(`rtp ${port}`, 172), octets(`rtcp ${port}`, 20), Buffer.alloc(1)])
  }
  await callGoesOn()
})

test('random octets on the event socket', { skip }, async () => {
  for (let i = 0; i < 20; i++) await throwAt(server.ports.eventSocket, octets(`esl ${i}`, 5000))
  const commands = [
    'api\n\n',
    'sendmsg\n\n',
    'auth\n\n',
    `auth ${'x'.repeat(9000)}\n\n`,
    '\n\n\n\n',
  ]
  for (const command of commands) await throwAt(server.ports.eventSocket, Buffer.from(command))
  await callGoesOn()
  assert.match(await server.api('status'), /^UP/)
})

test('a header of 64 KiB by TCP and by the event socket', { skip }, async () => {
  const long = 'x'.repeat(65_536)
  const head = [
    'OPTIONS sip:127.0.0.1 SIP/2.0',
    'Via: SIP/2.0/TCP 127.0.0.1:9;branch=z9hG4bKlong',
    'From: <sip:a@127.0.0.1>;tag=1',
    'To: <sip:b@127.0.0.1>',
    'Call-ID: long',
    'CSeq: 1 OPTIONS',
    `X-Long: ${long}`,
    'Content-Length: 0',
  ]
  await throwAt(server.ports.internal, Buffer.from(`${head.join('\r\n')}\r\n\r\n`))
  await throwAt(server.ports.eventSocket, Buffer.from(`sendevent X\nLong: ${long}\n\n`))
  await callGoesOn()
})

test('the torture messages by UDP and TCP', { skip }, async () => {
  const messages = tortures()
  assert.ok(messages.length >= 200)
  await sendAll(server.ports.internal, messages)
  for (const message of messages.slice(0, 60)) await throwAt(server.ports.internal, message)
  await callGoesOn()
})

test('500 TCP connections that begin a request and say no more', { skip }, async () => {
  const begun: Socket[] = []
  for (let i = 0; i < 500; i++) {
    const socket = await opened(i % 5 === 0 ? server.ports.eventSocket : server.ports.internal)
    socket.write('INVITE sip:1001@127.0.0.1 SIP/2.0\r\nVia: ')
    begun.push(socket)
  }
  await callGoesOn()
  // The limit for each address must not shut out the phones for good.
  for (const socket of begun) socket.destroy()
  assert.match(await server.api('status'), /^UP/)
})

test('afterwards nothing stays: no channel but those of the call, no socket more, and calls still work', {
  skip,
}, async () => {
  await eventually(
    'the channels that the torture messages made to go',
    async () => (await server.channelCount()) === 2,
    // Those that get no answer, or no ACK, end after 32 s.
    90_000,
    () => server.api('show channels'),
  )
  await eventually(
    'sockets to be closed',
    () => server.openFiles <= openFiles + 12,
    undefined,
    () => [openFiles, server.openFiles],
  )
  await callGoesOn()
  await caller.hangUp()
  await callee.event('CALL_CLOSED')
  await server.isIdle()
  await caller.dial('9197')
  await caller.hears(1004)
})
