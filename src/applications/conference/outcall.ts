/** Calls that a conference makes: `dial`, `bgdial`, `conference_set_auto_outcall`. */
import { delay } from '../../base/clock.ts'
import { logger } from '../../base/log.ts'
import type { Channel } from '../../core/channel.ts'
import { giveActions } from '../../core/dialplan/give-actions.ts'
import type { Application } from '../../core/interfaces.ts'
import { originate } from '../../core/originate/originate.ts'
import { separate } from '../../core/separate.ts'
import type { Switch } from '../../core/switch.ts'
import { isTrue, Variables } from '../../core/variables.ts'
import type { Conference } from './conference.ts'
import type { Member } from './member.ts'

const log = logger('applications/conference')

const usualSeconds = 60
const beep = 'tone_stream://%(500,0,640)'

export interface Outcall {
  readonly dialString: string
  readonly seconds?: number
  /** Of the member that answers. */
  readonly flags?: string | undefined
  readonly callerName?: string | undefined
  readonly callerNumber?: string | undefined
  /** Only counts where the conference is gone by then. */
  readonly profile?: string | undefined
  readonly variables?: Variables
}

export interface OutcallResult {
  /** `SUCCESS` or why not. */
  readonly cause: string
  readonly uuid?: string
}

/** Calls somebody into a conference; its end gives the call up. Resolves when the party has answered or has not. */
export async function callInto(conference: Conference, outcall: Outcall): Promise<OutcallResult> {
  const { callerIdName, callerIdNumber, calls, profile, sw } = conference
  const result = await originate(sw, {
    dialString: outcall.dialString,
    timeoutSeconds: outcall.seconds ?? usualSeconds,
    callerName: outcall.callerName || callerIdName,
    callerNumber: outcall.callerNumber || callerIdNumber,
    variables: outcall.variables,
    signal: calls.signal,
    near: nearestSound(conference),
  })
  if (!result.channel) {
    log.notice(`conference ${conference.name} cannot call ${outcall.dialString}: ${result.cause}`)
    return { cause: result.cause }
  }
  if (conference.isOver) {
    result.channel.hangup('NO_ROUTE_DESTINATION')
    return { cause: 'NO_ROUTE_DESTINATION' }
  }
  return enter(result.channel, conference.name, outcall.profile ?? profile.name, outcall.flags)
}

/** A leg in the worker of the room, beside which the new one needs no pipe. */
function nearestSound({ members, room }: Conference): Channel['media'] {
  const legs = members.map(({ channel }) => channel.media)
  return legs.find((leg) => leg?.worker === room.worker) ?? legs[0]
}

/** Calls somebody who then begins the conference. */
export async function callToBegin(
  sw: Switch,
  name: string,
  outcall: Outcall,
): Promise<OutcallResult> {
  const [, room = name, profile = 'default'] = /^(.*)@([^@]*)$/.exec(name) ?? []
  const variables = outcall.variables ?? new Variables()
  variables.set('ignore_early_media', 'true')
  const result = await originate(sw, {
    dialString: outcall.dialString,
    timeoutSeconds: outcall.seconds ?? usualSeconds,
    callerName: outcall.callerName,
    callerNumber: outcall.callerNumber,
    variables,
  })
  if (!result.channel) return { cause: result.cause }
  return enter(result.channel, room, outcall.profile ?? profile, outcall.flags)
}

/** Sends a channel that was reached into a conference. */
export function enter(
  channel: Channel,
  name: string,
  profile: string,
  flags?: string,
): OutcallResult {
  if (!channel.isAnswered && !channel.isEarly) {
    channel.hangup('NO_ANSWER')
    return { cause: 'NO_ANSWER' }
  }
  const wanted = channel.text('outcall_flags') || flags
  const list = wanted && wanted.toLowerCase() !== 'none' ? `+flags{${wanted}}` : ''
  const place = `${name}@${profile === 'none' ? 'default' : profile}${list}`
  giveActions(channel, [{ application: 'conference', data: place }])
  channel.isOriginating = false
  channel.moveTo('execute')
  return { cause: 'SUCCESS', uuid: channel.uuid }
}

export const conferenceSetAutoOutcall: Application = {
  name: 'conference_set_auto_outcall',
  syntax: '<dial string>[,<dial string>]',
  about:
    'Have others called into the conference that this channel enters next; without any nobody is',
  needs: 'nothing',
  run(channel, data) {
    if (data === '') channel.variables.unset('conference_auto_outcall')
    else channel.variables.push('conference_auto_outcall', data)
  },
}

/** Calls everybody whom a new member wants in, and tells him with a tone that he is connected. */
export async function callOthers(member: Member, signal: AbortSignal): Promise<void> {
  const { channel, conference } = member
  const listed = channel.variables.value('conference_auto_outcall')
  if (listed === undefined) return
  channel.variables.unset('conference_auto_outcall')
  const text = (name: string) => channel.text(`conference_auto_outcall_${name}`) || undefined
  const announcement = text('announce')
  if (announcement) conference.announcement = announcement
  const timeout = Number.parseInt(text('timeout') ?? '', 10)
  const delimiter = text('delimiter')?.length === 1 ? text('delimiter') : ','
  const lists = typeof listed === 'string' ? [listed] : listed
  const dialStrings = lists.flatMap((list) => separate(list, delimiter ?? ','))
  const calls = dialStrings.map((dialString) =>
    callInto(conference, {
      dialString: `${text('prefix') ?? ''}${dialString}`,
      seconds: timeout >= 10 && timeout <= 500 ? timeout : usualSeconds,
      flags: channel.text('conference_utils_auto_outcall_flags') || text('flags'),
      callerName: text('caller_id_name'),
      callerNumber: text('caller_id_number'),
      profile: text('profile'),
      variables: exported(channel, text('export_vars')),
    }),
  )
  const seconds = Number.parseInt(text('maxwait') ?? '', 10)
  await Promise.race([
    Promise.all(calls),
    delay((seconds > 0 ? seconds : 2) * 1000, signal),
    member.untilGone,
  ])
  if (!member.isGone && !signal.aborted && !isTrue(text('skip_member_beep')))
    void member.files.play(beep)
}

function exported(channel: Channel, names: string | undefined): Variables {
  const variables = new Variables()
  for (const name of separate(names ?? '', ',')) {
    const value = channel.text(name)
    if (value) variables.set(name, value)
  }
  return variables
}
