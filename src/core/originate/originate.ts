/**
 * Originate: dials a dial string until somebody answers. Legs of a group ring together (originate-group.ts), groups one after the
 * other, enterprise parts each by itself (originate-enterprise.ts).
 */
import { delay } from '../../base/clock.ts'
import { logger } from '../../base/log.ts'
import type { MediaLeg } from '../../media/engine.ts'
import type { CallerProfile } from '../caller-profile.ts'
import type { Channel } from '../channel.ts'
import type { HangupCause } from '../hangup-cause.ts'
import { runHooks } from '../hooks.ts'
import { separate } from '../separate.ts'
import type { Switch } from '../switch.ts'
import { isFalse, isTrue, Variables } from '../variables.ts'
import type { DialGroup } from './dial-string.ts'
import { isEnterprise, parseDialString } from './dial-string.ts'
import { originateEnterprise } from './originate-enterprise.ts'
import { tryGroup } from './originate-group.ts'
import type { AttemptContext } from './originate-leg.ts'
import { createLeg, snapshot } from './originate-leg.ts'
import { dialStatus, groupCause } from './originate-outcome.ts'
import {
  defaultTimeoutSeconds,
  inheritSettings,
  readOriginateSettings,
} from './originate-settings.ts'

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
  /** Beside whose sound that of the legs is opened, where there is no originator. */
  readonly near?: MediaLeg | undefined
  /** Only creates the first leg and gives it back unstarted (endpoints that dial further while several ring). */
  readonly onlyCreates?: boolean | undefined
}

export type OriginateResult =
  | { readonly channel: Channel; readonly cause?: undefined }
  | { readonly cause: HangupCause; readonly channel?: undefined }

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
    if (originator) {
      exportVariables(originator, shared)
      originator.isIntercepted = false
    }
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
      near: this.#request.near,
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
        const outcome = await tryGroup(context, group, isForked, this.#forced)
        this.#forced = outcome.forced
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
      originator.profile.meet('originatee', snapshot(channel.profile))
      originator.otherLeg = 'originatee'
      variables.set('signal_bond', channel.uuid)
      variables.unset('originate_signal_bond')
    }
    runHooks(channel, 'post_originate')
    return { channel }
  }
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
