import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codecs as builtIn } from '../../../src/codecs/index.ts'
import { acceptAnswer } from '../../../src/sdp/accept-answer.ts'
import { answer } from '../../../src/sdp/answer.ts'
import { chooseCodecs, type LocalCodec, parseCodecList } from '../../../src/sdp/codec-string.ts'
import { makeOffer } from '../../../src/sdp/offer.ts'
import { parseSdp } from '../../../src/sdp/parse.ts'
import type { Answer, AnswerSettings, MediaTerms, OfferSettings } from '../../../src/sdp/terms.ts'
import { SdpOrigin } from '../../../src/sdp/write.ts'

function codec(name: string, more: Partial<LocalCodec> = {}): LocalCodec {
  const numbers: Record<string, number> = { PCMU: 0, PCMA: 8, G722: 9 }
  const payloadType = numbers[name]
  return { name, payloadType, clockRate: 8000, channels: 1, ptime: 20, fmtp: '', ...more }
}

const pcmu = codec('PCMU')
const pcma = codec('PCMA')
const opus = codec('opus', { clockRate: 48000, channels: 2, fmtp: 'useinbandfec=1' })

function side(): AnswerSettings {
  return {
    origin: new SdpOrigin('FreeSWITCH', 1000000000),
    address: '127.0.0.1',
    port: 20000,
    telephoneEvent: 101,
    comfortNoise: 13,
    codecs: [pcmu, pcma],
    negotiation: 'generous',
  }
}

const names: Record<string, string> = {
  0: 'PCMU/8000',
  8: 'PCMA/8000',
  9: 'G722/8000',
  18: 'G729/8000',
  96: 'telephone-event/8000',
  101: 'telephone-event/8000',
}

function offerText(payloadTypes: readonly number[], ...attributes: string[]): string {
  return [
    'v=0',
    'o=suite 1 1 IN IP4 192.0.2.5',
    's=suite',
    'c=IN IP4 192.0.2.5',
    't=0 0',
    `m=audio 16400 RTP/AVP ${payloadTypes.join(' ')}`,
    ...payloadTypes.map((payloadType) => `a=rtpmap:${payloadType} ${names[payloadType]}`),
    ...attributes.map((attribute) => `a=${attribute}`),
    '',
  ].join('\r\n')
}

function answerTo(text: string, more: Partial<AnswerSettings> = {}): Answer {
  const result = answer(parseSdp(text), { ...side(), ...more })
  assert.notEqual(result, 'no common codec')
  return result as Answer
}

function linesOf(text: string): string[] {
  return text.trimEnd().split('\r\n')
}

test('an answer is the agreed codec and its events, line for line as FreeSWITCH writes it', () => {
  const { text } = answerTo(offerText([0, 8, 101]))
  assert.deepEqual(linesOf(text), [
    'v=0',
    'o=FreeSWITCH 1000000000 1000000001 IN IP4 127.0.0.1',
    's=FreeSWITCH',
    'c=IN IP4 127.0.0.1',
    't=0 0',
    'm=audio 20000 RTP/AVP 0 101',
    'a=rtpmap:0 PCMU/8000',
    'a=rtpmap:101 telephone-event/8000',
    'a=fmtp:101 0-15',
    'a=ptime:20',
  ])
  assert.ok(text.endsWith('a=ptime:20\r\n'))
})

test('an offer lists all codecs, their events and comfort noise', () => {
  const { text } = makeOffer(side())
  assert.deepEqual(linesOf(text).slice(5), [
    'm=audio 20000 RTP/AVP 0 8 101 13',
    'a=rtpmap:0 PCMU/8000',
    'a=rtpmap:8 PCMA/8000',
    'a=rtpmap:101 telephone-event/8000',
    'a=fmtp:101 0-15',
    'a=rtpmap:13 CN/8000',
    'a=ptime:20',
  ])
})

test('an offer with two clock rates has events for each, dynamic numbers from 102', () => {
  const offer = makeOffer({ ...side(), codecs: [opus, pcmu], comfortNoise: undefined })
  assert.deepEqual(linesOf(offer.text).slice(5, 13), [
    'm=audio 20000 RTP/AVP 102 0 103 101',
    'a=rtpmap:102 opus/48000/2',
    'a=fmtp:102 useinbandfec=1',
    'a=rtpmap:0 PCMU/8000',
    'a=rtpmap:103 telephone-event/48000',
    'a=fmtp:103 0-15',
    'a=rtpmap:101 telephone-event/8000',
    'a=fmtp:101 0-15',
  ])
})

test('generous follows their order, greedy and scrooge ours', () => {
  const chosen = (negotiation: AnswerSettings['negotiation'], offered: number[]) =>
    answerTo(offerText(offered), { negotiation }).terms.send.name
  assert.equal(chosen('generous', [8, 0]), 'PCMA')
  assert.equal(chosen('greedy', [8, 0]), 'PCMU')
  assert.equal(chosen('scrooge', [8, 0]), 'PCMU')
  assert.equal(chosen('greedy', [18, 8]), 'PCMA')
})

