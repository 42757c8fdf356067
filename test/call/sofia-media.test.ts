/** Sound that goes past the switch, through it untouched, and back again; video, text and fax beside it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Phone, PhoneCall } from '../support/phone.ts'
import { RtpPeer } from '../support/rtp-peer.ts'
import { type SipSwitch, startSipSwitch } from '../support/sip-switch.ts'
import { cleanest, purity } from '../support/tone.ts'
import { until } from '../support/until.ts'

interface Pair {
  readonly a: Phone
  readonly b: Phone
  readonly out: PhoneCall
  readonly into: PhoneCall
}

async function dial(sw: SipSwitch, number: string, body?: (port: number) => string): Promise<Pair> {
  const a = await sw.phone('1000')
  const b = await sw.phone('1001')
  assert.equal((await b.register()).status, 200)
  const out = await a.call(number, body ? { body } : {})
  return { a, b, out, into: await b.incoming() }
}

async function talk(sw: SipSwitch, number = '1001'): Promise<Pair> {
  const pair = await dial(sw, number)
  pair.into.answer()
  assert.equal((await pair.out.outcome()).status, 200)
  await sw.event('CHANNEL_BRIDGE')
  return pair
}

/** Both hear each other's tone; `direct`: from the other phone's own port, else from the switch. */
async function hear({ out, into }: Pair, direct: boolean): Promise<void> {
  // What was on its way before may still be.
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
  await Promise.all([out.rtp.drained(), into.rtp.drained()])
  const starts = [out.rtp.arrived.length, into.rtp.arrived.length]
  await Promise.all([out.rtp.tone(500, 25), into.rtp.tone(900, 25)])
  await until(
    () => out.rtp.arrived.length >= starts[0]! + 20 && into.rtp.arrived.length >= starts[1]! + 20,
    'sound at both phones',
  )
  for (const [one, other, from, frequency] of [
    [out, into, starts[0]!, 900],
    [into, out, starts[1]!, 500],
  ] as const) {
    assert.ok(
      purity(frequency, one.rtp.heard('PCMU', 0, from).slice(800)) > 0.9,
      'the tone is clean',
    )
    const ports = new Set(one.rtp.arrived.slice(from + 2).map(({ fromPort }) => fromPort))
    assert.equal(ports.has(other.rtp.port), direct, direct ? 'directly' : 'through the switch')
    assert.equal(ports.size, 1)
  }
}

/** Nothing of the media engine is left. */
async function freed(sw: SipSwitch): Promise<void> {
  await until(async () => {
    const { legs, streams, portsInUse } = await sw.sw.media.figures()
    return legs === 0 && streams === 0 && portsInUse === 0
  }, 'everything to be freed')
}

function leg(sw: SipSwitch, direction: 'inbound' | 'outbound') {
  return sw.sw.channels.list().find((channel) => channel.direction === direction)!
}

test('bypass_media: the phones speak to each other, no port of the switch is used, a re-INVITE passes through', async () => {
  await using sw = await startSipSwitch({
    extensions: { '2003': ['set:bypass_media=true', 'bridge:sofia/internal/1001%example.test'] },
  })
  const pair = await talk(sw, '2003')
  await hear(pair, true)
  const { legs, portsInUse } = await sw.sw.media.figures()
  assert.deepEqual([legs, portsInUse], [0, 0])
  const held = await pair.out.reinvite([0, 101], 'sendonly')
  assert.equal(held.status, 200)
  const passed = await pair.into.requests.next('INVITE', ({ method }) => method === 'INVITE')
  assert.match(passed.body, new RegExp(`m=audio ${pair.out.rtp.port} `))
  assert.match(passed.body, /a=sendonly/)
  assert.match(held.body, new RegExp(`m=audio ${pair.into.rtp.port} `))
  assert.ok(await sw.event('CHANNEL_HOLD'))
  pair.into.replies = () => 488
  assert.equal((await pair.out.reinvite([0, 8], 'sendrecv')).status, 488)
  await pair.out.bye()
  await pair.into.hungUp()
  await freed(sw)
})

