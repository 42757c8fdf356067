/** BUNDLE (RFC 9143) in descriptions: what theirs mean, and what ours say. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { acceptAnswer } from '../../../src/sdp/accept-answer.ts'
import { answer } from '../../../src/sdp/answer.ts'
import { maySharePort, sourcesOf } from '../../../src/sdp/bundle.ts'
import type { LocalCodec } from '../../../src/sdp/codec-string.ts'
import { makeOffer } from '../../../src/sdp/offer.ts'
import { parseSdp } from '../../../src/sdp/parse.ts'
import type { Answer, OfferSettings } from '../../../src/sdp/terms.ts'
import { type PassedSection, SdpOrigin } from '../../../src/sdp/write.ts'

interface Section {
  readonly kind: 'audio' | 'video'
  readonly mid: string
  readonly port?: number
  readonly lines?: readonly string[]
}

/** What an m= line of a browser says of its way. */
const transport = (name: string) => [
  `a=ice-ufrag:${name}`,
  `a=ice-pwd:password-of-${name}-0123456789`,
  'a=fingerprint:sha-256 AB:CD',
  'a=setup:actpass',
  'a=rtcp-mux',
]

const codecLines = { audio: ['a=rtpmap:111 opus/48000/2'], video: ['a=rtpmap:96 VP8/90000'] }
const formats = { audio: '111 0', video: '96' }

function browser(group: string, ...sections: readonly Section[]) {
  const text = [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    ...(group === '' ? [] : [`a=group:BUNDLE ${group}`]),
    ...sections.flatMap(({ kind, mid, port = 9, lines = transport(mid) }) => [
      `m=${kind} ${port} UDP/TLS/RTP/SAVPF ${formats[kind]}`,
      'c=IN IP4 192.0.2.7',
      `a=mid:${mid}`,
      ...lines,
      ...codecLines[kind],
    ]),
    '',
  ]
  return parseSdp(text.join('\r\n'))
}

const opus: LocalCodec = {
  name: 'opus',
  payloadType: undefined,
  clockRate: 48000,
  channels: 2,
  ptime: 20,
  fmtp: '',
}

const video = (more: Partial<PassedSection> = {}): PassedSection => ({
  kind: 'video',
  port: 20000,
  protocol: 'UDP/TLS/RTP/SAVPF',
  formats: ['96'],
  lines: [],
  isBundled: true,
  ...more,
})

const ours = {
  address: '127.0.0.1',
  port: 20000,
  telephoneEvent: 101,
  comfortNoise: undefined,
  codecs: [opus],
}

function answerTo(offer: ReturnType<typeof browser>, beside?: PassedSection): Answer {
  const made = answer(offer, {
    ...ours,
    origin: new SdpOrigin(),
    negotiation: 'generous',
    accept: () => [],
    ...(beside && { beside: ({ kind }) => (kind === 'video' ? beside : undefined) }),
  })
  assert.notEqual(made, 'no common codec')
  return made as Answer
}

const onlyVideo: Section = { kind: 'video', mid: '1', port: 0, lines: ['a=bundle-only'] }

test('a bundle-only section runs as the first of its group says; alone, or with that refused, it is not in use', () => {
  const { media, bundles } = browser('0 1', { kind: 'audio', mid: '0', port: 5000 }, onlyVideo)
  assert.deepEqual(bundles, [[0, 1]])
  const [sound, picture] = media
  assert.equal(picture?.port, 5000)
  assert.equal(picture.iceUfrag, '0')
  assert.equal(picture.rtcpMux, true)
  assert.equal(picture.fingerprints, sound?.fingerprints)
  assert.equal(picture.bundleOnly, true)
  assert.equal(browser('1', onlyVideo).media[0]?.port, 0)
  assert.equal(browser('', { kind: 'audio', mid: '0' }, onlyVideo).media[1]?.port, 0)
  // What was refused stays refused: port 0 alone says so.
  const refused: Section = { kind: 'video', mid: '1', port: 0 }
  assert.equal(browser('0 1', { kind: 'audio', mid: '0' }, refused).media[1]?.port, 0)
})

test('a later description may leave ICE and DTLS to the first of the group (section 7.1.3)', () => {
  const { media } = browser(
    'v a',
    { kind: 'audio', mid: 'a', lines: [] },
    { kind: 'video', mid: 'v', port: 7000 },
  )
  assert.equal(media[0]?.iceUfrag, 'v')
  assert.equal(media[0].port, 9)
})

