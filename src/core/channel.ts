/**
 * A channel: one party as the core sees it. It holds state and announces changes; what is done with channels
 * (originate, bridge, play…) are functions in files of their own. It is long because every feature keeps what it knows of a
 * channel here, one field each; no verb is among them.
 */
import { Emitter } from '../base/emitter.ts'
import { reasonOf } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import type { MediaLeg } from '../media/engine.ts'
import { Activity } from './activity.ts'
import type { CallerProfile } from './caller-profile.ts'
import { addChannelHeaders, addChannelVariables, carriesVariables } from './channel-event.ts'
import type { CallState, ChannelState } from './channel-states.ts'
import { allowedMoves, callStates, stateName, stateNumber } from './channel-states.ts'
import { CommandQueue } from './command-queue.ts'
import { DigitFilters } from './digit-filters.ts'
import type { Digit } from './digit-queue.ts'
import { DigitQueue } from './digit-queue.ts'
import { DigitRules } from './digit-rules.ts'
import type { EventName, SwitchEvent } from './events.ts'
import type { HangupCause } from './hangup-cause.ts'
import { beginHold, endHold } from './hold-record.ts'
import { runHooks } from './hooks.ts'
import type { ChannelDriver, PlannedAction } from './interfaces.ts'
import { noteProgress, noteProgressMedia } from './progress-times.ts'
import { receiveDigit } from './receive-digit.ts'
import { announceRtcp } from './rtcp-event.ts'
import { deliverDigits } from './send-digits.ts'
import type { Switch } from './switch.ts'
import { nowMicros } from './time/times.ts'
import { plainField } from './untrusted.ts'
import type { VariableValue } from './variables.ts'
import { arrayText, isTrue, Variables } from './variables.ts'

const log = logger('core/channel')

/** What others may wait for on a channel. */
export type ChannelSignals = {
  /** 180 came or was sent. */
  ringing: undefined
  /** Sound before the answer. */
  progress: undefined
  answered: undefined
  hangup: HangupCause
  digit: Digit
  /** Who takes its digits may have changed: a filter came or went, an application runs beside the bridge. */
  keys: undefined
  state: ChannelState
  /** The far end put us on hold or took us off. */
  hold: boolean
  /** The far end lost its connection and has taken the call up again: it knows nothing of what it was told before. */
  reattached: undefined
  /** Another channel takes the place of this one, which was dialled (pickup). */
  taken: Channel
  /** The media leg was opened or replaced. */
  media: MediaLeg
  /** It hears another channel from now on; undefined: that is over. */
  bridged: Channel | undefined
}

/** A codec as events and `show channels` print it. */
export interface CodecFace {
  readonly name: string
  readonly rate: number
  readonly bitRate: number
}

export interface ChannelOptions {
  readonly sw: Switch
  readonly uuid: string
  /** `sofia/internal/1000@example.com` */
  readonly name: string
  /** The endpoint module: `mod_sofia`. */
  readonly source: string
  readonly direction: 'inbound' | 'outbound'
  readonly profile: CallerProfile
  readonly driver: ChannelDriver
}

export class Channel {
  readonly sw: Switch
  readonly uuid: string
  readonly source: string
  readonly direction: 'inbound' | 'outbound'
  readonly variables = new Variables()
  /** Variables of the applications that run now (`%[a=b]`), innermost last. */
  readonly scopes: Variables[] = []
  readonly signals = new Emitter<ChannelSignals>()
  /** Digits that arrived and nobody has taken yet. */
  readonly digits = new DigitQueue()
  /** What sees its digits first. */
  readonly keys = new DigitFilters(() => this.signals.emit('keys', undefined))
  readonly digitRules = new DigitRules()
  /** Applications that commands asked this channel to run; taken by whatever application waits (`attend`). */
  readonly queue = new CommandQueue()
  readonly driver: ChannelDriver
  readonly createdAt = Date.now()

