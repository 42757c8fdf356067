/** Makes the legs of an attempt: caller profile, variables, the endpoint's channel, and what both sides remember of each other. */
import { logger } from '../../base/log.ts'
import type { MediaLeg } from '../../media/engine.ts'
import { CallerProfile } from '../caller-profile.ts'
import type { Channel } from '../channel.ts'
import { newUuid } from '../events.ts'
import type { HangupCause } from '../hangup-cause.ts'
import { runHooks } from '../hooks.ts'
import { startChannel } from '../state-loop.ts'
import type { Switch } from '../switch.ts'
import { isTrue, Variables } from '../variables.ts'
import type { DialLeg } from './dial-string.ts'
import { applyVariables } from './dial-string.ts'
import type { OriginateSettings } from './originate-settings.ts'

const log = logger('core/originate')

/** What every leg of one attempt has in common. */
export interface AttemptContext {
  readonly sw: Switch
  readonly originator: Channel | undefined
  /** The A-leg of an enterprise attempt, whose parts are dialled as if nobody called. */
  readonly distantOriginator: Channel | undefined
  /** Beside whose sound that of the legs is opened, where there is no originator. */
  readonly near: MediaLeg | undefined
  readonly shared: Variables
  readonly settings: OriginateSettings
  /** The profile to start from instead of the originator's. */
  readonly profile: CallerProfile | undefined
  readonly callerName: string | undefined
  readonly callerNumber: string | undefined
  /** Aborts when the attempt is given up; undefined: only the originator can do that. */
  readonly signal: AbortSignal | undefined
}

const never = new AbortController().signal

/**
 * Asks the endpoint for a channel and makes it ready. It is not started when it is new: the caller does that. A cause
 * where there is no channel.
 */
export async function createLeg(
  context: AttemptContext,
  leg: DialLeg,
  isForked: boolean,
): Promise<Channel | HangupCause> {
  const { sw, originator, shared, settings } = context
  const endpoint = sw.endpoints.get(leg.endpoint)
  if (!endpoint) {
    log.err(`there is no endpoint ${leg.endpoint}`, originator?.uuid)
    return 'CHAN_NOT_IMPLEMENTED'
  }
  const forwards = forwardsLeft(originator)
  if (forwards <= 0) return 'EXCHANGE_ROUTING_ERROR'
  const offered = new Variables()
  applyVariables(shared, offered, settings.allowsNested)
  applyVariables(leg.variables, offered, settings.allowsNested)
  const ownUuid = offered.get('origination_uuid')
  const uuid = ownUuid !== undefined && !sw.channels.get(ownUuid) ? ownUuid : newUuid()
  if (ownUuid !== undefined && uuid !== ownUuid) {
    log.crit(`origination_uuid=${ownUuid} is in use; the leg becomes ${uuid}`)
  }
  const made = endpoint.originate({
    sw,
    destination: leg.data || 'service',
    profile: legProfile(context, leg),
    variables: offered,
    uuid,
    originator,
    near: originator?.media ?? context.near,
    timeoutSeconds: settings.timeoutSeconds,
    isForked,
    signal: context.signal ?? never,
  })
  const channel = made instanceof Promise ? await made : made
  if (typeof channel === 'string') return channel
  equip(context, leg, channel, forwards)
  return channel
}

/** `max_forwards` of the next leg: how often the call may still be sent on. */
function forwardsLeft(originator: Channel | undefined): number {
  const limit = originator?.variables.get('max_forwards')
  return limit === undefined ? 70 : Number.parseInt(limit, 10) - 1
}

function legProfile(context: AttemptContext, leg: DialLeg): CallerProfile {
  const { originator } = context
  const read = (name: string) => leg.variables.get(name) ?? context.shared.get(name)
  const name = read('origination_caller_id_name') ?? context.callerName
  const number = read('origination_caller_id_number') ?? context.callerNumber
  const ani = read('origination_ani')
  const aniii = read('origination_aniii')
  const source = context.profile ?? originator?.profile
  const profile = source?.clone() ?? freshProfile(name, number, ani)
  const { variables } = originator ?? {}
  const put = (
    field: 'caller_id_name' | 'caller_id_number' | 'ani' | 'aniii',
    own: string | undefined,
    effective: string,
  ) => {
    const value = own ?? variables?.get(effective)
    if (value !== undefined) profile.set(field, value)
  }
  put('caller_id_name', name, 'effective_caller_id_name')
  put('caller_id_number', number, 'effective_caller_id_number')
  put('ani', ani, 'effective_ani')
  put('aniii', aniii, 'effective_aniii')
  const destination = leg.data || 'service'
  profile.set('destination_number', destination)
  profile.set('callee_id_name', 'Outbound Call')
  profile.set('callee_id_number', plainNumber(destination))
  const privacy = read('origination_privacy')?.toLowerCase()
  if (privacy !== undefined) {
    profile.screen = privacy.includes('screen')
    profile.hideName = privacy.includes('hide_name')
    profile.hideNumber = privacy.includes('hide_number')
  }
  return profile
}