test('uuid_media off and on takes the sound of a call out and back, with a tone proved after each step', async () => {
  await using sw = await startSipSwitch()
  const pair = await talk(sw)
  await hear(pair, false)
  const { uuid } = leg(sw, 'inbound')
  assert.equal(await sw.api(`uuid_media ${uuid}`), '-ERR Operation failed\n')
  assert.equal(await sw.api(`uuid_media off ${uuid}`), '+OK Success\n')
  await hear(pair, true)
  assert.equal((await sw.sw.media.figures()).legs, 0)
  assert.equal(await sw.api(`uuid_media ${uuid}`), '+OK Success\n')
  await hear(pair, false)
  const other = leg(sw, 'outbound').uuid
  assert.equal(await sw.api(`uuid_media_3p off ${other}`), '+OK Success\n')
  await hear(pair, true)
  assert.equal(await sw.api(`uuid_media_3p ${other}`), '+OK Success\n')
  await hear(pair, false)
  assert.equal(await sw.api('uuid_media'), '-USAGE: [off] <uuid>\n-ERR Operation failed\n')
  assert.equal(await sw.api('uuid_media off nobody'), '-ERR Operation failed\n')
  await pair.into.bye()
  await pair.out.hungUp()
  await freed(sw)
})

test('uuid_media off where the other party refuses leaves the sound where it was', async () => {
  await using sw = await startSipSwitch()
  const pair = await talk(sw)
  pair.into.replies = () => 488
  assert.equal(await sw.api(`uuid_media off ${leg(sw, 'inbound').uuid}`), '-ERR Operation failed\n')
  assert.equal(
    await sw.api(`uuid_media_3p off ${leg(sw, 'inbound').uuid}`),
    '-ERR Operation failed\n',
  )
  await hear(pair, false)
  pair.into.replies = undefined
  // The first one agrees, the second does not: the first is brought back.
  pair.out.replies = () => 488
  assert.equal(await sw.api(`uuid_media off ${leg(sw, 'inbound').uuid}`), '-ERR Operation failed\n')
  await hear(pair, false)
})

test('bypass_media_after_bridge: once both are answered the phones speak to each other', async () => {
  await using sw = await startSipSwitch({
    extensions: {
      '2004': [
        'answer',
        'set:bypass_media_after_bridge=true',
        'bridge:sofia/internal/1001%example.test',
      ],
    },
  })
  const pair = await talk(sw, '2004')
  await until(async () => (await sw.sw.media.figures()).legs === 0, 'the legs to be given up')
  await hear(pair, true)
  assert.equal(await sw.api(`uuid_media ${leg(sw, 'outbound').uuid}`), '+OK Success\n')
  await hear(pair, false)
})

test('an application that needs sound brings it back', async () => {
  await using sw = await startSipSwitch({
    extensions: {
      '2003': ['set:bypass_media=true', 'bridge:sofia/internal/1001%example.test'],
      '3000': ['echo'],
    },
  })
  const pair = await talk(sw, '2003')
  assert.match(await sw.api(`uuid_transfer ${leg(sw, 'inbound').uuid} 3000`), /^\+OK/)
  await pair.into.hungUp()
  await until(() => pair.out.rtp.target !== pair.into.rtp.port, 'a re-INVITE')
  await sw.event('CHANNEL_EXECUTE', (event) => event.get('Application') === 'echo')
  const from = pair.out.rtp.arrived.length
  await pair.out.rtp.tone(700, 40)
  await until(() => pair.out.rtp.arrived.length >= from + 20, 'the echo')
  assert.ok(purity(700, pair.out.rtp.heard('PCMU', 0, from).slice(800)) > 0.9)
})

