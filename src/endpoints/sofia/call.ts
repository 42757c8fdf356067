/** One SIP call leg: what inbound and outbound legs have in common once there is a dialog. */
import { reasonOf } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import type { CallerProfile } from '../../core/caller-profile.ts'
import { Channel } from '../../core/channel.ts'
import type { HangupCause } from '../../core/hangup-cause.ts'
import type { ChannelDriver } from '../../core/interfaces.ts'
import type { Side } from '../../core/sides/side.ts'
import { noteSidedLeg, type SidedLeg } from '../../core/sides/sided-leg.ts'
import type { MediaLeg } from '../../media/engine.ts'
import type { Dialog, DialogOwner } from '../../sip/dialog.ts'
import type { HeaderLine } from '../../sip/message.ts'
import type { ServerTransaction } from '../../sip/transaction-server.ts'
import { noteCall } from './call-table.ts'
import { DigitInfos } from './digit-infos.ts'
import { sendPhoneEvent, showParty } from './display.ts'
import { copiesHeaders, extraHeaders } from './extra-headers.ts'
import { headerSets } from './headers.ts'
import type { CallerIdType } from './identity.ts'
import { receiveInDialog } from './in-dialog.ts'
import { askForPicture } from './info.ts'
import { CallMedia } from './media.ts'
import { bridgeBegan } from './media-after-bridge.ts'
import { resumeMedia, sendPast } from './media-move.ts'
import type { Profile } from './profile.ts'
import { holdFarEnd, refreshSession, renegotiate, sendReinvite } from './re-invite-out.ts'
import { reasonText } from './reason.ts'
import { sendDeflect } from './refer-out.ts'
import { SessionTimer } from './session-timer.ts'

const log = logger('sofia/call')

export interface CallOptions {
  readonly profile: Profile
  readonly uuid: string
  readonly name: string
  readonly direction: 'inbound' | 'outbound'
  readonly callerProfile: CallerProfile
}

export abstract class Call implements ChannelDriver, DialogOwner, SidedLeg {
  readonly profile: Profile
  readonly channel: Channel
  readonly media: CallMedia
  readonly timer: SessionTimer
  /** Early or confirmed; undefined before the first answer with a tag. */
  dialog: Dialog | undefined
  #digitInfos: DigitInfos | undefined
  /** Which header names the parties. */
  callerIdType: CallerIdType | undefined
  /** The far end knows that it is over: nothing more is to be sent. */
  isOver = false
  /** The Contact of our messages. */
  contact = ''

  constructor(options: CallOptions) {
    const { profile } = options
    this.profile = profile
    this.channel = new Channel({
      sw: profile.sw,
      uuid: options.uuid,
      name: options.name,
      source: 'mod_sofia',
      direction: options.direction,
      profile: options.callerProfile,
      driver: this,
    })
    this.media = new CallMedia(profile, this.channel)
    this.timer = new SessionTimer({
      refresh: () => refreshSession(this),
      expire: () => {
        log.notice('the session was not refreshed in time (RFC 4028)', this.channel.uuid)
        this.channel.hangup('ALLOTTED_TIMEOUT')
      },
    })
    noteCall(this)
    noteSidedLeg(this)
  }

  abstract ring(queued: boolean): void
  abstract progress(): Promise<void>
  abstract answer(): Promise<void>
  /** Ends a call that was not answered. */
  protected abstract giveUp(cause: HangupCause): void

  /** The dialog is ours from now on. */
  adopt(dialog: Dialog): void {
    this.dialog = dialog
    dialog.owner = this
  }

  dialogRequest(transaction: ServerTransaction, dialog: Dialog): void {
    if (this.dialog === undefined) this.adopt(dialog)
    receiveInDialog(this, transaction)
  }

  /** Where the other leg's sound lives, so that ours opens beside it. */
  get near(): MediaLeg | undefined {
    const { channel } = this
    const { variables } = channel
    const other =
      variables.get('originate_signal_bond') ??
      variables.get('signal_bond') ??
      variables.get('originator')
    return channel.partner?.media ?? (other ? channel.sw.channels.get(other)?.media : undefined)
  }

  hangup(cause: HangupCause): void {
    this.timer.stop()
    if (this.isOver) return
    this.isOver = true
    if (this.channel.isAnswered || this.dialog?.state === 'confirmed') this.#sendBye(cause)
    else {
      if (this.channel.direction === 'inbound') this.profile.failedCallsIn++
      else this.profile.failedCallsOut++
      this.giveUp(cause)
    }
  }

