/** The TURN client against a server of a few lines, message by message (RFC 8656). */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it, test } from 'node:test'
import {
  attribute,
  errorCode,
  isAuthentic,
  readAddress,
  readStun,
  type StunMessage,
  stunAttribute,
  transactionOf,
  writeStun,
  xorAddress,
} from '../../../src/net/stun-message.ts'
import { TurnClient } from '../../../src/webrtc/turn-client.ts'
import { longTermKey, numberAttribute, turnAttribute } from '../../../src/webrtc/turn-message.ts'
import { mutated, randomFrom } from '../../support/mutate.ts'

const account = { username: 'anna', password: 'secret' }
const realm = 'example.test'
const key = longTermKey(account.username, realm, account.password)
const peer = { address: '198.51.100.7', port: 4000 }

const method = { allocate: 0x003, refresh: 0x004, permission: 0x008, channel: 0x009 } as const

interface Rules {
  /** What a signed request of a method is refused with. */
  refuse?: Partial<Record<keyof typeof method, number>>
  lifetime?: number
}

/** A client, and a server that knows one allocation. */
class Bench {
  readonly client: TurnClient
  readonly rules: Rules
  readonly told: string[] = []
  readonly drops: string[] = []
  readonly data: string[] = []
  /** Everything that the client sent, as it was. */
  readonly sent: Buffer[] = []
  /** Requests that the server took, signed ones only: `allocate`, `channel 4000 198.51.100.7:4000`. */
  readonly taken: string[] = []
  nonce = 'first'
  isLost = false
  now = 0

  constructor(rules: Rules = {}, isSix = false) {
    this.rules = rules
    this.client = new TurnClient(account, isSix, {
      send: (packet) => {
        this.sent.push(packet)
        if (!this.isLost) this.#serve(packet)
      },
      allocated: () => this.told.push('allocated'),
      failed: (reason) => this.told.push(`failed: ${reason}`),
      data: (packet, address, port) => this.data.push(`${address}:${port} ${packet}`),
      refused: (address, reason) => this.told.push(`refused ${address}: ${reason}`),
      drop: (reason) => this.drops.push(reason),
    })
  }

  static allocated(rules: Rules = {}): Bench {
    const bench = new Bench(rules)
    bench.client.start(0)
    return bench
  }

  /** Ticks of 100 ms. */
  pass(ms: number): void {
    for (const end = this.now + ms; this.now < end; ) {
      this.now += 100
      this.client.tick(this.now)
    }
  }

  get lastSent(): StunMessage {
    return readStun(this.sent.at(-1) ?? Buffer.alloc(0)) as StunMessage
  }

  /** A Data indication. */
  brings(text: string, from = peer): void {
    const transaction = transactionOf(Buffer.alloc(12, 9))
    const packet = writeStun(0x0017, transaction, [
      xorAddress(turnAttribute.xorPeerAddress, from.address, from.port, transaction),
      stunAttribute(turnAttribute.data, Buffer.from(text)),
    ])
    this.client.receive(packet, this.now)
  }

  #serve(packet: Buffer): void {
    const message = readStun(packet)
    const found = Object.entries(method).find(([, type]) => type === message?.type)
    if (!message || !found) return
    const [name] = found as [keyof typeof method, number]
    const answer = this.#answerTo(name, message)
    this.client.receive(answer, this.now)
  }

  #answerTo(
    name: keyof typeof method,
    { type, transaction, values, ...rest }: StunMessage,
  ): Buffer {
    const refusal = (code: number, signs: boolean, more: Buffer[] = []) =>
      writeStun(
        type | 0x110,
        transaction,
        [errorCode(code, 'No'), ...more],
        signs ? key : undefined,
      )
    const challenge = [
      stunAttribute(turnAttribute.realm, Buffer.from(realm)),
      stunAttribute(turnAttribute.nonce, Buffer.from(this.nonce)),
    ]
    if (!values.has(attribute.integrity)) return refusal(401, false, challenge)
    if (values.get(turnAttribute.nonce)?.toString() !== this.nonce)
      return refusal(438, false, challenge)
    assert.equal(values.get(attribute.userName)?.toString(), account.username)
    assert.equal(values.get(turnAttribute.realm)?.toString(), realm)
    assert.ok(isAuthentic({ type, transaction, values, ...rest }, key))
    const at = values.get(turnAttribute.xorPeerAddress)
    const to = at && readAddress(at, transaction)
    const channel = values.get(turnAttribute.channelNumber)?.readUInt16BE(0).toString(16)
    const seconds = values.get(turnAttribute.lifetime)?.readUInt32BE(0)
    this.taken.push(
      [name, channel, to && `${to.address}:${to.port}`, seconds]
        .filter((x) => x !== undefined)
        .join(' '),
    )
    const code = this.rules.refuse?.[name]
    if (code !== undefined) return refusal(code, true)
    const lifetime = numberAttribute(turnAttribute.lifetime, this.rules.lifetime ?? 600)
    const parts =
      name === 'allocate'
        ? [
            xorAddress(turnAttribute.xorRelayedAddress, '192.0.2.9', 50_000, transaction),
            xorAddress(attribute.xorMappedAddress, '203.0.113.5', 777, transaction),
            lifetime,
          ]
        : name === 'refresh'
          ? [lifetime]
          : []
    return writeStun(type | 0x100, transaction, parts, key)
  }
}