test('proxy_media passes an unknown codec untouched both ways, with every line of its description', async () => {
  await using sw = await startSipSwitch({
    settings: { 'inbound-late-negotiation': 'true' },
    extensions: {
      '2005': [
        'set:ringback=%(2000,4000,440)',
        'set:proxy_media=true',
        'bridge:sofia/internal/1001%example.test',
      ],
    },
  })
  const foo = (port: number) =>
    `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio ${port} RTP/AVP 99\r\na=rtpmap:99 X-FOO/8000\r\na=fmtp:99 bar=1\r\n`
  const { out, into } = await dial(sw, '2005', foo)
  into.ring()
  // No ringback of ours: the sound will be theirs.
  await out.response(180)
  const offered = into.remoteSdp
  assert.match(offered, /a=rtpmap:99 X-FOO\/8000\r\na=fmtp:99 bar=1/)
  assert.doesNotMatch(offered, new RegExp(`m=audio ${out.rtp.port} `))
  into.answerWith(foo(into.rtp.port))
  assert.equal((await out.outcome()).status, 200)
  assert.match(out.remoteSdp, /a=rtpmap:99 X-FOO\/8000/)
  await sw.event('CHANNEL_BRIDGE')
  const payload = Buffer.from('no codec of ours \0\xff', 'latin1')
  for (let i = 0; i < 5; i++) {
    await out.rtp.packet(payload, 99, 160, i === 0)
    await into.rtp.packet(payload, 99, 160, i === 0)
  }
  await Promise.all([out.rtp.until(5), into.rtp.until(5)])
  for (const { rtp } of [out, into]) {
    assert.deepEqual(
      rtp.arrived.map(({ payloadType, sequence, ssrc, payload: got }) => [
        payloadType,
        sequence,
        ssrc,
        got.equals(payload),
      ]),
      [100, 101, 102, 103, 104].map((sequence) => [99, sequence, 0x1000, true]),
    )
    assert.notEqual(rtp.arrived[0]?.fromPort, out.rtp.port)
  }
  await out.bye()
  await into.hungUp()
  const done = await sw.event(
    'CHANNEL_HANGUP_COMPLETE',
    (event) => event.get('Call-Direction') === 'inbound',
  )
  assert.equal(done.get('variable_rtp_audio_in_packet_count'), '5')
  assert.equal(done.get('variable_read_codec'), 'PROXY')
  await freed(sw)
})

test('proxied media ends after rtp-timeout-sec without a packet', async () => {
  await using sw = await startSipSwitch({
    settings: { 'inbound-proxy-media': 'true', 'rtp-timeout-sec': '1' },
  })
  const { out, into } = await dial(sw, '1001')
  into.answer()
  await out.outcome()
  await Promise.all([out.hungUp(), into.hungUp()])
  await freed(sw)
})

const t38 = (port: number, more = '') =>
  `v=0\r\no=- 7 9 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=image ${port} udptl t38\r\na=T38FaxVersion:0\r\na=T38MaxBitRate:14400\r\na=T38FaxUdpEC:t38UDPRedundancy\r\n${more}`

test('T.38: the re-INVITE passes with t38_passthru, datagrams pass untouched, and sound comes back', async () => {
  await using sw = await startSipSwitch({ settings: { 't38-passthru': 'true' } })
  const pair = await talk(sw)
  const { out, into } = pair
  await hear(pair, false)
  into.replies = (offer) => {
    assert.match(offer, /m=image \d+ udptl t38\r\na=T38FaxVersion:0\r\na=T38MaxBitRate:14400/)
    return t38(into.rtp.port)
  }
  const answer = await out.reinviteWith(t38(out.rtp.port))
  assert.equal(answer.status, 200)
  assert.match(answer.body, /m=image \d+ udptl t38/)
  assert.doesNotMatch(answer.body, /m=audio/)
  const passed = into.requests.all.find(({ method }) => method === 'INVITE')!
  const towards = Number(/m=image (\d+)/.exec(answer.body)?.[1])
  const back = Number(/m=image (\d+)/.exec(passed.body)?.[1])
  assert.equal(towards, out.rtp.target, 'on the port of the sound')
  out.rtp.target = towards
  into.rtp.target = back
  const sent = [1, 2, 3].map((n) => Buffer.from([0, n, 1, 6, 0, 0x80, 0xff, n]))
  for (const datagram of sent) {
    await out.rtp.send(datagram)
    await into.rtp.send(datagram)
  }
  await until(() => out.rtp.others.length === 3 && into.rtp.others.length === 3, 'the datagrams')
  assert.deepEqual(into.rtp.others, sent)
  assert.deepEqual(out.rtp.others, sent)
  into.replies = undefined
  const sound = await out.reinvite()
  assert.equal(sound.status, 200)
  assert.match(sound.body, /m=audio \d+ RTP\/AVP/)
  await until(
    () => into.requests.all.filter(({ body }) => body.includes('m=audio')).length > 0,
    'the sound to be offered to the other party',
  )
  into.take(into.requests.all.filter(({ body }) => body.includes('m=audio')).at(-1)!.body)
  await hear(pair, false)
  await out.bye()
  await into.hungUp()
  await freed(sw)
})

