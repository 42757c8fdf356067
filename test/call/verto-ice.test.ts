/** What browsers are told of STUN and TURN, over Verto, and where our own sound is. */
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { describe, it } from 'node:test'
import { onLog, setLogThreshold } from '../../src/base/log.ts'
import { context } from '../support/dialplan.ts'
import { stunServer } from '../support/stun-server.ts'
import { startVerto, type VertoSwitch } from '../support/verto-switch.ts'

const dialplan = context('here', { parked: 'answer; park' })

const servers = `<param name="ice-server" value="stun:192.0.2.1"/>
<param name="ice-server" value="turn:192.0.2.1?transport=udp" secret="north" lifetime="3600"/>
<param name="ice-server" value="turns:192.0.2.2:443" username="all" password="south"/>`

const stun = { urls: 'stun:192.0.2.1' }

describe('ICE servers of a Verto profile', () => {
  it('are told to who has logged in, with an account made for him', async () => {
    await using t = await startVerto({ dialplan, profile: servers })
    using vera = await t.client('1000')
    const { result } = await vera.call('verto.iceServers')
    assert.equal(result.lifetime, 3600)
    const [first, made, fixed] = result.iceServers
    assert.deepEqual(first, stun)
    assert.deepEqual(fixed, { urls: 'turns:192.0.2.2:443', username: 'all', credential: 'south' })
    assert.equal(made.urls, 'turn:192.0.2.1?transport=udp')
    const [, end, user] = /^(\d+):(.+)$/.exec(made.username) ?? []
    assert.equal(user, '1000@example.test')
    assert.ok(Math.abs(Number(end) - Date.now() / 1000 - 3600) < 30, made.username)
    const hash = createHmac('sha1', 'north').update(made.username).digest('base64')
    assert.equal(made.credential, hash)
  })

  it('are none for who has not logged in, and none where none are named', async () => {
    await using t = await startVerto({ dialplan, profile: servers })
    using stranger = await t.connect()
    const reply = await stranger.call('verto.iceServers')
    assert.equal(reply['result'], undefined)
    assert.equal(reply['error'].code, -32000)
    await using other = await startVerto({ dialplan })
    using vera = await other.client('1000')
    const { result } = await vera.call('verto.iceServers')
    assert.deepEqual(result.iceServers, [])
    assert.equal(result.lifetime, undefined)
  })

  it('have no account for a user whom the directory does not know', async () => {
    const profile = `${servers}<param name="blind-reg" value="true"/>`
    await using t = await startVerto({ dialplan, profile })
    using stranger = await t.connect()
    assert.ok((await stranger.login('9999', 'anything'))['result'])
    const { result } = await stranger.call('verto.iceServers')
    assert.deepEqual(result.iceServers, [stun])
  })

  it('have no account where nobody has to log in, which the log says', async () => {
    const lines: string[] = []
    using _ = onLog(({ text }) => void lines.push(text))
    const profile = `${servers}<param name="userauth" value="false"/>`
    await using t = await startVerto({ dialplan, profile })
    using stranger = await t.connect()
    const { result } = await stranger.call('verto.iceServers')
    assert.deepEqual(result.iceServers, [stun])
    assert.ok(lines.some((text) => /TURN servers are told to nobody/.test(text)))
  })

  it('are in the log of messages without their passwords', async () => {
    const lines: string[] = []
    using _ = onLog(({ text }) => void lines.push(text))
    await using t = await startVerto({
      dialplan,
      profile: `${servers}<param name="debug" value="1"/>`,
    })
    setLogThreshold(7)
    using vera = await t.client('1000')
    const { result } = await vera.call('verto.iceServers')
    const log = lines.join('\n')
    assert.match(log, /WRITE .*"iceServers"/)
    assert.ok(!log.includes('"south"'))
    assert.ok(!log.includes(result.iceServers[1].credential))
  })
})

