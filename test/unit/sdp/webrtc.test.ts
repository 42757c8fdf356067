import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WebRtcSide } from '../../../src/core/webrtc-side.ts'
import { parseSdp } from '../../../src/sdp/parse.ts'
import {
  candidatePriority,
  isDtls,
  linesOfContent,
  readCandidate,
  readWebRtc,
  setupFor,
} from '../../../src/sdp/webrtc.ts'

/** As Chromium writes it, shortened. */
const offer = [
  'v=0',
  'o=- 4611731400430051336 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=group:BUNDLE 0 1',
  'a=ice-options:trickle',
  'm=audio 51000 UDP/TLS/RTP/SAVPF 111 0 110',
  'c=IN IP4 192.0.2.7',
  'a=candidate:1 1 udp 2122260223 192.0.2.7 51000 typ host generation 0 network-id 1',
  'a=candidate:2 1 tcp 1518280447 192.0.2.7 9 typ host tcptype active generation 0',
  'a=candidate:3 1 udp 2122197247 2001:db8::7 51001 typ host generation 0',
  'a=candidate:4 1 udp 2122260223 6f1c3e55-aaaa.local 51002 typ host generation 0',
  'a=candidate:5 2 udp 2122260222 192.0.2.7 51003 typ host generation 0',
  'a=candidate:6 1 udp 1686052607 198.51.100.9 40000 typ srflx raddr 192.0.2.7 rport 51000',
  'a=ice-ufrag:abCD',
  'a=ice-pwd:0123456789abcdefghijkl',
  'a=fingerprint:sha-256 AB:CD',
  'a=setup:actpass',
  'a=mid:0',
  'a=rtcp-mux',
  'a=rtpmap:111 opus/48000/2',
  'a=rtpmap:110 telephone-event/48000',
].join('\r\n')

const remote = parseSdp(`${offer}\r\n`)
const section = remote.media[0]!
const local = { address: '203.0.113.5', inside: '10.0.0.5', port: 20000, ssrc: 77 }

function side(more: Partial<ConstructorParameters<typeof WebRtcSide>[0]> = {}): WebRtcSide {
  return new WebRtcSide({ uuid: 'x', fingerprint: 'sha-256 11:22', mode: 'lite', ...more })
}

test('of the candidates of a browser those count that can be sent to by UDP', () => {
  const read = readWebRtc(section, remote)
  assert.deepEqual(
    read.candidates.map(({ address, port, type }) => `${address} ${port} ${type}`),
    ['192.0.2.7 51000 host', '2001:db8::7 51001 host', '198.51.100.9 40000 srflx'],
  )
  assert.equal(read.leftOut, 3)
  assert.equal(read.trickles, true)
  assert.equal(read.isLite, false)
  assert.deepEqual(read.fingerprints, [{ algorithm: 'sha-256', value: 'AB:CD' }])
  assert.equal(readCandidate('candidate:1 1 udp 5 192.0.2.1 9 typ host')?.port, 9)
  assert.equal(readCandidate('nonsense'), undefined)
  assert.equal(readCandidate(''), undefined)
})

test('a host candidate has the priority that RFC 8445 gives it', () => {
  assert.equal(candidatePriority('host'), 2130706431)
  assert.equal(candidatePriority('srflx'), 1694498815)
})

test('who is to begin is settled once and stays (RFC 8842 section 5.3)', () => {
  assert.equal(setupFor('actpass', undefined), 'active')
  assert.equal(setupFor('active', undefined), 'passive')
  assert.equal(setupFor('actpass', 'passive'), 'passive')
  assert.equal(setupFor(undefined, undefined), 'active')
})

test('our answer has both our addresses, our secrets, our fingerprint and our part', () => {
  const ours = side()
  const { attributes = [], sessionAttributes = [] } = ours.answer(section, remote, local) ?? {}
  assert.deepEqual(sessionAttributes, ['ice-lite', 'msid-semantic: WMS *'])
  const candidates = attributes.filter((line) => line.startsWith('candidate:'))
  assert.deepEqual(candidates, [
    'candidate:1 1 UDP 2130706431 10.0.0.5 20000 typ host',
    'candidate:2 1 UDP 1694498815 203.0.113.5 20000 typ srflx raddr 10.0.0.5 rport 20000',
  ])
  assert.ok(attributes.includes('fingerprint:sha-256 11:22'))
  assert.ok(attributes.includes('setup:active'))
  assert.ok(attributes.some((line) => /^ssrc:77 cname:/.test(line)))
  const { ice, dtls } = ours.settings(section, remote)
  assert.equal(ice?.remoteUfrag, 'abCD')
  assert.equal(ice.checks, undefined)
  assert.ok(attributes.includes(`ice-ufrag:${ice.ufrag}`))
  assert.ok(attributes.includes(`ice-pwd:${ice.password}`))
  assert.deepEqual(dtls, {
    role: 'active',
    fingerprints: [{ algorithm: 'sha-256', value: 'AB:CD' }],
  })
})

