/** A leg that called us: answers to its INVITE, from 100 to the last. */
import { logger } from '../../base/log.ts'
import type { HangupCause } from '../../core/hangup-cause.ts'
import { causeOfSipStatus, sipStatusOfCause } from '../../core/hangup-cause.ts'
import { isTrue } from '../../core/variables.ts'
import { IncomingInvite } from '../../sip/invite-server.ts'
import type { HeaderLine, SipRequest } from '../../sip/message.ts'
import { reasonPhrase } from '../../sip/status.ts'
import type { ServerTransaction } from '../../sip/transaction-server.ts'
import { Call, type CallOptions } from './call.ts'
import { extraHeaders } from './extra-headers.ts'
import { bodyHeaders, contactText, headerSets } from './headers.ts'
import { calleeHeaders } from './identity.ts'
import { reasonText } from './reason.ts'
import { answerHeaders, answerTerms } from './session-timer.ts'

const log = logger('sofia/inbound')

/** What the dialplan wants as the last answer instead of what the cause would give. */
interface WantedAnswer {
  readonly status: number
  readonly reason: string | undefined
  readonly contacts: readonly string[]
}

export class InboundCall extends Call {
  readonly invite: IncomingInvite
  #wanted: WantedAnswer | undefined
  /** The caller sent no offer: ours goes out with the 200, the answer comes with the ACK. */
  #offersItself = false

  constructor(options: CallOptions, transaction: ServerTransaction) {
    super(options)
    const { request } = transaction
    const user = request.uri.user ?? ''
    this.contact = contactText(this.profile, user, protocolOf(request))
    this.#offersItself = !request.hasBody
    this.invite = new IncomingInvite(this.profile.agent, transaction, {
      cancelled: (cancel) => this.#cancelled(cancel),
      acknowledged: (ack) => this.#acknowledged(ack),
      unacknowledged: () => {
        log.warning('no ACK came to the answer', this.channel.uuid)
        this.channel.hangup('RECOVERY_ON_TIMER_EXPIRE')
      },
      failed: (reason) => this.#failed(reason),
    })
  }

  /** 100 at once, so that the caller stops repeating. */
  trying(): void {
    this.invite.progress(100, { headers: [...headerSets(this.profile).agent] })
  }

  ring(queued: boolean): void {
    this.#provisional(queued ? 182 : 180, '')
  }

  async progress(): Promise<void> {
    if (this.isOver) return
    try {
      if (this.#offersItself) await this.#offerEarly()
      else {
        const text = await this.media.makeAnswer(this.near)
        if (text === undefined) return this.#noCodec()
        this.#provisional(183, text)
      }
    } catch (thrown) {
      this.fail('no early media', thrown, 'DESTINATION_OUT_OF_ORDER')
    }
  }

  async answer(): Promise<void> {
    if (this.isOver || this.invite.isAnswered) return
    try {
      const text = this.#offersItself
        ? await this.media.makeOffer(this.near)
        : this.media.localText || (await this.media.makeAnswer(this.near))
      if (this.isOver) return
      if (text === undefined) return this.#noCodec()
      this.#accept(text)
    } catch (thrown) {
      this.fail('cannot answer', thrown, 'DESTINATION_OUT_OF_ORDER')
    }
  }

  respond(status: number, reason: string | undefined): void {
    if (this.isOver || this.channel.isAnswered) {
      log.warning(`cannot respond ${status}: the call is answered`, this.channel.uuid)
    } else if (status === 100) this.trying()
    else if (status < 200) this.#provisional(status, '')
    // A redirection without a target: the text itself is it.
    else if (status === 302) this.redirect([reason ?? '302'])
    else if (status < 400) log.warning(`cannot respond with ${status}`, this.channel.uuid)
    else {
      this.#wanted = { status, reason, contacts: [] }
      const isChallenge = status === 401 || status === 407
      this.channel.hangup(isChallenge ? 'USER_CHALLENGE' : causeOfSipStatus(status))
    }
  }

  redirect(targets: readonly string[]): void {
    if (this.channel.isAnswered) {
      log.warning('an answered call cannot be redirected', this.channel.uuid)
      return
    }
    const status = targets.length > 1 ? 300 : 302
    this.#wanted = { status, reason: undefined, contacts: targets }
    this.channel.hangup(causeOfSipStatus(status))
  }

  /** An offer of ours before the answer needs reliable responses (RFC 3262 §5); without them the sound waits. */
  async #offerEarly(): Promise<void> {
    this.#provisional(180, '')
    await this.media.makeOffer(this.near)
  }