test('names that no section has, doubled names and second groups count once or not at all', () => {
  const sections: readonly Section[] = [
    { kind: 'audio', mid: '0' },
    { kind: 'video', mid: '1' },
  ]
  assert.deepEqual(browser('7 1 1 0', ...sections).bundles, [[1, 0]])
  const text = 'v=0\r\nt=0 0\r\na=group:LS 0 1\r\na=group:BUNDLE 0\r\na=group:BUNDLE 0 1\r\n'
  const { bundles } = parseSdp(
    `${text}m=audio 9 RTP/AVP 0\r\na=mid:0\r\nm=video 9 RTP/AVP 96\r\na=mid:1\r\n`,
  )
  assert.deepEqual(bundles, [[0], [1]])
})

test('an answer has in its group what shares the port of the sound, in their order, and nothing else', () => {
  const [audio, picture]: readonly Section[] = [
    { kind: 'audio', mid: 'a', port: 5000 },
    { kind: 'video', mid: 'v', port: 7000 },
  ]
  const offer = browser('a v', audio!, picture!)
  const both = answerTo(offer, video())
  assert.match(both.text, /\r\na=group:BUNDLE a v\r\n/)
  assert.match(both.text, /m=audio 20000 [\s\S]*m=video 20000 /)
  assert.deepEqual(both.terms.bundled, [1])
  assert.equal(both.terms.transport.mid, 'a')
  const apart = answerTo(offer, video({ port: 20002, isBundled: false }))
  assert.match(apart.text, /\r\na=group:BUNDLE a\r\n/)
  assert.match(apart.text, /m=video 20002 /)
  assert.match(answerTo(offer).text, /\r\na=group:BUNDLE a\r\n[\s\S]*m=video 0 /)
  const noGroup = answerTo(browser('', audio!, picture!), video({ port: 20002, isBundled: false }))
  assert.doesNotMatch(noGroup.text, /group/)
})

test('where the first of the group is another one than the sound, its ICE and DTLS count', () => {
  const offer = browser('v a', { kind: 'video', mid: 'v', port: 7000 }, { kind: 'audio', mid: 'a' })
  const { text, terms } = answerTo(offer, video())
  assert.match(text, /\r\na=group:BUNDLE v a\r\n/)
  assert.equal(terms.section.mid, 'a')
  assert.equal(terms.transport.mid, 'v')
  assert.equal(terms.remotePort, 7000)
  assert.deepEqual(terms.bundled, [0])
  // When that one is refused, the next takes its place.
  const alone = answerTo(offer)
  assert.match(alone.text, /\r\na=group:BUNDLE a\r\n/)
  assert.equal(alone.terms.transport.mid, 'a')
})

function offerOf(more: Partial<OfferSettings> = {}) {
  const layout: OfferSettings['layout'] = [
    'sound',
    video({ port: 20002, mid: '1', formats: ['101', '102', '97'] }),
  ]
  return makeOffer({ ...ours, origin: new SdpOrigin(), rtcpMux: true, mid: '0', layout, ...more })
}

test('an offer of ours has ports of their own for both, one group, and no number that means two things', () => {
  const { text, codecs, events } = offerOf()
  assert.match(text, /\r\na=group:BUNDLE 0 1\r\n/)
  assert.match(text, /m=audio 20000 [\s\S]*a=mid:0\r\n[\s\S]*m=video 20002 [\s\S]*a=mid:1\r\n/)
  assert.equal(codecs[0]?.payloadType, 103)
  assert.equal(events.get(48000), 104)
})

test('the sound is first in the group, whose port then counts; once they share it the order of the m= lines stays', () => {
  const first = video({ port: 20002, mid: 'v' })
  assert.match(offerOf({ layout: [first, 'sound'] }).text, /group:BUNDLE 0 v\r\n/)
  const moved = video({ mid: 'v' })
  assert.match(offerOf({ layout: [moved, 'sound'] }).text, /group:BUNDLE v 0\r\n/)
  assert.match(offerOf({ layout: [moved, 'sound', first] }).text, /group:BUNDLE 0 v v\r\n/)
})