  name: string
  profile: CallerProfile
  media: MediaLeg | undefined
  readCodec: CodecFace | undefined
  writeCodec: CodecFace | undefined
  /** How its sound is encrypted (`srtp:sdes:AES_CM_128_HMAC_SHA1_80`); empty: not at all. */
  secureType = ''
  /** The channel it is bridged with. */
  partner: Channel | undefined
  /** What CS_EXECUTE runs; taken from the front. */
  actions: PlannedAction[] = []
  /** What CS_SOFT_EXECUTE runs instead of the dialplan (uuid_bridge, intercept). */
  task: ((signal: AbortSignal) => Promise<void>) | undefined
  hangupCause: HangupCause | undefined
  /** An outbound leg belongs to whoever dials it until handed over; then the dialplan may have it. */
  isOriginating: boolean
  /** Dialled, but nobody waits for it alone (`pickup/`): it is given up when the other legs are gone. */
  isStandby = false
  hasHitDialplan = false
  isRinging = false
  isEarly = false
  isAnswered = false
  /** Its early sound counts as reached, whatever who dials it said before (uuid_early_ok). */
  isEarlyAccepted = false
  /** The far end holds us. */
  isHeld = false
  /** Who alone is told its digits and tones (`divert_events`). */
  divert: ((event: SwitchEvent) => void) | undefined
  /** It is in a conference: whoever calls is told so before the answer (`isfocus`, RFC 4579 §5.1). */
  isFocus = false
  /** Video that its party offers is refused (`novideo`). */
  refusesVideo = false
  /** Another channel takes over its call (intercept): whoever was dialled for it is told that it was answered elsewhere. */
  isIntercepted = false
  /** Who answered it, or what it dialled further, has pressed the key that takes the call (`group_confirm_key`): it is not asked again. */
  isConfirmed = false
  /** It talks with a third party while its partner waits (att_xfer); resolves when that is over. */
  consultation: Promise<void> | undefined
  /** Queued applications that run now beside what it does: its digits are theirs. */
  guests = 0
  /** How deep applications call applications. */
  depth = 0
  /** Which profile `Other-Leg-` shows. */
  otherLeg: 'originator' | 'originatee' | undefined
  /** The application that runs, for `show channels`. */
  runningState: ChannelState = 'new'

  #state: ChannelState = 'new'
  #callState: CallState = 'DOWN'
  #activities: Activity[] = []
  #moved: (() => void) | undefined
  #profileCount = 1

  constructor(options: ChannelOptions) {
    this.sw = options.sw
    this.uuid = options.uuid
    this.name = plainField(options.name)
    this.source = options.source
    this.direction = options.direction
    this.driver = options.driver
    this.profile = options.profile
    this.isOriginating = options.direction === 'outbound'
    this.#adopt(options.profile)
    this.profile.times.created = nowMicros()
    this.variables.set('direction', options.direction)
    if (options.direction === 'outbound') this.variables.set('is_outbound', 'true')
    this.variables.set('uuid', options.uuid)
    this.variables.set('session_id', String(options.sw.nextSessionId()))
    this.variables.set('channel_name', this.name)
    if (!this.variables.has('call_uuid')) this.variables.set('call_uuid', options.uuid)
  }

  get state(): ChannelState {
    return this.#state
  }

  get callState(): CallState {
    return this.#callState
  }

