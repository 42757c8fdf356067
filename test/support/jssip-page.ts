/** A browser with JsSIP in it: a tone for a microphone, and a coloured canvas for a camera. */
import { profileNamed } from '../../src/endpoints/sofia/profiles.ts'
import type { Chromium } from './chromium.ts'
import { type SipSwitch, startSipSwitch } from './sip-switch.ts'
import { type Page, state } from './verto-page.ts'

export function webSocketOf({ sw }: SipSwitch, protocol: 'ws' | 'wss' = 'ws'): string {
  const listeners = profileNamed(sw, 'internal')?.agent.listeners ?? []
  const port = listeners.find((listener) => listener.protocol === protocol)?.port
  return `${protocol}://127.0.0.1:${port}`
}

/** A switch for such pages and for plain phones: 9196 is an echo, 9197 a tone, 9198 rings 1002 with a tone for the caller. */
export function startWebSwitch(
  settings: Readonly<Record<string, string>> = {},
): Promise<SipSwitch> {
  return startSipSwitch({
    modules: ['mod_opus'],
    settings: {
      'ws-binding': ':0',
      'wss-binding': ':0',
      'inbound-codec-prefs': 'OPUS,G722,PCMU,PCMA,VP8,H264',
      'outbound-codec-prefs': 'OPUS,G722,PCMU,PCMA,VP8,H264',
      ...settings,
    },
    extensions: {
      9196: ['answer:', 'echo:'],
      9198: ['set:ringback=%(2000,4000,440)', 'bridge:sofia/internal/1002%example.test'],
      9197: ['answer:', 'playback:tone_stream://%(60000,0,600)'],
    },
  })
}

export interface JsSipOptions {
  readonly protocol?: 'ws' | 'wss' | undefined
  readonly bundlePolicy?: string | undefined
  /** Runs before the phone is made. */
  readonly script?: string
}

/**
 * A page with a JsSIP phone in it, registered; calls that come are answered. While `hidesSources` is true in it, its descriptions
 * name no SSRC. `again('hold')`, of 'unhold' and 'renegotiate' too, makes another offer and waits for its answer.
 */
export async function jssipPage(
  chromium: Chromium,
  sw: SipSwitch,
  user: string,
  frequency: number,
  colour?: string,
  { protocol = 'ws', bundlePolicy = 'balanced', script = '' }: JsSipOptions = {},
): Promise<Page> {
  const page = await chromium.page()
  await page.run(`(() => {${script}})()`)
  await page.run(`(() => {
    const all = window.JsSIP.default ?? window.JsSIP
    window.state = { registered: false, confirmed: false, failed: '', incoming: 0, ended: '' }
    const ua = new all.UA({
      sockets: [new all.WebSocketInterface('${webSocketOf(sw, protocol)}')],
      uri: 'sip:${user}@example.test',
      password: 'pw-${user}',
      session_timers: false,
    })
    window.ua = ua
    const stream = ${colour ? `video(${frequency}, '${colour}')` : `tone(${frequency})`}
    window.options = { mediaStream: stream, pcConfig: { iceServers: [], bundlePolicy: '${bundlePolicy}' } }
    // JsSIP passes over what is asked of it while an offer of either side is under way.
    window.again = (what) => new Promise((done, fail) => {
      const begin = () => {
        if (session.isEnded()) fail(new Error('the call is over: ' + (state.ended || state.failed)))
        else if (!session[what]({}, done)) setTimeout(begin, 50)
      }
      begin()
      session.on('ended', ({ cause }) => fail(new Error(what + ': the call ended: ' + cause)))
    })
    window.figures = () => videoFigures(session.connection)
    const watch = (session) => {
      window.session = session
      const track = (peer) => peer.addEventListener('track', ({ track, streams }) => {
        if (track.kind === 'audio') hear(streams[0] ?? new MediaStream([track]))
        else see(new MediaStream([track]))
      })
      if (session.connection) track(session.connection)
      session.on('peerconnection', ({ peerconnection }) => track(peerconnection))
      session.on('sdp', (event) => {
        if (window.hidesSources && event.originator === 'local') event.sdp = event.sdp.replace(/a=ssrc.*\\r\\n/g, '')
      })
      session.on('confirmed', () => { state.confirmed = true })
      session.on('failed', ({ cause }) => { state.failed = cause })
      session.on('ended', ({ cause }) => { state.ended = cause })
    }
    ua.on('registered', () => { state.registered = true })
    ua.on('registrationFailed', ({ cause }) => { state.failed = cause })
    ua.on('newRTCSession', ({ session, originator }) => {
      watch(session)
      if (originator !== 'remote') return
      state.incoming++
      setTimeout(() => session.answer(options), window.answersAfter ?? 0)
    })
    ua.start()
  })()`)
  await state(page, 'registered')
  return page
}

/** Runs in such a page: a call. */
export const jssipCall = (number: string) =>
  `void ua.call('sip:${number}@example.test', { ...options, eventHandlers: {} })`
