/** Dialogs, both sides (RFC 3261 §12): tags, sequence numbers, route set and remote target, and the requests built from them. */
import { SwitchError } from '../base/errors.ts'
import type { Flow, Target } from './flow.ts'
import { type HeaderLine, SipRequest, type SipResponse } from './message.ts'
import { parseNameAddress } from './name-address.ts'
import type { ClientHandlers, ClientTransaction, RequestOptions } from './transaction-client.ts'
import type { ServerTransaction } from './transaction-server.ts'
import { parseUri } from './uri.ts'

export type DialogState = 'early' | 'confirmed' | 'terminated'

/** Who gets what comes in a dialog. */
export interface DialogOwner {
  /** A request whose sequence number is in order; it must be answered. */
  dialogRequest(transaction: ServerTransaction, dialog: Dialog): void
  /** An ACK that nobody awaited: a retransmission. */
  dialogAck?(ack: SipRequest, dialog: Dialog): void
}

/** What a dialog needs of the agent it lives in. */
export interface DialogHome {
  request(
    request: SipRequest,
    handlers: ClientHandlers,
    options?: RequestOptions,
  ): ClientTransaction
  sendAck(
    request: SipRequest,
    target: Target | undefined,
    sent?: (data: Buffer, flow: Flow) => void,
  ): void
  addDialog(dialog: Dialog): void
  removeDialog(dialog: Dialog): void
}

/** Methods whose Contact moves the remote target (§12.2: target refresh requests). */
const refreshers: readonly string[] = ['INVITE', 'UPDATE', 'SUBSCRIBE', 'NOTIFY', 'REFER']

export interface DialogParts {
  readonly callId: string
  readonly localTag: string
  readonly remoteTag: string
  /** From of our requests, without the tag: `"Name" <uri>`. */
  readonly localAddress: string
  readonly remoteAddress: string
  readonly remoteTarget: string
  readonly routes: readonly string[]
  readonly localSequence: number
  readonly remoteSequence: number | undefined
  readonly isCaller: boolean
  readonly state: DialogState
}

export class Dialog {
  readonly callId: string
  readonly localTag: string
  readonly isCaller: boolean
  /** May be '' for a peer from before RFC 3261. */
  readonly remoteTag: string
  state: DialogState
  localAddress: string
  remoteAddress: string
  /** The URI that requests go to. */
  remoteTarget: string
  /** Route headers of our requests, in order. */
  routes: readonly string[]
  localSequence: number
  remoteSequence: number | undefined
  owner: DialogOwner | undefined
  /** Where to send instead of where route set and remote target lead (behind NAT), or the connection it came by. */
  target: Target | undefined
  /** Takes PRACKs while reliable provisional responses wait for them (RFC 3262); false: not one of them. */
  prackTaker: ((transaction: ServerTransaction) => boolean) | undefined
  readonly #home: DialogHome
  /** Who waits for the ACK to a 2xx, by the sequence number of the INVITE. */
  readonly #ackTakers = new Map<number, (ack: SipRequest) => void>()
  /** An INVITE of ours, or of theirs, that has no final response yet (§14.1, §14.2). */
  #ours: ClientTransaction | undefined
  #theirs: ServerTransaction | undefined

  constructor(home: DialogHome, parts: DialogParts) {
    this.#home = home
    this.callId = parts.callId
    this.localTag = parts.localTag
    this.remoteTag = parts.remoteTag
    this.localAddress = parts.localAddress
    this.remoteAddress = parts.remoteAddress
    this.remoteTarget = parts.remoteTarget
    this.routes = parts.routes
    this.localSequence = parts.localSequence
    this.remoteSequence = parts.remoteSequence
    this.isCaller = parts.isCaller
    this.state = parts.state
    home.addDialog(this)
  }

  /** §12.1.1: the dialog that our response to `transaction` makes. Throws SIP_NO_CONTACT (400) without a usable Contact. */
  static answering(home: DialogHome, transaction: ServerTransaction, state: DialogState): Dialog {
    const { request } = transaction
    const dialog = new Dialog(home, {
      callId: request.callId,
      localTag: transaction.localTag,
      remoteTag: request.from.tag ?? '',
      localAddress: withoutTag(request.get('To') ?? ''),
      remoteAddress: withoutTag(request.get('From') ?? ''),
      remoteTarget: contactOf(request),
      routes: request.list('Record-Route'),
      localSequence: 0,
      remoteSequence: request.cseq.number,
      isCaller: false,
      state,
    })
    if (request.method === 'INVITE') dialog.#theirs = transaction
    // RFC 5923: what came over a connection is spoken to over it.
    dialog.follow(request.flow)
    return dialog
  }

