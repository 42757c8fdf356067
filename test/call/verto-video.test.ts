/** Video of browsers over Verto, by their descriptions: offered on, answered, joined, held, given up and taken up again. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { context } from '../support/dialplan.ts'
import type { FakeLeg } from '../support/fake-media.ts'
import {
  browserAnswer,
  browserSdp,
  type Message,
  VertoClient,
  withCamera,
} from '../support/verto-client.ts'
import { startVertoAndSip, vertoPort } from '../support/verto-page.ts'
import { startVerto, type VertoSwitch } from '../support/verto-switch.ts'

const dialplan = context('here', {
  other: 'bridge user/1001@example.test',
  third: 'bridge user/1002@example.test',
  ringing: 'set ringback=%(2000,4000,440); bridge user/1001@example.test',
  plain: 'novideo; bridge user/1001@example.test',
  echo: 'answer; echo',
})

const start = () => startVerto({ dialplan, codecs: 'PCMU,VP8,H264' })
const dialog = (callID: string, more: object = {}) => ({ dialogParams: { callID }, ...more })

/** The part of a description that is about video. */
const videoOf = (sdp: string) => /^m=video[\s\S]*/m.exec(sdp)?.[0] ?? ''

const offer = withCamera(browserSdp)
const answer = withCamera(browserAnswer)

function call(client: VertoClient, callID: string, to: string, sdp = offer): Promise<Message> {
  return client.call('verto.invite', {
    sdp,
    dialogParams: { callID, destination_number: to, caller_id_number: '1000' },
  })
}

/** The handshake of the sound succeeds. */
async function secure(t: VertoSwitch, callID: string): Promise<void> {
  const leg = t.media.legs.find(({ uuid }) => uuid === callID) as FakeLeg
  const suite = 'AES_CM_128_HMAC_SHA1_80'
  leg.events.emit('secured', { suite, cipher: '', role: 'active', ms: 1 })
  await t.until(() => t.sw.channels.get(callID)?.isAnswered === true)
}

/** Streams that live, by the uuid of their channel. */
function streamOf(t: VertoSwitch, uuid: string) {
  const found = t.media.streams.filter((stream) => stream.uuid === uuid && !stream.closed)
  assert.ok(found.length < 2, 'one stream of video at a time')
  return found[0]
}

const peerOf = (t: VertoSwitch, uuid: string) => streamOf(t, uuid)?.peer?.uuid

/** Vera calls Bob, who answers so; both with video unless they say otherwise. */
async function talk(
  t: VertoSwitch,
  vera: VertoClient,
  bob: VertoClient,
  sdp = answer,
  first = offer,
) {
  await call(vera, 'c1', 'other', first)
  const invite = await bob.wait('verto.invite')
  const callee = invite['callID'] as string
  await bob.call('verto.answer', dialog(callee, { sdp }))
  const answered = await vera.wait('verto.answer')
  await secure(t, 'c1')
  await t.event('CHANNEL_BRIDGE')
  return { callee, offered: invite['sdp'] as string, answered: answered['sdp'] as string }
}

