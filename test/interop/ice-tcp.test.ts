/** Calls of the web phone that find no way by UDP: by TCP (`ice-tcp-port`), through a gate that the test can shut. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { skipWithoutChromium } from '../support/chromium.ts'
import { freePorts } from '../support/ports.ts'
import { copyOfConf, folderForTest, password, Server } from '../support/server.ts'
import { WebPhones } from '../support/web-phone.ts'

/** Passes TCP on to another port of 127.0.0.1. */
class Gate implements AsyncDisposable {
  readonly #server
  readonly #sockets = new Set<Socket>()
  /** Connections that were ever made. */
  count = 0

  private constructor(to: number) {
    this.#server = createServer((socket) => {
      this.count++
      const far = connect({ port: to, host: '127.0.0.1', noDelay: true })
      socket.setNoDelay(true)
      socket.pipe(far).pipe(socket)
      for (const one of [socket, far]) {
        this.#sockets.add(one)
        one.on('error', () => undefined)
        one.on('close', () => {
          this.#sockets.delete(one)
          socket.destroy()
          far.destroy()
        })
      }
    })
  }

  static async open(port: number, to: number): Promise<Gate> {
    const gate = new Gate(to)
    gate.#server.listen(port, '127.0.0.1')
    await once(gate.#server, 'listening')
    return gate
  }

  /** Ends all connections, as a network does that goes away. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close()
    this.cut()
  }
}

/**
 * The page and we learn of no address for UDP from each other, and of our TCP port it learns the gate's. With full ICE we would
 * find its own ports by asking there, which a firewall lets nobody do.
 */
const tcpOnly = (port: number, gate: number) => `
const Plain = RTCPeerConnection
const take = Plain.prototype.setRemoteDescription
Plain.prototype.setRemoteDescription = function (description) {
  const sdp = description.sdp
    .replaceAll(/a=candidate:\\S+ \\d UDP .*\\r\\n/gi, '')
    .replaceAll(/(a=candidate:.* TCP .* )${port}( typ host tcptype passive)/g, '$1${gate}$2')
  window.answer = sdp
  return take.call(this, { type: description.type, sdp })
}
const local = Object.getOwnPropertyDescriptor(Plain.prototype, 'localDescription')
Object.defineProperty(Plain.prototype, 'localDescription', {
  get() {
    const it = local.get.call(this)
    return it && { type: it.type, sdp: it.sdp.replaceAll(/a=candidate:\\S+ \\d udp .*\\r\\n/g, '') }
  },
})
`

async function start(folder: string, mode: string) {
  const port = await freePorts(4)
  const [tcp, gate] = [port + 2, port + 3]
  const conf = copyOfConf(join(folder, 'conf'), {
    'autoload_configs/verto.conf.xml': (text) =>
      text.replace(
        '<param name="rtp-ip"',
        `<param name="ice-tcp-port" value="${tcp}"/>
      <param name="ice-mode" value="${mode}"/>
      <param name="rtp-ip"`,
      ),
    'autoload_configs/switch.conf.xml': (text) =>
      text.replace(
        '<!-- <param name="media-workers" value="1"/> -->',
        '<param name="media-workers" value="1"/>',
      ),
  })
  const set = { verto_port: String(port), verto_secure_port: String(port + 1) }
  const server = await Server.start({ conf, set })
  return { server, url: `http://127.0.0.1:${port}/`, tcp, gate }
}

for (const mode of ['lite', 'full'])
  test(`${mode} ICE: a browser without UDP calls by TCP, holds, and goes on after the connection was cut`, {
    skip: skipWithoutChromium([]),
  }, async () => {
    using folder = folderForTest()
    const { server, url, tcp, gate: at } = await start(folder.path, mode)
    await using _server = server
    await using gate = await Gate.open(at, tcp)
    await using phones = new WebPhones()
    const vera = await phones.open(url, '1000', password, 1000, tcpOnly(tcp, at))
    await vera.dial('9196')
    await vera.state('Connected')
    // Both directions: the server sends back what it hears.
    await vera.hears(1000)
    const { headers } = await server.event('CHANNEL_ANSWER', { 'Channel-Name': /verto/ })
    const uuid = headers.get('Unique-ID')
    const why = () => server.api(`webrtc why ${uuid}`)
    const text = await why()
    assert.match(
      text,
      new RegExp(`ICE +${mode}, connected, 127\\.0\\.0\\.1:${tcp} with \\S+ \\(prflx by TCP\\)`),
    )
    assert.match(text, new RegExp(`TCP +127\\.0\\.0\\.1:${tcp}, in use: 127\\.0\\.0\\.1:\\d+`))
    await vera.press('Hold')
    await vera.state('On hold')
    await vera.press('Resume')
    await vera.state('Connected')
    await vera.hears(1000)
    const before = gate.count
    gate.cut()
    await vera.until('another connection', async () => gate.count > before)
    await vera.until('a pair again', async () => /with \S+ \(prflx by TCP\)/.test(await why()))
    await vera.hears(1000)
    await vera.press('Hang up')
    await vera.over()
    await server.isIdle()
  })

test('a browser without UDP is called with video: both hear and see each other', {
  skip: skipWithoutChromium([]),
}, async () => {
  using folder = folderForTest()
  const { server, url, tcp, gate: at } = await start(folder.path, 'lite')
  await using _server = server
  await using _gate = await Gate.open(at, tcp)
  await using phones = new WebPhones()
  const vera = await phones.open(url, '1000', password, 1000, tcpOnly(tcp, at))
  const bob = await phones.open(url, '1001', password, 1500)
  for (const { page } of [vera, bob]) await page.click('#video')
  await bob.dial('1000')
  await vera.state('Calls you')
  await vera.press('Answer')
  await bob.state('Connected')
  await Promise.all([vera.hears(1500), bob.hears(1000)])
  await Promise.all([vera.sees(1500), bob.sees(1000)])
  await bob.press('Hang up')
  await Promise.all([vera.over(), bob.over()])
  await server.isIdle()
  assert.doesNotMatch(await server.api('counters media'), /handler failed/)
})

test('where UDP gets through it is taken, though TCP is offered too', {
  skip: skipWithoutChromium([]),
}, async () => {
  using folder = folderForTest()
  const { server, url, tcp } = await start(folder.path, 'lite')
  await using _server = server
  await using phones = new WebPhones()
  const vera = await phones.open(url, '1000', password, 1000)
  await vera.dial('9196')
  await vera.state('Connected')
  await vera.hears(1000)
  const { headers } = await server.event('CHANNEL_ANSWER', { 'Channel-Name': /verto/ })
  await vera.until('UDP', async () => {
    const text = await server.api(`webrtc why ${headers.get('Unique-ID')}`)
    return new RegExp(`TCP +127\\.0\\.0\\.1:${tcp}, not in use`).test(text)
  })
  await vera.press('Hang up')
  await vera.over()
  await server.isIdle()
})