test('no common codec, only telephone-event, or a refused port is no answer', () => {
  for (const text of [
    offerText([18, 101]),
    offerText([101]),
    offerText([0]).replace('16400', '0'),
    offerText([0]).replace('RTP/AVP', 'RTP/SAVP'),
    offerText([0]).replace('c=IN IP4 192.0.2.5\r\n', ''),
    'v=0\r\nc=IN IP4 192.0.2.5\r\n',
  ]) {
    assert.equal(answer(parseSdp(text), side()), 'no common codec')
  }
})

test('without their telephone-event there is none in the answer; with another number theirs is used', () => {
  const without = answerTo(offerText([0, 8]))
  assert.doesNotMatch(without.text, /telephone-event/)
  assert.equal(without.terms.eventSend, undefined)
  const other = answerTo(offerText([0, 96]))
  assert.match(other.text, /RTP\/AVP 0 96\r\n/)
  assert.deepEqual([other.terms.eventSend, other.terms.eventReceive], [96, 96])
  const unwanted = answerTo(offerText([0, 101]), { telephoneEvent: undefined })
  assert.match(unwanted.text, /RTP\/AVP 0\r\n/)
})

test('among several telephone-events the one at the clock of the codec is taken', () => {
  const text = offerText([0, 101], 'rtpmap:110 telephone-event/48000').replace('0 101', '0 110 101')
  assert.equal(answerTo(text).terms.eventSend, 101)
})

test('their packet time is taken when ours differs, unless we are scrooge or it cannot be', () => {
  const ptime = (attribute: string, more: Partial<AnswerSettings> = {}) => {
    const { text, terms } = answerTo(offerText([0], attribute), more)
    assert.match(text, new RegExp(`a=ptime:${terms.send.ptime}\r\n`))
    return terms.send.ptime
  }
  assert.equal(ptime('ptime:30'), 30)
  assert.equal(ptime('ptime:30', { negotiation: 'scrooge' }), 20)
  assert.equal(ptime('ptime:25'), 20)
  assert.equal(ptime('maxptime:10'), 10)
  assert.equal(ptime('maxptime:150'), 20)
  assert.equal(ptime('ptime:40', { codecs: [codec('PCMU'), codec('PCMU', { ptime: 40 })] }), 40)
})

test('a codec whose packet time fits is preferred to one earlier in their list', () => {
  const codecs = [codec('PCMU', { ptime: 20 }), codec('PCMA', { ptime: 30 })]
  assert.equal(answerTo(offerText([0, 8], 'ptime:30'), { codecs }).terms.send.name, 'PCMA')
})

for (const [theirs, ours, sends, receives, isHeld] of [
  ['sendrecv', undefined, true, true, false],
  ['sendonly', 'recvonly', false, true, true],
  ['recvonly', 'sendonly', true, false, false],
  ['inactive', 'inactive', false, false, true],
] as const) {
  test(`${theirs} is answered with ${ours ?? 'nothing, which is sendrecv'} (RFC 3264 §6.1)`, () => {
    const { text, terms } = answerTo(offerText([0, 101], theirs))
    const lines = linesOf(text)
    const direction = lines.filter((line) => /^a=(send|recv|inactive)/.test(line))
    assert.deepEqual(direction, ours ? [`a=${ours}`] : [])
    // It stands between the codecs and the packet time.
    if (ours) assert.equal(lines.at(-2), `a=${ours}`)
    assert.deepEqual([terms.sends, terms.receives, terms.isHeld], [sends, receives, isHeld])
  })
}

test('what we want limits the answer: holding them while they hold us is inactive', () => {
  const { terms } = answerTo(offerText([0], 'sendonly'), { direction: 'sendonly' })
  assert.equal(terms.direction, 'inactive')
})

test('0.0.0.0 is a hold in the manner of RFC 2543: nothing is sent there', () => {
  const { terms, text } = answerTo(offerText([0]).replace('c=IN IP4 192.0.2.5', 'c=IN IP4 0.0.0.0'))
  assert.deepEqual([terms.isHeld, terms.sends, terms.receives], [true, false, true])
  assert.doesNotMatch(text, /a=(sendonly|recvonly|inactive)/)
})

test('other sections are refused in their places (RFC 3264 §6)', () => {
  const video = 'm=video 16000 RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\n'
  const image = 'm=image 16002 udptl t38\r\n'
  const audio = offerText([0])
  const at = audio.indexOf('m=audio')
  const text = `${audio.slice(0, at)}${video}${audio.slice(at)}${image}m=audio 16006 RTP/AVP 8\r\n`
  const made = answerTo(text)
  const sections = linesOf(made.text).filter((line) => line.startsWith('m='))
  assert.deepEqual(sections, [
    'm=video 0 RTP/AVP 19',
    'm=audio 20000 RTP/AVP 0',
    'm=image 0 udptl t38',
    'm=audio 0 RTP/AVP 19',
  ])
  assert.equal(made.terms.sectionIndex, 1)
})

