/** A browser with a phone of Verto in it that has a tone for a microphone and a coloured canvas for a camera; and a switch for such phones and SIP. */
import { vertoOf } from '../../src/endpoints/verto/verto.ts'
import { browserMs, type Chromium } from './chromium.ts'
import { eventually } from './programs.ts'
import { type SipSwitch, type SipSwitchOptions, startSipSwitch } from './sip-switch.ts'

export type Page = Awaited<ReturnType<Chromium['page']>>

/** What `Chromium.launch` is to put into its pages. */
export const vertoScripts = { VertoLine: './src/web/verto.js' }

const codecs = 'OPUS,PCMU,PCMA,VP8,H264'

/** A switch of users 1000–1009, whom 10xx calls by SIP and 20xx by Verto; `further` as for SIP alone. */
export function startVertoAndSip(further: SipSwitchOptions = {}): Promise<SipSwitch> {
  return startSipSwitch({
    ...further,
    modules: ['mod_opus', 'mod_verto', ...(further.modules ?? [])],
    settings: {
      'ws-binding': ':0',
      'inbound-codec-prefs': codecs,
      'outbound-codec-prefs': codecs,
      ...further.settings,
    },
    userParams: () => ({ 'jsonrpc-allowed-methods': 'verto' }),
    configuration: `<configuration name="verto.conf"><settings/><profiles>
<profile name="main"><param name="bind-local" value="127.0.0.1:0"/><param name="rtp-ip" value="127.0.0.1"/>
<param name="context" value="default"/><param name="outbound-codec-string" value="${codecs}"/></profile>
</profiles></configuration>${further.configuration ?? ''}`,
    extensions: {
      '20(0[0-9])': ['bridge:verto.rtc/10$1@example.test'],
      9196: ['answer', 'echo'],
      ...further.extensions,
    },
  })
}

export function vertoPort({ sw }: SipSwitch): number {
  return vertoOf(sw)?.profiles[0]?.bindings[0]?.server?.port ?? 0
}

/**
 * A page with such a phone in it, signed in; calls that come are answered, once the promise `mayAnswer` is kept where there is one. `dial(number)`, `modify(action, more)`, `update()` (offers
 * what its tracks are by now), `lose()` (its socket) and `hangUp()` are its keys; `state` and `figures()` tell what became of it.
 */
