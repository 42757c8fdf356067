/** How an attempt goes on: time limits, early media, confirmation, retries, read once from the variables of a dial string. */
import { logger } from '../../base/log.ts'
import type { Channel } from '../channel.ts'
import type { Variables } from '../variables.ts'
import { isTrue } from '../variables.ts'

const log = logger('core/originate')

/** Seconds that an attempt may take unless somebody says otherwise. */
export const defaultTimeoutSeconds = 60

/**
 * What sound before the answer means: `winner` ends the waiting with success; the others go on waiting: `ignore`, `ring`
 * (the caller is told that it rings), `bridge` (the caller hears it), `consume`.
 */
export type EarlyMediaMode = 'winner' | 'ignore' | 'ring' | 'bridge' | 'consume'

export interface ConfirmSettings {
  /** Digits to type, or `exec`: then `file` is an application with its data. */
  readonly key: string
  readonly file: string | undefined
  readonly errorFile: string | undefined
  readonly readTimeoutMs: number
  /** Seconds more that a leg has once it is asked; 0: it has no limit then; undefined: what it had. */
  readonly timeoutSeconds: number | undefined
}

export interface OriginateSettings {
  readonly timeoutSeconds: number
  /** Until a leg shows a sign of life. */
  readonly progressSeconds: number
  readonly earlyMedia: EarlyMediaMode
  readonly ignoresRing: boolean
  readonly returnsRing: boolean
  readonly ringsAtOnce: boolean
  readonly continuesOnTimeout: boolean
  /** `fail_on_single_reject`: any cause, or only those that the text names (`!` in front: all others). */
  readonly failOn: 'any' | string | undefined
  readonly hangsUpOnReject: boolean
  readonly confirm: ConfirmSettings | undefined
  readonly isForked: boolean
  readonly tries: number
  readonly retryTimeoutSeconds: number
  readonly retrySleepMs: number
  readonly retryMinimumMs: number
  readonly delayStartMs: number
  readonly allowsNested: boolean
}

/** Read from the A-leg too where the dial string does not say. */
const fromOriginator = [
  'group_confirm_key',
  'group_confirm_file',
  'group_confirm_read_timeout',
  'group_confirm_cancel_timeout',
  'group_confirm_timeout',
  'forked_dial',
  'fail_on_single_reject',
  'hangup_on_single_reject',
  'ignore_early_media',
  'bridge_early_media',
  'originate_continue_on_timeout',
  'ignore_ring_ready',
  'monitor_early_media_ring',
  'monitor_early_media_ring_total',
  'monitor_early_media_fail',
  'return_ring_ready',
  'ring_ready',
  'instant_ringback',
  'progress_timeout',
  'language',
] as const

/** Adds the A-leg's settings that the dial string leaves open. */
export function inheritSettings(shared: Variables, originator: Channel): void {
  for (const name of fromOriginator) {
    const value = originator.variables.get(name)
    if (value !== undefined && !shared.has(name)) shared.set(name, value)
  }
}

export function readOriginateSettings(
  shared: Variables,
  timeoutSeconds: number,
  allowsNested: boolean,
): OriginateSettings {
  const number = (name: string) => Number.parseInt(shared.get(name) ?? '', 10) || 0
  const yes = (name: string) => isTrue(shared.get(name))
  const timeout = positive(number('originate_timeout')) ?? timeoutSeconds
  const hangsUpOnReject = yes('hangup_on_single_reject')
  const failOn = shared.get('fail_on_single_reject')
  const retryTimeoutSeconds = Math.max(0, number('originate_retry_timeout'))
  return {
    timeoutSeconds: timeout,
    progressSeconds: positive(number('progress_timeout')) ?? timeout,
    earlyMedia: earlyMediaMode(shared),
    ignoresRing: yes('ignore_ring_ready'),
    returnsRing: yes('return_ring_ready'),
    ringsAtOnce: yes('instant_ringback') || yes('ring_ready'),
    continuesOnTimeout: yes('originate_continue_on_timeout'),
    failOn: isTrue(failOn) || (hangsUpOnReject && failOn === undefined) ? 'any' : failOn,
    hangsUpOnReject,
    confirm: confirmSettings((name) => shared.get(name)),
    isForked: yes('forked_dial'),
    tries: within(shared, 'originate_retries', 1, retryTimeoutSeconds > 0 ? 1e9 : 100, 1),
    retryTimeoutSeconds,
    retrySleepMs: within(shared, 'originate_retry_sleep_ms', 500, 60_000, 1000),
    retryMinimumMs: within(shared, 'originate_retry_min_period_ms', 500, 300_000, 1000),
    delayStartMs: Math.max(0, number('originate_delay_start')),
    allowsNested,
  }
}

function earlyMediaMode(shared: Variables): EarlyMediaMode {
  const ignore = shared.get('ignore_early_media')
  if (isTrue(ignore)) return 'ignore'
  if (ignore === 'consume') return 'consume'
  if (ignore === 'ring_ready') return 'ring'
  if (isTrue(shared.get('bridge_early_media'))) return 'bridge'
  const confirmEarly = shared.get('group_confirm_early_ok')
  if (confirmEarly !== undefined && !isTrue(confirmEarly)) return 'ignore'
  return 'winner'
}

/** What `group_confirm_…` say; undefined when no key is asked for. A leg's own variables are read the same way. */
export function confirmSettings(
  get: (name: string) => string | undefined,
): ConfirmSettings | undefined {
  const key = get('group_confirm_key')
  if (!key) return undefined
  const named = (name: string) => {
    const value = get(name)
    return value === 'undef' ? undefined : value
  }
  const timeout = get('group_confirm_timeout')
  const cancels = isTrue(get('group_confirm_cancel_timeout'))
  return {
    key,
    file: named('group_confirm_file'),
    errorFile: named('group_confirm_error_file'),
    readTimeoutMs: positive(Number.parseInt(get('group_confirm_read_timeout') ?? '', 10)) ?? 5000,
    timeoutSeconds:
      timeout !== undefined && /^\d+$/.test(timeout) ? Number(timeout) : cancels ? 0 : undefined,
  }
}

function positive(value: number): number | undefined {
  return value > 0 ? value : undefined
}

/** A number that must lie within bounds; what does not is reported and left at its default. */
function within(
  shared: Variables,
  name: string,
  low: number,
  high: number,
  fallback: number,
): number {
  const text = shared.get(name)
  if (text === undefined) return fallback
  const value = Number.parseInt(text, 10)
  if (value >= low && value <= high) return value
  log.warning(`${name}=${text} is ignored: it must be between ${low} and ${high}`)
  return fallback
}
