/**
 * Waits for a group of legs that ring together until one is won, all are gone, or time is up. Driven by the legs' signals and one
 * timer; nothing is polled.
 */
import type { Timer } from '../../base/clock.ts'
import { systemClock } from '../../base/clock.ts'
import { reasonOf } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import type { Channel } from '../channel.ts'
import type { HangupCause } from '../hangup-cause.ts'
import { runHooks } from '../hooks.ts'
import { EarlyTones } from './early-tones.ts'
import { askToConfirm } from './originate-confirm.ts'
import type { AttemptContext } from './originate-leg.ts'
import { startLeg } from './originate-leg.ts'
import { isGone, isStandby, type Member } from './originate-member.ts'
import type { GroupEnd } from './originate-outcome.ts'
import { isFatalReject } from './originate-outcome.ts'
import type { Ringback } from './originate-ringback.ts'
import { confirmSettings } from './originate-settings.ts'

const log = logger('core/originate')

export interface WatchResult {
  readonly end: GroupEnd
  readonly winner: Channel | undefined
  /** The whole attempt's time is up: later groups are not tried. */
  readonly timedOut: boolean
  /** A cause that stands for the attempt whatever else happened. */
  readonly forced: HangupCause | undefined
}

export class GroupWatch {
  readonly #context: AttemptContext
  readonly #members: readonly Member[]
  /** How many legs the group names, those that never came to be included. */
  readonly #size: number
  readonly #ringback: Ringback | undefined
  readonly #handles: Disposable[] = []
  /** Of legs whose early sound is listened to. */
  readonly #tones = new Map<Channel, EarlyTones>()
  #confirming: AbortController | undefined
  readonly #startedAt = performance.now()
  #timer: Timer | undefined
  #sawProgress = false
  #acceptsEarly: boolean
  #forced: HangupCause | undefined
  #finish: ((result: WatchResult) => void) | undefined

  constructor(
    context: AttemptContext,
    members: readonly Member[],
    size: number,
    ringback: Ringback | undefined,
  ) {
    this.#context = context
    this.#members = members
    this.#size = size
    this.#ringback = ringback
    this.#acceptsEarly = context.settings.earlyMedia === 'winner'
  }

