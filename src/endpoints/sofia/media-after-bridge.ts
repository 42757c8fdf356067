/** What a bridge does to the sound of its legs when it begins, and a hold of either party meanwhile. */
import { reasonOf } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import { joinSides } from '../../core/sides/join-sides.ts'
import { sidedLegOf } from '../../core/sides/sided-leg.ts'
import { untilSignal } from '../../core/until-signal.ts'
import { isTrue } from '../../core/variables.ts'
import { parseSdp } from '../../sdp/parse.ts'
import type { Call } from './call.ts'
import { callOf } from './call-table.ts'
import { isHolding, resumeMedia, sendPast } from './media-move.ts'
import type { Verdict } from './re-invite-pass.ts'

const log = logger('sofia/media')

/** How long after the end of a hold the sound leaves again, ms: the phones' own re-INVITEs come first. */
const afterHoldMs = 200

/** The leg was bridged with another, or left its bridge. Never throws. */
export function bridgeBegan(call: Call): void {
  const { partner } = call.channel
  const other = partner && callOf(partner)
  void settle(call, other).catch((thrown: unknown) =>
    log.warning(`the media of the bridge: ${reasonOf(thrown)}`, call.channel.uuid),
  )
}

async function settle(call: Call, other: Call | undefined): Promise<void> {
  const { media, channel } = call
  if (!channel.partner) {
    media.sides.join(undefined)
    // What comes next may want to be heard: proxied packets have nobody to go to.
    await Promise.resolve()
    if (media.way === 'proxy' && channel.isUp && channel.isAnswered) await resumeMedia(call, false)
    return
  }
  // It went past us to somebody who is gone.
  if (media.way === 'past' && media.other !== other?.media && channel.isAnswered) {
    await resumeMedia(call, false)
    return
  }
  if (media.way !== 'own') return
  await joinSides(call, sidedLegOf(channel.partner))
  if (!other || ![call, other].some(wantsPast)) return
  // Both legs come here: the second one finds it done.
  if (call.channel.uuid !== leaderOf(call, other)) return
  await Promise.all([untilAnswered(call), untilAnswered(other)])
  if (channel.partner !== other.channel) return
  const asksFirst = !isTrue(channel.variables.get('bypass_media_after_bridge_oldschool'))
  await sendPast(call, asksFirst)
}

/** `bypass_media_after_bridge`, or for the two that an attended transfer brought together the profile's `media-option`. */
function wantsPast(call: Call): boolean {
  const { variables } = call.channel
  if (isTrue(variables.get('bypass_media_after_bridge'))) return true
  return (
    variables.get('transfer_disposition') === 'bridge' &&
    hasOption(call, 'bypass-media-after-att-xfer')
  )
}

/** The leg that was there first. */
function leaderOf(one: Call, other: Call): string {
  const key = ({ channel }: Call) =>
    [channel.createdAt, channel.direction === 'inbound' ? 0 : 1, channel.uuid] as const
  return (
    [key(one), key(other)].sort(
      (a, b) => a[0] - b[0] || a[1] - b[1] || (a[2] < b[2] ? -1 : 1),
    )[0]?.[2] ?? ''
  )
}

async function untilAnswered({ channel }: Call): Promise<void> {
  if (!channel.isAnswered && channel.isUp) await untilSignal(channel, ['answered'])
}

function hasOption({ profile }: Call, word: string): boolean {
  return profile.values.all('media-option').some((option) => option.toLowerCase() === word)
}

function wants(call: Call, variable: string, option: string): boolean {
  return isTrue(call.channel.variables.get(variable)) || hasOption(call, option)
}

/** Whether a hold that bypasses us brings the sound back first, so that the other party hears music. */
export function resumesOnHold(call: Call, other: Call, text: string): boolean {
  if (call.media.way !== 'past') return false
  const asked = [call, other].some((one) =>
    wants(one, 'bypass_media_resume_on_hold', 'resume-media-on-hold'),
  )
  return asked && isHolding(parseSdp(text))
}

/** Brings the other party's sound back and answers the hold of this one with ours. */
export async function holdWithMedia(
  call: Call,
  other: Call,
  text: string,
  answer: (text: string) => string | undefined,
): Promise<Verdict> {
  call.media.isMoving = false
  other.media.isMoving = false
  if (!(await resumeMedia(other, false))) return { status: 488 }
  call.media.comeBack()
  await call.media.open(other.media.near)
  const body = answer(text)
  return body === undefined ? { status: 488 } : { body }
}

/** A hold is over: `bypass_media_after_hold` lets the sound go past us again. */
export function holdEnded(call: Call): void {
  const { partner } = call.channel
  const other = partner && callOf(partner)
  if (!other || call.media.way !== 'own') return
  const asked = [call, other].some((one) =>
    wants(one, 'bypass_media_after_hold', 'bypass-media-after-hold'),
  )
  if (!asked) return
  call.profile.agent.clock.after(afterHoldMs, () => {
    if (call.channel.partner !== other.channel || call.channel.isHeld) return
    void sendPast(call, false).catch((thrown: unknown) =>
      log.warning(`the sound stays: ${reasonOf(thrown)}`, call.channel.uuid),
    )
  })
}