test('T.38 that the other party refuses goes back as 488, and the sound goes on', async () => {
  await using sw = await startSipSwitch({ settings: { 't38-passthru': 'true' } })
  const pair = await talk(sw)
  pair.into.replies = () => 488
  assert.equal((await pair.out.reinviteWith(t38(pair.out.rtp.port))).status, 488)
  await hear(pair, false)
})

test('T.38 is refused with 488 where nobody asked to pass it on', async () => {
  await using sw = await startSipSwitch()
  const pair = await talk(sw)
  assert.equal((await pair.out.reinviteWith(t38(pair.out.rtp.port))).status, 488)
  assert.equal(pair.into.requests.all.filter(({ method }) => method === 'INVITE').length, 0)
  await hear(pair, false)
})

function withVideo(
  audio: number,
  video: number,
  lines = 'a=rtpmap:97 H264/90000\r\na=fmtp:97 profile-level-id=42e01f;packetization-mode=1\r\na=rtpmap:98 X-ODD/90000\r\na=rtcp-fb:97 nack pli\r\n',
  formats = '97 98',
) {
  return `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio ${audio} RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\nm=video ${video} RTP/AVPF ${formats}\r\n${lines}m=application 9 TCP/BFCP *\r\n`
}

const videoSettings = {
  'inbound-codec-prefs': 'PCMU,VP8,H264',
  'outbound-codec-prefs': 'PCMU,H264',
}

