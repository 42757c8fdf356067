/** One leg of a group that rings together: its own limits, and whether it is still in the running. */
import type { Channel } from '../channel.ts'
import { isTrue } from '../variables.ts'

/** One leg of the group with its own limits, in ms since the group began. */
export interface Member {
  readonly channel: Channel
  isStarted: boolean
  delayMs: number
  limitMs: number
  progressMs: number
  /** `leg_required`: without it the others are given up. */
  readonly isRequired: boolean
  isAsked: boolean
  isConfirmed: boolean
}

/** Reads a leg's own limits (`leg_timeout`, `leg_progress_timeout`, `leg_delay_start`). */
export function memberOf(channel: Channel): Member {
  const { variables } = channel
  const ms = (name: string) =>
    Math.max(0, Number.parseInt(variables.get(name) ?? '', 10) || 0) * 1000
  const delayMs = channel.state === 'new' ? ms('leg_delay_start') : 0
  const limit = (value: number) => (value > 0 ? value + delayMs : Number.POSITIVE_INFINITY)
  return {
    channel,
    isStarted: delayMs === 0,
    delayMs,
    limitMs: limit(ms('leg_timeout')),
    progressMs: limit(ms('leg_progress_timeout')),
    isRequired: isTrue(variables.get('leg_required')),
    isAsked: false,
    isConfirmed: false,
  }
}

/** Not a candidate any more: hung up, transferred, or taken by somebody else. */
export function isGone({ channel }: Member): boolean {
  return (
    !channel.isUp ||
    !channel.isOriginating ||
    channel.state === 'reset' ||
    channel.partner !== undefined
  )
}

/** Waits for a pickup, without a limit of its own. */
export function isStandby(member: Member): boolean {
  return member.channel.isStandby && member.limitMs === Number.POSITIVE_INFINITY
}