test('a secure section is taken when somebody accepts it, and its attributes are answered', () => {
  const text = offerText([0]).replace('RTP/AVP', 'RTP/SAVP')
  const made = answerTo(text, { accept: () => ['crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x'] })
  assert.match(made.text, /m=audio 20000 RTP\/SAVP 0\r\n/)
  assert.match(made.text, /a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x\r\n/)
})

test('RTCP goes to the port above, to the one they name, or shares the port', () => {
  assert.equal(answerTo(offerText([0])).terms.remoteRtcpPort, 16401)
  const named = answerTo(offerText([0], 'rtcp:17000'))
  assert.deepEqual([named.terms.remoteRtcpPort, named.terms.rtcpAsked], [17000, true])
  assert.match(named.text, /a=rtcp:20001 IN IP4 127\.0\.0\.1\r\n/)
  const shared = answerTo(offerText([0], 'rtcp-mux'))
  assert.deepEqual([shared.terms.rtcpMux, shared.terms.remoteRtcpPort], [true, undefined])
  assert.match(shared.text, /a=rtcp-mux\r\na=rtcp:20000 IN IP4 127\.0\.0\.1\r\n/)
  assert.doesNotMatch(answerTo(offerText([0], 'rtcp-mux'), { rtcpMux: false }).text, /mux/)
})

test('comfort noise is answered when they offer it', () => {
  const text = offerText([0]).replace('RTP/AVP 0', 'RTP/AVP 0 13')
  assert.match(answerTo(text).text, /RTP\/AVP 0 13\r\n/)
  assert.equal(answerTo(text, { comfortNoise: undefined }).terms.comfortNoise, undefined)
})

test('the version rises only when something else is said (RFC 3264 §8)', () => {
  const settings = side()
  const versionOf = (text: string) => Number(text.split(' ')[2])
  const first = answer(parseSdp(offerText([0, 101])), settings) as Answer
  const again = answer(parseSdp(offerText([0, 101])), settings) as Answer
  const held = answer(parseSdp(offerText([0, 101], 'sendonly')), settings) as Answer
  assert.equal(again.text, first.text)
  assert.equal(versionOf(held.text), versionOf(first.text) + 1)
})

test('an IPv6 address is written as such', () => {
  const { text } = answerTo(offerText([0]), { address: '2001:db8::2' })
  assert.match(text, /^c=IN IP6 2001:db8::2\r$/m)
})

test('a line break in an attribute cannot add lines', () => {
  assert.throws(() => answerTo(offerText([0]), { attributes: ['x:1\r\na=evil'] }), {
    code: 'SDP_BAD',
  })
})

function accepted(settings: Partial<OfferSettings>, text: string): MediaTerms {
  const terms = acceptAnswer(makeOffer({ ...side(), ...settings }), parseSdp(text))
  assert.equal(typeof terms, 'object')
  return terms as MediaTerms
}

test('an answer settles the codec; we send with their numbers and receive with ours', () => {
  const answered = offerText([0, 96]).replace(
    'm=audio 16400 RTP/AVP 0 96',
    'm=audio 16400 RTP/AVP 98 96',
  )
  const terms = accepted(
    { codecs: [opus, pcmu] },
    `${answered}a=rtpmap:98 opus/48000/2\r\na=ptime:20\r\n`,
  )
  assert.deepEqual([terms.send.name, terms.send.payloadType], ['opus', 98])
  assert.equal(terms.receive[0]?.payloadType, 102)
  assert.deepEqual([terms.eventSend, terms.eventReceive, terms.eventClock], [96, 101, 8000])
  assert.deepEqual([terms.remoteAddress, terms.remotePort], ['192.0.2.5', 16400])
})

test('an answer that lists several codecs may switch among them', () => {
  const terms = accepted({}, offerText([8, 0, 101]))
  assert.equal(terms.send.name, 'PCMA')
  assert.deepEqual(
    terms.receive.map((agreed) => agreed.payloadType),
    [8, 0],
  )
})

test('answers that refuse or that take nothing of ours are told apart', () => {
  const offer = makeOffer(side())
  assert.equal(acceptAnswer(offer, parseSdp(offerText([0]).replace('16400', '0'))), 'refused')
  assert.equal(acceptAnswer(offer, parseSdp(offerText([18]))), 'no common codec')
})

