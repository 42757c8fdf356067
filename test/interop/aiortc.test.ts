/** Legs against aiortc, which has ICE, DTLS (by OpenSSL) and SRTP of its own: either side offers, ICE full and lite, several codecs. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { coreCodecs } from '../../src/codecs/index.ts'
import { type IceMode, WebRtcSide } from '../../src/core/webrtc-side.ts'
import type { LegSettings, MediaEngine, MediaLeg } from '../../src/media/engine.ts'
import { acceptAnswer } from '../../src/sdp/accept-answer.ts'
import { answer } from '../../src/sdp/answer.ts'
import { chooseCodecs, type KnownCodec, parseCodecList } from '../../src/sdp/codec-string.ts'
import { makeOffer } from '../../src/sdp/offer.ts'
import { parseSdp } from '../../src/sdp/parse.ts'
import type { MediaTerms } from '../../src/sdp/terms.ts'
import { SdpOrigin } from '../../src/sdp/write.ts'
import { next, settings, startEngine } from '../support/media.ts'
import { eventually, root } from '../support/programs.ts'
import { startSipSwitch } from '../support/sip-switch.ts'
import { patienceMs } from '../support/until.ts'

const python = '/usr/bin/python3'
const skip =
  !existsSync('/usr/lib/python3/dist-packages/aiortc') &&
  'aiortc is not installed (apt-get install python3-aiortc)'

interface Message {
  readonly type?: string
  readonly sdp?: string
  readonly heard?: number
  readonly seen?: readonly number[]
  readonly state?: string
}

class AioRtc implements AsyncDisposable {
  readonly said: Message[] = []
  readonly #child: ChildProcess
  #errors = ''

  constructor(frequency: number, colour?: readonly number[]) {
    const script = join(root, 'test/interop/aiortc-peer.py')
    this.#child = spawn(python, [script, String(frequency), ...(colour ? [colour.join()] : [])])
    const { stdout, stderr } = this.#child
    if (!stdout || !stderr) throw new Error('no pipes')
    createInterface(stdout).on('line', (line) => this.said.push(JSON.parse(line) as Message))
    stderr.on('data', (text: Buffer) => {
      this.#errors += text.toString()
    })
  }

  tell(message: object): void {
    this.#child.stdin?.write(`${JSON.stringify(message)}\n`)
  }

  until(what: string, passes: (message: Message) => boolean): Promise<Message> {
    return eventually(
      what,
      () => this.said.find(passes),
      2 * patienceMs,
      () => [this.said.slice(-5), this.#errors.slice(-2000)],
    )
  }

  /** Waits until it has told of two more pictures. */
  seesMore(): Promise<unknown> {
    const count = () => this.said.filter(({ seen }) => seen !== undefined).length
    const before = count()
    return eventually('more pictures', () => count() > before + 1, 2 * patienceMs, count)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((done) => this.#child.once('exit', done))
    this.tell({ close: true })
    this.#child.stdin?.end()
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 3000)
    await ended
    clearTimeout(timer)
  }
}

function sideOf(engine: MediaEngine, mode: IceMode): WebRtcSide {
  return new WebRtcSide({ uuid: 'aiortc', fingerprint: engine.dtlsFingerprint, mode })
}

function codecsOf(list: string) {
  return chooseCodecs(parseCodecList(list).wishes, coreCodecs as readonly KnownCodec[]).codecs
}

function apply(leg: MediaLeg, terms: MediaTerms, security: Pick<LegSettings, 'ice' | 'dtls'>) {
  leg.configure({
    ...settings(terms.remotePort),
    send: terms.send,
    receive: terms.receive,
    remoteAddress: terms.remoteAddress,
    rtcpMux: terms.rtcpMux,
    rtcpIntervalMs: 500,
    latch: false,
    ...security,
  })
}

const common = { telephoneEvent: 101, comfortNoise: undefined }