  #sendBye(cause: HangupCause): void {
    const { channel, dialog } = this
    channel.variables.set('sip_hangup_disposition', 'send_bye')
    if (!dialog || dialog.state === 'terminated') return
    const headers: HeaderLine[] = [...headerSets(this.profile).brief]
    const reason = reasonText(channel, cause)
    if (reason) headers.push(['Reason', reason])
    headers.push(['Content-Length', '0'], ...extraHeaders(channel, 'sip_bye_h_'))
    const bye = dialog.createRequest('BYE', headers)
    dialog.send(bye, { final: () => dialog.terminate() })
    // What still comes meanwhile finds nobody.
    dialog.owner = undefined
  }

  sendDtmf(digits: string, ms: number): void {
    const way = this.media.digitWay
    if (way === 'none') return
    if (way === 'rfc2833') this.channel.media?.sendDtmf(digits, ms)
    else {
      this.#digitInfos ??= new DigitInfos(this)
      if (!this.#digitInfos.add(digits, ms))
        log.warning(`too many digits wait to be sent: ${digits}`, this.channel.uuid)
    }
  }

  /** Sends INFO; `final` is called when it has been answered. False: there is no call to send it in. */
  sendInfo(contentType: string, body: string, final: () => void = () => {}): boolean {
    const { dialog } = this
    if (dialog?.state !== 'confirmed') return false
    const headers: HeaderLine[] = [
      ['Contact', this.contact],
      ...headerSets(this.profile).brief,
      ['Content-Type', contentType],
      ['Content-Length', '0'],
      ...extraHeaders(this.channel, 'sip_info_h_'),
    ]
    const info = dialog.createRequest('INFO', headers, body)
    dialog.send(info, { final })
    return true
  }

  /** Sends MESSAGE in the dialog (RFC 3428 §4). */
  sendMessage(contentType: string, body: string): boolean {
    const { dialog } = this
    if (dialog?.state !== 'confirmed') return false
    const headers: HeaderLine[] = [
      ...headerSets(this.profile).brief,
      ['Content-Type', contentType],
      ['Content-Length', '0'],
    ]
    dialog.send(dialog.createRequest('MESSAGE', headers, body), {
      final: ({ status, reason }) => {
        if (status >= 300)
          log.info(`a message was not taken: ${status} ${reason}`, this.channel.uuid)
      },
    })
    return true
  }

  phoneEvent(event: 'talk' | 'hold'): boolean {
    return sendPhoneEvent(this, event)
  }

  display(name: string, number: string): void {
    showParty(this, name, number)
  }

  hold(on: boolean): Promise<boolean> {
    return holdFarEnd(this, on)
  }

  deflect(target: string, signal: AbortSignal): Promise<string> {
    return sendDeflect(this, target, signal)
  }

  get awaitsForeignSound(): boolean {
    return this.media.isPromised && !this.channel.isAnswered
  }

  redirectMedia(way: 'past' | 'through', asksFirst: boolean): Promise<boolean> {
    return way === 'past' ? sendPast(this, asksFirst) : resumeMedia(this, true, asksFirst)
  }

  renegotiate(codecs: string | undefined): Promise<boolean> {
    return renegotiate(this, codecs)
  }

  offerAgain(): Promise<boolean> {
    return sendReinvite(this)
  }

  askForPicture(): void {
    askForPicture(this)
  }

  otherGaveUp(sides: readonly Side[]): void {
    for (const side of sides) this.media.sides.drop(side)
    void sendReinvite(this)
  }

  bridged(partner: Channel | undefined): void {
    bridgeBegan(this)
    if (!partner) return
    // Whom it is shown: a caller the callee, a callee its caller.
    const { variables, profile, direction } = this.channel
    const what = direction === 'inbound' ? 'callee' : 'caller'
    variables.set('last_sent_callee_id_name', profile.get(`${what}_id_name`))
    variables.set('last_sent_callee_id_number', profile.get(`${what}_id_number`))
  }

  /** Hangs up for a fault of ours; what failed goes into the log. */
  fail(what: string, thrown: unknown, cause: HangupCause): void {
    log.err(`${what}: ${reasonOf(thrown)}`, this.channel.uuid)
    this.channel.hangup(cause)
  }

  /** The partner that is to have what this leg's headers bring. */
  get headerPartner(): Channel | undefined {
    const { channel } = this
    if (!copiesHeaders(channel)) return undefined
    if (channel.partner) return channel.partner
    const other = channel.variables.get('originator')
    return other ? channel.sw.channels.get(other) : undefined
  }
}