describe('video over Verto', () => {
  it('is offered to the called browser as the caller has it, but for what is of its own transport', async () => {
    await using t = await start()
    using vera = await t.client('1000', 's1')
    using bob = await t.client('1001', 's2')
    const { callee, offered, answered } = await talk(t, vera, bob)
    for (const sdp of [offered, answered]) {
      const video = videoOf(sdp)
      assert.match(video, /^m=video [1-9]\d* UDP\/TLS\/RTP\/SAVPF 96 97 98\r$/m)
      for (const line of [
        'b=AS:900',
        'a=rtpmap:96 VP8/90000',
        'a=fmtp:97 apt=96',
        'a=rtcp-fb:96 nack pli',
        'a=rtcp-fb:96 ccm fir',
        'a=rtcp-fb:96 goog-remb',
        'a=rtcp-fb:96 transport-cc',
        'a=extmap:3 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time',
        'a=mid:1',
        'a=sendrecv',
        'a=rtcp-mux',
      ])
        assert.ok(video.includes(`${line}\r\n`), `${line} in\n${video}`)
      assert.doesNotMatch(video, /ssrc:77|msid:stream|ufrag:abcd|EF:EF:EF|sdes:mid/)
      assert.match(video, /^a=msid:(\w+) \1-video\r$/m)
      assert.match(sdp, new RegExp(`^a=msid:${/msid:(\w+) \w+-video/.exec(video)?.[1]} `, 'm'))
    }
    assert.equal(peerOf(t, 'c1'), callee)
    const { variables } = t.sw.channels.get('c1') ?? assert.fail()
    assert.equal(variables.get('video_media_flow'), 'sendrecv')
    assert.equal(variables.get('remote_video_media_flow'), 'sendrecv')
    assert.equal(variables.get('rtp_use_video_codec_name'), 'VP8')
    assert.equal(variables.get('video_possible'), 'true')
    await vera.call('verto.bye', dialog('c1'))
    await t.until(() => t.sw.channels.count === 0)
    assert.ok(t.media.streams.every(({ closed }) => closed))
  })

  it('that the called one refuses, an application cannot have or novideo forbids is answered with port 0, outside the group', async () => {
    await using t = await start()
    using vera = await t.client('1000', 's1')
    using bob = await t.client('1001', 's2')
    const refusal = `${browserAnswer}m=video 0 UDP/TLS/RTP/SAVPF 96\r\n`
    const refused = await talk(t, vera, bob, refusal)
    await call(vera, 'c2', 'echo')
    const alone = (await vera.wait('verto.answer'))['sdp'] as string
    for (const sdp of [refused.answered, alone]) {
      assert.match(sdp, /^m=audio [\s\S]*^m=video 0 UDP\/TLS\/RTP\/SAVPF 19\r\n$/m)
      assert.match(sdp, /^a=group:BUNDLE 0\r$/m)
    }
    assert.equal(t.sw.channels.get('c1')?.variables.get('video_media_flow'), 'inactive')
    await call(vera, 'c3', 'plain')
    const invite = await bob.wait('verto.invite')
    assert.doesNotMatch(invite['sdp'], /m=video/)
    await bob.call('verto.answer', dialog(invite['callID'], { sdp: browserAnswer }))
    assert.match((await vera.wait('verto.answer'))['sdp'], /^m=video 0 /m)
    assert.ok(t.media.streams.every(({ closed }) => closed))
  })

  it('of encodings that the profile does not name is not passed on', async () => {
    await using t = await startVerto({ dialplan, codecs: 'PCMU,VP8' })
    using vera = await t.client('1000', 's1')
    using bob = await t.client('1001', 's2')
    await call(vera, 'c1', 'other')
    const invite = await bob.wait('verto.invite')
    assert.match(videoOf(invite['sdp']), /SAVPF 96 97\r\n/)
    await call(vera, 'c2', 'other', withCamera(browserSdp, '98'))
    assert.doesNotMatch((await bob.wait('verto.invite'))['sdp'], /m=video/)
  })

  it('of a caller who is answered before the called one is foreseen, and joined when that one answers', async () => {
    await using t = await start()
    using vera = await t.client('1000', 's1')
    using bob = await t.client('1001', 's2')
    await call(vera, 'c1', 'ringing')
    const early = (await vera.wait('verto.media'))['sdp'] as string
    assert.match(videoOf(early), /^m=video [1-9]\d* UDP\/TLS\/RTP\/SAVPF 96 97\r\n/)
    const invite = await bob.wait('verto.invite')
    await bob.call('verto.answer', dialog(invite['callID'], { sdp: answer }))
    assert.equal((await vera.wait('verto.answer'))['sdp'], undefined)
    await secure(t, 'c1')
    await t.until(() => peerOf(t, 'c1') === invite['callID'])
    assert.ok(!vera.messages.some(({ method }) => method === 'verto.attach'))
  })

  it('that was foreseen in an encoding which the called one does not read is offered to the caller in another', async () => {
    await using t = await start()
    using vera = await t.client('1000', 's1')
    using bob = await t.client('1001', 's2')
    await call(vera, 'c1', 'ringing')
    await vera.wait('verto.media')
    const invite = await bob.wait('verto.invite')
    const callee = invite['callID']
    await bob.call('verto.answer', dialog(callee, { sdp: withCamera(browserAnswer, '98') }))
    await vera.wait('verto.answer')
    await secure(t, 'c1')
    const attach = await vera.wait('verto.attach')
    assert.match(videoOf(attach['sdp']), /^m=video [1-9]\d* UDP\/TLS\/RTP\/SAVPF 98\r\n/)
    const sdp = withCamera(browserAnswer, '98')
    await vera.call('verto.attach', dialog('c1', { sdp }))
    await t.until(() => peerOf(t, 'c1') === callee)
    assert.equal(t.sw.channels.get('c1')?.variables.get('rtp_use_video_codec_name'), 'H264')
  })

  it('pauses while either of the two holds, and each is asked for a whole picture when it goes on', async () => {
    await using t = await start()
    using vera = await t.client('1000', 's1')
    using bob = await t.client('1001', 's2')
    const { callee } = await talk(t, vera, bob)
    const asked = () => [streamOf(t, 'c1')?.pictures, streamOf(t, callee)?.pictures]
    assert.deepEqual(asked(), [1, 1])
    for (const [client, callID] of [
      [vera, 'c1'],
      [bob, callee],
    ] as const) {
      await client.call('verto.modify', dialog(callID, { action: 'hold' }))
      assert.equal(peerOf(t, 'c1'), undefined)
      await client.call('verto.modify', dialog(callID, { action: 'unhold' }))
      assert.equal(peerOf(t, 'c1'), callee)
    }
    assert.deepEqual(asked(), [3, 3])
    await vera.call('verto.modify', dialog('c1', { action: 'videoRefresh' }))
    assert.deepEqual(asked(), [4, 4])
  })

  it('waits for a browser that went off, which may come back without its camera', async () => {
    await using t = await start()
    using vera = await t.client('1000', 's1')
    using bob = await t.client('1001', 's2')
    const { callee } = await talk(t, vera, bob)
    await vera.close()
    assert.equal(peerOf(t, 'c1'), undefined)
    using again = await t.connect('s1')
    await again.login('1000')
    const attach = await again.wait('verto.attach')
    assert.match(videoOf(attach['sdp']), /^m=video [1-9]\d* UDP\/TLS\/RTP\/SAVPF 96 97 98\r\n/)
    await again.call('verto.attach', dialog('c1', { sdp: answer }))
    assert.equal(peerOf(t, 'c1'), callee)
    await again.close()
    using third = await t.connect('s1')
    await third.login('1000')
    await third.wait('verto.attach')
    const sdp = `${browserAnswer}m=video 0 UDP/TLS/RTP/SAVPF 96\r\n`
    await third.call('verto.attach', dialog('c1', { sdp }))
    assert.equal(streamOf(t, 'c1'), undefined)
    assert.equal(streamOf(t, callee)?.peer, undefined)
    assert.equal(t.sw.channels.get('c1')?.variables.get('video_media_flow'), 'inactive')
    assert.ok(t.sw.channels.get(callee)?.isUp)
  })

  it('that is new within the call is offered to a browser that has its own on, and refused where that has none', async () => {
    await using t = await start()
    using vera = await t.client('1000', 's1')
    using bob = await t.client('1001', 's2')
    const { callee } = await talk(t, vera, bob, browserAnswer, browserSdp)
    const update = (client: VertoClient, callID: string) =>
      client.call('verto.modify', dialog(callID, { action: 'updateMedia', sdp: offer }))
    const first = await update(vera, 'c1')
    assert.match(first['result'].sdp, /^m=video 0 /m)
    assert.equal(streamOf(t, callee), undefined)
    const second = update(bob, callee)
    const attach = await vera.wait('verto.attach')
    assert.match(attach['sdp'], /^m=video [1-9]/m)
    await vera.call('verto.attach', dialog('c1', { sdp: answer }))
    assert.match((await second)['result'].sdp, /^m=video [1-9]/m)
    await t.until(() => peerOf(t, 'c1') === callee)
  })

  it('that ends within the call leaves the other browser as it was, and begins again without asking it', async () => {
    await using t = await start()
    using vera = await t.client('1000', 's1')
    using bob = await t.client('1001', 's2')
    const { callee } = await talk(t, vera, bob)
    const update = async (sdp: string) =>
      (await vera.call('verto.modify', dialog('c1', { action: 'updateMedia', sdp })))['result'].sdp
    const without = offer.replace('BUNDLE 0 1', 'BUNDLE 0').replace('m=video 9', 'm=video 0')
    assert.match(await update(without), /^m=video 0 /m)
    assert.equal(streamOf(t, 'c1'), undefined)
    assert.equal(peerOf(t, callee), undefined)
    assert.ok(streamOf(t, callee))
    assert.match(await update(offer), /^m=video [1-9]/m)
    await t.until(() => peerOf(t, 'c1') === callee)
    assert.ok(!bob.messages.some(({ method }) => method === 'verto.attach'))
  })

  it('of the partner goes on with a third browser after an attended transfer', async () => {
    await using t = await start()
    using vera = await t.client('1000', 's1')
    using bob = await t.client('1001', 's2')
    using carl = await t.client('1002', 's3')
    const { callee } = await talk(t, vera, bob)
    await call(vera, 'c2', 'third')
    const other = (await carl.wait('verto.invite'))['callID'] as string
    await carl.call('verto.answer', dialog(other, { sdp: answer }))
    await vera.wait('verto.answer')
    await secure(t, 'c2')
    await t.until(() => peerOf(t, 'c2') === other)
    await vera.call('verto.modify', dialog('c1', { action: 'replace', replaceCallID: 'c2' }))
    await t.until(() => peerOf(t, callee) === other)
  })

  /** What a plain phone says of its picture. */
  const plain = (port: number) =>
    `m=video ${port} RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 nack pli\r\n`

  it('of a browser is plain RTP for a telephone, and encrypted again for the browser', async () => {
    await using sw = await startVertoAndSip()
    using vera = await VertoClient.loggedIn(vertoPort(sw), '1001', 's1')
    const phone = await sw.phone('1002')
    await phone.register()
    const incoming = phone.incoming()
    await call(vera, 'c1', '1002')
    const called = await incoming
    const offered = videoOf(called.remoteSdp)
    assert.match(offered, /^m=video [1-9]\d* RTP\/AVP 96 97 98\r\nb=AS:900\r\n/)
    assert.match(offered, /^a=rtcp-fb:96 nack pli\r$/m)
    assert.doesNotMatch(called.remoteSdp, /ice-|fingerprint|setup|a=mid|BUNDLE/)
    called.answerWith(`${called.sdp([0])}${plain(40_000)}`)
    const answered = (await vera.wait('verto.answer'))['sdp'] as string
    assert.match(
      videoOf(answered),
      /^m=video [1-9]\d* UDP\/TLS\/RTP\/SAVPF 96\r\n[\s\S]*fingerprint/,
    )
    // One port for all of the browser, two for the phone.
    assert.match(answered, /^a=group:BUNDLE 0 1\r$/m)
    const { streams, portsInUse } = await sw.sw.media.figures()
    assert.deepEqual([streams, portsInUse], [2, 3])
    await vera.call('verto.bye', dialog('c1'))
    await called.hungUp()
    await sw.until(() => sw.sw.channels.count === 0)
    assert.equal((await sw.sw.media.figures()).portsInUse, 0)
  })

  it('of a telephone is offered to a browser, whose camera it cannot switch on later', async () => {
    await using sw = await startVertoAndSip()
    using vera = await VertoClient.loggedIn(vertoPort(sw), '1001', 's1')
    const phone = await sw.phone('1002')
    const outgoing = await phone.call('2001', {
      body: (port) => `${plainSound(port)}${plain(40_000)}`,
    })
    const invite = await vera.wait('verto.invite')
    assert.match(videoOf(invite['sdp']), /^m=video [1-9]\d* UDP\/TLS\/RTP\/SAVPF 96\r\n/)
    assert.match(invite['sdp'], /^a=group:BUNDLE 0 1\r$/m)
    await vera.call('verto.answer', dialog(invite['callID'], { sdp: browserAnswer }))
    assert.match((await outgoing.outcome()).body, /^m=video 0 RTP\/AVP 19\r$/m)
    await sw.event('CHANNEL_BRIDGE')
    const again = await outgoing.reinviteWith(`${plainSound(outgoing.rtp.port)}${plain(40_000)}`)
    assert.equal(again.status, 200)
    assert.match(again.body, /^m=video 0 /m)
    assert.ok(!vera.messages.some(({ method }) => method === 'verto.attach'))
    await outgoing.bye()
    await sw.until(() => sw.sw.channels.count === 0)
  })

  it('that a browser begins within the call is offered to the telephone, which may end it and begin it again', async () => {
    await using sw = await startVertoAndSip()
    using vera = await VertoClient.loggedIn(vertoPort(sw), '1001', 's1')
    const phone = await sw.phone('1002')
    const outgoing = await phone.call('2001', { body: plainSound })
    const callID = (await vera.wait('verto.invite'))['callID'] as string
    await vera.call('verto.answer', dialog(callID, { sdp: browserAnswer }))
    await outgoing.outcome()
    await sw.event('CHANNEL_BRIDGE')
    const said = (port: number) => `${plainSound(outgoing.rtp.port)}${plain(port)}`
    let offered = ''
    outgoing.replies = (body) => {
      offered = body
      return said(40_000)
    }
    const update = { action: 'updateMedia', sdp: offer }
    const { result } = await vera.call('verto.modify', dialog(callID, update))
    assert.match(videoOf(offered), /^m=video [1-9]\d* RTP\/AVP 96 97 98\r\n/)
    assert.match(videoOf(result.sdp), /^m=video [1-9]\d* UDP\/TLS\/RTP\/SAVPF 96\r\n/)
    assert.match((await outgoing.reinviteWith(said(0))).body, /^m=video 0 /m)
    assert.equal((await sw.sw.media.figures()).streams, 1)
    assert.match((await outgoing.reinviteWith(said(40_000))).body, /^m=video [1-9]\d* RTP\/AVP /m)
    assert.equal((await sw.sw.media.figures()).streams, 2)
    assert.ok(!vera.messages.some(({ method }) => method === 'verto.attach'))
    await outgoing.bye()
    await sw.until(() => sw.sw.channels.count === 0)
    assert.equal((await sw.sw.media.figures()).portsInUse, 0)
  })
})

const plainSound = (port: number) =>
  `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio ${port} RTP/AVP 0\r\n`
