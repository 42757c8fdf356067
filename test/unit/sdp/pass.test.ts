import assert from 'node:assert/strict'
import { test } from 'node:test'
import { linesOf } from '../../../src/sdp/lines.ts'
import { passDescription, passedSection, proxyDescription } from '../../../src/sdp/pass.ts'
import { SdpOrigin } from '../../../src/sdp/write.ts'

const offer = [
  'v=0',
  'o=a 1 1 IN IP4 192.0.2.1',
  's=call',
  'c=IN IP4 192.0.2.1',
  't=0 0',
  'm=audio 4000 RTP/AVP 0 99',
  'a=rtpmap:99 X-FOO/8000',
  'a=fmtp:99 secret=yes',
  'a=rtcp:4001 IN IP4 192.0.2.1',
  'a=candidate:1 1 UDP 1 192.0.2.1 4000 typ host',
  'a=ice-ufrag:x',
  'm=video 0 RTP/AVP 96',
  'm=video 4002 RTP/AVPF 96 97 98',
  'c=IN IP4 192.0.2.7',
  'b=AS:900',
  'a=rtpmap:96 VP8/90000',
  'a=rtpmap:97 rtx/90000',
  'a=fmtp:97 apt=96',
  'a=rtpmap:98 H264/90000',
  'a=rtcp-fb:96 nack pli',
  'a=rtcp-fb:98 nack',
  'a=rtcp-fb:* ccm fir',
  'a=extmap:3 urn:x',
  'a=mid:v',
  'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x',
  'a=sendonly',
  '',
].join('\r\n')

const origin = () => new SdpOrigin('us', 1000000000)

test("bypassed media: the description stays word for word but for the o= line, which is this leg's own (RFC 3264 section 8)", () => {
  const own = origin()
  const first = passDescription(offer, own, '198.51.100.1')
  assert.match(first, /^v=0\r\no=us 1000000000 1000000001 IN IP4 198\.51\.100\.1\r\ns=call\r\n/)
  assert.equal(first.split('\r\n').slice(2).join('\n'), offer.split('\r\n').slice(2).join('\n'))
  assert.equal(
    passDescription(offer, own, '198.51.100.1'),
    first,
    'the same again keeps its version',
  )
  assert.match(passDescription(`${offer}a=x\r\n`, own, '198.51.100.1'), /1000000002/)
})

test('proxied media: our address and ports, unknown codecs and parameters untouched, no way around us', () => {
  const text = proxyDescription(offer, origin(), '198.51.100.1', [5000, 5100, 5002])
  const { session, sections } = linesOf(text)
  assert.ok(session.includes('c=IN IP4 198.51.100.1'))
  assert.deepEqual(
    sections.map(({ kind, port, formats }) => [kind, port, formats]),
    [
      ['audio', 5000, '0 99'],
      ['video', 0, '96'],
      ['video', 5002, '96 97 98'],
    ],
  )
  assert.deepEqual(sections[0]?.lines, [
    'a=rtpmap:99 X-FOO/8000',
    'a=fmtp:99 secret=yes',
    'a=rtcp:5001 IN IP4 198.51.100.1',
  ])
  assert.equal(sections[2]?.lines[0], 'c=IN IP4 198.51.100.1')
  assert.ok(sections[2]?.lines.includes('a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x'))
  assert.doesNotMatch(text, /192\.0\.2\.[17]/)
})

test('proxied media: the address 0.0.0.0 says hold and stays', () => {
  const held = offer.replace('c=IN IP4 192.0.2.1\r\n', 'c=IN IP4 0.0.0.0\r\n')
  const text = proxyDescription(held, origin(), '198.51.100.1', [5000])
  assert.ok(linesOf(text).session.includes('c=IN IP4 0.0.0.0'))
})

test('a section is passed with the formats that both sides may have, and without what leads elsewhere', () => {
  const section = linesOf(offer).sections[2]
  assert.ok(section)
  const passed = passedSection(section, 6000, ['96', '97'])
  assert.deepEqual(passed, {
    kind: 'video',
    port: 6000,
    protocol: 'RTP/AVPF',
    formats: ['96', '97'],
    lines: [
      'b=AS:900',
      'a=rtpmap:96 VP8/90000',
      'a=rtpmap:97 rtx/90000',
      'a=fmtp:97 apt=96',
      'a=rtcp-fb:96 nack pli',
      'a=rtcp-fb:* ccm fir',
      'a=extmap:3 urn:x',
    ],
  })
})

test('T.38 attributes pass as they are', () => {
  const [section] = linesOf(
    'v=0\nm=image 7000 udptl t38\na=T38FaxVersion:0\na=T38FaxTranscodingJBIG\na=T38FaxUdpEC:t38UDPRedundancy\n',
  ).sections
  assert.ok(section)
  assert.deepEqual(passedSection(section, 8000).lines, [
    'a=T38FaxVersion:0',
    'a=T38FaxTranscodingJBIG',
    'a=T38FaxUdpEC:t38UDPRedundancy',
  ])
})

test('a text that brings line breaks of its own is refused', () => {
  assert.throws(() => origin().sign(['s=a\rm=audio 1 RTP/AVP 0'], '192.0.2.1'), /line break/)
})
