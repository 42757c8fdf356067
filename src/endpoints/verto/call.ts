/** One call with a browser: what the core asks of it becomes messages to the socket of its session. */
import { reasonOf, SwitchError } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import type { CallerProfile } from '../../core/caller-profile.ts'
import { Channel } from '../../core/channel.ts'
import { causeNumber, type HangupCause } from '../../core/hangup-cause.ts'
import type { ChannelDriver } from '../../core/interfaces.ts'
import { joinSides, offerSides } from '../../core/sides/join-sides.ts'
import { part, type Side } from '../../core/sides/side.ts'
import { noteSidedLeg, type SidedLeg, sidedLegOf } from '../../core/sides/sided-leg.ts'
import { untilSignal } from '../../core/until-signal.ts'
import type { MediaLeg } from '../../media/engine.ts'
import type { Connection } from './connection.ts'
import type { JsonObject } from './json-rpc.ts'
import { VertoMedia } from './media.ts'
import type { VertoProfile } from './profile.ts'
import { untilSecured } from './until-secured.ts'

const log = logger('verto/call')

/** ms that a browser has to take up what it is offered anew while it talks. */
const againMs = 10_000

export interface VertoCallOptions {
  readonly profile: VertoProfile
  /** The session it belongs to. */
  readonly sessid: string
  /** Whose session that is (`Connection.owner`). */
  readonly owner: string
  readonly uuid: string
  readonly name: string
  readonly direction: 'inbound' | 'outbound'
  readonly callerProfile: CallerProfile
  /** For whose sake it is dialled. */
  readonly originator?: Channel | undefined
}

export class VertoCall implements ChannelDriver, SidedLeg {
  readonly profile: VertoProfile
  readonly sessid: string
  readonly owner: string
  readonly channel: Channel
  readonly media: VertoMedia
  /** The browser went off; it has so long to come back. */
  detachment: NodeJS.Timeout | undefined
  /** It must not be kept for a browser that comes back (`recoverCall`). */
  isUnrecoverable = false
  /** Why the browser hung up; it is not told then. */
  remoteCause: HangupCause | undefined
  /** The browser has our answer and believes itself in the call, while ICE and DTLS may still be at work. */
  hasSentAnswer = false
  readonly #originator: Channel | undefined
  #hasSentSound = false
  /** What the browser was shown last. */
  #shown: { name: string; number: string } | undefined

  constructor(options: VertoCallOptions) {
    const { profile, sessid, owner } = options
    this.profile = profile
    this.sessid = sessid
    this.owner = owner
    this.#originator = options.originator
    this.channel = new Channel({
      sw: profile.verto.sw,
      uuid: options.uuid,
      name: options.name,
      source: 'mod_verto',
      direction: options.direction,
      profile: options.callerProfile,
      driver: this,
    })
    this.channel.variables.set('media_webrtc', 'true')
    this.media = new VertoMedia(profile, this.channel)
    profile.verto.calls.set(options.uuid, this)
    noteSidedLeg(this)
  }

  /** The socket of the session; undefined while there is none. */
  get connection(): Connection | undefined {
    return this.profile.verto.sessions.get(this.sessid)
  }

  get isDetached(): boolean {
    return this.detachment !== undefined
  }

  /** Where the other leg's sound lives, so that ours opens beside it. */
  get #near(): MediaLeg | undefined {
    const { channel } = this
    const { variables } = channel
    if (this.#originator) return this.#originator.media
    const other = variables.get('originate_signal_bond') ?? variables.get('signal_bond')
    return channel.partner?.media ?? (other ? channel.sw.channels.get(other)?.media : undefined)
  }

