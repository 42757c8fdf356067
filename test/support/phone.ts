/** A small SIP telephone for tests, on the library itself: registers, calls, is called, holds, transfers, hangs up. */
import { SipAgent } from '../../src/sip/agent.ts'
import { requestAuthenticated } from '../../src/sip/authenticate.ts'
import type { Dialog } from '../../src/sip/dialog.ts'
import { DigestClient } from '../../src/sip/digest.ts'
import { OutgoingInvite } from '../../src/sip/invite-client.ts'
import { IncomingInvite } from '../../src/sip/invite-server.ts'
import type { HeaderLine, SipRequest, SipResponse } from '../../src/sip/message.ts'
import { createRequest } from '../../src/sip/request.ts'
import type { ServerTransaction } from '../../src/sip/transaction-server.ts'
import { RtpPeer } from './rtp-peer.ts'
import { patienceMs } from './until.ts'

function within<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${patienceMs} ms for ${what}`)), patienceMs)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

/** Things that come and whoever waits for them. */
export class Mailbox<T> {
  readonly all: T[] = []
  readonly #waiting: { passes: (item: T) => boolean; take: (item: T) => void }[] = []
  readonly #taken = new Set<T>()

  put(item: T): void {
    this.all.push(item)
    const index = this.#waiting.findIndex(({ passes }) => passes(item))
    if (index < 0) return
    this.#taken.add(item)
    this.#waiting.splice(index, 1)[0]?.take(item)
  }

  /** The next one that nobody took and that passes. */
  next(what: string, passes: (item: T) => boolean = () => true): Promise<T> {
    const there = this.all.find((item) => !this.#taken.has(item) && passes(item))
    if (there !== undefined) {
      this.#taken.add(there)
      return Promise.resolve(there)
    }
    return within(new Promise((take) => this.#waiting.push({ passes, take })), what)
  }
}

export interface CallOptions {
  readonly headers?: readonly HeaderLine[]
  /** Payload types of the offer; default 0 8 101. Empty: no offer. */
  readonly codecs?: readonly number[]
  readonly direction?: string
  /** The whole offer, given the port of the sound, instead of one made of `codecs`. */
  readonly body?: (port: number) => string
  /** Changes the offer before it is sent, and what this side says later. */
  readonly edit?: (sdp: string) => string
}

const names: Readonly<Record<number, string>> = {
  0: 'PCMU/8000',
  8: 'PCMA/8000',
  9: 'G722/8000',
  18: 'G729/8000',
  101: 'telephone-event/8000',
  110: 'telephone-event/48000',
  111: 'opus/48000/2',
}

export class PhoneCall {
  readonly phone: Phone
  readonly rtp: RtpPeer
  /** Requests that came inside the call; BYE, INFO and NOTIFY were answered with 200. */
  readonly requests = new Mailbox<SipRequest>()
  readonly provisional: SipResponse[] = []
  final: SipResponse | undefined
  dialog: Dialog | undefined
  outgoing: OutgoingInvite | undefined
  incoming: IncomingInvite | undefined
  /** Answers an offer inside the call in another way than with our usual sound: a description, or a status that refuses. */
  replies: ((offer: string) => string | number) | undefined
  /** The description the other side gave last. */
  remoteSdp = ''
  /** Changes every description before it is sent. */
  edit: (sdp: string) => string = (sdp) => sdp
  #version = 1
  readonly #answers = new Mailbox<SipResponse>()

  constructor(phone: Phone, rtp: RtpPeer) {
    this.phone = phone
    this.rtp = rtp
  }

  sdp(codecs: readonly number[] = [0, 8, 101], direction = '', address = '127.0.0.1'): string {
    const lines = codecs.map((codec) => `a=rtpmap:${codec} ${this.#nameOf(codec)}\r\n`)
    return this.edit(
      `v=0\r\no=- 7 ${this.#version++} IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 ${address}\r\nt=0 0\r\nm=audio ${this.rtp.port} RTP/AVP ${codecs.join(' ')}\r\n${lines.join('')}${direction ? `a=${direction}\r\n` : ''}`,
    )
  }

  /** What a payload type is called: as the other side has it, else as is usual. */
  #nameOf(payloadType: number): string | undefined {
    const theirs = new RegExp(`^a=rtpmap:${payloadType} (\\S+)`, 'm').exec(this.remoteSdp)?.[1]
    return theirs ?? names[payloadType]
  }

  /** Takes the other side's description: where our sound goes from now on. */
  take(body: string): void {
    if (body === '') return
    this.remoteSdp = body
    const port = /m=audio (\d+)/.exec(body)?.[1]
    if (port !== undefined) this.rtp.target = Number(port)
  }

  note(response: SipResponse): void {
    this.#answers.put(response)
  }

  /** Resolves with the next answer to the INVITE of that status. */
  response(status: number): Promise<SipResponse> {
    return this.#answers.next(`${status}`, (response) => response.status === status)
  }

  /** Resolves with the final answer. */
  async outcome(): Promise<SipResponse> {
    return this.final ?? this.#answers.next('a final answer', (response) => response.status >= 200)
  }

  adopt(dialog: Dialog): void {
    this.dialog = dialog
    dialog.owner = { dialogRequest: (transaction) => this.#request(transaction) }
  }

  #request(transaction: ServerTransaction): void {
    const { request } = transaction
    if (request.method === 'INVITE') {
      const invite = new IncomingInvite(
        this.phone.agent,
        transaction,
        { acknowledged: (ack) => this.take(ack.body) },
        this.dialog,
      )
      const reply = this.replies?.(request.body) ?? this.sdp()
      if (typeof reply === 'number') invite.reject(reply)
      else {
        this.take(request.body)
        invite.accept({ headers: this.phone.bodyHeaders, body: reply })
      }
    } else transaction.respond(200)
    this.requests.put(request)
  }

  /** A request inside the call; resolves with its final answer. */
  request(method: string, headers: readonly HeaderLine[] = [], body = ''): Promise<SipResponse> {
    const { dialog } = this
    if (!dialog) throw new Error('the call has no dialog')
    const contact: HeaderLine = ['Contact', this.phone.contact]
    const request = dialog.createRequest(method, [contact, ...headers], body)
    return within(
      new Promise((resolve) => {
        if (method === 'INVITE') {
          new OutgoingInvite(
            this.phone.agent,
            request,
            {
              answered: (response) => {
                this.take(response.body)
                resolve(response)
              },
              refused: resolve,
            },
            { dialog },
          )
        } else dialog.send(request, { final: resolve })
      }),
      `an answer to ${method}`,
    )
  }

  /** Another offer. */
  reinvite(codecs?: readonly number[], direction?: string): Promise<SipResponse> {
    return this.request(
      'INVITE',
      [['Content-Type', 'application/sdp']],
      this.sdp(codecs, direction),
    )
  }

  /** Another offer as it stands. */
  reinviteWith(body: string): Promise<SipResponse> {
    return this.request('INVITE', [['Content-Type', 'application/sdp']], body)
  }

  async bye(headers: readonly HeaderLine[] = []): Promise<SipResponse> {
    const response = await this.request('BYE', headers)
    this.dialog?.terminate()
    return response
  }

  cancel(headers: readonly HeaderLine[] = []): void {
    this.outgoing?.cancel(headers)
  }

  ring(status = 180, withSound = false): void {
    this.incoming?.progress(status, {
      headers: this.phone.bodyHeaders,
      body: withSound ? this.sdp() : '',
    })
    if (this.incoming?.dialog) this.adopt(this.incoming.dialog)
  }

  answer(codecs?: readonly number[], headers: readonly HeaderLine[] = []): void {
    this.answerWith(this.sdp(codecs), headers)
  }

  answerWith(body: string, headers: readonly HeaderLine[] = []): void {
    this.incoming?.accept({ headers: [...this.phone.bodyHeaders, ...headers], body })
    if (this.incoming?.dialog) this.adopt(this.incoming.dialog)
  }

  reject(status: number, headers: readonly HeaderLine[] = []): void {
    this.incoming?.reject(status, { headers })
  }

  /** Resolves when the far end hangs up. */
  hungUp(): Promise<SipRequest> {
    return this.requests.next('BYE', (request) => request.method === 'BYE')
  }
}