test('a further offer keeps what numbers have meant in the session, whatever is beside it now', () => {
  const codec = (payloadType: number, name: string, channels = 1) => {
    return { payloadType, name, clockRate: 48000, channels, fmtp: '' }
  }
  const known = [codec(111, 'opus', 2), codec(63, 'red', 2), codec(110, 'telephone-event')]
  const { codecs, events } = offerOf({ known })
  assert.deepEqual([codecs[0]?.payloadType, events.get(48000)], [111, 110])
  // New ones get numbers that meant nothing.
  const other = offerOf({ known: [codec(103, 'red', 2), codec(104, 'telephone-event')] })
  assert.deepEqual([other.codecs[0]?.payloadType, other.events.get(48000)], [105, 104])
})

test('a browser with a long list of encodings leaves numbers below 64, and at last none: then nothing is bundled', () => {
  const numbers = (first: number, last: number) =>
    Array.from({ length: last - first + 1 }, (_, i) => String(first + i))
  const layout = (formats: readonly string[]) => [
    'sound' as const,
    video({ port: 20002, mid: '1', formats }),
  ]
  const many = offerOf({ layout: layout(numbers(96, 127)) })
  assert.deepEqual([many.codecs[0]?.payloadType, many.events.get(48000)], [35, 36])
  assert.match(many.text, /group:BUNDLE 0 1\r\n/)
  const all = offerOf({ layout: layout(numbers(35, 127)) })
  assert.deepEqual([all.codecs[0]?.payloadType, all.events.get(48000)], [102, 103])
  assert.match(all.text, /group:BUNDLE 0\r\n/)
})

test('what cannot do without a number of the sound stays out of the group, as does what has a port for good', () => {
  const fixed = offerOf({ codecs: [{ ...opus, payloadType: 97 }] })
  assert.match(fixed.text, /\r\na=group:BUNDLE 0\r\n/)
  const apart = offerOf({ layout: ['sound', video({ mid: '1', isBundled: false })] })
  assert.match(apart.text, /\r\na=group:BUNDLE 0\r\n/)
  assert.equal(apart.codecs[0]?.payloadType, 102)
  assert.doesNotMatch(offerOf({ mid: undefined }).text, /group|a=mid:0/)
})

test('their answer tells what shares the port; one that has unbundled it leaves both where they were', () => {
  const offer = offerOf({ codecs: [{ ...opus, payloadType: 111 }] })
  const sections: readonly Section[] = [
    { kind: 'audio', mid: '0', port: 5000 },
    { kind: 'video', mid: '1', port: 5000, lines: [] },
  ]
  const together = acceptAnswer(offer, browser('0 1', ...sections))
  assert.ok(typeof together === 'object')
  assert.deepEqual(together.bundled, [1])
  const apart = acceptAnswer(offer, browser('0', ...sections))
  assert.ok(typeof apart === 'object')
  assert.deepEqual(apart.bundled, [])
  // Nobody was asked: what they write of groups means nothing.
  const unasked = acceptAnswer(
    { ...offer, settings: { ...offer.settings, mid: undefined } },
    browser('0 1', ...sections),
  )
  assert.ok(typeof unasked === 'object')
  assert.deepEqual(unasked.bundled, [])
})

test('a section shares the port of the sound when both are secured alike and no number means both', () => {
  const { media } = browser('0 1', { kind: 'audio', mid: '0' }, { kind: 'video', mid: '1' })
  const [sound, picture] = [media[0]!, media[1]!]
  assert.equal(maySharePort(picture, sound), true)
  assert.equal(maySharePort(picture, sound, ['98', '111']), false)
  assert.equal(maySharePort({ ...picture, rtcpMux: false }, sound), false)
  assert.equal(maySharePort({ ...picture, protocol: 'RTP/AVP' }, sound), false)
  const crypto = [{ tag: 1, suite: 'x', key: 'inline:', parameters: '' }]
  assert.equal(maySharePort({ ...picture, crypto }, sound), false)
})

test('the sources that a section names are its own, each once', () => {
  const lines = [
    ...transport('1'),
    'a=ssrc:5 cname:x',
    'a=ssrc:5 msid:y z',
    'a=ssrc:4294967295 cname:x',
  ]
  const { media } = browser('', { kind: 'video', mid: '1', lines })
  assert.deepEqual(sourcesOf(media[0]!), [5, 4294967295])
})
