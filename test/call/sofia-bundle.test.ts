/** Browsers whose m= lines share one port (BUNDLE, RFC 9143) in calls by SIP: what is said, and what then goes where. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { SessionDescription } from '../../src/sdp/description.ts'
import { parseSdp } from '../../src/sdp/parse.ts'
import { readWebRtc } from '../../src/sdp/webrtc.ts'
import { newIdentity } from '../support/dtls.ts'
import { freePorts } from '../support/ports.ts'
import { eventually } from '../support/programs.ts'
import { RtpPeer } from '../support/rtp-peer.ts'
import { type SipSwitch, startSipSwitch } from '../support/sip-switch.ts'
import { WebPeer } from '../support/web-peer.ts'
import { rtp } from '../support/wire.ts'

const peers: WebPeer[] = []
after(() => {
  for (const peer of peers) peer.close()
})

async function webPeer(): Promise<WebPeer> {
  const peer = await WebPeer.open(newIdentity())
  peers.push(peer)
  return peer
}

function webSwitch(more: Readonly<Record<string, string>> = {}): Promise<SipSwitch> {
  return startSipSwitch({
    settings: { 'inbound-codec-prefs': 'PCMU,VP8', 'outbound-codec-prefs': 'PCMU,VP8', ...more },
    extensions: {
      200: ['export:nolocal:media_webrtc=true', 'bridge:sofia/internal/1001%example.test'],
    },
  })
}

interface Line {
  readonly kind: 'audio' | 'video'
  readonly mid: string
  /** `only`: bundle-only; `bare`: on the port, with ICE and DTLS as another says; `off`: port 0. */
  readonly way?: 'own' | 'only' | 'bare' | 'off'
  readonly formats?: string
}

const codecs = { audio: '0 97', video: '96' }

/** What a browser says that has this peer's transport, and begins with DTLS. */
function webSdp(peer: WebPeer, group: string, ...lines: readonly Line[]): string {
  const { port, ufrag, password, fingerprints } = peer.here
  const [print] = fingerprints
  return [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    ...(group === '' ? [] : [`a=group:BUNDLE ${group}`]),
    ...lines.flatMap(({ kind, mid, way = 'own', formats = codecs[kind] }) => [
      `m=${kind} ${way === 'own' || way === 'bare' ? port : 0} UDP/TLS/RTP/SAVPF ${formats}`,
      'c=IN IP4 127.0.0.1',
      `a=mid:${mid}`,
      ...(way === 'only' ? ['a=bundle-only'] : []),
      ...(way === 'own'
        ? [
            `a=ice-ufrag:${ufrag}`,
            `a=ice-pwd:${password}`,
            `a=fingerprint:${print?.algorithm} ${print?.value}`,
            'a=setup:active',
          ]
        : []),
      'a=rtcp-mux',
      kind === 'audio' ? 'a=rtpmap:97 telephone-event/8000' : `a=rtpmap:${formats} VP8/90000`,
    ]),
    '',
  ].join('\r\n')
}

const plainVideo = (sound: number, picture: number, type = '96') =>
  `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio ${sound} RTP/AVP 0\r\nm=video ${picture} RTP/AVP ${type}\r\na=rtpmap:${type} VP8/90000\r\n`

/** Our group, and the ports of our m= lines. */
function said(text: string): {
  group: string | undefined
  ports: number[]
  all: SessionDescription
} {
  const all = parseSdp(text)
  const group = /^a=group:BUNDLE (.*)\r$/m.exec(text)?.[1]
  return { group, ports: all.media.map(({ port }) => port), all }
}

/** Makes for the port that we have said. */
async function connect(peer: WebPeer, session: SessionDescription, index: number): Promise<void> {
  const section = session.media[index]
  assert.ok(section)
  const { ufrag = '', password = '', fingerprints, setup } = readWebRtc(section, session)
  assert.equal(setup, 'passive')
  await peer.connect({ port: section.port, ufrag, password, fingerprints })
}

const sound = (sequence: number) =>
  Buffer.concat([rtp(0, sequence, '', 7), Buffer.alloc(160, 0xd5)])

