/** Verto under bad input: what is refused, closed or slowed down is counted, and calls go on. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { WebSocket } from 'ws'
import { delay } from '../../src/base/clock.ts'
import { vertoOf } from '../../src/endpoints/verto/verto.ts'
import { context } from '../support/dialplan.ts'
import { browserSdp } from '../support/verto-client.ts'
import { startVerto } from '../support/verto-switch.ts'

const dialplan = context('here', { parked: 'answer; park' })

/** The same numbers every time. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const methods = [
  'login',
  'echo',
  'jsapi',
  'fsapi',
  'verto.invite',
  'verto.answer',
  'verto.attach',
  'verto.bye',
  'verto.info',
  'verto.modify',
  'verto.ping',
  'verto.subscribe',
  'verto.unsubscribe',
  'verto.broadcast',
  'nosuch',
  '',
]
const keys = [
  'callID',
  'sdp',
  'dialogParams',
  'action',
  'eventChannel',
  'data',
  'cmd',
  'arg',
  'msg',
  'to',
  'body',
  'dtmf',
  'destination',
  'destination_number',
  'replaceCallID',
  'login',
  'passwd',
  'userVariables',
  'echoParams',
  'cause',
  'causeCode',
  'command',
  'localBroadcast',
  'sessid',
  '__proto__',
  'constructor',
  '',
]
const actions = [
  'hold',
  'unhold',
  'toggleHold',
  'transfer',
  'replace',
  'updateMedia',
  'videoRefresh',
]

describe('bad input to Verto', () => {
  it('10,000 messages of nonsense are answered or passed over, and a call goes on', async () => {
    await using t = await startVerto({ dialplan })
    using vera = await t.client('1000', 's1')
    await vera.invite('parked', 'good')
    await vera.wait('verto.answer')
    const random = randomFrom(20240607)
    const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T
    const value = (depth: number): unknown => {
      switch (random(depth > 3 ? 7 : 10)) {
        case 0:
          return null
        case 1:
          return random(2) === 0
        case 2:
          return pick([0, -1, 1e308, 17, 2 ** 53])
        case 3:
          return pick([
            '',
            'x'.repeat(random(3000)),
            'bad',
            'none',
            'a\u0000b',
            '\ud800',
            '${system(id)}',
          ])
        case 4:
          return pick(actions)
        case 5:
          return pick([browserSdp, browserSdp.slice(0, random(browserSdp.length)), 'v=0'])
        case 6:
          return pick(['demo', 'presence', 'FSevent', 's1', 'conference-mod.1'])
        case 7:
          return Array.from({ length: random(4) }, () => value(depth + 1))
        default:
          return Object.fromEntries(
            Array.from({ length: random(6) }, () => [pick(keys), value(depth + 1)]),
          )
      }
    }
    const message = (): string => {
      const whole = {
        jsonrpc: random(20) === 0 ? value(3) : '2.0',
        method: random(10) === 0 ? value(2) : pick(methods),
        id: random(5) === 0 ? value(2) : random(1000),
        params: value(0),
      }
      const text = JSON.stringify(random(30) === 0 ? [whole, whole, value(1)] : whole)
      switch (random(12)) {
        case 0:
          return text.slice(0, random(text.length))
        case 1: {
          const at = random(text.length)
          return text.slice(0, at) + pick(['"', '{', '\\', '\u0007', ',', ']']) + text.slice(at + 1)
        }
        default:
          return text
      }
    }
    const mayLogIn = /"method":"login"/
    // A socket may send so many at once before it is slowed down.
    for (let socket = 0; socket < 10; socket++) {
      using client = await t.client('1000', `fuzz${socket}`)
      // Answers are not kept: only that they come.
      client.socket.removeAllListeners('message')
      let got = 0
      const last = new Promise<void>((resolve) => {
        client.socket.on('message', (data) => {
          got++
          if (String(data).includes('"the last one"')) resolve()
        })
      })
      for (let sent = 0; sent < 1000; sent++) {
        let text = message()
        // A wrong login too often closes the socket, as it must.
        while (mayLogIn.test(text)) text = message()
        client.socket.send(text)
      }
      client.socket.send('{"jsonrpc":"2.0","id":"the last one","method":"verto.ping","params":{}}')
      await Promise.race([last, once(client.socket, 'close')])
      assert.equal(client.socket.readyState, WebSocket.OPEN)
      assert.ok(got > 500, `${got} answers`)
      await client.close()
    }
    assert.ok(t.sw.channels.get('good')?.isUp, 'the call of before is still there')
    const counters = await t.counters()
    for (const name of ['refused json', 'refused message', 'refused method', 'refused call'])
      assert.ok((counters[name] ?? 0) > 0, name)
    await vera.close()
    await t.until(() => t.sw.channels.count === 0)
  })

  it('a client that sends too much is slowed down, and every message is answered', async (context) => {
    await using t = await startVerto({ dialplan })
    using vera = await t.client('1000')
    const slowed = () => vertoOf(t.sw)?.counters['slowed messages'] ?? 0
    // No time goes by meanwhile: a busy machine may take the messages as slowly as they are allowed.
    const at = performance.now()
    const clock = context.mock.method(performance, 'now', () => at)
    const pings = Array.from({ length: 1100 }, () => vera.call('verto.ping'))
    for (let looks = 0; looks < 3000 && slowed() === 0; looks++) await delay(10)
    clock.mock.restore()
    assert.ok(slowed() > 0)
    const replies = await Promise.all(pings)
    assert.ok(replies.every(({ result }) => result.message === 'PONG'))
  })

  it('a message that is too long closes its socket', async () => {
    await using t = await startVerto({ dialplan })
    using vera = await t.client('1000')
    vera.socket.send(`"${'x'.repeat(1_000_001)}"`)
    await vera.until(() => vera.isClosed, 'the end of the socket')
    assert.equal((await t.counters())['refused size'], 1)
  })

  it('a socket that never logs in is closed', async () => {
    await using t = await startVerto({
      dialplan,
      profile: '<param name="login-timeout-sec" value="2"/>',
    })
    using silent = await t.connect()
    using vera = await t.client('1000')
    await silent.until(() => silent.isClosed, 'the end of the silent one')
    assert.equal((await t.counters())['refused idle'], 1)
    assert.equal(vera.isClosed, false)
  })

  it('one address has only so many sockets without a login', async () => {
    await using t = await startVerto({ dialplan })
    using vera = await t.client('1000')
    const sockets = Array.from({ length: 150 }, () => new WebSocket(`ws://127.0.0.1:${t.port}/`))
    const results = await Promise.all(
      sockets.map(
        (socket) =>
          new Promise<string>((resolve) => {
            socket.on('open', () => resolve('open'))
            socket.on('error', () => resolve('refused'))
          }),
      ),
    )
    assert.equal(results.filter((result) => result === 'open').length, 100)
    assert.equal((await t.counters())['refused full'], 50)
    assert.ok((await vera.call('verto.ping'))['result'])
    const open = sockets.filter((socket) => socket.readyState === WebSocket.OPEN)
    const closed = open.map((socket) => once(socket, 'close'))
    for (const socket of open) socket.terminate()
    await Promise.all(closed)
  })

  it('a flood of wrong passwords is stopped, for that address and not for ever', async () => {
    await using t = await startVerto({ dialplan })
    using vera = await t.client('1000')
    let refused = 0
    for (let socket = 0; socket < 4; socket++) {
      using client = await t.connect()
      for (let tries = 0; tries < 10 && !client.isClosed; tries++) {
        const reply = await client.login('1000', 'wrong').catch(() => undefined)
        if (reply?.['error']?.code === -32001) refused++
      }
    }
    assert.ok(refused >= 30)
    using right = await t.connect()
    const { code, message, data } = (await right.login('1000'))['error']
    assert.deepEqual([code, message], [-32001, 'Authentication Failure'], 'as FreeSWITCH has it')
    assert.equal(data.reason, 'TOO_MANY_TRIES')
    assert.ok(data.retryAfter > 0 && data.retryAfter <= 60, `${data.retryAfter} s`)
    const counters = await t.counters()
    assert.equal(counters['refused login'], 30)
    assert.ok((counters['refused login rate'] ?? 0) > 0)
    assert.ok((await vera.call('verto.ping'))['result'], 'who is in stays in')
  })

  it('a client that does not read is cut off, and nobody else waits for it', async () => {
    await using t = await startVerto({ dialplan })
    using slow = await t.client('1001', 's2')
    using vera = await t.client('1000', 's1')
    await slow.call('verto.subscribe', { eventChannel: 'demo' })
    slow.socket.pause()
    const data = { text: 'x'.repeat(40_000) }
    const isCut = async () => (await t.counters())['closed slow'] === 1
    for (let sent = 0; sent < 950; sent++) {
      await vera.call('verto.broadcast', { eventChannel: 'demo', localBroadcast: true, data })
      if (sent % 50 === 0 && (await isCut())) break
    }
    const counters = await t.counters()
    assert.equal(counters['closed slow'], 1)
    assert.ok((counters['dropped events'] ?? 0) >= 500)
  })
})