test('video: offered in the codecs that both legs may have, relayed byte for byte with its RTCP, freed at the end', async () => {
  await using sw = await startSipSwitch({ settings: videoSettings })
  await using seen = await RtpPeer.open()
  await using shown = await RtpPeer.open()
  await using control = await RtpPeer.open()
  const offer = (port: number) =>
    withVideo(port, seen.port).replace('m=application', `a=rtcp:${control.port}\r\nm=application`)
  const pair = await dial(sw, '1001', offer)
  const { out, into } = pair
  assert.match(
    into.remoteSdp,
    /m=video \d+ RTP\/AVPF 97\r\na=rtpmap:97 H264\/90000\r\na=fmtp:97 profile-level-id=42e01f;packetization-mode=1\r\na=rtcp-fb:97 nack pli\r\n/,
  )
  into.answerWith(
    withVideo(
      into.rtp.port,
      shown.port,
      'a=rtpmap:97 H264/90000\r\na=rtcp-fb:97 nack pli\r\n',
      '97',
    ).replace(/m=application.*\r\n/, ''),
  )
  const answer = await out.outcome()
  assert.match(
    answer.body,
    /m=audio [1-9]\d* RTP\/AVP 0 101[\s\S]*m=video [1-9]\d* RTP\/AVPF 97\r\na=rtpmap:97 H264\/90000\r\na=rtcp-fb:97 nack pli\r\nm=application 0 TCP\/BFCP 19\r\n$/,
  )
  await sw.event('CHANNEL_BRIDGE')
  await hear(pair, false)
  seen.target = Number(/m=video (\d+)/.exec(out.remoteSdp)?.[1])
  shown.target = Number(/m=video (\d+)/.exec(into.remoteSdp)?.[1])
  const frames = [0, 1, 2, 3].map((n) => Buffer.from([0x65, n, 0xff, 0x00, n * 50]))
  for (const frame of frames) {
    await seen.packet(frame, 97, 3000, true)
    await shown.packet(frame, 97, 3000)
  }
  await Promise.all([seen.until(4), shown.until(4)])
  for (const peer of [seen, shown]) {
    assert.deepEqual(
      peer.arrived.map(({ payload }) => payload),
      frames,
    )
    assert.deepEqual([...new Set(peer.arrived.map(({ ssrc }) => ssrc))], [0x1000])
  }
  // A phone asks for a whole picture (PLI, RFC 4585 section 6.3.1): the other one gets it where it wants its RTCP.
  const pli = Buffer.from('81ce00020000000100000002', 'hex')
  const asking = await RtpPeer.open()
  asking.target = shown.target + 1
  await asking.send(pli)
  await asking[Symbol.asyncDispose]()
  await until(() => control.others.length > 0, 'the PLI')
  assert.deepEqual(control.others, [pli])
  const request =
    '<media_control><vc_primitive><to_encoder><picture_fast_update/></to_encoder></vc_primitive></media_control>'
  await out.request('INFO', [['Content-Type', 'application/media_control+xml']], request)
  const asked = await into.requests.next('INFO', ({ method }) => method === 'INFO')
  assert.equal(asked.body, request, 'the same by INFO (RFC 5168)')
  const channel = leg(sw, 'inbound')
  assert.equal(channel.variables.get('rtp_use_video_codec_name'), 'H264')
  assert.equal(channel.variables.get('video_media_flow'), 'sendrecv')
  assert.equal(channel.variables.get('remote_video_port'), String(seen.port))
  // Hold keeps both m= lines, in their places.
  const held = await out.reinviteWith(
    withVideo(out.rtp.port, seen.port)
      .replaceAll('\r\nm=', '\r\na=sendonly\r\nm=')
      .replace('\r\na=sendonly\r\nm=audio', '\r\nm=audio'),
  )
  assert.match(
    held.body,
    /m=audio [1-9][\s\S]*a=recvonly[\s\S]*m=video [1-9][\s\S]*a=recvonly[\s\S]*m=application 0/,
  )
  await out.bye()
  await into.hungUp()
  const done = await sw.event(
    'CHANNEL_HANGUP_COMPLETE',
    (event) => event.get('Call-Direction') === 'inbound',
  )
  assert.equal(done.get('variable_rtp_video_in_packet_count'), '4')
  assert.equal(done.get('variable_rtp_video_out_packet_count'), '5')
  await freed(sw)
})

test('video that the other party refuses, or that an application cannot have, is answered with port 0; the sound works', async () => {
  await using sw = await startSipSwitch({
    settings: videoSettings,
    extensions: { '3000': ['answer', 'echo'] },
  })
  const pair = await dial(sw, '1001', (port) => withVideo(port, 40000))
  pair.into.answer([0, 101])
  assert.match(
    (await pair.out.outcome()).body,
    /m=audio [1-9][\s\S]*m=video 0 [\s\S]*m=application 0/,
  )
  await sw.event('CHANNEL_BRIDGE')
  await hear(pair, false)
  assert.equal((await sw.sw.media.figures()).streams, 0)
  const echo = await pair.a.call('3000', { body: (port) => withVideo(port, 40000) })
  assert.match((await echo.outcome()).body, /m=audio [1-9][\s\S]*m=video 0 /)
  await echo.rtp.tone(600, 30)
  await echo.rtp.until(20)
  assert.ok(purity(600, echo.rtp.heard().slice(800)) > 0.9)
})

test("novideo keeps the caller's video from the called party and answers it with port 0", async () => {
  await using sw = await startSipSwitch({
    settings: videoSettings,
    extensions: { '2500': ['novideo', 'bridge:sofia/internal/1001%example.test'] },
  })
  const pair = await dial(sw, '2500', (port) => withVideo(port, 40000))
  assert.doesNotMatch(pair.into.remoteSdp, /m=video/)
  pair.into.answer([0, 101])
  assert.match((await pair.out.outcome()).body, /m=audio [1-9][\s\S]*m=video 0 /)
})