test('sound and picture come by one TCP connection where the profile has a port for it (ice-tcp-port)', async () => {
  const port = await freePorts(8)
  await using sw = await webSwitch({ 'ice-tcp-port': String(port) })
  await using seen = await RtpPeer.open()
  const web = await webPeer()
  const [a, b] = [await sw.phone('1000'), await sw.phone('1001')]
  await b.register()
  const offer = webSdp(
    web,
    'a v',
    { kind: 'audio', mid: 'a' },
    { kind: 'video', mid: 'v', way: 'only' },
  )
  const out = await a.call('1001', { body: () => offer })
  const into = await b.incoming()
  assert.doesNotMatch(into.incoming?.request.body ?? '', / TCP /, 'a phone is not told of it')
  into.answerWith(plainVideo(into.rtp.port, seen.port))
  const { body } = await out.outcome()
  const candidate = /^a=candidate:\d+ 1 TCP \d+ 127\.0\.0\.1 (\d+) typ host tcptype passive\r$/m
  const tcpPort = Number(candidate.exec(body)?.[1])
  assert.ok(tcpPort >= port, body)
  await sw.event('CHANNEL_BRIDGE')
  await web.dial(tcpPort)
  await connect(web, said(body).all, 0)
  web.send(rtp(96, 5, 'a picture', 0xaaaa0001))
  for (let i = 0; i < 5; i++) web.send(sound(i))
  await seen.until(1)
  await into.rtp.until(5)
  assert.equal(seen.arrived[0]?.payload.toString(), 'a picture')
  await out.bye()
  await sw.until(() => sw.sw.channels.count === 0)
})

test('the picture stands first and the sound is bundle-only: one port; then the first is given up, and the sound goes on', async () => {
  await using sw = await webSwitch()
  await using seen = await RtpPeer.open()
  const web = await webPeer()
  const [a, b] = [await sw.phone('1000'), await sw.phone('1001')]
  await b.register()
  const offer = webSdp(
    web,
    'v a',
    { kind: 'video', mid: 'v' },
    { kind: 'audio', mid: 'a', way: 'only' },
  )
  const out = await a.call('1001', { body: () => offer })
  const into = await b.incoming()
  into.answerWith(plainVideo(into.rtp.port, seen.port))
  const { group, ports, all } = said((await out.outcome()).body)
  assert.equal(group, 'v a')
  assert.equal(ports[0], ports[1])
  await sw.event('CHANNEL_BRIDGE')
  assert.equal((await sw.sw.media.figures()).portsInUse, 3)
  await connect(web, all, 1)
  web.send(rtp(96, 5, 'a picture', 0xaaaa0001))
  for (let i = 0; i < 5; i++) web.send(sound(i))
  await seen.until(1)
  await into.rtp.until(5)
  assert.equal(seen.arrived[0]?.payload.toString(), 'a picture')
  into.replies = () => `${into.sdp([0])}m=video 0 RTP/AVP 96\r\n`
  const less = await out.reinviteWith(
    webSdp(web, 'a', { kind: 'video', mid: 'v', way: 'off' }, { kind: 'audio', mid: 'a' }),
  )
  const later = said(less.body)
  assert.equal(later.group, 'a')
  assert.deepEqual(later.ports, [0, ports[1]])
  await eventually('the streams to close', async () => (await sw.sw.media.figures()).streams === 0)
  for (let i = 5; i < 10; i++) web.send(sound(i))
  await into.rtp.until(10)
  await out.bye()
  await sw.until(() => sw.sw.channels.count === 0)
  assert.equal((await sw.sw.media.figures()).portsInUse, 0)
})

