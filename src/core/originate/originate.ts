/**
 * Originate: dials a dial string until somebody answers. Legs of a group ring together, groups one after the other,
 * enterprise parts each by itself (originate-enterprise.ts).
 */
import { delay } from '../../base/clock.ts'
import { logger } from '../../base/log.ts'
import { answer, preAnswer } from '../answer.ts'
import type { CallerProfile } from '../caller-profile.ts'
import type { Channel } from '../channel.ts'
import type { HangupCause } from '../hangup-cause.ts'
import { runHooks } from '../hooks.ts'
import { separate } from '../separate.ts'
import { startChannel } from '../state-loop.ts'
import type { Switch } from '../switch.ts'
import { isFalse, isTrue, Variables } from '../variables.ts'
import type { DialGroup, DialLeg } from './dial-string.ts'
import { isEnterprise, parseDialString } from './dial-string.ts'
import { originateEnterprise } from './originate-enterprise.ts'
import type { AttemptContext } from './originate-leg.ts'
import { createLeg, snapshot, startLeg } from './originate-leg.ts'
import { dialStatus, groupCause, isFatalReject, loserCause } from './originate-outcome.ts'
import { inheritCodec, passCallee, Ringback } from './originate-ringback.ts'
import {
  defaultTimeoutSeconds,
  inheritSettings,
  readOriginateSettings,
} from './originate-settings.ts'
import type { Member, WatchResult } from './originate-watch.ts'
import { GroupWatch, isGone, memberOf } from './originate-watch.ts'

const log = logger('core/originate')

export interface OriginateRequest {
  readonly dialString: string
  /** The channel for whose sake it is dialled; its hangup or transfer cancels the attempt. */
  readonly originator?: Channel | undefined
  /** Default 60. The originator's `call_timeout` and the dial string's `originate_timeout` win over it. */
  readonly timeoutSeconds?: number | undefined
  /** For every leg, as if they stood in `{}` before all others. */
  readonly variables?: Variables | undefined
  readonly callerName?: string | undefined
  readonly callerNumber?: string | undefined
  /** The profile the legs start from instead of the originator's. */
  readonly profile?: CallerProfile | undefined
  /** Cancels the attempt. */
  readonly signal?: AbortSignal | undefined
  /** The A-leg where it is not the originator (parts of an enterprise attempt). */
  readonly distantOriginator?: Channel | undefined
  /** Only creates the first leg and gives it back unstarted (endpoints that dial further while several ring). */
  readonly onlyCreates?: boolean | undefined
}

export type OriginateResult =
  | { readonly channel: Channel; readonly cause?: undefined }
  | { readonly cause: HangupCause; readonly channel?: undefined }

/** Why an attempt over one group failed, and whether others may still be tried. */
interface Failure {
  readonly cause: HangupCause
  readonly isFinal: boolean
}

/** Dials. On success the channel is up, belongs to nobody and does nothing: bridge, transfer or execute it. Never rejects. */
export async function originate(sw: Switch, request: OriginateRequest): Promise<OriginateResult> {
  const { originator } = request
  if (originator && isFalse(originator.variables.get('preserve_originated_vars'))) {
    originator.variables.unset('originated_legs')
    originator.variables.unset('originate_causes')
  }
  if (isEnterprise(request.dialString)) return originateEnterprise(sw, request, originate)
  if (originator) {
    runHooks(originator, 'pre_originate')
  }
  const attempt = new Attempt(sw, request)
  const result = await attempt.run()
  if (originator) {
    runHooks(originator, 'post_originate')
    if (attempt.hangsUpOnReject && result.cause) originator.hangup(result.cause)
  }
  return result
}

class Attempt {
  readonly #sw: Switch
  readonly #request: OriginateRequest
  readonly #originator: Channel | undefined
  readonly #shared: Variables
  #forced: HangupCause | undefined
  hangsUpOnReject = false

  constructor(sw: Switch, request: OriginateRequest) {
    this.#sw = sw
    this.#request = request
    this.#originator = request.originator
    this.#shared = request.variables?.copy() ?? new Variables()
  }

