/** A browser as far as Verto's server sees it: a WebSocket that speaks JSON-RPC, and the description of a microphone. */
import { once } from 'node:events'
import { WebSocket } from 'ws'
import { patienceMs } from './until.ts'

// biome-ignore lint/suspicious/noExplicitAny: a test knows what it expects, and fails where it is not there
export type Message = Record<string, any>

/** What a browser offers; its port is nobody's. */
export const browserSdp = [
  'v=0',
  'o=- 1 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=group:BUNDLE 0',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111 0 126',
  'c=IN IP4 127.0.0.1',
  'a=rtcp:9 IN IP4 0.0.0.0',
  'a=candidate:1 1 udp 2113937151 127.0.0.1 9 typ host generation 0',
  'a=ice-ufrag:abcd',
  'a=ice-pwd:abcdefghijklmnopqrstuvwx',
  `a=fingerprint:sha-256 ${Array(32).fill('AB').join(':')}`,
  'a=setup:actpass',
  'a=mid:0',
  'a=sendrecv',
  'a=rtcp-mux',
  'a=rtpmap:111 opus/48000/2',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:126 telephone-event/8000',
  '',
].join('\r\n')

/** The same as the answer to an offer. */
export const browserAnswer = browserSdp.replace('setup:actpass', 'setup:active')

/** The same with a camera beside the microphone, on the same port; `formats` are the numbers of VP8 with its repetition, and H264. */
export function withCamera(
  sdp: string,
  formats = '96 97 98',
  more: readonly string[] = [],
  direction = 'sendrecv',
): string {
  const about = [
    'rtpmap:96 VP8/90000',
    'rtcp-fb:96 nack pli',
    'rtcp-fb:96 ccm fir',
    'rtcp-fb:96 goog-remb',
    'rtcp-fb:96 transport-cc',
    'rtpmap:97 rtx/90000',
    'fmtp:97 apt=96',
    'rtpmap:98 H264/90000',
    'fmtp:98 packetization-mode=1',
    'rtcp-fb:98 nack pli',
  ].filter((line) => formats.split(' ').includes(/:(\d+)/.exec(line)?.[1] ?? ''))
  const video = [
    `m=video 9 UDP/TLS/RTP/SAVPF ${formats}`,
    'c=IN IP4 127.0.0.1',
    'b=AS:900',
    'a=ice-ufrag:abcd',
    'a=ice-pwd:abcdefghijklmnopqrstuvwx',
    `a=fingerprint:sha-256 ${Array(32).fill('EF').join(':')}`,
    `a=setup:${/setup:(\w+)/.exec(sdp)?.[1]}`,
    'a=mid:1',
    'a=extmap:3 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time',
    'a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid',
    `a=${direction}`,
    'a=rtcp-mux',
    ...about.map((line) => `a=${line}`),
    ...more,
    'a=msid:stream track',
    'a=ssrc:77 cname:me',
    '',
  ].join('\r\n')
  return sdp.replace('BUNDLE 0', 'BUNDLE 0 1') + video
}

export class VertoClient implements Disposable {
  readonly socket: WebSocket
  readonly sessid: string | undefined
  /** Everything that came and nobody has waited for. */
  readonly messages: Message[] = []
  /** Texts that are no JSON. */
  readonly texts: string[] = []
  isClosed = false
  #id = 0
  readonly #watchers = new Set<() => void>()

  private constructor(socket: WebSocket, sessid: string | undefined) {
    this.socket = socket
    this.sessid = sessid
    socket.on('message', (data) => {
      const text = String(data)
      try {
        this.messages.push(JSON.parse(text))
      } catch {
        this.texts.push(text)
      }
      for (const watcher of this.#watchers) watcher()
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.isClosed = true
      for (const watcher of this.#watchers) watcher()
    })
  }

  static async connect(port: number, sessid?: string): Promise<VertoClient> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`)
    const client = new VertoClient(socket, sessid)
    await once(socket, 'open')
    return client
  }

  /** Connected and logged in, and told that it may begin. */
  static async loggedIn(port: number, user: string, sessid?: string): Promise<VertoClient> {
    const client = await VertoClient.connect(port, sessid)
    const reply = await client.login(user)
    if (!reply['result']) throw new Error(`no login: ${JSON.stringify(reply)}`)
    await client.wait('verto.clientReady')
    return client
  }

  login(user: string, passwd = `pw-${user}`, more: Message = {}): Promise<Message> {
    return this.call('login', { login: `${user}@example.test`, passwd, ...more })
  }

  send(method: string, params: Message = {}): number {
    const id = ++this.#id
    const own = this.sessid === undefined ? params : { sessid: this.sessid, ...params }
    this.socket.send(JSON.stringify({ jsonrpc: '2.0', method, params: own, id }))
    return id
  }

  /** The answer to a request. */
  call(method: string, params: Message = {}): Promise<Message> {
    const id = this.send(method, params)
    return this.take((message) => message['id'] === id && message['method'] === undefined, method)
  }

  /** The next request of the server of that name; its params. */
  async wait(method: string): Promise<Message> {
    return (await this.take((message) => message['method'] === method, method))['params']
  }

  async take(passes: (message: Message) => boolean, what: string): Promise<Message> {
    const find = () => this.messages.findIndex(passes)
    await this.until(() => find() >= 0 || this.isClosed, what)
    const at = find()
    if (at < 0) throw new Error(`the socket was closed before ${what}`)
    return this.messages.splice(at, 1)[0] as Message
  }

  until(holds: () => boolean, what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = (fault?: Error) => {
        clearTimeout(timer)
        this.#watchers.delete(look)
        if (fault) reject(fault)
        else resolve()
      }
      const timer = setTimeout(
        () =>
          finish(
            new Error(
              `waited ${patienceMs} ms for ${what}; there is ${JSON.stringify(this.messages)}`,
            ),
          ),
        patienceMs,
      )
      const look = () => {
        if (holds()) finish()
      }
      this.#watchers.add(look)
      look()
    })
  }

  /** Places a call; the answer to verto.invite. */
  invite(destination: string, callID: string, more: Message = {}): Promise<Message> {
    return this.call('verto.invite', {
      sdp: browserSdp,
      dialogParams: {
        callID,
        destination_number: destination,
        caller_id_name: 'Vera',
        caller_id_number: '1000',
        remote_caller_id_name: 'Out',
        remote_caller_id_number: destination,
        userVariables: {},
        ...more,
      },
    })
  }

  async close(): Promise<void> {
    if (this.isClosed) return
    const closed = once(this.socket, 'close')
    this.socket.close()
    await closed
  }

  [Symbol.dispose](): void {
    this.socket.terminate()
  }
}