for (const mode of ['lite', 'full'] as const)
  for (const offers of ['they', 'we'] as const)
    test(`ICE ${mode}, ${offers} offer: keys, and a tone both ways`, { skip }, async () => {
      await using engine = await startEngine()
      await using peer = new AioRtc(440)
      const leg = await engine.openLeg({ uuid: 'aiortc', address: '127.0.0.1', ssrc: 0x1234 })
      const side = sideOf(engine, mode)
      const local = { address: '127.0.0.1', port: leg.localPort, ssrc: 0x1234 }
      const ours = { origin: new SdpOrigin(), address: '127.0.0.1', port: leg.localPort, ...common }
      // It comes after all that the other side, which starts slowly, has to say.
      const secured = next(leg, 'secured', 3 * patienceMs)
      secured.catch(() => undefined)
      if (offers === 'they') {
        peer.tell({ offer: true })
        const { sdp = '' } = await peer.until('an offer', ({ type }) => type === 'offer')
        const remote = parseSdp(sdp)
        const made = answer(remote, {
          ...ours,
          sessionAttributes: side.sessionAttributes,
          codecs: codecsOf('PCMU,PCMA'),
          negotiation: 'greedy',
          accept: (section) => side.answer(section, remote, local)?.attributes,
        })
        assert.ok(made !== 'no common codec')
        apply(leg, made.terms, side.settings(made.terms.section, remote))
        peer.tell({ type: 'answer', sdp: made.text })
      } else {
        const { attributes, ...more } = side.offer(local, 'audio')
        const offer = makeOffer({
          ...ours,
          ...more,
          attributes: ['mid:0', ...attributes],
          codecs: codecsOf('PCMA,PCMU'),
          rtcpMux: true,
          isDirectionShown: true,
        })
        peer.tell({ type: 'offer', sdp: offer.text })
        const { sdp = '' } = await peer.until('an answer', ({ type }) => type === 'answer')
        const remote = parseSdp(sdp)
        const terms = acceptAnswer(offer, remote)
        assert.ok(typeof terms === 'object')
        apply(leg, terms, side.settings(terms.section, remote))
      }
      const { suite } = await secured
      assert.match(suite, /^A/)
      const playback = leg.play({ paths: ['tone_stream://%(60000,0,620)'] })
      await peer.until('620 Hz', ({ heard = 0 }) => Math.abs(heard - 620) < 5)
      await peer.until('connected', ({ state }) => state === 'connected')
      // What it sends comes back to it by an echo.
      playback.stop()
      leg.echo(0)
      await peer.until('440 Hz', ({ heard = 0 }) => Math.abs(heard - 440) < 5)
      await eventually('its report', async () => (await leg.stats()).rtcpPackets > 0)
      const { webrtc, drops } = (await leg.describe()) ?? {}
      assert.equal(webrtc?.ice?.state, 'connected')
      assert.equal(webrtc.ice.mode, mode)
      assert.equal(webrtc.dtls?.state, 'connected')
      assert.deepEqual(
        Object.keys(drops ?? {}).filter((why) => /SRTP|DTLS|STUN/.test(why)),
        [],
      )
      await leg.close()
    })

function isColour(seen: readonly number[] | undefined, colour: readonly number[]): boolean {
  return seen !== undefined && colour.every((part, i) => Math.abs(part - (seen[i] ?? 0)) < 40)
}

test('two of them, which always bundle, hear and see each other: one port each', {
  skip,
}, async () => {
  await using sw = await startSipSwitch({
    settings: { 'inbound-codec-prefs': 'PCMU,VP8', 'outbound-codec-prefs': 'PCMU,VP8' },
    extensions: {
      200: ['export:nolocal:media_webrtc=true', 'bridge:sofia/internal/1001%example.test'],
    },
  })
  const [red, blue] = [
    [200, 30, 30],
    [30, 30, 200],
  ]
  await using anna = new AioRtc(440, red)
  await using bert = new AioRtc(620, blue)
  const [a, b] = [await sw.phone('1000'), await sw.phone('1001')]
  await b.register()
  anna.tell({ offer: true })
  const { sdp: offer = '' } = await anna.until('an offer', ({ type }) => type === 'offer')
  const out = await a.call('200', { body: () => offer })
  const into = await b.incoming()
  bert.tell({ type: 'offer', sdp: into.remoteSdp })
  const { sdp: answered = '' } = await bert.until('an answer', ({ type }) => type === 'answer')
  into.answerWith(answered)
  anna.tell({ type: 'answer', sdp: (await out.outcome()).body })
  await anna.until('620 Hz', ({ heard = 0 }) => Math.abs(heard - 620) < 5)
  await bert.until('440 Hz', ({ heard = 0 }) => Math.abs(heard - 440) < 5)
  await anna.until('blue', ({ seen }) => isColour(seen, blue))
  await bert.until('red', ({ seen }) => isColour(seen, red))
  const { portsInUse, streams, dropped } = await sw.sw.media.figures()
  assert.deepEqual([portsInUse, streams], [2, 2])
  // One may have begun before the other was there; from now on each packet is known.
  await Promise.all([anna.seesMore(), bert.seesMore()])
  const { dropped: now } = await sw.sw.media.figures()
  assert.deepEqual(
    Object.keys(now).filter(
      (why) =>
        /SRTP|DTLS|STUN|bundle/.test(why) || (/payload/.test(why) && now[why] !== dropped[why]),
    ),
    [],
  )
  await out.bye()
  await sw.until(() => sw.sw.channels.count === 0)
})
