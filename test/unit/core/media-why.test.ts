/** `media why`: each cause from what shows it, and nothing where nothing is wrong. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isPrivate } from '../../../src/core/media-causes.ts'
import { type LegFacts, sdpFacts } from '../../../src/core/media-facts.ts'
import { reportOf, whyText } from '../../../src/core/media-why.ts'
import type {
  IcePair,
  LegDescription,
  LegStats,
  TcpDescription,
  TurnDescription,
  WireTerms,
} from '../../../src/media/engine.ts'
import { noStats } from '../../../src/media/leg-stats.ts'

const now = 1_800_000_000_000
const pcmu = {
  name: 'PCMU',
  payloadType: 0,
  clockRate: 8000,
  channels: 1,
  fmtp: '',
  ptime: 20,
} as const

const terms: WireTerms = {
  send: pcmu,
  receive: [pcmu],
  remoteAddress: '198.51.100.7',
  remotePort: 4000,
  sends: true,
  receives: true,
  latch: true,
  eventSend: 101,
  eventReceive: 101,
  eventClock: 8000,
  comfortNoise: undefined,
  timeoutSeconds: 0,
  rtcpIntervalMs: 0,
  digits: 'media',
  hasIce: false,
}

const heard: LegStats = {
  ...noStats,
  in: { ...noStats.in, packets: 1000, mediaPackets: 1000 },
  out: { ...noStats.out, packets: 1000, mediaPackets: 1000 },
  jitterMs: 1,
  jitterMinMs: 0,
  jitterMaxMs: 2,
  mos: 4.4,
  rating: 92,
  remote: '198.51.100.7:4000',
  lastPacketAt: now - 15,
}

const wire: LegDescription = {
  stats: heard,
  terms,
  suite: undefined,
  openedAt: now - 20_000,
  firstPacketAt: now - 20_000,
  lastSentAt: now - 10,
  sendsTo: '198.51.100.7:4000',
  input: { codec: 'PCMU', payloadType: 0, ptime: 20, packetMs: 20, way: 'relayed' },
  partner: 'leg',
  hasFloorTaken: false,
  isHeard: true,
  isLent: false,
  mutedRead: false,
  mutedWrite: false,
  bugs: 0,
  drops: {},
  peerDrops: {},
  strangeType: null,
  strangeSource: '',
  isLatchOpen: false,
}

function sdp(address: string, direction = 'sendrecv') {
  return sdpFacts(
    `v=0\r\no=- 1 1 IN IP4 ${address}\r\ns=-\r\nc=IN IP4 ${address}\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\na=${direction}\r\n`,
  )
}

const good: LegFacts = {
  uuid: 'c0ffee',
  name: 'sofia/internal/1000@example.test',
  direction: 'inbound',
  callState: 'ACTIVE',
  now,
  since: now - 20_000,
  way: 'here',
  isBridged: true,
  theirs: sdp('198.51.100.7'),
  ours: sdp('203.0.113.1'),
  signalledFrom: '198.51.100.7',
  wire,
  streams: [],
}

/** A leg of which nothing came. */
const mute: LegDescription = {
  ...wire,
  input: undefined,
  firstPacketAt: null,
  stats: { ...noStats, out: heard.out, remote: '198.51.100.7:4000' },
}

interface Case {
  readonly name: string
  readonly facts: Partial<LegFacts>
  /** What the first cause says; undefined: there is none. */
  readonly cause: RegExp | undefined
  readonly silent?: boolean
}