describe('long-term credentials', () => {
  /** RFC 5769 section 2.4: a request with a name in Katakana and a password after SASLprep. */
  const sample = Buffer.from(
    `000100602112a44278ad3433c6ad72c029da412e
     00060012e3839ee38388e383aae38383e382afe382b90000
     0015001c662f2f3439396b3935346436 4f4c33346f4c3946535476793634 7341
     0014000b6578616d706c652e6f726700
     00080014f67024656dd64a3e02b8e0712e85c9a28ca89666`.replaceAll(/\s/g, ''),
    'hex',
  )

  it('sign as the sample of RFC 5769 is signed', () => {
    const message = readStun(sample)
    assert.ok(message)
    const wanted = longTermKey('マトリックス', 'example.org', 'TheMatrIX')
    assert.ok(isAuthentic(message, wanted))
    assert.ok(!isAuthentic(message, longTermKey('マトリックス', 'example.org', 'TheMatrix')))
  })

  it('are MD5 of name, realm and password', () => {
    const wanted = createHash('md5').update('user:realm:pass').digest('hex')
    assert.equal(longTermKey('user', 'realm', 'pass').toString('hex'), wanted)
    assert.equal(wanted, '8493fbc53ba582fb4c044c456bdc40eb')
  })
})

describe('an allocation', () => {
  it('is asked for without a name, then with one, and gives our address there', () => {
    const bench = Bench.allocated()
    const [plain, signed] = bench.sent.map((packet) => readStun(packet))
    assert.equal(plain?.type, method.allocate)
    assert.deepEqual(
      [...(plain?.values.keys() ?? [])],
      [turnAttribute.requestedTransport, attribute.fingerprint],
    )
    assert.equal(plain?.values.get(turnAttribute.requestedTransport)?.toString('hex'), '11000000')
    assert.ok(!plain?.transaction.equals(signed?.transaction ?? Buffer.alloc(0)))
    assert.deepEqual(bench.taken, ['allocate'])
    assert.deepEqual(bench.told, ['allocated'])
    assert.equal(bench.client.state, 'allocated')
    assert.deepEqual(bench.client.relayed, { address: '192.0.2.9', port: 50_000 })
    assert.deepEqual(bench.client.mapped, { address: '203.0.113.5', port: 777 })
  })

  it('is asked for in IPv6 where our port is of that family', () => {
    const bench = new Bench({}, true)
    bench.client.start(0)
    const family = bench.lastSent.values.get(turnAttribute.requestedAddressFamily)
    assert.equal(family?.toString('hex'), '02000000')
  })

  it('is asked for again after 250 ms, twice as long each time, and given up', () => {
    const bench = new Bench()
    bench.isLost = true
    bench.client.start(0)
    bench.pass(700)
    assert.equal(bench.sent.length, 2)
    bench.pass(20_000)
    assert.equal(bench.sent.length, 6)
    assert.deepEqual(bench.told, ['failed: it does not answer'])
    assert.equal(bench.client.failure, 'it does not answer')
  })

  it('goes on with the nonce that the server wants now', () => {
    const bench = Bench.allocated()
    bench.nonce = 'second'
    bench.client.send(Buffer.from('hello'), peer.port, peer.address, 0)
    assert.deepEqual(bench.taken, ['allocate', 'permission 198.51.100.7:0'])
  })

  it('is given up where every nonce is stale', () => {
    const bench = new Bench({ refuse: { allocate: 438 } })
    bench.client.start(0)
    assert.equal(bench.client.state, 'failed')
    assert.ok(bench.sent.length < 10)
  })

  for (const [code, words] of [
    [401, /^failed: the username or password is wrong \(401 No\)$/],
    [403, /^failed: it forbids it/],
    [441, /^failed: the allocation was made with another username/],
    [442, /^failed: it does not relay UDP/],
    [486, /^failed: the quota of allocations of this user is reached \(486 No\)$/],
    [508, /^failed: it has no ports left \(508 No\)$/],
    [599, /^failed: it refuses \(599 No\)$/],
  ] as const)
    it(`that is refused with ${code} says what that means`, () => {
      const bench = Bench.allocated({ refuse: { allocate: code } })
      assert.equal(bench.told.length, 1)
      assert.match(bench.told[0] ?? '', words)
      assert.equal(bench.taken.length, 1)
    })

  it('takes the place of one that our port had before (437), once', () => {
    const rules: Rules = { refuse: { allocate: 437 } }
    const bench = Bench.allocated(rules)
    assert.deepEqual(bench.taken, ['allocate', 'refresh 0', 'allocate'])
    assert.match(bench.told[0] ?? '', /^failed: it has another allocation for this port/)
  })

  it('is not believed without the signature of whoever knows the password', () => {
    const bench = new Bench()
    bench.isLost = true
    bench.client.start(0)
    const answer = (signs: string | undefined) => {
      const { transaction } = bench.lastSent
      const parts = [xorAddress(turnAttribute.xorRelayedAddress, '192.0.2.66', 1, transaction)]
      return writeStun(method.allocate | 0x100, transaction, parts, signs)
    }
    bench.client.receive(answer(undefined), 0)
    bench.client.receive(answer('wrong'), 0)
    assert.equal(bench.client.state, 'asking')
    assert.deepEqual(bench.drops, ['bad TURN', 'bad TURN'])
  })

  it('is refreshed a minute before its end, and at half of it where that is short', () => {
    const bench = Bench.allocated()
    bench.pass(539_000)
    assert.deepEqual(bench.taken, ['allocate'])
    bench.pass(2000)
    assert.deepEqual(bench.taken, ['allocate', 'refresh 600'])
    const short = Bench.allocated({ lifetime: 60 })
    short.pass(31_000)
    assert.deepEqual(short.taken, ['allocate', 'refresh 600'])
  })

  it('that the server has forgotten is told, and nothing goes there any more', () => {
    const rules: Rules = { refuse: {} }
    const bench = Bench.allocated(rules)
    rules.refuse = { refresh: 437 }
    bench.pass(541_000)
    assert.match(
      bench.told.at(-1) ?? '',
      /^failed: the allocation could not be kept: it has another/,
    )
    bench.client.send(Buffer.from('x'), peer.port, peer.address, bench.now)
    assert.deepEqual(bench.drops, ['no TURN'])
  })

  it('is given back with a lifetime of 0, also when the nonce has grown stale', () => {
    const bench = Bench.allocated()
    bench.nonce = 'second'
    bench.client.free(0)
    bench.client.free(0)
    assert.deepEqual(bench.taken, ['allocate', 'refresh 0'])
    assert.equal(bench.client.state, 'freed')
    bench.pass(600_000)
    assert.deepEqual(bench.taken, ['allocate', 'refresh 0'])
  })

  it('is given back while the answer is on its way, and nothing is where the server was never heard', () => {
    const bench = new Bench()
    bench.isLost = true
    bench.client.start(0)
    bench.client.free(0)
    assert.equal(bench.sent.length, 1)
  })
})

