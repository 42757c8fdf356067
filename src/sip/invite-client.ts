/**
 * An INVITE that goes out: early dialogs of all forks, the ACK kept for repeated 2xx, superfluous answers hung up, CANCEL races,
 * credentials, PRACK (RFC 3261 §13.2, §9.1, §22, RFC 3262).
 */
import { reasonOf } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import type { SipAgent } from './agent.ts'
import { retryWithCredentials } from './authenticate.ts'
import type { Dialog } from './dialog.ts'
import type { DigestClient } from './digest.ts'
import type { Flow } from './flow.ts'
import { type HeaderLine, SipRequest, SipResponse } from './message.ts'
import { parseMessage } from './parser.ts'
import { flatText } from './text.ts'
import type { ClientHandlers, ClientTransaction, RequestOptions } from './transaction-client.ts'

const log = logger('sip/invite')

export interface OutgoingInviteHandlers {
  /** A 1xx. The early dialog is undefined for one without a tag (100). */
  progress?(response: SipResponse, dialog: Dialog | undefined): void
  /**
   * The first 2xx. Unless `delayAck` was asked for, the ACK goes out when this returns. An INVITE inside a dialog brings that dialog.
   */
  answered(response: SipResponse, dialog: Dialog): void
  /** It came to nothing: the refusal, or one made here (`response.local`) after a timeout, a fault or a cancelled call. */
  refused(response: SipResponse): void
}

export interface OutgoingInviteOptions extends RequestOptions {
  /** Answers challenges. */
  readonly digest?: DigestClient | undefined
  /** The ACK is sent by `acknowledge`, since it will carry our answer to their offer. */
  readonly delayAck?: boolean | undefined
  /** The dialog of an INVITE inside one; the request was made by its `createRequest`. */
  readonly dialog?: Dialog | undefined
}

/** An ACK that may have to go out again: its octets, one a character; '' until it went out. */
interface KeptAck {
  text: string
  flow: Flow | undefined
}

/** Headers of the INVITE that the dialog and the ACK of a further answer are made of. */
const neededLater: readonly string[] = [
  'From',
  'To',
  'Call-ID',
  'CSeq',
  'Authorization',
  'Proxy-Authorization',
]

const noOptions: OutgoingInviteOptions = {}

const nobody: OutgoingInviteHandlers = { answered: () => {}, refused: () => {} }

export class OutgoingInvite {
  /** The confirmed dialog, until its ACK went out; an INVITE inside a dialog keeps it. */
  dialog: Dialog | undefined
  /** What was sent last: after a challenge, the request with credentials. Once answered, the text of what is still needed of it. */
  #request: SipRequest | string
  readonly #agent: SipAgent
  #handlers: OutgoingInviteHandlers
  #options: OutgoingInviteOptions
  #early: Map<string, Dialog> | undefined
  /** The ACK of each answer by its tag, for repeated 2xx. */
  readonly #acks = new Map<string, KeptAck>()
  #reliable: Map<string, number> | undefined
  #transaction: ClientTransaction
  #isOver = false
  #isCancelled = false

  constructor(
    agent: SipAgent,
    request: SipRequest,
    handlers: OutgoingInviteHandlers,
    options: OutgoingInviteOptions = {},
  ) {
    this.#agent = agent
    this.#request = request
    this.#handlers = handlers
    this.#options = options
    this.#transaction = this.#send(request)
  }

