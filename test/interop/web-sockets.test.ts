/** The sockets of browsers while one of them is in a call: a certificate that is replaced, and a thousand that never log in. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { connect, type TLSSocket } from 'node:tls'
import { WebSocket } from 'ws'
import { makeCertificate } from '../../src/net/certificate.ts'
import { skipWithoutChromium } from '../support/chromium.ts'
import { freePorts } from '../support/ports.ts'
import { eventually } from '../support/programs.ts'
import { copyOfConf, folderForTest, password, Server } from '../support/server.ts'
import { type WebPhone, WebPhones } from '../support/web-phone.ts'

const skip = skipWithoutChromium([])
/** So long a socket may be without a login, s: long enough for all of them to come on a busy machine. */
const loginSeconds = 20

/** The name in the certificate that a new socket gets. */
async function nameAt(port: number): Promise<string> {
  const socket: TLSSocket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const { CN } = socket.getPeerCertificate().subject
  socket.destroy()
  return String(CN)
}

describe('the sockets of browsers beside a call', { skip }, () => {
  let folder: ReturnType<typeof folderForTest>
  let server: Server
  let phones: WebPhones
  let vera: WebPhone
  let port = 0
  let url = ''

  before(async () => {
    folder = folderForTest()
    const conf = copyOfConf(join(folder.path, 'conf'), {
      'autoload_configs/verto.conf.xml': (text) =>
        text.replace(
          '<param name="userauth"',
          `<param name="login-timeout-sec" value="${loginSeconds}"/><param name="userauth"`,
        ),
    })
    port = await freePorts(3)
    server = await Server.start({
      conf,
      set: {
        verto_port: String(port),
        verto_secure_port: String(port + 1),
        internal_wss_binding: `:${port + 2}`,
      },
    })
    phones = new WebPhones()
    url = `https://127.0.0.1:${port + 1}/`
    vera = await phones.open(url, '1000', password, 1000)
    await vera.dial('9196')
    await vera.state('Connected')
    await vera.hears(1000)
  })
  after(async () => {
    await phones?.[Symbol.asyncDispose]()
    await server?.[Symbol.asyncDispose]()
    folder?.[Symbol.dispose]()
  })

  it('a new certificate is for new sockets: the call stays, and so does its old one', async () => {
    const before = await server.api('show channels')
    const { certificate, key } = makeCertificate({ commonName: 'new.test', names: ['localhost'] })
    assert.notEqual(await nameAt(port + 1), 'new.test')
    writeFileSync(join(server.data, 'certs', 'wss.pem'), certificate + key)
    for (const each of [port + 1, port + 2]) {
      await eventually(
        `the new certificate at ${each}`,
        async () => (await nameAt(each)) === 'new.test',
      )
    }
    await vera.hears(1000)
    await vera.press('Hold')
    await server.event('CHANNEL_HOLD')
    await vera.press('Resume')
    await server.event('CHANNEL_UNHOLD')
    await vera.hears(1000)
    const bob = await phones.open(url, '1001', password, 1500)
    await bob.dial('9196')
    await bob.state('Connected')
    await bob.hears(1500)
    await bob.press('Hang up')
    await bob.over()
    await server.isIdle(1)
    const uuid = (text: string) => /^[0-9a-f-]{32,36}/m.exec(text)?.[0]
    assert.equal(uuid(await server.api('show channels')), uuid(before))
  })

  const counter = async (name: string) => {
    const { verto = {} } = JSON.parse(await server.api('counters verto as json')) as Record<
      string,
      Record<string, number>
    >
    return verto[name] ?? 0
  }

  /** Comes with a thousand sockets from so many addresses; how many were let in, and a promise for the end of all. */
  async function crowd(addresses: readonly string[]) {
    const began = performance.now()
    const ends: Promise<void>[] = []
    let count = 0
    // By the hundred: a busy machine must have said all headers within the time that a server gives to each.
    for (let begun = 0; begun < 1000; begun += 100) {
      const opened = Array.from({ length: 100 }, (_, i) => {
        const localAddress = addresses[(begun + i) % addresses.length]
        const socket = new WebSocket(
          `ws://127.0.0.1:${port}/`,
          localAddress ? { localAddress } : {},
        )
        ends.push(new Promise<void>((done) => socket.on('close', done)))
        return new Promise<boolean>((resolve) => {
          socket.on('open', () => resolve(true))
          socket.on('error', () => resolve(false))
        })
      })
      count += (await Promise.all(opened)).filter(Boolean).length
    }
    // Who was sent away meanwhile has left his place to another.
    const turns = 1 + Math.floor((performance.now() - began) / 1000 / loginSeconds)
    return { count, turns, over: Promise.all(ends) }
  }

  it('a thousand that never log in: of one address a hundred come in, of ten all, and are sent away; who has a login comes in and calls', async () => {
    const files = server.openFiles
    const one = await crowd(['127.0.0.2'])
    const ten = await crowd(Array.from({ length: 10 }, (_, i) => `127.0.0.${10 + i}`))
    assert.equal(ten.count, 1000)
    assert.ok(one.count >= 100 && one.count <= 100 * one.turns, `${one.count} of one address`)
    await vera.hears(1000)
    const carl = await phones.open(url, '1002', password, 700)
    await carl.dial('9196')
    await carl.state('Connected')
    await Promise.all([carl.hears(700), vera.hears(1000)])
    await carl.press('Hang up')
    await carl.over()
    await carl.page.close()
    await Promise.all([one.over, ten.over])
    assert.equal(await counter('refused full'), 1000 - one.count)
    assert.equal(await counter('refused idle'), 1000 + one.count)
    await eventually(
      'all sockets to be gone',
      () => server.openFiles <= files,
      60_000,
      () => [server.openFiles, files],
    )
    await vera.hears(1000)
    assert.equal(await server.channelCount(), 1)
    await vera.press('Hang up')
    await vera.over()
    await server.isIdle()
  })
})