describe('data', () => {
  it('waits for the permission, goes in an indication, and by the channel once the peer is settled on', () => {
    const bench = Bench.allocated()
    bench.isLost = true
    bench.client.send(Buffer.from('one'), peer.port, peer.address, 0)
    assert.equal(bench.lastSent.type, method.permission)
    bench.isLost = false
    bench.pass(300)
    const { type, values, transaction } = bench.lastSent
    assert.equal(type, 0x0016)
    assert.equal(values.get(turnAttribute.data)?.toString(), 'one')
    const to = values.get(turnAttribute.xorPeerAddress) ?? Buffer.alloc(0)
    assert.deepEqual(readAddress(to, transaction), peer)
    assert.ok(!values.has(attribute.integrity))
    bench.client.bind(peer.address, peer.port, bench.now)
    bench.client.send(Buffer.from('two'), peer.port, peer.address, bench.now)
    assert.equal(bench.sent.at(-1)?.toString('hex'), '4000000374776f')
    // Another port of the same peer has no channel.
    bench.client.send(Buffer.from('three'), 4001, peer.address, bench.now)
    assert.equal(bench.lastSent.type, 0x0016)
    assert.deepEqual(bench.taken, [
      'allocate',
      'permission 198.51.100.7:0',
      'channel 4000 198.51.100.7:4000',
    ])
  })

  it('comes by indications and by the channel, padded or not', () => {
    const bench = Bench.allocated()
    bench.client.send(Buffer.from('x'), peer.port, peer.address, 0)
    bench.brings('hello')
    bench.client.bind(peer.address, peer.port, 0)
    bench.client.receive(Buffer.from('400000026869', 'hex'), 0)
    bench.client.receive(Buffer.from('4000000268690000', 'hex'), 0)
    assert.deepEqual(bench.data, [
      '198.51.100.7:4000 hello',
      '198.51.100.7:4000 hi',
      '198.51.100.7:4000 hi',
    ])
  })

  it('of an address that we never sent to, or cut short, is dropped', () => {
    const bench = Bench.allocated()
    bench.brings('hello')
    bench.client.receive(Buffer.from('400000026869', 'hex'), 0)
    bench.client.send(Buffer.from('x'), peer.port, peer.address, 0)
    bench.client.bind(peer.address, peer.port, 0)
    bench.client.receive(Buffer.from('4000000368', 'hex'), 0)
    bench.client.receive(Buffer.from('4fff000168', 'hex'), 0)
    bench.client.receive(Buffer.from('80', 'hex'), 0)
    assert.deepEqual(bench.data, [])
    assert.deepEqual(bench.drops, [...Array(4).fill('TURN data of nobody'), 'bad TURN'])
  })

  it('comes under the name that an IPv6 address has here, whatever its zeros', () => {
    const six = { address: '2001:db8::7', port: 4000 }
    const bench = Bench.allocated()
    bench.client.send(Buffer.from('x'), six.port, six.address, 0)
    bench.brings('hello', { address: '2001:db8:0:0:0:0:0:7', port: 4000 })
    assert.deepEqual(bench.data, ['2001:db8::7:4000 hello'])
  })

  it('for an address that the server forbids is dropped, which is told once', () => {
    const bench = Bench.allocated({ refuse: { permission: 403 } })
    for (let i = 0; i < 3; i++) bench.client.send(Buffer.from('x'), peer.port, peer.address, 0)
    assert.deepEqual(bench.told, ['allocated', 'refused 198.51.100.7: it forbids it (403 No)'])
    assert.deepEqual(bench.drops, Array(3).fill('TURN permission'))
    assert.ok(bench.sent.every((packet) => readStun(packet)?.type !== 0x0016))
  })

  it('goes by indications where the server gives no channel', () => {
    const bench = Bench.allocated({ refuse: { channel: 486 } })
    bench.client.send(Buffer.from('x'), peer.port, peer.address, 0)
    bench.client.bind(peer.address, peer.port, 0)
    bench.client.send(Buffer.from('y'), peer.port, peer.address, 0)
    assert.equal(bench.lastSent.type, 0x0016)
    assert.match(bench.told.at(-1) ?? '', /^refused 198\.51\.100\.7: no channel: the quota/)
  })

  it('keeps permission and channel alive for as long as they are used', () => {
    const bench = Bench.allocated({ lifetime: 3600 })
    bench.client.send(Buffer.from('x'), peer.port, peer.address, 0)
    bench.pass(230_000)
    bench.client.send(Buffer.from('x'), peer.port, peer.address, bench.now)
    bench.pass(20_000)
    const renewed = ['permission 198.51.100.7:0', 'permission 198.51.100.7:0']
    assert.deepEqual(bench.taken.slice(1), renewed)
    bench.client.bind(peer.address, peer.port, bench.now)
    bench.pass(250_000)
    const bound = 'channel 4000 198.51.100.7:4000'
    assert.deepEqual(bench.taken.slice(1), [...renewed, bound, bound])
  })

  it('to many addresses is bounded', () => {
    const bench = Bench.allocated()
    for (let i = 0; i < 70; i++) bench.client.send(Buffer.from('x'), 1, `198.51.100.${i}`, 0)
    assert.deepEqual(bench.drops, Array(6).fill('TURN permissions'))
  })
})

test('4000 answers and packets with wrong octets: nothing throws, and nobody is believed who cannot sign', () => {
  const random = randomFrom(20261129)
  const bench = Bench.allocated()
  bench.client.send(Buffer.from('x'), peer.port, peer.address, 0)
  bench.client.bind(peer.address, peer.port, 0)
  const lost = new Bench()
  lost.isLost = true
  lost.client.start(0)
  const answer = () => {
    const { transaction } = lost.lastSent
    return writeStun(method.allocate | 0x100, transaction, [
      xorAddress(turnAttribute.xorRelayedAddress, '192.0.2.66', 1, transaction),
      numberAttribute(turnAttribute.lifetime, 600),
    ])
  }
  const seeds = [answer(), Buffer.from('400000026869', 'hex'), ...bench.sent]
  for (let i = 0; i < 4000; i++) {
    const seed = seeds[random(seeds.length)] ?? Buffer.alloc(0)
    const packet = mutated(seed, random)
    bench.client.receive(packet, i)
    lost.client.receive(packet, i)
  }
  assert.equal(bench.client.state, 'allocated')
  assert.notEqual(lost.client.state, 'allocated')
  assert.ok(bench.data.every((line) => line.startsWith('198.51.100.7:')))
})