test('we offer a browser ports of their own in one group: it takes one for both, and each hears and sees the other', async () => {
  await using sw = await webSwitch()
  const [anna, bert] = [await webPeer(), await webPeer()]
  const [a, b] = [await sw.phone('1000'), await sw.phone('1001')]
  await b.register()
  const lines = [
    { kind: 'audio', mid: '0' },
    { kind: 'video', mid: '1', way: 'bare' },
  ] as const
  const out = await a.call('200', { body: () => webSdp(anna, '0 1', ...lines) })
  const into = await b.incoming()
  const offered = said(into.remoteSdp)
  assert.equal(offered.group, '0 1')
  assert.notEqual(offered.ports[0], offered.ports[1])
  into.answerWith(webSdp(bert, '0 1', ...lines))
  const answered = said((await out.outcome()).body)
  assert.equal(answered.group, '0 1')
  assert.equal(answered.ports[0], answered.ports[1])
  await sw.event('CHANNEL_BRIDGE')
  const { legs, streams, portsInUse } = await sw.sw.media.figures()
  assert.deepEqual([legs, streams, portsInUse], [2, 2, 2])
  const arrived = { anna: [] as Buffer[], bert: [] as Buffer[] }
  anna.packet = (packet) => arrived.anna.push(Buffer.from(packet))
  bert.packet = (packet) => arrived.bert.push(Buffer.from(packet))
  const section = offered.all.media[0]
  assert.ok(section)
  const { ufrag = '', password = '', fingerprints } = readWebRtc(section, offered.all)
  await Promise.all([
    connect(anna, answered.all, 0),
    bert.connect({ port: section.port, ufrag, password, fingerprints }),
  ])
  const types = (packets: readonly Buffer[]) => new Set(packets.map((packet) => packet[1]! & 0x7f))
  let sequence = 0
  await eventually('sound and pictures on both sides', () => {
    sequence++
    for (const [peer, ssrc] of [
      [anna, 0xaaaa0001],
      [bert, 0xbbbb0001],
    ] as const) {
      peer.send(rtp(96, sequence, 'a picture', ssrc))
      peer.send(sound(sequence))
    }
    return [arrived.anna, arrived.bert].every((list) => types(list).has(96) && types(list).has(0))
  })
  assert.match(await sw.api(`media why ${sw.channel('1000@example.test').uuid}`), /\(BUNDLE\)/)
  await out.bye()
  await sw.until(() => sw.sw.channels.count === 0)
  assert.equal((await sw.sw.media.figures()).portsInUse, 0)
})

test('a browser that takes the group apart has a port for each', async () => {
  await using sw = await webSwitch()
  const [anna, bert, second] = [await webPeer(), await webPeer(), await webPeer()]
  const [a, b] = [await sw.phone('1000'), await sw.phone('1001')]
  await b.register()
  const [audio, video] = [
    { kind: 'audio', mid: '0' },
    { kind: 'video', mid: '1' },
  ] as const
  const out = await a.call('200', { body: () => webSdp(anna, '0 1', audio, video) })
  const into = await b.incoming()
  const picture = webSdp(second, '', video).split(/(?=m=video)/)[1]
  into.answerWith(`${webSdp(bert, '0', audio)}${picture}`)
  assert.equal(said((await out.outcome()).body).group, '0 1')
  await sw.event('CHANNEL_BRIDGE')
  assert.equal((await sw.sw.media.figures()).portsInUse, 3)
  await out.bye()
  await sw.until(() => sw.sw.channels.count === 0)
})

for (const { way, ports, group } of [
  { way: 'own', ports: 'apart', group: '0' },
  { way: 'only', ports: 'refused', group: '0' },
] as const)
  test(`a picture (${way}) that is to come under a number of the sound's cannot share its port: it is ${ports}`, async () => {
    await using sw = await webSwitch()
    await using seen = await RtpPeer.open()
    const web = await webPeer()
    const [a, b] = [await sw.phone('1000'), await sw.phone('1001')]
    await b.register()
    const offer = webSdp(web, '0 1', { kind: 'audio', mid: '0' }, { kind: 'video', mid: '1', way })
    const out = await a.call('1001', { body: () => offer })
    const into = await b.incoming()
    into.answerWith(plainVideo(into.rtp.port, seen.port, '97'))
    const answered = said((await out.outcome()).body)
    assert.equal(answered.group, group)
    assert.equal(answered.ports[1] === 0, ports === 'refused')
    assert.notEqual(answered.ports[1], answered.ports[0])
    await out.bye()
    await sw.until(() => sw.sw.channels.count === 0)
  })