  /** §12.1.2: the dialog that a response to our request makes. Throws SIP_NO_CONTACT without a usable Contact. */
  static calling(home: DialogHome, request: SipRequest, response: SipResponse): Dialog {
    const dialog = new Dialog(home, {
      callId: request.callId,
      localTag: request.from.tag ?? '',
      remoteTag: response.to.tag ?? '',
      localAddress: withoutTag(request.get('From') ?? ''),
      remoteAddress: withoutTag(request.get('To') ?? ''),
      remoteTarget: contactOf(response),
      routes: response.list('Record-Route').reverse(),
      localSequence: request.cseq.number,
      remoteSequence: undefined,
      isCaller: true,
      state: response.status < 200 ? 'early' : 'confirmed',
    })
    dialog.follow(response.flow)
    return dialog
  }

  /** Prefers a connection that is open as long as no route set says otherwise. */
  follow(flow: Flow | undefined): void {
    if (flow === undefined || !flow.isReliable || this.routes.length > 0) return
    this.target = {
      protocol: flow.protocol,
      address: flow.remoteAddress,
      port: flow.remotePort,
      flow,
    }
  }

  /** §12.1.2, §13.2.2.4: a 2xx settles route set and target anew. */
  confirm(response: SipResponse): void {
    this.state = 'confirmed'
    if (this.isCaller) this.routes = response.list('Record-Route').reverse()
    this.refresh(response)
  }

  /** Takes the remote target out of a message that may move it (§12.2). */
  refresh(message: SipRequest | SipResponse): void {
    const contact = message.contact
    if (contact !== undefined && contact.uriText !== '*') this.remoteTarget = contact.uriText
  }

  /** A request inside the dialog, with the next sequence number (§12.2.1.1). Headers given come after those of the dialog. */
  createRequest(method: string, headers: readonly HeaderLine[] = [], body = ''): SipRequest {
    if (method !== 'ACK' && method !== 'CANCEL') this.localSequence++
    return this.#build(method, this.localSequence, headers, body)
  }

  /** The ACK to a 2xx of our INVITE that had that sequence number (§13.2.2.4). */
  createAck(sequence: number, headers: readonly HeaderLine[] = [], body = ''): SipRequest {
    return this.#build('ACK', sequence, headers, body)
  }

