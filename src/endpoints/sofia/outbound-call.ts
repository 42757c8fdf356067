/** A leg that we placed: its INVITE, what the far end answers, and CANCEL. */
import { reasonOf, SwitchError } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import type { Channel } from '../../core/channel.ts'
import type { HangupCause } from '../../core/hangup-cause.ts'
import { causeNumber } from '../../core/hangup-cause.ts'
import { offerSides } from '../../core/sides/join-sides.ts'
import { sidedLegOf } from '../../core/sides/sided-leg.ts'
import type { MediaLeg } from '../../media/engine.ts'
import type { Dialog } from '../../sip/dialog.ts'
import { DigestClient } from '../../sip/digest.ts'
import type { Target } from '../../sip/flow.ts'
import { OutgoingInvite } from '../../sip/invite-client.ts'
import type { HeaderLine, SipResponse } from '../../sip/message.ts'
import { parseUri } from '../../sip/uri.ts'
import { Call, type CallOptions } from './call.ts'
import { callOf } from './call-table.ts'
import { type Destination, pathOf } from './destination.ts'
import { copiesHeaders, extraHeaders, keepExtraHeaders, passExtraHeaders } from './extra-headers.ts'
import { readCallee } from './identity.ts'
import { setAnswererVariables } from './invite-variables.ts'
import { chooseWay } from './media-bypass.ts'
import { createInvite } from './outbound-invite.ts'
import { causeOfMessage, reasonText } from './reason.ts'
import { followRedirect } from './redirect.ts'
import { acceptedTerms } from './session-timer.ts'

const log = logger('sofia/outbound')

/** How often a call follows redirections before it gives up. */
const redirectLimit = 5

export class OutboundCall extends Call {
  readonly destination: Destination
  readonly originator: Channel | undefined
  #invite: OutgoingInvite | undefined
  #target: Target | undefined
  #redirects = 0

  constructor(options: CallOptions, destination: Destination, originator: Channel | undefined) {
    super(options)
    this.destination = destination
    this.originator = originator
    if (originator) this.#inherit(originator)
  }