test('video that is added within the call is offered to the other party, and taken away again with port 0', async () => {
  await using sw = await startSipSwitch({ settings: videoSettings })
  await using seen = await RtpPeer.open()
  await using shown = await RtpPeer.open()
  const pair = await talk(sw)
  const { out, into } = pair
  const lines = 'a=rtpmap:97 H264/90000\r\n'
  into.replies = () =>
    withVideo(into.rtp.port, shown.port, lines, '97').replace(/m=application.*\r\n/, '')
  const added = await out.reinviteWith(withVideo(out.rtp.port, seen.port, lines, '97'))
  assert.match(added.body, /m=audio [1-9][\s\S]*m=video [1-9]\d* RTP\/AVPF 97/)
  seen.target = Number(/m=video (\d+)/.exec(added.body)?.[1])
  await seen.packet(Buffer.from('frame'), 97, 3000)
  await shown.until(1)
  assert.equal(shown.arrived[0]?.payload.toString(), 'frame')
  into.replies = (offer) => {
    assert.match(offer, /m=audio [1-9][\s\S]*m=video 0 /)
    return `${into.sdp([0, 101])}m=video 0 RTP/AVPF 97\r\n`
  }
  const less = await out.reinviteWith(withVideo(out.rtp.port, 0, lines, '97'))
  assert.match(less.body, /m=video 0 /)
  await until(async () => (await sw.sw.media.figures()).streams === 0, 'the streams to close')
  await hear(pair, false)
})

test('real-time text (T.140) passes beside the sound', async () => {
  await using sw = await startSipSwitch()
  await using seen = await RtpPeer.open()
  await using shown = await RtpPeer.open()
  const text = (audio: number, port: number) =>
    `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio ${audio} RTP/AVP 0\r\nm=text ${port} RTP/AVP 96 97\r\na=rtpmap:96 t140/1000\r\na=rtpmap:97 red/1000\r\na=fmtp:97 96/96/96\r\n`
  const { out, into } = await dial(sw, '1001', (port) => text(port, seen.port))
  into.answerWith(text(into.rtp.port, shown.port))
  const answer = await out.outcome()
  assert.match(answer.body, /m=text [1-9]\d* RTP\/AVP 96 97\r\na=rtpmap:96 t140\/1000/)
  await sw.event('CHANNEL_BRIDGE')
  seen.target = Number(/m=text (\d+)/.exec(answer.body)?.[1])
  await seen.packet(Buffer.from('hello'), 96, 300)
  await shown.until(1)
  assert.equal(shown.arrived[0]?.payload.toString(), 'hello')
})

test('hold of bypassed media brings the sound back for music, and the end of the hold lets it go again', async () => {
  await using sw = await startSipSwitch({
    extensions: {
      '2006': [
        'set:bypass_media=true',
        'export:bypass_media_resume_on_hold=true',
        'export:bypass_media_after_hold=true',
        'set:hold_music=tone_stream://%(60000,0,620)',
        'bridge:sofia/internal/1001%example.test',
      ],
    },
  })
  const pair = await talk(sw, '2006')
  await hear(pair, true)
  const held = await pair.out.reinvite([0, 101], 'sendonly')
  assert.equal(held.status, 200)
  assert.match(held.body, /a=recvonly/)
  await sw.event('CHANNEL_HOLD')
  const from = pair.into.rtp.arrived.length
  await until(() => cleanest(620, pair.into.rtp.heard('PCMU', 0, from)) > 0.9, 'the music')
  assert.equal((await pair.out.reinvite([0, 101], 'sendrecv')).status, 200)
  await until(async () => (await sw.sw.media.figures()).legs === 0, 'the sound to leave')
  await hear(pair, true)
  await pair.out.bye()
  await pair.into.hungUp()
  await freed(sw)
})

