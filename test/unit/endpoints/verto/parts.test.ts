/** Small parts of Verto: subscriptions, the limit of wrong logins, the order of descriptions, the speed test. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { LoginLimit } from '../../../../src/endpoints/verto/login-limit.ts'
import { inUsualOrder } from '../../../../src/endpoints/verto/sdp-order.ts'
import { SpeedTest } from '../../../../src/endpoints/verto/speed-test.ts'
import { Subscriptions } from '../../../../src/endpoints/verto/subscriptions.ts'

describe('subscriptions', () => {
  it('count the events of each listener and channel for itself', () => {
    const subscriptions = new Subscriptions()
    const [a, b] = [{}, {}]
    assert.ok(subscriptions.add(a, 'demo'))
    assert.ok(!subscriptions.add(a, 'demo'))
    assert.deepEqual([...subscriptions.take('demo')], [{ who: a, serial: 0 }])
    subscriptions.add(b, 'demo')
    assert.deepEqual(
      [...subscriptions.take('demo')].map(({ serial }) => serial),
      [1, 0],
    )
  })

  it('are gone with their listener', () => {
    const subscriptions = new Subscriptions()
    const a = {}
    subscriptions.add(a, 'demo')
    subscriptions.add(a, 'other')
    subscriptions.removeAll(a)
    assert.ok(!subscriptions.has('demo'))
    assert.ok(!subscriptions.remove(a, 'other'))
    assert.equal(subscriptions.countOf(a), 0)
  })

  it('say whether anybody listens to a channel of a first part', () => {
    const subscriptions = new Subscriptions()
    const [a, b] = [{}, {}]
    assert.ok(!subscriptions.hasPart('presence'))
    subscriptions.add(a, 'presence.1000@example.com')
    subscriptions.add(b, 'presence.1000@example.com')
    subscriptions.add(b, 'presence')
    assert.ok(subscriptions.hasPart('presence'))
    assert.ok(!subscriptions.hasPart('presence.1000@example'))
    subscriptions.removeAll(b)
    assert.ok(subscriptions.hasPart('presence'))
    subscriptions.remove(a, 'presence.1000@example.com')
    assert.ok(!subscriptions.hasPart('presence'))
  })
})

describe('wrong logins', () => {
  it('stop an address for the rest of the minute', () => {
    let now = 0
    const limit = new LoginLimit(() => now)
    for (let i = 0; i < 30; i++) {
      assert.ok(limit.secondsLeft('192.0.2.1') === 0)
      limit.failed('192.0.2.1')
    }
    assert.ok(limit.secondsLeft('192.0.2.1') > 0)
    assert.ok(limit.secondsLeft('192.0.2.2') === 0)
    now = 59_001
    assert.equal(limit.secondsLeft('192.0.2.1'), 1)
    now = 60_000
    assert.ok(limit.secondsLeft('192.0.2.1') === 0)
  })

  it('stop all the addresses of IPv6 that one customer has', () => {
    const limit = new LoginLimit(() => 0)
    for (let i = 0; i < 30; i++) limit.failed(`2001:db8:1:2::${i}`)
    assert.ok(limit.secondsLeft('2001:db8:1:2:ffff::1') > 0)
    assert.ok(limit.secondsLeft('2001:db8:1:3::1') === 0)
    assert.ok(limit.secondsLeft('::1') === 0)
  })
})

describe('the order of descriptions', () => {
  const text = [
    'v=0',
    'a=group:BUNDLE 0',
    'm=audio 4000 UDP/TLS/RTP/SAVPF 111',
    'a=mid:0',
    'a=rtpmap:111 opus/48000/2',
    'a=ice-ufrag:x',
    'a=setup:active',
    'a=rtcp-mux',
    'a=sendrecv',
    'a=ptime:20',
    '',
  ].join('\r\n')

  it('is that of FreeSWITCH, without names of a section that is alone', () => {
    const lines = inUsualOrder(text, 'answer').split('\r\n')
    assert.deepEqual(lines.slice(1, -1), [
      'm=audio 4000 UDP/TLS/RTP/SAVPF 111',
      'a=rtpmap:111 opus/48000/2',
      'a=ptime:20',
      'a=sendrecv',
      'a=setup:active',
      'a=rtcp-mux',
      'a=ice-ufrag:x',
    ])
  })

  it('keeps names where sections are bundled', () => {
    const two = `${text}m=video 0 UDP/TLS/RTP/SAVPF 19\r\na=mid:1\r\n`
    assert.match(inUsualOrder(two, 'answer'), /a=group:BUNDLE 0[\s\S]*a=mid:0[\s\S]*a=mid:1/)
  })
})

describe('the speed test', () => {
  it('answers with as much as it was told, ten times, and stops at a lost socket', async () => {
    const sent: string[] = []
    let done = () => {}
    const over = new Promise<void>((resolve) => {
      done = resolve
    })
    const test = new SpeedTest((text) => {
      sent.push(text)
      if (text.startsWith('#SPD')) done()
      return Promise.resolve()
    })
    test.receive('#SPU 2500')
    test.receive(`#SPB ${'x'.repeat(1000)}`)
    test.receive('#SPE')
    await over
    assert.match(sent[0] ?? '', /^#SPU \d+$/)
    const blocks = sent.filter((text) => text.startsWith('#SPB'))
    assert.equal(
      blocks.reduce((sum, text) => sum + text.length, 0),
      25_000,
    )
    assert.match(sent.at(-1) ?? '', /^#SPD \d+$/)
  })

  it('does nothing for a size without sense', () => {
    const sent: string[] = []
    const test = new SpeedTest((text) => {
      sent.push(text)
      return Promise.resolve()
    })
    for (const size of ['-1', '0', 'x', '99999999999']) {
      test.receive(`#SPU ${size}`)
      test.receive('#SPE')
    }
    assert.deepEqual(sent, [])
  })
})