  /** What a leg takes over from the one it is dialled for: custom headers, and how callers are named. */
  #inherit(originator: Channel): void {
    const from = originator.variables
    const { variables } = this.channel
    if (copiesHeaders(originator)) {
      for (const [name, value] of from.entries()) {
        if (name.toLowerCase().startsWith('sip_h_')) variables.set(name, value)
      }
    }
    variables.set('switch_m_sdp', from.get('switch_r_sdp'))
    variables.set('sip_sticky_contact', from.get('sip_sticky_contact'))
    if (this.destination.route?.callerIdType !== undefined) return
    variables.set('sip_cid_type', from.get('sip_cid_type') ?? callOf(originator)?.callerIdType)
  }

  override get near(): MediaLeg | undefined {
    return this.originator?.media
  }

  async dial(): Promise<void> {
    this.profile.callsOut++
    const { variables } = this.channel
    // Whoever is reached over a WebSocket is a browser until somebody says otherwise.
    if (isOverWebSocket(this.destination.uri) && !variables.has('media_webrtc'))
      variables.set('media_webrtc', 'true')
    try {
      const other = this.originator && callOf(this.originator)
      if (other) await chooseWay(this, other)
      else await this.#offerSides()
      const body = await this.media.makeOffer(this.near)
      if (!this.channel.isUp) return
      await this.call(this.destination.uri, body)
    } catch (thrown) {
      if (this.channel.isUp) this.fail('cannot call', thrown, this.#causeOf(thrown))
    }
  }

  /** What a caller of another endpoint has beside its sound. */
  async #offerSides(): Promise<void> {
    const other = sidedLegOf(this.originator)
    if (other) await offerSides(this, other, this.near)
  }

  #causeOf(thrown: unknown): HangupCause {
    const code = thrown instanceof SwitchError ? thrown.code : ''
    if (code === 'SIP_BAD_URI') return 'INVALID_URL'
    return code === 'MEDIA_NO_CODEC' || code === 'MEDIA_NO_SUITE'
      ? 'INCOMPATIBLE_DESTINATION'
      : 'DESTINATION_OUT_OF_ORDER'
  }

  /** Sends the INVITE to a URI: the destination, or where that redirected us. */
  async call(uri: string, body: string): Promise<void> {
    const request = createInvite(this, uri, body)
    // What is no URI must not go out, nor bring lines of its own.
    request.uri
    const route = this.#routeOf(uri)
    if (route !== undefined) {
      const targets = await this.profile.agent.transport.locateUri(parseUri(route))
      this.#target = targets[0]
      if (!this.channel.isUp) return
    }
    log.info(`INVITE ${request.uriText} ${request.callId}`, this.channel.uuid)
    this.#invite = new OutgoingInvite(
      this.profile.agent,
      request,
      {
        progress: (response, dialog) => this.#progress(response, dialog),
        answered: (response, dialog) => this.#answered(response, dialog),
        refused: (response) => this.#refused(response),
      },
      { target: this.#target, digest: this.#digest() },
    )
  }

  /** Where to send instead of to the URI. */
  #routeOf(uri: string): string | undefined {
    const given = this.channel.variables.get('sip_route_uri')
    if (given) return given.replace(/^<|>$/g, '')
    const path = pathOf(uri)
    if (path) return path
    const account = this.destination.route
    if (account?.route) return account.route
    const proxy = this.profile.values.text('outbound-proxy')
    if (proxy && !account) return /^sips?:/i.test(proxy) ? proxy : `sip:${proxy}`
    return undefined
  }

  /** The tag of the party whose variables were set last. */
  #described: string | undefined

  #digest(): DigestClient | undefined {
    const { variables } = this.channel
    const username = variables.get('sip_auth_username')
    const password = variables.get('sip_auth_password')
    if (username && password) return new DigestClient({ username, secret: { password } })
    return this.destination.route?.gateway.digest()
  }

  // The core asks these of inbound legs only; an outbound one is answered by its far end.
  ring(): void {}
  async progress(): Promise<void> {}
  async answer(): Promise<void> {}

  /** The variables of who answers; told once for each party that a fork reaches. */
  #describeAnswerer(response: SipResponse): void {
    const tag = response.status === 100 ? '' : response.to.tag
    setAnswererVariables(this.channel, response, tag !== undefined && tag === this.#described)
    this.#described = tag
  }

  #progress(response: SipResponse, dialog: Dialog | undefined): void {
    const { channel } = this
    if (!channel.isUp) return
    this.#describeAnswerer(response)
    if (dialog && this.dialog !== dialog) this.#adoptFrom(dialog)
    const { status } = response
    if (status === 100) return
    keepExtraHeaders(channel, response, 'sip_ph_')
    passExtraHeaders(channel, this.headerPartner, 'sip_ph_')
    if (status === 180 || status === 183) readCallee(this.profile, channel, response)
    // A 183 without sound tells no more than a 180.
    if (status === 180 || status === 182 || (status === 183 && !response.hasBody)) {
      channel.markRinging()
    }
    if (!response.hasBody || response.contentType !== 'application/sdp') return
    try {
      if (this.media.readAnswer(response.body) === 'agreed') {
        this.#passAnswer(response.body)
        channel.markEarly()
      } else this.#noCodec()
    } catch (thrown) {
      log.info(`early media cannot be used: ${reasonOf(thrown)}`, channel.uuid)
    }
  }

  #answered(response: SipResponse, dialog: Dialog): void {
    const { channel } = this
    this.#adoptFrom(dialog)
    if (!channel.isUp) return
    this.#describeAnswerer(response)
    keepExtraHeaders(channel, response, 'sip_rh_')
    passExtraHeaders(channel, this.headerPartner, 'sip_rh_')
    readCallee(this.profile, channel, response)
    try {
      const isAgreed = response.hasBody
        ? this.media.readAnswer(response.body) === 'agreed'
        : this.media.terms !== undefined
      if (!isAgreed) return this.#noCodec()
    } catch (thrown) {
      log.info(`the answer cannot be used: ${reasonOf(thrown)}`, channel.uuid)
      return this.#noCodec()
    }
    this.#passAnswer(response.body)
    this.timer.start(acceptedTerms(this.profile, channel, response))
    channel.markAnswered()
  }

  /** The caller gets the far end's description, or its video and text beside our sound. */
  #passAnswer(body: string): void {
    if (!this.originator || body === '') return
    callOf(this.originator)?.media.passAnswer(body, this.media)
    if (this.media.way === 'own')
      sidedLegOf(this.originator)?.media.sides.plan(this.media.sides.accepted(body))
  }

  /** After the ACK, which goes out when the answer has been dealt with. */
  #noCodec(): void {
    const { channel } = this
    log.notice('no codec in common: see outbound-codec-prefs and the answer', channel.uuid)
    channel.variables.set('endpoint_disposition', 'CODEC NEGOTIATION ERROR')
    queueMicrotask(() => channel.hangup('INCOMPATIBLE_DESTINATION'))
  }

  #adoptFrom(dialog: Dialog): void {
    this.adopt(dialog)
    if (this.#target && dialog.routes.length === 0) dialog.target ??= this.#target
  }

  #refused(response: SipResponse): void {
    const { channel } = this
    const { variables } = channel
    if (!channel.isUp) return
    const { status, reason } = response
    log.info(`${status} ${reason} to INVITE ${response.callId}`, channel.uuid)
    setRefusalOrigin(channel, response)
    variables.set('sip_hangup_disposition', 'recv_refuse')
    if (status < 400 && this.#redirects++ < redirectLimit) {
      if (followRedirect(this, response)) return
    }
    const other = this.originator
    variables.set('sip_invite_failure_status', String(status))
    variables.setForeign('sip_invite_failure_phrase', reason)
    other?.variables.set('sip_invite_failure_status', String(status))
    other?.variables.setForeign('sip_invite_failure_phrase', reason)
    const text = response.get('Reason')
    if (text) {
      variables.setForeign('sip_reason', text)
      other?.variables.setForeign('sip_reason', text)
    }
    keepExtraHeaders(channel, response, 'sip_rh_')
    passExtraHeaders(channel, this.headerPartner, 'sip_rh_')
    const cause = causeOfMessage(response, status)
    variables.set('sip_term_status', String(status))
    variables.set('proto_specific_hangup_cause', `sip:${status}`)
    variables.set('sip_term_cause', String(causeNumber(cause)))
    other?.variables.set('last_bridge_proto_specific_hangup_cause', `sip:${status}`)
    this.endRefused(cause)
  }

  /** It came to nothing, and the far end knows. */
  endRefused(cause: HangupCause): void {
    this.isOver = true
    this.profile.failedCallsOut++
    this.#countGatewayFailure()
    this.channel.hangup(cause)
  }

  #countGatewayFailure(): void {
    const gateway = this.destination.route?.gateway
    if (gateway) gateway.failedCallsOut++
  }

  protected giveUp(cause: HangupCause): void {
    const { channel } = this
    channel.variables.set('sip_hangup_disposition', 'send_cancel')
    channel.variables.set('sip_invite_failure_status', '487')
    channel.variables.set('sip_invite_failure_phrase', 'CANCEL')
    this.#countGatewayFailure()
    const reason = reasonText(channel, cause)
    const headers: HeaderLine[] = reason ? [['Reason', reason]] : []
    this.#invite?.cancel([
      ...headers,
      ['Content-Length', '0'],
      ...extraHeaders(channel, 'sip_bye_h_'),
    ])
  }
}

function isOverWebSocket(uri: string): boolean {
  return /;transport=wss?(;|$)/i.test(pathOf(uri) ?? uri)
}

/** Where the refusal came from. */
function setRefusalOrigin(channel: Channel, response: SipResponse): void {
  if (response.local) return
  try {
    setAnswererVariables(channel, response, false)
  } catch (thrown) {
    log.debug(`a refusal with odd headers: ${reasonOf(thrown)}`, channel.uuid)
  }
}