  /** Not yet hung up. */
  get isUp(): boolean {
    return stateNumber(this.#state) < stateNumber('hangup')
  }

  /** Sound can flow. */
  get hasMedia(): boolean {
    return (this.isEarly || this.isAnswered) && this.media !== undefined
  }

  /** Aborts when the innermost activity must end. */
  get signal(): AbortSignal {
    return this.activity.signal
  }

  /**
   * Asks for another state; whatever runs now is aborted and the new state follows when it has unwound.
   * Asking for the state it is in starts it anew. Returns false, with a log line, when that cannot be.
   */
  moveTo(state: ChannelState): boolean {
    if (!allowedMoves[this.#state].includes(state)) {
      if (this.isUp) log.warning(`cannot go from ${this.#state} to ${state}`, this.uuid)
      return false
    }
    this.#state = state
    this.signals.emit('state', state)
    const running = this.#activities
    this.#activities = []
    for (const activity of running) activity.abort()
    this.#moved?.()
    this.#moved = undefined
    return true
  }

  /** Resolves when the state changes (or is asked for again). For the state loop. */
  untilMoved(): Promise<void> {
    return new Promise((resolve) => {
      const before = this.#moved
      this.#moved = () => {
        before?.()
        resolve()
      }
    })
  }

  /** The innermost activity; an ended one when nothing goes on. */
  get activity(): Activity {
    return this.#activities.at(-1) ?? ended
  }

  /**
   * Begins something that a hangup, a transfer or (innermost only, unless it `ignoresBreak`) a break must end. `finish` it when it
   * is over.
   */
  begin(ignoresBreak = false): Activity {
    const activity = new Activity(ignoresBreak)
    this.#activities.push(activity)
    return activity
  }

  finish(activity: Activity): void {
    const index = this.#activities.lastIndexOf(activity)
    if (index >= 0) this.#activities.splice(index, 1)
  }

  /** Ends the innermost activity only (uuid_break); a channel that merely waits goes on waiting. */
  break(): void {
    const activity = this.#activities.at(-1)
    if (activity && !activity.ignoresBreak) activity.abort()
  }

  setCallState(callState: CallState): void {
    const before = this.#callState
    if (before === callState) return
    this.#callState = callState
    this.announce('CHANNEL_CALLSTATE', (event) => {
      event.add('Original-Channel-Call-State', before)
      event.add('Channel-Call-State-Number', String(callStates.indexOf(callState)))
    })
  }

  /** The far end rings (180), or we told the caller so. */
  markRinging(): void {
    if (this.isRinging || this.isAnswered || !this.isUp) return
    this.isRinging = true
    noteProgress(this)
    this.announce('CHANNEL_PROGRESS')
    log.info(`ringing ${this.name}`, this.uuid)
    if (!this.isEarly) this.setCallState('RINGING')
    this.signals.emit('ringing', undefined)
    runHooks(this, 'ring')
  }

  /** Sound flows before the answer (183). `channel.media` is there. */
  markEarly(): void {
    if (this.isEarly || this.isAnswered || !this.isUp) return
    this.isEarly = true
    noteProgressMedia(this)
    this.announce('CHANNEL_PROGRESS_MEDIA')
    log.info(`early media ${this.name}`, this.uuid)
    this.setCallState('EARLY')
    this.signals.emit('progress', undefined)
    runHooks(this, 'pre_answer')
    runHooks(this, 'media')
  }

  /** The call is answered, by us or by the far end. `channel.media` is there. */
  markAnswered(): void {
    if (this.isAnswered || !this.isUp) return
    this.isAnswered = true
    this.profile.times.answered = nowMicros()
    this.announce('CHANNEL_ANSWER')
    log.notice(`answered ${this.name}`, this.uuid)
    this.setCallState('ACTIVE')
    this.variables.set('endpoint_disposition', 'ANSWER')
    this.signals.emit('answered', undefined)
    runHooks(this, 'answer')
    if (!this.isEarly) runHooks(this, 'media')
  }

  /** The far end put us on hold or took us off. */
  markHeld(on: boolean): void {
    if (this.isHeld === on || !this.isUp) return
    this.isHeld = on
    if (on) {
      beginHold(this)
      this.setCallState('HELD')
      this.announce('CHANNEL_HOLD')
    } else {
      endHold(this)
      this.setCallState('UNHELD')
      this.setCallState('ACTIVE')
      this.announce('CHANNEL_UNHOLD')
    }
    this.signals.emit('hold', on)
  }

  /** Attaches the sound; the leg's digits arrive here from now on. */
  attachMedia(media: MediaLeg): void {
    this.media = media
    this.digitRules.isDropping ||= isTrue(this.variables.get('drop_dtmf'))
    this.digitRules.applyToNew(media)
    // A leg that was given up meanwhile (`detachMedia`) has no say any more.
    const ifOurs = (act: () => void) => this.media === media && act()
    media.events.on('dtmf', (received) => ifOurs(() => receiveDigit(this, received)))
    media.events.on('digits to send', ({ digits, ms }) =>
      ifOurs(() => deliverDigits(this, digits, ms)),
    )
    media.events.on('timeout', () => ifOurs(() => this.#mediaTimedOut()))
    media.events.on('rtcp', (report) => ifOurs(() => announceRtcp(this, report)))
    media.events.on('closed', () => ifOurs(() => this.hangup('DESTINATION_OUT_OF_ORDER')))
    this.signals.emit('media', media)
  }

  /** Nothing was heard of the party for too long: what `execute_on_media_timeout` says, else the end. */
  #mediaTimedOut(): void {
    if (this.variables.has('execute_on_media_timeout')) runHooks(this, 'media_timeout')
    else this.hangup('MEDIA_TIMEOUT')
  }

  /** Ends the call for this party. The first cause stays. */
  hangup(cause: HangupCause): void {
    if (!this.isUp) return
    this.hangupCause = cause
    if (this.isHeld) endHold(this)
    this.profile.times.hungUp = nowMicros()
    this.moveTo('hangup')
    this.announce('CHANNEL_HANGUP')
    log.notice(`hangup ${this.name} [${stateName(this.runningState)}] [${cause}]`, this.uuid)
    try {
      this.driver.hangup(cause)
    } catch (thrown) {
      log.err(`the endpoint failed to hang up: ${reasonOf(thrown)}`, this.uuid)
    }
    this.signals.emit('hangup', cause)
  }

  /** Replaces the caller profile (a transfer); the old one stays behind it. */
  replaceProfile(profile: CallerProfile): void {
    const old = this.profile
    profile.previous = old
    profile.index = ++this.#profileCount
    const times = profile.times
    old.times.transferred = times.profileCreated
    times.answered = old.times.answered
    times.progress = old.times.progress
    times.progressMedia = old.times.progressMedia
    times.created = old.times.created
    times.hungUp = old.times.hungUp
    this.#adopt(profile)
    this.profile = profile
  }

  rename(name: string): void {
    this.name = plainField(name)
    this.variables.set('channel_name', this.name)
    this.profile.set('chan_name', this.name)
  }

  /** A variable as `${}` sees it: scopes, variables, profile fields, then the switch's own. */
  lookup(name: string): VariableValue | undefined {
    for (let i = this.scopes.length - 1; i >= 0; i--) {
      const value = this.scopes[i]?.value(name)
      if (value !== undefined) return value
    }
    return this.variables.value(name) ?? this.profile.read(name) ?? this.sw.globals.get(name)
  }

  /** The same as one text. */
  text(name: string): string | undefined {
    const value = this.lookup(name)
    return value === undefined || typeof value === 'string' ? value : arrayText(value)
  }

  /** Fires an event about this channel, if somebody wants it. */
  announce(name: EventName, fill?: (event: SwitchEvent) => void, subclass?: string): void {
    const { events, verboseEvents } = this.sw
    const complete = (event: SwitchEvent) => {
      addChannelHeaders(event, this)
      const wantsAll = isTrue(this.variables.get('verbose_events')) || verboseEvents
      if (wantsAll || carriesVariables(name)) addChannelVariables(event, this)
      fill?.(event)
    }
    if (!this.divert || !diverted.has(name)) return events.announce(name, complete, subclass)
    const event = events.create(name, subclass)
    complete(event)
    this.divert(event)
  }

  #adopt(profile: CallerProfile): void {
    profile.direction = this.direction
    profile.logicalDirection = this.direction
    profile.set('uuid', this.uuid)
    profile.set('chan_name', this.name)
    profile.set('source', this.source)
    if (!profile.get('context')) profile.set('context', 'default')
  }
}

/** What goes to the one who has the channel's events diverted. */
const diverted: ReadonlySet<EventName> = new Set(['DTMF', 'DETECTED_TONE', 'DETECTED_SPEECH'])

const ended = new Activity(false)
ended.abort()