/** The profile of a leg that nobody calls for. */
function freshProfile(
  name: string | undefined,
  number: string | undefined,
  ani: string | undefined,
): CallerProfile {
  const callerNumber = number || '0000000000'
  return new CallerProfile({
    caller_id_name: name ?? '',
    caller_id_number: callerNumber,
    orig_caller_id_name: name ?? '',
    orig_caller_id_number: callerNumber,
    ani: ani || callerNumber,
    context: 'default',
  })
}

/** `sip:1000@host` → `1000`: what is dialled without endpoint, scheme and host. */
export function plainNumber(text: string): string {
  if (!/[/:@]/.test(text)) return text
  const at = text.indexOf('@')
  const user = at < 0 ? text : text.slice(0, at)
  return user
    .slice(user.lastIndexOf('/') + 1)
    .slice(user.slice(user.lastIndexOf('/') + 1).lastIndexOf(':') + 1)
}

/** Sets what the leg has to know, `{}` beating `[]` unless `local_var_clobber` says otherwise, and tells the A-leg of it. */
function equip(context: AttemptContext, leg: DialLeg, channel: Channel, forwards: number): void {
  const { originator, shared, settings } = context
  const { variables, profile } = channel
  if (originator) meetOriginator(channel, originator, forwards)
  channel.announce('CHANNEL_OUTGOING', (event) => {
    if (channel.state !== 'new') return
    event.set('Channel-State', 'CS_NONE')
    event.set('Channel-State-Number', '1')
  })
  channel.isOriginating = true
  if (originator) variables.set('call_uuid', originator.variables.get('call_uuid'))
  shared.set('originate_early_media', String(settings.earlyMedia === 'winner'))
  const order = isTrue(shared.get('local_var_clobber'))
    ? [shared, leg.variables]
    : [leg.variables, shared]
  for (const list of order) {
    for (const name of applyVariables(list, variables, settings.allowsNested)) {
      log.crit(`${name} is not set: its value contains a variable`, channel.uuid)
    }
  }
  const deviceId = leg.variables.get('device_id')
  if (deviceId) profile.soft.set('device_id', deviceId)
  const name = variables.get('origination_channel_name')
  if (name) channel.rename(name)
  const calleeName = variables.get('origination_callee_id_name')
  if (calleeName) profile.set('callee_id_name', calleeName)
  const calleeNumber = variables.get('origination_callee_id_number')
  if (calleeNumber) profile.set('callee_id_number', calleeNumber)
  const caller = originator ?? context.distantOriginator
  if (caller) {
    variables.set('originating_leg_uuid', caller.uuid)
    caller.variables.push(
      'originated_legs',
      `${channel.uuid};${profile.get('callee_id_name')};${profile.get('callee_id_number')}`,
    )
  }
  variables.set('originate_endpoint', leg.endpoint)
  runHooks(channel, 'originate')
}

function meetOriginator(channel: Channel, originator: Channel, forwards: number): void {
  const { variables } = channel
  variables.set('max_forwards', String(forwards))
  variables.set(
    'originator_codec',
    codecText(originator) ?? originator.variables.get('ep_codec_string'),
  )
  variables.set('originator', originator.uuid)
  variables.set('signal_bond', originator.uuid)
  originator.variables.set('originate_signal_bond', channel.uuid)
  const processCdr = originator.variables.get('process_cdr')
  if (processCdr !== undefined) variables.set('process_cdr', processCdr)
  channel.profile.meet('originator', snapshot(originator.profile))
  originator.profile.meet('origination', snapshot(channel.profile))
  channel.otherLeg = 'originator'
}

/** A copy of a profile as it is now, with its times, for `Other-Leg-`. */
export function snapshot(profile: CallerProfile): CallerProfile {
  const copy = profile.clone()
  copy.times = { ...profile.times }
  copy.index = profile.index
  // FreeSWITCH shows the other leg's logical direction as inbound, whichever it was.
  copy.logicalDirection = 'inbound'
  return copy
}

/** `PCMU@8000h@20i` of what a channel receives; undefined before its sound is agreed. */
export function codecText(channel: Channel): string | undefined {
  const { readCodec } = channel
  if (!readCodec) return undefined
  const ptime = channel.variables.get('rtp_use_codec_ptime') ?? '20'
  return `${readCodec.name}@${readCodec.rate}h@${ptime}i`
}

/** Starts a leg that its endpoint only created. */
export function startLeg(channel: Channel): void {
  if (channel.state === 'new') startChannel(channel)
}
