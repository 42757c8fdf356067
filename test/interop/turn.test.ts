/** Calls of the web phone through TURN servers (coturn): the browser's, with the account that it got from us, and our own. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { skipWithoutChromium } from '../support/chromium.ts'
import { Coturn, skipWithoutCoturn } from '../support/coturn.ts'
import { freePorts } from '../support/ports.ts'
import { knowsRelaysOnly, relayOnly } from '../support/relay-only.ts'
import { copyOfConf, folderForTest, password, Server } from '../support/server.ts'
import { WebPhones } from '../support/web-phone.ts'

const addresses = /^.*ICE settled on 127\.0\.0\.1:(\d+)/m

test('the web phone calls through the TURN server that its profile names, with an account made for its user', {
  skip: skipWithoutChromium([]) || skipWithoutCoturn(),
}, async () => {
  await using turn = await Coturn.start({ secret: 'north' })
  using folder = folderForTest()
  const port = await freePorts(2)
  const conf = copyOfConf(join(folder.path, 'conf'), {
    'autoload_configs/verto.conf.xml': (text) =>
      text.replace(
        '<param name="rtp-ip"',
        `<param name="ice-server" value="${turn.url}" secret="north"/>\n      <param name="rtp-ip"`,
      ),
  })
  const set = { verto_port: String(port), verto_secure_port: String(port + 1) }
  await using server = await Server.start({ conf, set })
  await using phones = new WebPhones()
  const url = `http://127.0.0.1:${port}/`
  const vera = await phones.open(url, '1000', password, 1000, relayOnly())
  await vera.dial('9196')
  await vera.state('Connected')
  await vera.hears(1000)
  const [, remote] = await server.logs(addresses)
  assert.ok(turn.relays(Number(remote)), `${remote} is no port of the relay`)
  await turn.program.says(
    /user <\d+:1000@127\.0\.0\.1>: incoming packet ALLOCATE processed, success/,
  )
  await vera.press('Hang up')
  await vera.over()
  await server.isIdle()
  await turn.program.says(/: delete: realm=<example\.test>, username=<\d+:1000@127\.0\.0\.1>/)
})

test('where only our own relay is let through, the call goes by it, and it is given back at the end', {
  skip: skipWithoutChromium([]) || skipWithoutCoturn(),
}, async () => {
  // The browser's relay lets in what comes from ours, and not what comes from our own port: their addresses differ.
  await using theirs = await Coturn.start({ account: 'browser:pass' })
  await using ours = await Coturn.start({ secret: 'south', relayAddress: '127.0.0.2' })
  using folder = folderForTest()
  const port = await freePorts(2)
  const conf = copyOfConf(join(folder.path, 'conf'), {
    'autoload_configs/verto.conf.xml': (text) =>
      text.replace(
        '<param name="rtp-ip"',
        `<param name="ice-server" value="${theirs.url}" username="browser" password="pass"/>
      <param name="turn-server" value="${ours.url}" secret="south"/>
      <param name="ice-mode" value="full"/>
      <param name="rtp-ip"`,
      ),
  })
  const set = { verto_port: String(port), verto_secure_port: String(port + 1) }
  await using server = await Server.start({ conf, set })
  await using phones = new WebPhones()
  const url = `http://127.0.0.1:${port}/`
  const vera = await phones.open(url, '1000', password, 1000, relayOnly() + knowsRelaysOnly)
  await vera.dial('9196')
  await vera.state('Connected')
  await vera.hears(1000)
  const { headers } = await server.event('CHANNEL_ANSWER', { 'Channel-Name': /verto/ })
  const why = await server.api(`webrtc why ${headers.get('Unique-ID')}`)
  const pair = /ICE +full, connected, 127\.0\.0\.2:(\d+) with 127\.0\.0\.1:(\d+) \(/
  const [, relay, remote] = pair.exec(why) ?? []
  assert.ok(ours.relays(Number(relay)), why)
  assert.ok(theirs.relays(Number(remote)), why)
  const words = `TURN +${ours.url}: allocated, we are 127\\.0\\.0\\.2:${relay} there, in use\n`
  assert.match(why, new RegExp(words))
  await ours.program.says(/CHANNEL_BIND processed, success/)
  await vera.press('Hang up')
  await vera.over()
  await server.isIdle()
  await ours.program.says(/refreshed, realm=<example\.test>, username=<[^>]+>, lifetime=0/)
  await ours.program.says(/: delete: realm=<example\.test>/)
  assert.match(await server.api('counters turn'), /^turn +relayed +1$/m)
})