test('where a TCP port waits for connections it is offered behind those of UDP, from inside and outside', () => {
  const candidates = (more: object, muxed = true) => {
    const one = muxed ? section : { ...section, rtcpMux: false }
    const made = side().answer(one, remote, { ...local, ...more })?.attributes ?? []
    return made.filter((line) => line.includes(' TCP '))
  }
  assert.deepEqual(candidates({ tcpPort: 443 }), [
    'candidate:5 1 TCP 1520435199 10.0.0.5 443 typ host tcptype passive',
    'candidate:6 1 TCP 1180696575 203.0.113.5 443 typ srflx raddr 10.0.0.5 rport 443 tcptype passive',
  ])
  assert.deepEqual(candidates({ tcpPort: 443, address: '2001:db8::5', inside: '2001:db8::5' }), [
    'candidate:5 1 TCP 1520435199 2001:db8::5 443 typ host tcptype passive',
  ])
  assert.deepEqual(candidates({ tcpPort: 0 }), [])
  // A connection carries one component.
  assert.deepEqual(candidates({ tcpPort: 443 }, false), [])
  const lowest = candidatePriority('srflx')
  assert.ok(lowest > 1520435199)
})

test('full ICE makes checks of those candidates that apply-candidate-acl lets pass', () => {
  const ours = side({ mode: 'full', mayUse: (address) => !address.startsWith('192.') })
  const made = ours.answer(section, remote, local)
  assert.ok(!made?.sessionAttributes.includes('ice-lite'))
  const { ice } = ours.settings(section, remote)
  assert.equal(ice?.checks?.isControlling, false)
  assert.deepEqual(
    ice.checks.candidates.map(({ address }) => address),
    ['2001:db8::7', '198.51.100.9'],
  )
})

test('whoever is lite is checked by us, in either mode', () => {
  const lite = parseSdp(`${offer.replace('t=0 0', 't=0 0\r\na=ice-lite')}\r\n`)
  const ours = side()
  ours.answer(lite.media[0]!, lite, local)
  assert.equal(ours.settings(lite.media[0]!, lite).ice?.checks?.isControlling, true)
})

test('an offer leaves the choice of who begins, and takes what the answer leaves', () => {
  const ours = side()
  const made = ours.offer(local, 'audio')
  assert.equal(made.protocol, 'UDP/TLS/RTP/SAVPF')
  assert.ok(made.attributes.includes('setup:actpass'))
  for (const [theirs, role] of [
    ['active', 'passive'],
    ['passive', 'active'],
  ] as const) {
    const answer = parseSdp(`${offer.replace('setup:actpass', `setup:${theirs}`)}\r\n`)
    const fresh = side()
    fresh.offer(local, 'audio')
    assert.equal(fresh.settings(answer.media[0]!, answer).dtls?.role, role)
  }
  assert.equal(side().offer(local, 'audio', false).protocol, 'UDP/TLS/RTP/SAVP')
})

test('keys come by DTLS where the profile or the fingerprint says so, and never beside a=crypto', () => {
  const of = (line: string, ...more: string[]) =>
    parseSdp(['v=0', 'c=IN IP4 192.0.2.1', `m=${line}`, ...more, ''].join('\r\n')).media[0]!
  assert.equal(isDtls(of('audio 1 UDP/TLS/RTP/SAVP 0')), true)
  assert.equal(isDtls(of('audio 1 RTP/SAVPF 0', 'a=fingerprint:sha-256 AA')), true)
  assert.equal(isDtls(of('audio 1 RTP/SAVP 0')), false)
  assert.equal(
    isDtls(
      of(
        'audio 1 RTP/SAVP 0',
        'a=fingerprint:sha-256 AA',
        'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x',
      ),
    ),
    false,
  )
})

test('what belongs to one transport is not passed on to another', () => {
  assert.deepEqual(
    linesOfContent([
      'a=rtpmap:96 VP8/90000',
      'a=rtcp-fb:96 nack pli',
      'a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid',
      'a=extmap:3 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time',
      'a=setup:actpass',
      'a=fingerprint:sha-256 AA',
      'a=rtcp-mux',
      // Whoever is shown instead later has other ones.
      'a=msid:stream track',
      'a=ssrc-group:FID 1 2',
      'a=ssrc:1 cname:x',
    ]),
    [
      'a=rtpmap:96 VP8/90000',
      'a=rtcp-fb:96 nack pli',
      'a=extmap:3 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time',
    ],
  )
})