  async dial(): Promise<void> {
    const { channel } = this
    if (channel.direction === 'inbound') return
    if (!this.connection) return channel.hangup('DESTINATION_OUT_OF_ORDER')
    try {
      const other = sidedLegOf(this.#originator)
      if (other) await offerSides(this, other, this.#near)
      const sdp = await this.media.makeOffer(this.#near)
      if (!channel.isUp) return
      if (!this.tell('verto.invite', { variables: this.#ownVariables(), sdp, ...this.parties() }))
        return channel.hangup('DESTINATION_OUT_OF_ORDER')
      // CHANNEL_CREATE comes first.
      setImmediate(() => channel.markRinging())
    } catch (thrown) {
      this.#fail('cannot call', thrown)
    }
  }

  // A caller hears the ringing that its browser makes; there is no message for it.
  ring(): void {}

  async progress(): Promise<void> {
    await this.#sendSound('verto.media')
  }

  async answer(): Promise<void> {
    const { channel } = this
    if (!(await this.#sendSound('verto.answer'))) return
    this.hasSentAnswer = true
    // Sound begins when both have keys; until then it is not answered, whatever was sent.
    const why = await untilSecured(this.media, channel.signal)
    if (why === undefined || !channel.isUp) return
    if (channel.signal.aborted) return
    log.warning(`${channel.name} cannot be heard: ${why}`, channel.uuid)
    channel.variables.set('webrtc_failure', why)
    channel.hangup('DESTINATION_OUT_OF_ORDER')
  }

  /** Our description goes with the first of the two messages only. */
  async #sendSound(method: 'verto.media' | 'verto.answer'): Promise<boolean> {
    const { channel, media } = this
    try {
      const isFirst = !this.#hasSentSound
      if (isFirst) {
        const sdp = await media.makeAnswer(this.#near)
        if (!channel.isUp) return false
        if (sdp === undefined) return this.#noCodec()
        this.#hasSentSound = true
      }
      if (method === 'verto.answer') channel.markEarly()
      const params = {
        ...(isFirst ? { sdp: media.localText } : {}),
        variables: this.#ownVariables(),
      }
      if (this.tell(method, params)) return true
      channel.hangup('DESTINATION_OUT_OF_ORDER')
    } catch (thrown) {
      this.#fail('no sound', thrown)
    }
    return false
  }

  #noCodec(): false {
    const { channel } = this
    log.notice(
      'nothing in common with the browser: see its offer and inbound-codec-string',
      channel.uuid,
    )
    channel.variables.set('endpoint_disposition', 'CODEC NEGOTIATION ERROR')
    channel.hangup('INCOMPATIBLE_DESTINATION')
    return false
  }

  #fail(what: string, thrown: unknown): void {
    if (!this.channel.isUp) return
    log.err(`${what}: ${reasonOf(thrown)}`, this.channel.uuid)
    const codeOf = thrown instanceof SwitchError ? thrown.code : ''
    const isCodec = codeOf === 'MEDIA_NO_CODEC' || codeOf === 'SDP_BAD'
    this.channel.hangup(isCodec ? 'INCOMPATIBLE_DESTINATION' : 'DESTINATION_OUT_OF_ORDER')
  }

  /** Browsers know texts alone; which kind of text it is they are not told. */
  sendMessage(_contentType: string, body: string): boolean {
    const { channel } = this
    const from = channel.partner?.text('presence_id') ?? channel.profile.get('destination_number')
    const to = channel.text('presence_id') ?? ''
    return this.tell('verto.info', { msg: { from, to, body } })
  }

  sendDtmf(digits: string, ms: number): void {
    this.channel.media?.sendDtmf(digits, ms)
  }

  /** Offers the sound anew: the browser answers as one that came back does. */
  renegotiate(): Promise<boolean> {
    return this.reattach().then(() => true)
  }

  /** The browser has said yes: whoever called it is answered with what both have beside the sound. */
  passAnswer(): void {
    const { sides, remoteText } = this.media
    sidedLegOf(this.#originator)?.media.sides.plan(sides.accepted(remoteText))
  }

  /**
   * Offers the browser what is new. A browser is offered nothing anew but as one that came back is, and it is asked for its camera
   * only where its last description had one.
   */
  async offerAgain(): Promise<boolean> {
    const { channel, media, connection } = this
    const news = media.sides.all.filter(({ isNews }) => isNews)
    if (news.length === 0) return true
    const has = (kind: string) =>
      media.remote?.media.some((section) => section.kind === kind && section.port !== 0)
    if (
      !connection ||
      this.isDetached ||
      !channel.isAnswered ||
      !news.every(({ kind }) => has(kind))
    )
      return false
    const taken = untilSignal(this.channel, ['reattached'], againMs)
    await this.reattach()
    return taken
  }

  // Its ports stay, for it goes on sending to them, and serve again when the other party has the like again.
  otherGaveUp(sides: readonly Side[]): void {
    for (const side of sides) part(side)
  }

  askForPicture(): void {
    this.media.sides.askForPicture()
  }

  /** Joins what it has beside the sound with its partner's, unless it is held or away. */
  joinSides(): Promise<void> {
    return joinSides(this, sidedLegOf(this.channel.partner))
  }

  /** The browser has taken it up again. */
  attached(): void {
    clearTimeout(this.detachment)
    this.detachment = undefined
    this.#displayAgain()
    this.channel.signals.emit('reattached', undefined)
    void this.joinSides()
  }

  /**
   * Tells a browser that came back of the call; until it answers with a description of its own, its time runs on. `holdState` and
   * `seconds` (since the answer) are ours: the page knows nothing of either any more.
   */
  async reattach(): Promise<void> {
    const { channel, media } = this
    media.restart()
    try {
      const sdp = await media.makeOffer(undefined)
      if (!channel.isUp) return
      this.tell('verto.attach', {
        variables: this.#ownVariables(),
        sdp,
        ...this.parties(),
        holdState: channel.isHeld ? 'held' : 'active',
        seconds: Math.trunc((Date.now() - channel.profile.times.answered / 1000) / 1000),
      })
    } catch (thrown) {
      this.#fail('cannot offer the call anew', thrown)
    }
  }

  display(name: string, number: string): void {
    if (this.#shown?.name === name && this.#shown.number === number) return
    this.#shown = { name, number }
    const { variables } = this.channel
    variables.set('last_sent_display_name', name)
    variables.set('last_sent_display_number', number)
    this.tell('verto.display', { display_name: name, display_number: number, ...this.parties() })
  }

  /** The same again, for a browser that came back. */
  #displayAgain(): void {
    const shown = this.#shown
    this.#shown = undefined
    if (shown) this.display(shown.name, shown.number)
  }

  bridged(partner: Channel | undefined): void {
    void this.joinSides()
    if (!partner) return
    // Whom it is shown: a caller the callee, a callee its caller.
    const { profile, direction } = this.channel
    const what = direction === 'inbound' ? 'callee' : 'caller'
    const number = profile.get(`${what}_id_number`)
    this.display(profile.get(`${what}_id_name`) || number, number)
  }

  hangup(cause: HangupCause): void {
    const { verto } = this.profile
    clearTimeout(this.detachment)
    this.detachment = undefined
    verto.calls.delete(this.channel.uuid)
    if (this.remoteCause) return
    this.channel.variables.set('verto_hangup_disposition', 'send_bye')
    this.tell('verto.bye', { causeCode: causeNumber(cause), cause })
  }

  /** A message about this call; false when there is no socket for it. */
  tell(method: string, params: JsonObject): boolean {
    return this.connection?.notify(method, { callID: this.channel.uuid, ...params }) ?? false
  }

  /** Names and numbers of both sides, and what the dialplan adds (`verto_h_…`). */
  parties(): JsonObject {
    const { channel } = this
    const fields: Record<string, string> = {}
    for (const name of [
      'caller_id_name',
      'caller_id_number',
      'callee_id_name',
      'callee_id_number',
    ]) {
      const value = channel.text(name)
      if (value) fields[name] = value
    }
    fields['display_direction'] = channel.direction
    for (const [name] of channel.variables.entries()) {
      if (/^verto_h_/i.test(name)) fields[name] = channel.variables.get(name) ?? ''
    }
    return fields
  }

  /** `verto_svar_…`, without that word. */
  #ownVariables(): JsonObject {
    const { variables } = this.channel
    // FreeSWITCH sends them as an event; its name is what clients see of that.
    const found: Record<string, string> = { 'Event-Name': 'CHANNEL_DATA' }
    for (const [name] of variables.entries()) {
      if (/^verto_svar_/i.test(name))
        found[name.slice('verto_svar_'.length)] = variables.get(name) ?? ''
    }
    return found
  }
}