const cases: readonly Case[] = [
  { name: 'all is well', facts: {}, cause: undefined },
  {
    name: 'behind NAT',
    facts: { theirs: sdp('10.0.0.5'), wire: { ...mute, sendsTo: '10.0.0.5:4000' } },
    cause:
      /^we send to 10\.0\.0\.5:4000 but nothing comes back: .*private address 10\.0\.0\.5.*behind NAT/,
    silent: true,
  },
  {
    name: 'our own address is private',
    facts: { ours: sdp('192.168.1.2'), wire: mute },
    cause: /our SDP gives the private address 192\.168\.1\.2 .*ext-rtp-ip/,
    silent: true,
  },
  { name: 'a firewall', facts: { wire: mute }, cause: /a firewall lies between/, silent: true },
  {
    name: 'a party that has had no time to speak yet',
    facts: { wire: mute, since: now - 500 },
    cause: undefined,
  },
  {
    name: 'another payload type',
    facts: { wire: { ...mute, drops: { 'payload type': 120 }, strangeType: 18 } },
    cause: /^packets come with payload type 18 \(G729\) that was not agreed: 120 dropped/,
    silent: true,
  },
  {
    name: 'another source, not followed',
    facts: {
      wire: {
        ...mute,
        terms: { ...terms, latch: false },
        drops: { source: 80 },
        strangeSource: '198.51.100.9:5000',
      },
    },
    cause: /80 packets came from 198\.51\.100\.9:5000 .*rtp_auto_adjust/,
    silent: true,
  },
  {
    name: 'another source in the middle of the call',
    facts: {
      wire: {
        ...wire,
        stats: { ...heard, lastPacketAt: now - 9000 },
        drops: { source: 450 },
        strangeSource: '198.51.100.9:5000',
      },
    },
    cause: /moved without a re-INVITE/,
    silent: true,
  },
  {
    name: 'on hold',
    facts: {
      theirs: sdp('198.51.100.7', 'sendonly'),
      wire: { ...wire, terms: { ...terms, sends: false } },
    },
    cause: /^one-way: the far end is on hold \(a=sendonly\)/,
  },
  {
    name: 'a listener',
    facts: {
      theirs: sdp('198.51.100.7', 'recvonly'),
      wire: { ...mute, terms: { ...terms, receives: false } },
    },
    cause: /only listens \(a=recvonly\)/,
  },
  {
    name: 'held by us',
    facts: {
      ours: sdp('203.0.113.1', 'sendonly'),
      theirs: sdp('198.51.100.7', 'sendrecv'),
      wire: { ...mute, terms: { ...terms, receives: false } },
    },
    cause: /we hold the far end/,
  },
  {
    name: 'held the old way',
    facts: { wire: { ...wire, terms: { ...terms, remoteAddress: '0.0.0.0', sends: false } } },
    cause: /on hold \(its SDP gives the address 0\.0\.0\.0\)/,
  },
  {
    name: 'other keys',
    facts: {
      wire: { ...mute, suite: 'AES_CM_128_HMAC_SHA1_80', drops: { 'SRTP not authentic': 300 } },
    },
    cause:
      /^SRTP: 300 packets failed authentication under AES_CM_128_HMAC_SHA1_80: the keys differ/,
    silent: true,
  },
  {
    name: 'packets of another length',
    facts: { wire: { ...wire, input: { ...wire.input!, packetMs: 30 } } },
    cause: /^the peer's packets are 30 ms though the SDP says 20 ms/,
  },
  {
    name: 'muted here',
    facts: { wire: { ...wire, mutedRead: true } },
    cause: /^muted here by uuid_audio .*what this party says is silence/,
  },
  {
    name: 'a phone that went away',
    facts: { wire: { ...wire, stats: { ...heard, lastPacketAt: now - 8000 } } },
    cause: /^1000 packets came, and none for 8 s/,
    silent: true,
  },
  {
    name: 'silence that is left out',
    facts: {
      wire: {
        ...wire,
        stats: { ...heard, in: { ...heard.in, cngPackets: 4 }, lastPacketAt: now - 8000 },
      },
    },
    cause: /leaves out silence/,
    silent: true,
  },
  {
    name: 'a lossy network',
    facts: { wire: { ...wire, stats: { ...heard, lost: 111 } } },
    cause: /^10 % of its packets do not come in time: 111 lost/,
  },
  {
    name: 'jitter',
    facts: { wire: { ...wire, stats: { ...heard, jitterMs: 45 } } },
    cause: /unevenly: jitter 45 ms; there is no jitter buffer/,
  },
  {
    name: 'a far end that misses packets',
    facts: { wire: { ...wire, stats: { ...heard, farLost: 50, rtcpPackets: 3 } } },
    cause: /^the far end misses 5 % of what we send/,
  },
  {
    name: 'a sound of ours',
    facts: { wire: { ...wire, hasFloorTaken: true } },
    cause: /a sound from here plays to this party/,
  },
  {
    name: 'legs that are not joined',
    facts: { wire: { ...wire, partner: 'nobody' } },
    cause: /not joined/,
  },
  {
    name: 'bypassed',
    facts: { way: 'past', wire: undefined },
    cause: /past this server \(bypass media\)/,
  },
  {
    name: 'still ringing',
    facts: { way: 'none', wire: undefined, since: undefined, callState: 'RINGING' },
    cause: /no sound yet: it is RINGING/,
  },
]

