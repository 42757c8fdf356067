import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSdp } from '../../../src/sdp/parse.ts'

const plain = [
  'v=0',
  'o=suite 12 34 IN IP4 192.0.2.1',
  's=call',
  'c=IN IP4 192.0.2.1',
  't=0 0',
  'm=audio 16400 RTP/AVP 0 8 96 101',
  'a=rtpmap:96 opus/48000/2',
  'a=fmtp:96 useinbandfec=1; stereo=0',
  'a=rtpmap:101 telephone-event/8000',
  'a=fmtp:101 0-16',
  'a=ptime:30',
  '',
]

test('reads a usual offer; static payload types need no rtpmap', () => {
  const { origin, name, media } = parseSdp(plain.join('\r\n'))
  assert.deepEqual(origin, { user: 'suite', id: '12', version: '34', address: '192.0.2.1' })
  assert.equal(name, 'call')
  const audio = media[0]!
  assert.deepEqual([audio.kind, audio.port, audio.protocol], ['audio', 16400, 'RTP/AVP'])
  assert.deepEqual(audio.codecs, [
    { payloadType: 0, name: 'PCMU', clockRate: 8000, channels: 1, fmtp: '' },
    { payloadType: 8, name: 'PCMA', clockRate: 8000, channels: 1, fmtp: '' },
    {
      payloadType: 96,
      name: 'opus',
      clockRate: 48000,
      channels: 2,
      fmtp: 'useinbandfec=1; stereo=0',
    },
    { payloadType: 101, name: 'telephone-event', clockRate: 8000, channels: 1, fmtp: '0-16' },
  ])
  assert.deepEqual([audio.ptime, audio.maxptime, audio.direction], [30, undefined, 'sendrecv'])
})

test('line ends may be LF alone, and s=, t= and o= may be missing', () => {
  const { media } = parseSdp('v=0\nc=IN IP4 192.0.2.1\nm=audio 5 RTP/AVP 8\n')
  assert.equal(media[0]?.codecs[0]?.name, 'PCMA')
  assert.equal(media[0]?.address, '192.0.2.1')
})

test('connection and direction of a section win over those of the session', () => {
  const { media } = parseSdp(
    [
      'v=0',
      'c=IN IP4 192.0.2.1',
      'a=sendonly',
      'm=audio 2 RTP/AVP 0',
      'c=IN IP6 2001:db8::1',
      'a=recvonly',
      'm=audio 4 RTP/AVP 0',
    ].join('\r\n'),
  )
  assert.deepEqual([media[0]?.address, media[0]?.direction], ['2001:db8::1', 'recvonly'])
  assert.deepEqual([media[1]?.address, media[1]?.direction], ['192.0.2.1', 'sendonly'])
})

test('rtcp, crypto, ICE and DTLS are found, numbers in them stay text', () => {
  const audio = parseSdp(
    [
      'v=0',
      'c=IN IP4 192.0.2.1/127',
      'a=fingerprint:sha-256 AA:BB',
      'm=audio 2 UDP/TLS/RTP/SAVPF 0',
      'a=rtcp:53020 IN IP4 192.0.2.9',
      'a=rtcp-mux',
      'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:abc|2^31|1:1 UNENCRYPTED_SRTP',
      'a=ice-ufrag:1234',
      'a=ice-pwd:5678',
      'a=setup:actpass',
    ].join('\r\n'),
  ).media[0]!
  assert.equal(audio.address, '192.0.2.1')
  assert.deepEqual([audio.rtcpPort, audio.rtcpMux], [53020, true])
  assert.deepEqual(audio.crypto, [
    {
      tag: 1,
      suite: 'AES_CM_128_HMAC_SHA1_80',
      key: 'inline:abc|2^31|1:1',
      parameters: 'UNENCRYPTED_SRTP',
    },
  ])
  assert.deepEqual([audio.iceUfrag, audio.icePwd, audio.setup], ['1234', '5678', 'actpass'])
  assert.deepEqual(audio.fingerprints, [{ algorithm: 'sha-256', value: 'AA:BB' }])
})

test('sections that are not RTP keep their formats', () => {
  const { media } = parseSdp('v=0\r\nc=IN IP4 192.0.2.1\r\nm=image 4 udptl t38\r\n')
  assert.deepEqual([media[0]?.formats, media[0]?.codecs], [['t38'], []])
})

for (const [why, text] of [
  ['garbage', 'hello\r\n'],
  ['nothing', ''],
  ['another version', 'v=1\r\n'],
  ['an m= line without a port', 'v=0\r\nm=audio RTP/AVP 0\r\n'],
  ['a port beyond 65535', 'v=0\r\nm=audio 70000 RTP/AVP 0\r\n'],
  ['far too many sections', `v=0\r\n${'m=audio 2 RTP/AVP 0\r\n'.repeat(100)}`],
  ['a text of a megabyte', `v=0\r\n${'a=x\r\n'.repeat(200000)}`],
] as const) {
  test(`${why} is SDP_BAD with status 400`, () => {
    assert.throws(() => parseSdp(text), { code: 'SDP_BAD', status: 400 })
  })
}

test('payload types out of range, odd rates and packet times are nothing, not an error', () => {
  const audio = parseSdp(
    'v=0\r\nm=audio 2 RTP/AVP 0 200 x 97\r\na=rtpmap:97 FOO\r\na=ptime:\r\na=maxptime:-5\r\n',
  ).media[0]!
  assert.deepEqual(
    audio.codecs.map((codec) => `${codec.payloadType} ${codec.name}/${codec.clockRate}`),
    ['0 PCMU/8000', '97 FOO/8000'],
  )
  assert.deepEqual([audio.ptime, audio.maxptime, audio.address], [undefined, undefined, undefined])
})

test('keeps every fingerprint of a section, else those of the session (RFC 8122 section 5)', () => {
  const { media } = parseSdp(
    [
      'v=0',
      'a=fingerprint:sha-256 AA:AA',
      'm=audio 9 UDP/TLS/RTP/SAVPF 0',
      'a=fingerprint:sha-1 BB:BB',
      'A=fingerprint:sha-256 no',
      'a=fingerprint:SHA-256 CC:CC',
      'm=video 9 UDP/TLS/RTP/SAVPF 96',
      'm=audio 9 UDP/TLS/RTP/SAVPF 0',
      ...Array(50).fill('a=fingerprint:sha-256 DD:DD'),
    ].join('\r\n'),
  )
  assert.deepEqual(media[0]?.fingerprints, [
    { algorithm: 'sha-1', value: 'BB:BB' },
    { algorithm: 'SHA-256', value: 'CC:CC' },
  ])
  assert.deepEqual(media[1]?.fingerprints, [{ algorithm: 'sha-256', value: 'AA:AA' }])
  assert.equal(media[2]?.fingerprints.length, 16)
})