  /** A conference says in its Contact that it is one. */
  #markFocus(): void {
    if (this.channel.isFocus && !this.contact.includes(';isfocus')) this.contact += ';isfocus'
  }

  #provisional(status: number, body: string): void {
    if (this.isOver || this.invite.isAnswered) return
    this.#markFocus()
    const { request } = this.invite
    const isReliable =
      this.profile.values.boolean('enable-100rel') &&
      (request.lists('Supported', '100rel') || request.lists('Require', '100rel'))
    this.invite.progress(status, {
      headers: [
        ['Contact', this.contact],
        ...headerSets(this.profile).full,
        ...bodyHeaders(body),
        ...calleeHeaders(this.profile, this.channel, this.callerIdType),
        ...extraHeaders(this.channel, 'sip_ph_'),
      ],
      body,
      isReliable,
    })
    if (this.invite.dialog && !this.dialog) this.adopt(this.invite.dialog)
  }

  #accept(body: string): void {
    this.#markFocus()
    const { request } = this.invite
    const terms = answerTerms(this.profile, this.channel, request)
    const isSent = this.invite.accept({
      headers: [
        ['Contact', this.contact],
        ...headerSets(this.profile).full,
        ...answerHeaders(terms),
        ...bodyHeaders(body),
        ...calleeHeaders(this.profile, this.channel, this.callerIdType),
        ...extraHeaders(this.channel, 'sip_rh_'),
      ],
      body,
    })
    if (!isSent) return
    this.media.sides.showUnused()
    if (this.invite.dialog) this.adopt(this.invite.dialog)
    this.timer.start(terms)
  }

  #noCodec(): void {
    log.notice(this.media.refusal, this.channel.uuid)
    this.channel.variables.set('endpoint_disposition', 'CODEC NEGOTIATION ERROR')
    this.channel.hangup('INCOMPATIBLE_DESTINATION')
  }

  #acknowledged(ack: SipRequest): void {
    if (!this.#offersItself || this.isOver) return
    this.#offersItself = false
    try {
      const outcome = ack.hasBody ? this.media.readAnswer(ack.body) : 'refused'
      if (outcome !== 'agreed') this.#noCodec()
    } catch (thrown) {
      this.fail('the ACK brings no usable answer', thrown, 'INCOMPATIBLE_DESTINATION')
    }
  }

  /** The 487 went out already. */
  #cancelled(cancel: SipRequest): void {
    if (this.isOver) return
    this.isOver = true
    this.profile.failedCallsIn++
    const { variables } = this.channel
    const reason = cancel.get('Reason')
    if (reason) variables.setForeign('sip_reason', reason)
    variables.set('sip_term_status', '487')
    variables.set('sip_term_cause', '487')
    variables.set('proto_specific_hangup_cause', 'sip:487')
    log.info('CANCEL from the caller', this.channel.uuid)
    this.channel.hangup('ORIGINATOR_CANCEL')
    variables.set('sip_hangup_disposition', 'recv_cancel')
  }

  #failed(reason: 'timeout' | 'transport'): void {
    if (this.isOver || this.channel.isAnswered) return
    log.warning(`an answer could not be delivered (${reason})`, this.channel.uuid)
    this.channel.hangup('NORMAL_TEMPORARY_FAILURE')
  }

  protected giveUp(cause: HangupCause): void {
    const { channel } = this
    const { variables } = channel
    variables.set('sip_hangup_disposition', 'send_refuse')
    const wanted = this.#wanted
    const status = wanted?.status ?? this.#statusOf(cause)
    const reason = wanted?.reason ?? reasonPhrase(status)
    const response = this.invite.transaction.response(status, reason)
    // FreeSWITCH shows the hops that were left, before all of the dialog's headers.
    const kept = ['From', 'To', 'Call-ID', 'CSeq'].map(
      (name): HeaderLine => [name, response.get(name) ?? ''],
    )
    for (const [name] of kept) response.remove(name)
    response.add('Max-Forwards', variables.get('max_forwards') ?? '70')
    response.addAll(kept)
    if (wanted) {
      for (const contact of wanted.contacts) response.add('Contact', contactOf(contact))
    }
    response.addAll(headerSets(this.profile).full)
    const text = reasonText(channel, cause)
    if (text) response.add('Reason', text)
    response.add('Content-Length', '0')
    response.addAll(calleeHeaders(this.profile, channel, this.callerIdType))
    response.addAll(extraHeaders(channel, 'sip_bye_h_'))
    response.addAll(extraHeaders(channel, 'sip_rh_'))
    this.invite.transaction.send(response)
    this.invite.dialog?.terminate()
  }

  /** The status that the called party gave, where a bridge failed for it; else what the cause stands for. */
  #statusOf(cause: HangupCause): number {
    const { variables } = this.channel
    if (!isTrue(variables.get('sip_ignore_remote_cause'))) {
      const other = variables.get('last_bridge_proto_specific_hangup_cause') ?? ''
      const status = other.startsWith('sip:') ? Number.parseInt(other.slice(4), 10) : 0
      if (status >= 300 && status < 700) return status
    }
    return sipStatusOfCause(cause)
  }
}

/** How a dialplan's redirect target stands in Contact: FreeSWITCH gives it the name `unknown`. */
function contactOf(target: string): string {
  return target.includes('<') ? target : `"unknown" <${target}>`
}

/** The transport that the caller is reached by: of its Contact or first Record-Route. */
function protocolOf(request: SipRequest): string {
  const route = request.list('Record-Route')[0]
  const text = route ?? request.contact?.uriText ?? ''
  return /;transport=([a-z]+)/i.exec(text)?.[1]?.toLowerCase() ?? request.flow?.protocol ?? 'udp'
}