  /** What was sent last: after a challenge, the request with credentials. Once answered, only what further answers need of it. */
  get request(): SipRequest {
    if (typeof this.#request !== 'string') return this.#request
    return parseMessage(Buffer.from(this.#request)) as SipRequest
  }

  /** The transaction under way. */
  get transaction(): ClientTransaction {
    return this.#transaction
  }

  #send(request: SipRequest): ClientTransaction {
    const handlers: ClientHandlers = {
      provisional: (response) => this.#provisional(response),
      final: (response) => this.#final(response),
    }
    const { dialog, target } = this.#options
    return dialog === undefined
      ? this.#agent.request(request, handlers, { target })
      : dialog.send(request, handlers)
  }

  /** Gives up: CANCEL, or nothing where nothing went out yet. The outcome comes by `refused`. */
  cancel(headers: readonly HeaderLine[] = []): void {
    if (this.#isOver) return
    this.#isCancelled = true
    this.#transaction.cancel(headers)
  }

  #provisional(response: SipResponse): void {
    if (this.#isOver) return
    const dialog = this.#options.dialog ?? this.#earlyDialog(response)
    if (
      dialog !== undefined &&
      response.lists('Require', '100rel') &&
      !this.#prack(response, dialog)
    )
      return
    this.#handlers.progress?.(response, dialog)
  }

  #earlyDialog(response: SipResponse): Dialog | undefined {
    const { tag } = response.to
    if (tag === undefined || response.status === 100) return undefined
    const known = this.#early?.get(tag)
    if (known !== undefined) {
      known.refresh(response)
      return known
    }
    try {
      const dialog = this.#agent.callingDialog(this.request, response)
      this.#early ??= new Map()
      this.#early.set(tag, dialog)
      return dialog
    } catch (thrown) {
      // Without Contact there is a response, but nobody to talk to yet (§12.1).
      if (log.wants(7)) log.debug(`${response.status} ${response.callId}: ${reasonOf(thrown)}`)
      return undefined
    }
  }

  /** RFC 3262 §4: acknowledges a reliable response; false for a repeated or too early one, which goes no further. */
  #prack(response: SipResponse, dialog: Dialog): boolean {
    const sequence = response.number('RSeq')
    if (sequence === undefined) return true
    this.#reliable ??= new Map()
    const last = this.#reliable.get(dialog.remoteTag)
    if (last !== undefined && sequence !== last + 1) return false
    this.#reliable.set(dialog.remoteTag, sequence)
    const { number } = this.request.cseq
    const prack = dialog.createRequest('PRACK', [['RAck', `${sequence} ${number} INVITE`]])
    dialog.send(prack, { final: () => {} })
    return true
  }

  #final(response: SipResponse): void {
    if (response.status < 300) {
      this.#answered(response)
      return
    }
    if (this.#isOver) return
    const { digest } = this.#options
    if (digest !== undefined && !this.#isCancelled) {
      const again = retryWithCredentials(this.request, response, digest)
      if (again !== undefined) {
        this.#dropEarly()
        this.#request = again
        if (this.#options.dialog !== undefined)
          this.#options.dialog.localSequence = again.cseq.number
        this.#transaction = this.#send(again)
        return
      }
    }
    const handlers = this.#finish()
    handlers.refused(response)
  }

  #answered(response: SipResponse): void {
    const tag = response.to.tag ?? ''
    const known = this.#acks.get(tag)
    if (known !== undefined) {
      this.#acknowledgeAgain(known)
      return
    }
    if (this.dialog !== undefined && this.dialog.remoteTag === tag) return
    let dialog: Dialog
    try {
      dialog = this.#confirmed(response, tag)
    } catch (thrown) {
      log.info(`${response.status} ${response.callId}: ${reasonOf(thrown)}`)
      if (this.#isOver) return
      this.#finish().refused(this.#localRefusal(response, 500, 'transport'))
      return
    }
    this.#options.digest?.accepted()
    if (this.#isOver || this.#isCancelled) {
      this.#hangUp(dialog, tag)
      if (!this.#isOver) {
        this.#finish().refused(this.#localRefusal(response, 487, 'timeout'))
      }
      return
    }
    this.dialog = dialog
    this.#early?.delete(tag)
    const handlers = this.#finish()
    try {
      handlers.answered(response, dialog)
    } finally {
      if (this.#options.delayAck !== true && !this.#acks.has(tag)) this.acknowledge()
    }
  }

  #confirmed(response: SipResponse, tag: string): Dialog {
    const dialog =
      this.#options.dialog ??
      this.#early?.get(tag) ??
      this.#agent.callingDialog(this.request, response)
    if (this.#options.dialog === undefined) dialog.confirm(response)
    return dialog
  }

  /** Sends the ACK to the 2xx; to be called by hand only with `delayAck`. */
  acknowledge(headers: readonly HeaderLine[] = [], body = ''): void {
    const { dialog } = this
    if (dialog === undefined) return
    const ack = dialog.createAck(this.request.cseq.number, headers, body)
    // §22.1: the ACK carries the credentials of its INVITE.
    for (const name of ['Authorization', 'Proxy-Authorization'])
      for (const value of this.request.lines(name)) ack.add(name, value)
    this.#sendAck(dialog, ack)
  }

  /**
   * The transaction keeps this for 64·T1, for answers that come again or from further forks; they need little of the request, and not
   * the dialog.
   */
  #slim(): void {
    const { request } = this
    if (this.#options.dialog !== undefined || typeof this.#request === 'string') return
    let text = `INVITE ${request.uriText} SIP/2.0\r\n`
    for (let at = 0; at < request.names.length; at++) {
      const name = request.names[at] ?? ''
      if (neededLater.includes(name)) text += `${name}: ${request.values[at]}\r\n`
    }
    this.#request = flatText(text)
    this.dialog = undefined
    if (this.#options.digest === undefined) this.#options = noOptions
  }

  #sendAck(dialog: Dialog, ack: SipRequest): void {
    const kept: KeptAck = { text: '', flow: undefined }
    this.#acks.set(flatText(dialog.remoteTag), kept)
    dialog.sendAck(ack, (data, flow) => {
      kept.text = data.toString('latin1')
      kept.flow = flow
      if (this.dialog === dialog) this.#slim()
    })
  }

  /** §13.2.2.4: each repeated 2xx is acknowledged again. */
  #acknowledgeAgain({ text, flow }: KeptAck): void {
    if (flow === undefined) return
    const ack = parseMessage(Buffer.from(text, 'latin1'))
    if (!(ack instanceof SipRequest)) return
    const { protocol, remoteAddress: address, remotePort: port } = flow
    this.#agent.sendAck(ack, { protocol, address, port, flow })
  }

  /** §13.2.2.4: an answer that nobody wants any more is acknowledged and hung up. */
  #hangUp(dialog: Dialog, tag: string): void {
    const ack = dialog.createAck(this.request.cseq.number)
    this.#early?.delete(tag)
    this.#sendAck(dialog, ack)
    dialog.send(dialog.createRequest('BYE'), { final: () => dialog.terminate() })
  }

  #localRefusal(answer: SipResponse, status: number, why: 'timeout' | 'transport'): SipResponse {
    const response = new SipResponse(status)
    response.local = why
    for (const name of ['From', 'To', 'Call-ID', 'CSeq']) response.add(name, answer.get(name) ?? '')
    return response
  }

  /** The outcome is known. Gives the handlers back for the last word and lets go of them: the transaction outlives the call by 64·T1. */
  #finish(): OutgoingInviteHandlers {
    const handlers = this.#handlers
    this.#isOver = true
    this.#handlers = nobody
    this.#dropEarly()
    return handlers
  }

  #dropEarly(): void {
    for (const dialog of this.#early?.values() ?? []) dialog.terminate()
    this.#early = undefined
  }
}