test('video of a caller who heard a ringback before is offered to him once the call is bridged', async () => {
  await using sw = await startSipSwitch({
    settings: videoSettings,
    extensions: {
      '2007': ['set:ringback=%(2000,4000,440)', 'bridge:sofia/internal/1001%example.test'],
    },
  })
  await using seen = await RtpPeer.open()
  await using shown = await RtpPeer.open()
  const lines = 'a=rtpmap:97 H264/90000\r\n'
  const { out, into } = await dial(sw, '2007', (port) => withVideo(port, seen.port, lines, '97'))
  into.ring()
  assert.match((await out.response(183)).body, /m=video 0 /)
  let offered = ''
  out.replies = (offer) => {
    offered = offer
    return withVideo(out.rtp.port, seen.port, lines, '97')
  }
  into.answerWith(
    withVideo(into.rtp.port, shown.port, lines, '97').replace(/m=application.*\r\n/, ''),
  )
  await out.outcome()
  await until(() => offered !== '', 'a re-INVITE with video')
  assert.match(offered, /m=audio [1-9][\s\S]*m=video [1-9]\d* RTP\/AVPF 97[\s\S]*m=application 0/)
  seen.target = Number(/m=video (\d+)/.exec(offered)?.[1])
  shown.target = Number(/m=video (\d+)/.exec(into.remoteSdp)?.[1])
  await until(async () => {
    await seen.packet(Buffer.from('there'), 97, 3000)
    await shown.packet(Buffer.from('back'), 97, 3000)
    return shown.arrived.length > 0 && seen.arrived.length > 0
  }, 'video both ways')
  await out.bye()
  await into.hungUp()
  await freed(sw)
})

test('a caller whose bypassed early sound came to nothing is answered with our own sound', async () => {
  await using sw = await startSipSwitch({
    extensions: {
      '2008': [
        'set:bypass_media=true',
        'set:continue_on_fail=true',
        'set:hangup_after_bridge=false',
        'bridge:sofia/internal/1001%example.test',
        'answer',
        'echo',
      ],
    },
  })
  const { out, into } = await dial(sw, '2008')
  into.ring(183, true)
  assert.match((await out.response(183)).body, new RegExp(`m=audio ${into.rtp.port} `))
  into.reject(486)
  const answer = await out.outcome()
  assert.equal(answer.status, 200)
  assert.doesNotMatch(answer.body, new RegExp(`m=audio ${into.rtp.port} `))
  await out.rtp.tone(700, 30)
  await out.rtp.until(20)
  assert.ok(purity(700, out.rtp.heard().slice(800)) > 0.9)
})

test('attended transfer of two bypassed calls: the two that are left hear each other', async () => {
  await using sw = await startSipSwitch({
    settings: { 'media-option': 'bypass-media-after-att-xfer' },
    extensions: {
      '100[12]': [
        'set:bypass_media=true',
        'bridge:sofia/internal/${destination_number}%example.test',
      ],
    },
  })
  const pair = await talk(sw)
  const c = await sw.phone('1002')
  await c.register()
  const second = await pair.a.call('1002')
  const third = await c.incoming()
  third.answer()
  await second.outcome()
  await until(() => sw.sw.channels.list().filter((one) => one.partner).length === 4, 'two bridges')
  const { dialog } = second
  const target = `<sip:1002@example.test?Replaces=${encodeURIComponent(`${dialog!.callId};to-tag=${dialog!.remoteTag};from-tag=${dialog!.localTag}`)}>`
  assert.equal((await pair.out.request('REFER', [['Refer-To', target]])).status, 202)
  await Promise.all([pair.out.hungUp(), second.hungUp()])
  await until(
    async () =>
      pair.into.rtp.target === third.rtp.port &&
      third.rtp.target === pair.into.rtp.port &&
      (await sw.sw.media.figures()).legs === 0,
    'the two to be told of each other',
  )
  await hear({ ...pair, out: pair.into, into: third }, true)
})

test('two re-INVITEs at once: the second waits its turn with 491', async () => {
  await using sw = await startSipSwitch({
    extensions: { '2003': ['set:bypass_media=true', 'bridge:sofia/internal/1001%example.test'] },
  })
  const pair = await talk(sw, '2003')
  let second: Promise<{ status: number }> | undefined
  pair.into.replies = () => {
    second ??= pair.into.request(
      'UPDATE',
      [['Content-Type', 'application/sdp']],
      pair.into.sdp([0]),
    )
    return pair.into.sdp()
  }
  const first = await pair.out.reinvite([0, 8])
  assert.equal(first.status, 200)
  assert.equal((await second)?.status, 491)
  pair.into.replies = undefined
  await hear(pair, true)
})