export class Phone implements AsyncDisposable {
  readonly agent: SipAgent
  readonly user: string
  readonly domain: string
  /** `host:port` of the server. */
  readonly server: string
  readonly calls = new Mailbox<PhoneCall>()
  readonly cancelled = new Mailbox<SipRequest>()
  /** Requests that came outside of calls; they were answered with `answers`, or 200. */
  readonly requests = new Mailbox<SipRequest>()
  answers = 200
  readonly #password: string
  readonly #username: string
  readonly #protocol: 'udp' | 'tcp'
  readonly #peers: RtpPeer[] = []

  private constructor(options: PhoneOptions) {
    this.user = options.user
    this.domain = options.domain ?? 'example.test'
    this.server = options.server
    this.#password = options.password ?? `pw-${options.user}`
    this.#username = options.username ?? options.user
    this.#protocol = options.protocol ?? 'udp'
    this.agent = new SipAgent({
      listen: [{ protocol: this.#protocol, address: '127.0.0.1', port: options.port ?? 0 }],
    })
    this.agent.onRequest((transaction) => this.#request(transaction))
  }

  static async open(options: PhoneOptions): Promise<Phone> {
    const phone = new Phone(options)
    await phone.agent.start()
    return phone
  }

  get port(): number {
    return this.agent.listeners[0]?.port ?? 0
  }

  get contact(): string {
    const transport = this.#protocol === 'udp' ? '' : `;transport=${this.#protocol}`
    return `<sip:${this.user}@127.0.0.1:${this.port}${transport}>`
  }

  get bodyHeaders(): readonly HeaderLine[] {
    return [
      ['Contact', this.contact],
      ['User-Agent', 'test phone'],
      ['Content-Type', 'application/sdp'],
    ]
  }

  get digest(): DigestClient {
    return new DigestClient({ username: this.#username, secret: { password: this.#password } })
  }

  #uri(user: string): string {
    const transport = this.#protocol === 'udp' ? '' : `;transport=${this.#protocol}`
    return `sip:${user === '' ? '' : `${user}@`}${this.server}${transport}`
  }

  /** A request outside a call; resolves with the outcome after an answered challenge. */
  request(
    method: string,
    user = '',
    headers: readonly HeaderLine[] = [],
    body = '',
  ): Promise<SipResponse> {
    const request = createRequest(method, {
      uri: this.#uri(user),
      from: `<sip:${this.user}@${this.domain}>`,
      to: `<sip:${user || this.user}@${this.domain}>`,
      headers: [['Contact', this.contact], ...headers],
      body,
    })
    return within(
      new Promise((resolve) =>
        requestAuthenticated(this.agent, request, this.digest, { final: resolve }),
      ),
      `an answer to ${method}`,
    )
  }

  register(expires = 300): Promise<SipResponse> {
    return this.request('REGISTER', '', [['Expires', String(expires)]])
  }

  /** Sends an INVITE; the call resolves at once, what comes of it is seen on it. */
  async call(user: string, options: CallOptions = {}): Promise<PhoneCall> {
    const call = new PhoneCall(this, await this.#rtp())
    if (options.edit) call.edit = options.edit
    const codecs = options.codecs ?? [0, 8, 101]
    const usual = codecs.length === 0 ? '' : call.sdp(codecs, options.direction)
    const body = options.body?.(call.rtp.port) ?? usual
    const request = createRequest('INVITE', {
      uri: this.#uri(user),
      from: `"Phone ${this.user}" <sip:${this.user}@${this.domain}>`,
      to: `<sip:${user}@${this.domain}>`,
      headers: [
        ['Contact', this.contact],
        ['User-Agent', 'test phone'],
        ...(options.headers ?? []),
        ...(body === '' ? [] : [['Content-Type', 'application/sdp'] satisfies HeaderLine]),
      ],
      body,
    })
    call.outgoing = new OutgoingInvite(
      this.agent,
      request,
      {
        progress: (response) => {
          call.provisional.push(response)
          call.take(response.body)
          call.note(response)
        },
        answered: (response, dialog) => {
          call.final = response
          call.adopt(dialog)
          call.take(response.body)
          call.note(response)
        },
        refused: (response) => {
          call.final = response
          call.note(response)
        },
      },
      { digest: this.digest },
    )
    return call
  }

  /** Resolves with the next call that comes in. */
  incoming(): Promise<PhoneCall> {
    return this.calls.next('a call')
  }

  #request(transaction: ServerTransaction): boolean {
    const { request } = transaction
    if (request.method !== 'INVITE' || request.toTag !== undefined) {
      // A NOTIFY has the tag of a subscription, which is no dialog here.
      if (request.toTag !== undefined && request.method !== 'NOTIFY') return false
      transaction.respond(this.answers)
      this.requests.put(request)
      return true
    }
    void this.#rtp().then((rtp) => {
      const call = new PhoneCall(this, rtp)
      call.take(request.body)
      call.incoming = new IncomingInvite(this.agent, transaction, {
        cancelled: (cancel) => this.cancelled.put(cancel),
      })
      this.calls.put(call)
    })
    return true
  }

  async #rtp(): Promise<RtpPeer> {
    const peer = await RtpPeer.open()
    this.#peers.push(peer)
    return peer
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.agent.stop()
    for (const peer of this.#peers) await peer[Symbol.asyncDispose]()
  }
}

export interface PhoneOptions {
  readonly user: string
  readonly server: string
  readonly domain?: string
  /** Default `pw-<user>`. */
  readonly password?: string
  /** Who it authenticates as; default: the user. */
  readonly username?: string
  readonly port?: number
  readonly protocol?: 'udp' | 'tcp'
}