  async run(): Promise<OriginateResult> {
    const { dialString, signal } = this.#request
    const originator = this.#originator
    const shared = this.#shared
    if (originator) exportVariables(originator, shared)
    const allowsNested = this.#allowsNested(dialString)
    const parsed = parseDialString(dialString, shared)
    if (!parsed || parsed.groups.length === 0) {
      log.err(`nothing to dial in ${dialString}`, originator?.uuid)
      return this.#failed(groupCause('all gone', [], [], originator !== undefined))
    }
    if (originator) {
      inheritSettings(shared, originator)
      originator.variables.set('originate_disposition', 'failure')
      originator.variables.set('DIALSTATUS', 'INVALIDARGS')
    }
    const settings = readOriginateSettings(shared, this.#timeoutSeconds(), allowsNested)
    this.hangsUpOnReject = settings.hangsUpOnReject
    const context: AttemptContext = {
      sw: this.#sw,
      originator,
      distantOriginator: this.#request.distantOriginator,
      shared,
      settings,
      profile: this.#request.profile,
      callerName: this.#request.callerName,
      callerNumber: this.#request.callerNumber,
      signal,
    }
    if (this.#request.onlyCreates) return this.#create(context, parsed.groups)
    if (settings.delayStartMs > 0) await delay(settings.delayStartMs, signal)
    return this.#tryAll(context, parsed.groups)
  }

  #allowsNested(dialString: string): boolean {
    const name = 'origination_nested_vars'
    return (
      isTrue(this.#shared.get(name)) ||
      isTrue(this.#originator?.variables.get(name)) ||
      isTrue(this.#sw.globals.get(name)) ||
      dialString.toLowerCase().includes(`${name}=true`)
    )
  }

  #timeoutSeconds(): number {
    const own = this.#originator?.variables.get('call_timeout')
    const seconds = own === undefined ? this.#request.timeoutSeconds : Number.parseInt(own, 10)
    return seconds !== undefined && seconds > 0 ? seconds : defaultTimeoutSeconds
  }

  /** The first leg, created and not started. */
  async #create(context: AttemptContext, groups: readonly DialGroup[]): Promise<OriginateResult> {
    const leg = groups[0]?.[0]
    if (!leg) return { cause: 'DESTINATION_OUT_OF_ORDER' }
    const made = await createLeg(context, leg, true)
    return typeof made === 'string' ? { cause: made } : { channel: made }
  }

  async #tryAll(context: AttemptContext, groups: readonly DialGroup[]): Promise<OriginateResult> {
    const { settings, signal } = context
    const isForked = settings.isForked || groups.length > 1
    const begun = performance.now()
    let lastStart = begun
    let cause: HangupCause = 'DESTINATION_OUT_OF_ORDER'
    for (let round = 0; round < settings.tries; round++) {
      if (round > 0) {
        if (settings.retryTimeoutSeconds > 0) {
          if (performance.now() - begun > settings.retryTimeoutSeconds * 1000) break
        }
        if (!(await this.#pause(context, lastStart))) {
          return this.#failed('ORIGINATOR_CANCEL')
        }
        lastStart = performance.now()
      }
      for (const group of groups) {
        if (signal?.aborted || this.#originator?.isUp === false) break
        const outcome = await this.#tryGroup(context, group, isForked)
        if (outcome.channel) return this.#won(outcome.channel)
        cause = outcome.cause
        this.#noteFailure(cause)
        if (outcome.isFinal) return this.#failed(cause)
      }
      if (signal?.aborted || this.#originator?.isUp === false) {
        return this.#failed('ORIGINATOR_CANCEL')
      }
    }
    return this.#failed(cause)
  }

  /** Waits before another try; false when the attempt was cancelled meanwhile. */
  async #pause(context: AttemptContext, lastStart: number): Promise<boolean> {
    const { settings } = context
    const gap = settings.retryMinimumMs - settings.retrySleepMs - (performance.now() - lastStart)
    const stop = new AbortController()
    const abort = () => stop.abort()
    context.signal?.addEventListener('abort', abort, { once: true })
    const handle = this.#originator?.signals.on('state', abort)
    try {
      if (context.signal?.aborted || this.#originator?.isUp === false) return false
      return await delay(Math.max(0, gap) + settings.retrySleepMs, stop.signal)
    } finally {
      handle?.[Symbol.dispose]()
      context.signal?.removeEventListener('abort', abort)
    }
  }

  async #tryGroup(
    context: AttemptContext,
    group: DialGroup,
    groupsFork: boolean,
  ): Promise<{ channel: Channel; cause?: undefined } | (Failure & { channel?: undefined })> {
    const originator = this.#originator
    const { settings } = context
    const size = group?.length ?? 0
    const members: Member[] = []
    const refused: HangupCause[] = []
    for (const leg of group ?? []) {
      const made = await this.#createMember(context, leg, groupsFork || size > 1)
      if (typeof made !== 'string') {
        members.push(made)
        continue
      }
      const whose = leg.variables.get('presence_id') ?? context.shared.get('presence_id')
      const of = whose === undefined ? '' : ` for ${whose}`
      log.notice(`cannot dial ${leg.endpoint}/${leg.data ?? ''}${of}: ${made}`, originator?.uuid)
      refused.push(made)
      const { failOn } = settings
      if (failOn !== undefined && isFatalReject(failOn, made)) {
        this.#forced = made
        for (const member of members) giveUp(member, 'NO_ANSWER')
        return { cause: made, isFinal: true }
      }
      if (originator && !originator.isUp) break
    }
    const ringback = originator && new Ringback(originator)
    const watch: WatchResult =
      members.length === 0
        ? { end: 'all gone', winner: undefined, timedOut: false, forced: undefined }
        : await new GroupWatch(context, members, size, ringback).run()
    ringback?.stop()
    this.#forced = this.#forced ?? watch.forced
    const loser = this.#forced ?? loserCause(watch.end, watch.timedOut, size)
    for (const member of members) if (member.channel !== watch.winner) giveUp(member, loser)
    const reached = watch.winner && (await this.#reach(watch.winner))
    this.#noteCauses(members)
    if (watch.winner && reached) return { channel: watch.winner }
    const end = watch.winner ? 'cancelled' : watch.end
    const causes = members.map(({ channel }) => channel.hangupCause)
    const cause = groupCause(end, causes, refused, originator !== undefined)
    const listed = typeof settings.failOn === 'string' && settings.failOn !== 'any'
    const isRejected =
      listed && causes.some((one) => one && isFatalReject(settings.failOn ?? 'any', one))
    return {
      cause,
      isFinal: isRejected || (watch.timedOut && !settings.continuesOnTimeout),
    }
  }

  async #createMember(
    context: AttemptContext,
    leg: DialLeg,
    isForked: boolean,
  ): Promise<Member | HangupCause> {
    const made = await createLeg(context, leg, isForked)
    if (typeof made === 'string') return made
    const originator = this.#originator
    // An A-leg shows the cause of the last leg it lost.
    if (originator) {
      made.signals.once('hangup', (cause) =>
        originator.variables.set('last_bridge_hangup_cause', cause),
      )
    }
    const member = memberOf(made)
    if (member.isStarted) startLeg(made)
    return member
  }

  /** Brings the A-leg to where the winner is; false when it went away meanwhile. */
  async #reach(winner: Channel): Promise<boolean> {
    const originator = this.#originator
    await untilWaiting(winner)
    if (!originator) return true
    if (winner.isAnswered || winner.isEarly) {
      passCallee(winner, originator)
      inheritCodec(originator, winner)
      if (winner.isAnswered) await answer(originator)
      else await preAnswer(originator)
    }
    // A winner that has gone again by now has won nevertheless: what follows is the end of a bridge.
    if (originator.isUp) return true
    winner.hangup('ORIGINATOR_CANCEL')
    return false
  }

  #noteCauses(members: readonly Member[]): void {
    for (const { channel } of members) {
      this.#originator?.variables.push(
        'originate_causes',
        `${channel.uuid};${channel.hangupCause ?? 'NONE'}`,
      )
    }
  }

  #noteFailure(cause: HangupCause): void {
    this.#originator?.variables.set('originate_disposition', cause)
    this.#originator?.variables.set('DIALSTATUS', dialStatus(cause))
  }

  #failed(cause: HangupCause): OriginateResult {
    this.#noteFailure(cause)
    return { cause: this.#forced ?? cause }
  }

  #won(channel: Channel): OriginateResult {
    channel.isOriginating = false
    const originator = this.#originator
    if (originator) {
      const { variables } = originator
      importVariables(originator, channel)
      variables.set('originate_disposition', 'SUCCESS')
      variables.set('DIALSTATUS', 'SUCCESS')
      originator.profile.originatee = snapshot(channel.profile)
      originator.otherLeg = 'originatee'
      variables.set('signal_bond', channel.uuid)
      variables.unset('originate_signal_bond')
    }
    runHooks(channel, 'post_originate')
    return { channel }
  }
}