for (const { name, facts, cause, silent = false } of cases)
  test(`media why: ${name}`, () => {
    const report = reportOf({ ...good, ...facts })
    if (cause) assert.match(report.causes[0] ?? '', cause)
    else assert.deepEqual(report.causes, [])
    assert.equal(report.silentSince !== null, silent)
    const text = whyText([report])
    assert.match(text, cause ? /likely cause: / : /likely cause: nothing is wrong/)
    assert.equal(text.includes('SILENT'), silent)
  })

test('a few odd packets beside a thousand good ones explain nothing', () => {
  const drops = { 'payload type': 3, source: 2, 'SRTP replayed': 1 }
  assert.deepEqual(reportOf({ ...good, wire: { ...wire, drops } }).causes, [])
})

test('both legs are told, and the causes say of which', () => {
  const text = whyText([reportOf(good), reportOf({ ...good, wire: { ...wire, mutedWrite: true } })])
  assert.match(text, /^leg A {2}sofia/)
  assert.match(text, /^leg B/m)
  assert.match(text, /^likely cause: leg B: muted here/m)
  assert.match(
    text,
    /^ {2}their SDP {3}RTP\/AVP 198\.51\.100\.7:4000, PCMU telephone-event, 20 ms, sendrecv$/m,
  )
  assert.match(
    text,
    /^ {2}sound in {4}PCMU \(0\), packets of 20\.0 ms \(agreed 20\), goes on as it is$/m,
  )
})

test('a description that cannot be read is none', () => {
  assert.equal(sdpFacts('nonsense'), undefined)
  assert.equal(sdpFacts(undefined), undefined)
})

test('addresses that mean something at home only', () => {
  for (const address of [
    '10.1.2.3',
    '172.20.0.1',
    '192.168.0.9',
    '100.64.0.1',
    '169.254.1.1',
    'fd00::1',
    'fe80::1',
  ])
    assert.ok(isPrivate(address), address)
  for (const address of ['172.32.0.1', '100.128.0.1', '8.8.8.8', '2001:db8::1', '127.0.0.1'])
    assert.ok(!isPrivate(address), address)
})

const ice = {
  state: 'connected',
  mode: 'lite',
  isControlling: false,
  pairs: [
    {
      local: '192.0.2.1:20000',
      remote: '198.51.100.7:4000',
      transport: 'udp',
      type: 'prflx',
      state: 'good',
      isNominated: true,
    },
  ],
  checksReceived: 4,
  checksRefused: 0,
  checksSent: 0,
} as const
const dtls = {
  state: 'connected',
  role: 'active',
  cipher: 'ECDHE-ECDSA-AES128-GCM-SHA256',
  suite: 'AES_CM_128_HMAC_SHA1_80',
  ours: 'sha-256 AA',
  announced: ['sha-256 bb'],
  theirs: 'sha-256 BB',
  failure: '',
  retransmissions: 0,
  ms: 42.4,
} as const

test('a browser without a way or keys is told apart by how far it came', () => {
  const cause = (changes: object, more: object = {}) =>
    reportOf({
      ...good,
      wire: {
        ...wire,
        stats: { ...noStats },
        webrtc: {
          ice: { ...ice, ...changes },
          turn: undefined,
          tcp: undefined,
          dtls: { ...dtls, ...more },
        },
      },
    }).causes[0] ?? ''
  const none = { state: 'checking', pairs: [], checksReceived: 0 }
  assert.match(cause(none), /^ICE: no check has come to .*ext-rtp-ip/)
  assert.match(
    cause({ ...none, checksReceived: 3, checksRefused: 3 }),
    /^ICE: 3 checks came with a wrong user name or password/,
  )
  assert.match(cause({ state: 'checking' }), /our answers do not get back to it$/)
  assert.match(
    cause({ state: 'failed', mode: 'full', checksReceived: 0, checksSent: 14 }),
    /^ICE: 14 checks to 198\.51\.100\.7:4000 \(prflx\) were not answered/,
  )
  assert.match(
    cause({}, { state: 'failed', failure: 'they show no certificate' }),
    /^DTLS: they show/,
  )
  assert.match(cause({}, { state: 'waiting' }), /a=setup:passive/)
  assert.match(cause({}, { state: 'handshake', retransmissions: 3 }), /3 repetitions/)
})