test('our own hold and theirs meet in the answer', () => {
  assert.equal(
    accepted({ direction: 'sendonly' }, offerText([0], 'recvonly')).direction,
    'sendonly',
  )
  const held = accepted({}, offerText([0], 'sendonly'))
  assert.deepEqual([held.direction, held.isHeld], ['recvonly', true])
})

test('Opus is opus/48000/2 whatever it carries, and its answer says what we like to receive (RFC 7587 §7)', () => {
  const chosen = chooseCodecs(parseCodecList('OPUS,PCMU').wishes, builtIn).codecs
  const text = offerText([0], 'rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;useinbandfec=1')
  const { text: answered, terms } = answerTo(text.replace('RTP/AVP 0', 'RTP/AVP 111 0'), {
    codecs: chosen,
  })
  assert.match(
    answered,
    /a=rtpmap:111 opus\/48000\/2\r\na=fmtp:111 useinbandfec=1; maxaveragebitrate=/,
  )
  assert.equal(terms.send.fmtp, 'minptime=10;useinbandfec=1')
  assert.match(terms.send.ours ?? '', /^useinbandfec=1; .*;complexity=5;/)
  assert.match(makeOffer({ ...side(), codecs: chosen }).text, /a=rtpmap:102 opus\/48000\/2\r\n/)
})

test('a packet time that a codec cannot have is not taken, and a=maxptime is only a limit', () => {
  const ptimeOf = (list: string, attribute: string) => {
    const { codecs } = chooseCodecs(parseCodecList(list).wishes, builtIn)
    const text = offerText([0], `rtpmap:3 GSM/8000\r\na=${attribute}`)
    return answerTo(text.replace('RTP/AVP 0', 'RTP/AVP 3 0'), { codecs }).terms.send.ptime
  }
  assert.equal(ptimeOf('GSM', 'ptime:30'), 20)
  assert.equal(ptimeOf('GSM', 'ptime:40'), 40)
  assert.equal(ptimeOf('GSM', 'maxptime:60'), 20)
  assert.equal(ptimeOf('PCMU@40i', 'maxptime:30'), 30)
})

test('AMR whose payloads are built otherwise than ours is not common', () => {
  const { codecs } = chooseCodecs(parseCodecList('AMR~octet-align=1,PCMU').wishes, builtIn)
  const offered = (fmtp: string) =>
    offerText([0], `rtpmap:97 AMR/8000${fmtp}`).replace('RTP/AVP 0', 'RTP/AVP 97 0')
  assert.equal(answerTo(offered(''), { codecs }).terms.send.name, 'PCMU')
  const aligned = answerTo(offered('\r\na=fmtp:97 octet-align=1;mode-set=0,7'), { codecs })
  assert.equal(aligned.terms.send.name, 'AMR')
  assert.match(aligned.text, /a=fmtp:97 octet-align=1;mode-set=0,7\r\n/)
})

test('a section beside the sound is answered in its place, all others are refused there (RFC 3264 section 6)', () => {
  const text = `m=video 5000 RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\na=mid:v\r\n`
  const offer = offerText([0], 'mid:a')
  const made = answerTo(
    `${offer}${text}m=application 5002 TCP/BFCP *\r\nm=audio 5004 RTP/AVP 0\r\n`,
    {
      beside: (section) =>
        section.kind === 'video'
          ? {
              kind: 'video',
              port: 7000,
              protocol: section.protocol,
              formats: ['96'],
              lines: ['a=rtpmap:96 VP8/90000'],
              direction: 'recvonly',
            }
          : undefined,
    },
  )
  assert.match(
    made.text,
    /m=audio 20000 [\s\S]*a=mid:a\r\n[\s\S]*m=video 7000 RTP\/AVP 96\r\na=rtpmap:96 VP8\/90000\r\na=recvonly\r\na=mid:v\r\nm=application 0 TCP\/BFCP 19\r\nm=audio 0 RTP\/AVP 19\r\n$/,
  )
})

test('of a bundle the sound alone stays in the group (RFC 8843 section 7.3)', () => {
  const offer = offerText([0], 'mid:a')
    .replace('t=0 0\r\n', 't=0 0\r\na=group:BUNDLE a v\r\n')
    .concat('m=video 16400 RTP/AVP 96\r\na=mid:v\r\n')
  const { text } = answerTo(offer)
  assert.match(text, /a=group:BUNDLE a\r\n/)
  assert.match(text, /m=video 0 RTP\/AVP 19\r\n$/)
  assert.doesNotMatch(answerTo(offerText([0], 'mid:a')).text, /group/)
})

test('an offer inside a call keeps the order of the m= lines (RFC 3264 section 8)', () => {
  const { text } = makeOffer({
    ...side(),
    layout: [{ kind: 'video', protocol: 'RTP/AVP', refused: true, format: '96' }, 'sound'],
  })
  assert.match(text, /m=video 0 RTP\/AVP 96\r\nm=audio 20000 RTP\/AVP 0 8 /)
})