export async function vertoPage(
  chromium: Chromium,
  sw: SipSwitch,
  user: string,
  frequency: number,
  colour?: string,
): Promise<Page> {
  const page = await chromium.page()
  await page.run(`(() => {
    window.state = { signedIn: false, media: 0, answered: 0, incoming: 0, attached: 0, ended: '', failed: '' }
    const sockets = []
    window.WebSocket = class extends WebSocket {
      constructor(url) {
        super(url)
        sockets.push(this)
      }
    }
    const line = new VertoLine.Verto('ws://127.0.0.1:${vertoPort(sw)}/', 'session-${user}')
    window.line = line
    window.stream = ${colour ? `video(${frequency}, '${colour}')` : `tone(${frequency})`}
    let connection
    let id
    const dialog = (more) => ({ dialogParams: { callID: id, ...more } })
    const fail = (fault) => { state.failed = String(fault.message ?? fault) }
    const gathered = (peer) => new Promise((resolve) => {
      const look = () => peer.iceGatheringState === 'complete' && resolve(peer.localDescription.sdp)
      peer.addEventListener('icegatheringstatechange', look)
      look()
    })
    const connect = () => {
      connection?.close()
      connection = new RTCPeerConnection({ iceServers: [] })
      window.connection = connection
      for (const track of stream.getTracks()) connection.addTrack(track, stream)
      connection.ontrack = ({ track, streams }) => {
        if (track.kind === 'audio') hear(streams[0] ?? new MediaStream([track]))
        else see(new MediaStream([track]))
      }
      return connection
    }
    const offer = async (peer) => {
      await peer.setLocalDescription(await peer.createOffer())
      return gathered(peer)
    }
    const answer = async (sdp, method) => {
      const peer = connect()
      state.offered = sdp
      await peer.setRemoteDescription({ type: 'offer', sdp })
      await peer.setLocalDescription(await peer.createAnswer())
      await line.call(method, { sdp: await gathered(peer), ...dialog() })
    }
    window.dial = async (number) => {
      id = crypto.randomUUID()
      const sdp = await offer(connect())
      await line.call('verto.invite', { sdp, ...dialog({ destination_number: number, caller_id_number: '${user}' }) })
    }
    window.modify = (action, more = {}) => line.call('verto.modify', { action, ...more, ...dialog() })
    window.update = async () => {
      const { sdp } = await modify('updateMedia', { sdp: await offer(connection) })
      state.updated = sdp
      await connection.setRemoteDescription({ type: 'answer', sdp })
    }
    window.hangUp = () => line.call('verto.bye', dialog())
    window.figures = () => videoFigures(connection)
    // The socket is lost; the line opens another one.
    window.lose = () => sockets.at(-1).close()
    const on = (name, run) => line.addEventListener(name, ({ detail }) => void Promise.resolve(run(detail)).catch(fail))
    const described = async ({ sdp }) => {
      if (!sdp) return
      state.answer = sdp
      await connection.setRemoteDescription({ type: 'answer', sdp })
    }
    on('verto.media', async (detail) => { await described(detail); state.media++ })
    on('verto.answer', async (detail) => { await described(detail); state.answered++ })
    on('verto.invite', async ({ callID, sdp }) => {
      id = callID
      state.incoming++
      await window.mayAnswer
      await answer(sdp, 'verto.answer')
      state.answered++
    })
    on('verto.attach', async ({ callID, sdp }) => {
      id = callID
      await answer(sdp, 'verto.attach')
      state.attached++
    })
    on('verto.bye', ({ cause }) => { state.ended = cause })
    line.signIn('${user}@example.test', 'pw-${user}').then(() => { state.signedIn = true }, fail)
  })()`)
  await state(page, 'signedIn')
  return page
}

/** Waits until the page has that state, or more of it than `before`. */
export async function state(page: Page, name: string, before = 0): Promise<unknown> {
  return eventually(
    `the page's ${name}`,
    async () => {
      const now = await page.run<unknown>(`window.state.${name}`)
      return typeof now === 'number' ? now > before && now : now
    },
    browserMs,
    async () => [await page.run('window.state'), page.log.slice(-5)],
  )
}

/** Waits until the page hears that tone above all else. */
export async function hears(page: Page, frequency: number): Promise<void> {
  let last: unknown
  await eventually(
    `${frequency} Hz in what the browser hears`,
    async () => {
      const now = await page.run<{ frequency: number; level: number }>('heard()')
      last = now
      return Math.abs(now.frequency - frequency) < 8 && now.level > -60
    },
    browserMs,
    async () => [last, await page.run('window.state'), page.log.slice(-5)],
  )
}

/** Waits until the page sees a picture whose corner has that colour, and which goes on. */
export async function sees(page: Page, colour: readonly number[]): Promise<void> {
  let last: unknown
  const from = await framesOf(page)
  await eventually(
    `a picture of ${colour.join()}`,
    async () => {
      const now = await page.run<{ width: number; colour: number[] }>('seen()')
      last = now
      const isIt =
        now.width > 0 && colour.every((part, i) => Math.abs(part - (now.colour[i] ?? 0)) < 60)
      return isIt && (await framesOf(page)) > from + 3
    },
    browserMs,
    async () => [last, await page.run('window.state'), page.log.slice(-5)],
  )
}

/** Pictures that the page has decoded on its present connection. */
export async function framesOf(page: Page): Promise<number> {
  const all = await page.run<{ in: { framesDecoded?: number } } | undefined>('window.figures?.()')
  return all?.in.framesDecoded ?? 0
}