/** Hangs a leg up that is still a candidate; one that never started still lives its end, for those who count calls. */
function giveUp(member: Member, cause: HangupCause): void {
  const { channel } = member
  if (!isGone(member)) {
    if (cause === 'LOSE_RACE') channel.variables.set('group_dial_status', 'loser')
    channel.hangup(cause)
  }
  if (!member.isStarted) startChannel(channel)
  channel.isOriginating = false
}

/** Resolves when the leg has come as far as waiting for what is made of it; before that its state loop would route it. */
function untilWaiting(channel: Channel): Promise<void> {
  const isOnItsWay = () =>
    channel.state === 'new' || channel.state === 'init' || channel.state === 'routing'
  if (!isOnItsWay()) return Promise.resolve()
  return new Promise((resolve) => {
    const handle = channel.signals.on('state', () => {
      if (isOnItsWay()) return
      handle[Symbol.dispose]()
      resolve()
    })
  })
}

/** Puts what the A-leg exports (`export_vars`; `nolocal:` in front of a name is dropped) among the legs' variables. */
function exportVariables(originator: Channel, shared: Variables): void {
  const list = originator.variables.get('export_vars')
  if (!list) return
  shared.set('export_vars', list)
  for (const name of separate(list, ',')) {
    const value = originator.text(name)
    if (value) shared.set(name.replace(/^(nolocal:|_nolocal_)/i, ''), value)
  }
}

/** Copies back to the A-leg what its `import` names. */
function importVariables(originator: Channel, leg: Channel): void {
  for (const name of separate(originator.variables.get('import') ?? '', ',')) {
    const value = leg.text(name)
    if (value !== undefined) originator.variables.set(name, value)
  }
}