describe('turn-server of a Verto profile', () => {
  const named = '<param name="turn-server" value="turn:127.0.0.1:9" username="u" password="p"/>'
  const asked = (t: VertoSwitch) =>
    t.media.legs.flatMap(({ asked: all }) => all.filter((what) => what.startsWith('turn')))

  it('is asked before a browser with full ICE is answered, and the answer goes without what it has not', async () => {
    const profile = `${named}<param name="ice-mode" value="full"/>`
    await using t = await startVerto({ dialplan, profile })
    using vera = await t.client('1000')
    await vera.invite('parked', 'c1')
    const { sdp } = await vera.wait('verto.answer')
    assert.doesNotMatch(sdp, /typ relay/)
    assert.deepEqual(asked(t), ['turn turn:127.0.0.1:9'])
    const counted = (await t.sw.counters.read()).find(([name]) => name === 'turn')?.[1]
    assert.deepEqual(counted, { asked: 1, relayed: 0, without: 1 })
  })

  it('is not asked with ICE-lite', async () => {
    await using t = await startVerto({ dialplan, profile: named })
    using vera = await t.client('1000')
    await vera.invite('parked', 'c1')
    await vera.wait('verto.answer')
    assert.deepEqual(asked(t), [])
  })
})

describe('ice-tcp-port of a Verto profile', () => {
  it('is where browsers may connect by TCP, which they are told behind our port for UDP', async () => {
    const profile = '<param name="ice-tcp-port" value="4430"/>'
    await using t = await startVerto({ dialplan, profile })
    using vera = await t.client('1000')
    await vera.invite('parked', 'c1')
    const { sdp } = await vera.wait('verto.answer')
    const lines =
      /^a=candidate:1 1 UDP .*\r\na=candidate:5 1 TCP \d+ 127\.0\.0\.1 4430 typ host tcptype passive\r$/m
    assert.match(sdp, lines)
  })

  it('is nothing that anybody is told of where it is not set', async () => {
    await using t = await startVerto({ dialplan })
    using vera = await t.client('1000')
    await vera.invite('parked', 'c1')
    const { sdp } = await vera.wait('verto.answer')
    assert.doesNotMatch(sdp, / TCP /)
  })
})

describe('ext-rtp-ip of a Verto profile', () => {
  it('may be what a STUN server says: browsers get it as a candidate beside the inner one', async () => {
    using server = await stunServer('198.51.100.4')
    const profile = `<param name="ext-rtp-ip" value="${server.url}"/>`
    await using t = await startVerto({ dialplan, profile })
    using vera = await t.client('1000')
    await vera.invite('parked', 'c1')
    const { sdp } = await vera.wait('verto.answer')
    assert.match(sdp, /^c=IN IP4 198\.51\.100\.4\r$/m)
    assert.match(sdp, /^a=candidate:1 1 UDP \d+ 127\.0\.0\.1 \d+ typ host\r$/m)
    assert.match(
      sdp,
      /^a=candidate:2 1 UDP \d+ 198\.51\.100\.4 (\d+) typ srflx raddr 127\.0\.0\.1 rport \1\r$/m,
    )
  })

  for (const [text, words] of [
    ['stun:127.0.0.1:9', /ext-rtp-ip="stun:127\.0\.0\.1:9": .*; the local one is used/],
    ['nowhere', /ext-rtp-ip="nowhere" is neither an address nor stun:host:port/],
  ] as const) {
    it(`is the local address where ${text} gives none, and the log says so`, async () => {
      const lines: string[] = []
      using _ = onLog(({ text: line }) => void lines.push(line))
      const profile = `<param name="ext-rtp-ip" value="${text}"/>`
      await using t = await startVerto({ dialplan, profile })
      using vera = await t.client('1000')
      await vera.invite('parked', 'c1')
      const { sdp } = await vera.wait('verto.answer')
      assert.match(sdp, /^c=IN IP4 127\.0\.0\.1\r$/m)
      assert.doesNotMatch(sdp, /srflx/)
      assert.ok(
        lines.some((line) => words.test(line)),
        lines.join('\n'),
      )
    })
  }
})