  #build(
    method: string,
    sequence: number,
    headers: readonly HeaderLine[],
    body: string,
  ): SipRequest {
    let uri = this.remoteTarget
    let { routes } = this
    const first = routes[0]
    if (first !== undefined && !isLoose(first)) {
      // §12.2.1.1: a strict router wants to stand in the Request-URI itself, the target at the end of the route.
      uri = parseNameAddress(first).uriText
      routes = [...routes.slice(1), `<${this.remoteTarget}>`]
    }
    const request = new SipRequest(method, uri)
    for (const route of routes) request.add('Route', route)
    request.add('Max-Forwards', '70')
    request.add('From', tagged(this.localAddress, this.localTag))
    request.add('To', tagged(this.remoteAddress, this.remoteTag))
    request.add('Call-ID', this.callId)
    request.add('CSeq', `${sequence} ${method}`)
    request.addAll(headers)
    if (body !== '') request.body = body
    return request
  }

  /**
   * Sends a request made by `createRequest`. A 408 or 481 ends the dialog (§12.2.1.2). A second INVITE while one of ours waits is
   * refused here with SIP_INVITE_PENDING.
   */
  send(request: SipRequest, handlers: ClientHandlers): ClientTransaction {
    const isInvite = request.method === 'INVITE'
    if (isInvite && this.isInvitePending)
      throw new SwitchError('SIP_INVITE_PENDING', 'an INVITE is under way in this dialog', {
        status: 491,
      })
    const transaction = this.#home.request(
      request,
      {
        provisional: (response, sent) => handlers.provisional?.(response, sent),
        final: (response, sent) => {
          if (isInvite && this.#ours === sent) this.#ours = undefined
          if (response.status < 300 && refreshers.includes(request.method)) this.refresh(response)
          if (response.status === 481 || (response.status === 408 && request.method !== 'OPTIONS'))
            this.terminate()
          handlers.final(response, sent)
        },
      },
      { target: this.target },
    )
    if (isInvite) this.#ours = transaction
    return transaction
  }

  /** Sends an ACK made by `createAck`; it has no transaction. `sent` gets what went out, and where. */
  sendAck(ack: SipRequest, sent?: (data: Buffer, flow: Flow) => void): void {
    this.#home.sendAck(ack, this.target, sent)
  }

  /** Whether an INVITE of either side waits for its final response. */
  get isInvitePending(): boolean {
    return this.#ours !== undefined || (this.#theirs !== undefined && !this.#theirs.isAnswered)
  }

  /** A request that came for this dialog. Answers what is out of order (§12.2.2, §14.2), hands on the rest. */
  receive(transaction: ServerTransaction): void {
    const { request } = transaction
    const { number } = request.cseq
    if (this.remoteSequence !== undefined && number < this.remoteSequence) {
      transaction.respond(500, { reason: 'CSeq Out Of Order' })
      return
    }
    this.remoteSequence = number
    // A connection was lost and the party has made another one.
    if (this.target?.flow?.isOpen === false) this.follow(request.flow)
    if (request.method === 'INVITE') {
      if (this.#ours !== undefined) {
        transaction.respond(491)
        return
      }
      if (this.#theirs !== undefined && !this.#theirs.isAnswered) {
        // §14.2: a second one before the first was answered.
        transaction.respond(500, {
          headers: [['Retry-After', String(Math.floor(Math.random() * 11))]],
        })
        return
      }
      this.#theirs = transaction
    }
    if (refreshers.includes(request.method)) this.refresh(request)
    if (request.method === 'PRACK' && this.prackTaker?.(transaction) === true) return
    if (this.owner === undefined) transaction.respond(481)
    else this.owner.dialogRequest(transaction, this)
  }

  /** An ACK that came for this dialog. */
  receiveAck(ack: SipRequest): void {
    const { number } = ack.cseq
    const taker = this.#ackTakers.get(number)
    this.#ackTakers.delete(number)
    if (taker === undefined) this.owner?.dialogAck?.(ack, this)
    else taker(ack)
  }

  /** Has the first ACK with that sequence number handed to `taker` instead of the owner; undefined takes that back. */
  awaitAck(sequence: number, taker: ((ack: SipRequest) => void) | undefined): void {
    if (taker === undefined) this.#ackTakers.delete(sequence)
    else this.#ackTakers.set(sequence, taker)
  }

  /** It is over: no request finds it any more. */
  terminate(): void {
    if (this.state === 'terminated') return
    this.state = 'terminated'
    this.#home.removeDialog(this)
    // Transactions outlive the dialog by up to 64·T1; what belongs to the call must not.
    this.owner = undefined
    this.#ackTakers.clear()
    this.#ours = undefined
    this.#theirs = undefined
  }
}

function isLoose(route: string): boolean {
  return parseUri(parseNameAddress(route).uriText).parameter('lr') !== undefined
}

function contactOf(message: SipRequest | SipResponse): string {
  let uri: string | undefined
  try {
    uri = message.contact?.uriText
  } catch {
    uri = undefined
  }
  if (uri === undefined || uri === '*')
    throw new SwitchError('SIP_NO_CONTACT', 'Missing Contact Header', { status: 400 })
  return uri
}

function tagged(address: string, tag: string): string {
  return tag === '' ? address : `${address};tag=${tag}`
}

/** An address header without its tag, other parameters kept. */
function withoutTag(text: string): string {
  const address = parseNameAddress(text)
  if (address.tag === undefined) return text
  const kept = address.parameters
    .split(';')
    .filter((piece) => piece !== '' && !/^\s*tag\s*(=|$)/i.test(piece))
  const open = text.indexOf('>')
  const base =
    open < 0
      ? text.slice(0, text.indexOf(';'))
      : text.slice(0, text.length - address.parameters.length)
  return [base.trim(), ...kept].join(';')
}