test('a browser that is heard has its pair, its handshake and the fingerprints shown', () => {
  const text = whyText([
    reportOf({
      ...good,
      wire: { ...wire, webrtc: { ice, turn: undefined, tcp: undefined, dtls } },
    }),
  ])
  assert.match(
    text,
    /^ {2}ICE +lite, connected, 192\.0\.2\.1:20000 with 198\.51\.100\.7:4000 \(prflx\)/m,
  )
  assert.match(
    text,
    /^ {2}DTLS +active, connected after 42 ms, ECDHE-ECDSA-AES128-GCM-SHA256, AES_CM/m,
  )
  assert.match(text, /^ {2}fingerprint ours sha-256 AA; theirs sha-256 BB$/m)
  assert.doesNotMatch(text, /announced/)
  assert.match(text, /nothing is wrong/)
})

test('the TURN server of a leg is shown with our address there, or with what it said', () => {
  const text = (turn: Partial<TurnDescription> & Pick<TurnDescription, 'state'>, pairs = {}) => {
    const none = { server: 'turn:t.example', relayed: '', isUsed: false, failures: [] } as const
    const webrtc = { ice: { ...ice, ...pairs }, turn: { ...none, ...turn }, tcp: undefined, dtls }
    return whyText([reportOf({ ...good, wire: { ...wire, webrtc } })])
  }
  const at = '203.0.113.9:5000'
  const other = { ...ice.pairs[0], local: at, isNominated: false, state: 'tried' }
  const there = text(
    { state: 'allocated', relayed: at, isUsed: true },
    { pairs: [...ice.pairs, other] },
  )
  assert.match(
    there,
    /^ {2}TURN +turn:t\.example: allocated, we are 203\.0\.113\.9:5000 there, in use$/m,
  )
  assert.match(there, /198\.51\.100\.7:4000 \(prflx, tried by the relay\)/)
  const failures = ['turn:t.example: it has no ports left (508)']
  assert.match(
    text({ state: 'failed', failures }),
    /^ {2}TURN +turn:t\.example: failed; turn:t\.example: it has no ports left \(508\)$/m,
  )
})

test('the TCP port of a leg is shown with who has connected, and pairs by TCP are told from those by UDP', () => {
  const text = (tcp: Partial<TcpDescription>, pairs: readonly IcePair[] = ice.pairs, more = {}) => {
    const none = { listening: '192.0.2.1:443', connections: [], isUsed: false }
    const webrtc = {
      ice: { ...ice, pairs, ...more },
      turn: undefined,
      tcp: { ...none, ...tcp },
      dtls,
    }
    return whyText([reportOf({ ...good, wire: { ...wire, webrtc } })])
  }
  assert.match(text({}), /^ {2}TCP +192\.0\.2\.1:443, not in use: nobody has connected$/m)
  const at = '198.51.100.7:50000'
  const local = '192.0.2.1:443'
  const [udp] = ice.pairs
  const byTcp = { ...udp, local, remote: at, transport: 'tcp' } as const
  const there = { isUsed: true, connections: [at] }
  const used = text(there, [{ ...udp, isNominated: false }, byTcp])
  assert.match(
    used,
    /^ {2}ICE +lite, connected, 192\.0\.2\.1:443 with 198\.51\.100\.7:50000 \(prflx by TCP\)/m,
  )
  assert.match(used, /^ {2}TCP +192\.0\.2\.1:443, in use: 198\.51\.100\.7:50000$/m)
  assert.match(text({ isUsed: true }, []), /the TCP connection in use has ended/)
  const nobody = { state: 'failed', checksReceived: 0 } as const
  assert.match(text({}, [], nobody), /nor a connection to 192\.0\.2\.1:443 by TCP/)
})