  run(): Promise<WatchResult> {
    return new Promise((resolve) => {
      this.#finish = resolve
      const { originator, signal, settings } = this.#context
      const check = () => this.#check()
      for (const { channel } of this.#members) {
        const { signals } = channel
        this.#handles.push(
          signals.on('ringing', check),
          signals.on('progress', check),
          signals.on('answered', check),
          signals.on('state', check),
          signals.on('taken', (other) => this.#take(channel, other)),
        )
        const tones = EarlyTones.of(channel, check)
        if (tones) this.#tones.set(channel, tones)
      }
      const cancel = () => this.#end('cancelled')
      if (originator) {
        const { signals } = originator
        this.#handles.push(signals.on('state', cancel))
        const key = originator.variables.get('origination_cancel_key')
        if (key) this.#handles.push(signals.on('digit', () => this.#takeCancelKey(key)))
      }
      const give = () => {
        // Another part of an enterprise attempt was faster.
        if (signal?.reason === 'LOSE_RACE') this.#forced ??= 'LOSE_RACE'
        cancel()
      }
      if (signal) {
        signal.addEventListener('abort', give, { once: true })
        this.#handles.push({
          [Symbol.dispose]: () => signal.removeEventListener('abort', give),
        })
        if (signal.aborted) return give()
      }
      if (originator?.isUp === false) return cancel()
      if (settings.ringsAtOnce && this.#ringback?.hasSound) this.#ringback.ring(undefined)
      this.#onTime()
      this.#check()
    })
  }

  #end(end: GroupEnd, more: { winner?: Channel; timedOut?: boolean } = {}): void {
    const finish = this.#finish
    if (!finish) return
    this.#finish = undefined
    this.#timer?.cancel()
    this.#confirming?.abort()
    for (const handle of [...this.#handles, ...this.#tones.values()]) handle[Symbol.dispose]()
    finish({
      end,
      winner: more.winner,
      timedOut: more.timedOut ?? false,
      forced: this.#forced,
    })
  }

  #takeCancelKey(key: string): void {
    const { originator } = this.#context
    for (let digit = originator?.digits.take(); digit; digit = originator?.digits.take()) {
      if (digit.digit === key[0]) return this.#end('cancelled by key')
    }
  }

  /** Another channel takes the place of a leg and wins with it. */
  #take(leg: Channel, other: Channel): void {
    if (!this.#finish) return
    leg.hangup('PICKED_OFF')
    other.isOriginating = true
    other.variables.set('picked_up_uuid', leg.uuid)
    other.moveTo('hibernate')
    runHooks(other, 'pickup')
    this.#end('won', { winner: other })
  }

  /** Something about a leg changed. */
  #check(): void {
    if (!this.#finish) return
    const { settings } = this.#context
    let gone = this.#size - this.#members.length
    for (const member of this.#members) {
      const { channel } = member
      if (member.isRequired && !channel.isUp) {
        for (const other of this.#members) other.channel.hangup(channel.hangupCause ?? 'NO_ANSWER')
        return this.#end('all gone')
      }
      if (isGone(member)) {
        gone++
        continue
      }
      this.#relay(member)
      if (member.isConfirmed) return this.#end('won', { winner: channel })
      const isReached =
        channel.isAnswered ||
        (this.#isEarlyEnough(channel) && channel.isEarly) ||
        (settings.returnsRing && this.#size === 1 && channel.isRinging)
      if (!isReached || member.isAsked) continue
      const confirm = confirmSettings((name) => channel.variables.get(name)) ?? settings.confirm
      // A leg that is itself a dial string (`user/`), or dials further, was asked by the attempt behind it.
      if (!confirm || channel.isConfirmed) return this.#end('won', { winner: channel })
      this.#ask(member, confirm)
    }
    const standing = this.#members.filter((one) => !isGone(one) && isStandby(one)).length
    if (gone === this.#size || (gone > 0 && gone + standing === this.#size)) {
      return this.#giveUpStandby()
    }
    if (gone > 0) {
      this.#onTime()
      if (settings.failOn !== undefined && this.#isRejected(settings.failOn)) this.#end('timeout')
    }
  }

  #giveUpStandby(): void {
    const standing = this.#members.filter((one) => !isGone(one))
    this.#end('all gone')
    for (const { channel } of standing) channel.hangup('NO_PICKUP')
  }

  #isRejected(failOn: 'any' | string): boolean {
    if (failOn === 'any') return true
    return this.#members.some(
      ({ channel }) => channel.hangupCause && isFatalReject(failOn, channel.hangupCause),
    )
  }

  /** Whether early sound of the leg counts as reached. */
  #isEarlyEnough(channel: Channel): boolean {
    if (channel.isEarlyAccepted) return true
    return this.#acceptsEarly && this.#tones.get(channel)?.awaitsRing !== true
  }

  /** Lets the A-leg know that a leg rings or can be heard. */
  #relay({ channel }: Member): void {
    const { settings } = this.#context
    const ringback = this.#ringback
    const callee = this.#size === 1 ? channel : undefined
    if (channel.isRinging && !settings.ignoresRing) ringback?.ring(callee)
    if (!channel.isEarly) return
    this.#sawProgress = true
    if (this.#isEarlyEnough(channel) || channel.isAnswered) return
    if (settings.earlyMedia === 'bridge') ringback?.connect(channel)
    else if (ringback?.hasSound) ringback.ring(undefined)
    else if (settings.earlyMedia === 'ring' && callee && !settings.ignoresRing) {
      ringback?.ring(callee)
    }
  }

  #ask(member: Member, confirm: NonNullable<ReturnType<typeof confirmSettings>>): void {
    member.isAsked = true
    if (confirm.timeoutSeconds !== undefined) {
      const until =
        confirm.timeoutSeconds === 0
          ? Number.POSITIVE_INFINITY
          : this.#elapsed() + confirm.timeoutSeconds * 1000
      member.limitMs = until
      member.progressMs = until
      this.#onTime()
    }
    this.#confirming ??= new AbortController()
    void askToConfirm(member.channel, confirm, this.#confirming.signal)
      .then((confirmed) => {
        if (!confirmed || !this.#finish) return
        member.isConfirmed = true
        member.channel.isConfirmed = true
        if (this.#context.originator) this.#context.originator.isConfirmed = true
        member.channel.variables.set('group_dial_status', 'winner')
        for (const name of [
          'group_confirm_key',
          'group_confirm_file',
          'group_confirm_error_file',
          'group_confirm_cancel_timeout',
          'group_confirm_read_timeout',
        ]) {
          member.channel.variables.unset(name)
        }
        this.#check()
      })
      .catch((thrown: unknown) => {
        log.err(`asking for the key failed: ${reasonOf(thrown)}`, member.channel.uuid)
        member.channel.hangup('DESTINATION_OUT_OF_ORDER')
      })
  }

  #elapsed(): number {
    // Timers may come a part of a millisecond early.
    return performance.now() - this.#startedAt + 1
  }

  /** Starts what is due, gives up what is overdue, and sets the timer for what comes next. */
  #onTime(): void {
    this.#timer?.cancel()
    const { settings } = this.#context
    this.#releaseDelayed()
    if (!this.#finish) return
    const elapsed = this.#elapsed()
    let next = Number.POSITIVE_INFINITY
    for (const member of this.#members) {
      if (isGone(member)) continue
      const { channel } = member
      if (!member.isStarted) next = Math.min(next, member.delayMs)
      const showsLife = channel.isRinging || channel.isAnswered || channel.isEarly
      if (elapsed >= member.progressMs && !showsLife) {
        this.#forced = 'PROGRESS_TIMEOUT'
        channel.hangup('PROGRESS_TIMEOUT')
      } else if (elapsed >= member.limitMs) channel.hangup('ALLOTTED_TIMEOUT')
      else next = Math.min(next, member.limitMs, showsLife ? next : member.progressMs)
      if (!this.#finish) return
    }
    const totalMs = settings.timeoutSeconds * 1000
    const failOn = settings.failOn
    if (elapsed >= totalMs) {
      // With a list in fail_on_single_reject FreeSWITCH lets the time run on unless a listed cause came.
      const excused = failOn !== undefined && failOn !== 'any' && !this.#isRejected(failOn)
      if (!excused) return this.#end('timeout', { timedOut: true })
    } else next = Math.min(next, totalMs)
    if (!this.#sawProgress && !this.#ringback?.hasRung) {
      const progressMs = settings.progressSeconds * 1000
      if (elapsed >= progressMs) {
        this.#forced ??= 'PROGRESS_TIMEOUT'
        return this.#end('timeout', { timedOut: elapsed >= totalMs })
      }
      next = Math.min(next, progressMs)
    }
    // What was done above may have led here already.
    this.#timer?.cancel()
    if (!this.#finish || next === Number.POSITIVE_INFINITY) return
    this.#timer = systemClock.after(Math.max(1, next - elapsed), () => this.#onTime())
  }

  /** Legs with `leg_delay_start` begin when their time comes, or earlier when no other leg is left to wait for. */
  #releaseDelayed(): void {
    const waiting = this.#members.filter((member) => !member.isStarted && !isGone(member))
    if (waiting.length === 0) return
    const elapsed = this.#elapsed()
    if (!this.#members.some((member) => member.isStarted && !isGone(member))) {
      const early = Math.min(...waiting.map((member) => member.delayMs)) - elapsed
      if (early > 0) {
        for (const member of waiting) {
          member.delayMs -= early
          member.limitMs -= early
          member.progressMs -= early
        }
      }
    }
    for (const member of waiting) {
      if (member.delayMs > elapsed) continue
      member.isStarted = true
      startLeg(member.channel)
    }
  }
}
