/** Intercept: a channel takes over the call of another one, ringing or talking; whoever had it is left with PICKED_OFF. */
import { answer } from './answer.ts'
import { joinChannels } from './bridge/join.ts'
import type { Channel } from './channel.ts'

export interface InterceptLimits {
  /** Only a call that nobody has yet. */
  readonly unbridgedOnly: boolean
  /** Only a caller who has not been answered, not even by us. */
  readonly unansweredOnly: boolean
}

/** Why nothing was taken over; undefined: it was, and the bridge follows when both have left what they did. */
export type InterceptFault =
  | 'it is gone'
  | 'it talks already'
  | 'it is answered already'
  | 'it is itself'

/**
 * Bridges `channel` with `target`, a caller for whom it rings or one party of a call. Both are answered. Phones that ring for
 * the target are told that the call was answered elsewhere, and so is the party that it talked with.
 */
export async function intercept(
  channel: Channel,
  target: Channel,
  limits: InterceptLimits,
): Promise<InterceptFault | undefined> {
  const fault = faultOf(channel, target, limits)
  if (fault) return fault
  await answer(channel)
  // Somebody else may have been faster meanwhile.
  const late = faultOf(channel, target, limits)
  if (late) return late
  await answer(target)
  if (!channel.isUp || !target.isUp) return 'it is gone'
  const loser = target.partner === channel ? undefined : target.partner
  target.isIntercepted = true
  if (!joinChannels(channel, target)) return 'it is gone'
  loser?.hangup('PICKED_OFF')
  return undefined
}

function faultOf(
  channel: Channel,
  target: Channel,
  limits: InterceptLimits,
): InterceptFault | undefined {
  if (!channel.isUp || !target.isUp) return 'it is gone'
  if (channel === target) return 'it is itself'
  if (limits.unbridgedOnly && target.partner) return 'it talks already'
  if (limits.unansweredOnly && target.isAnswered) return 'it is answered already'
  return undefined
}
