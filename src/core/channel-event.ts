/** What events say about a channel: headers in FreeSWITCH's order, and variables where an event carries them. */
import type { CallerProfile, ProfileField, ProfileTimes } from './caller-profile.ts'
import type { Channel } from './channel.ts'
import { stateName, stateNumber } from './channel-states.ts'
import type { EventName, SwitchEvent } from './events.ts'

const withVariables: ReadonlySet<EventName> = new Set<EventName>([
  'CHANNEL_CREATE',
  'CHANNEL_ORIGINATE',
  'CHANNEL_UUID',
  'CHANNEL_ANSWER',
  'CHANNEL_PARK',
  'CHANNEL_UNPARK',
  'CHANNEL_BRIDGE',
  'CHANNEL_UNBRIDGE',
  'CHANNEL_PROGRESS',
  'CHANNEL_PROGRESS_MEDIA',
  'CHANNEL_HANGUP',
  'CHANNEL_HANGUP_COMPLETE',
  'REQUEST_PARAMS',
  'CHANNEL_DATA',
  'CHANNEL_EXECUTE',
  'CHANNEL_EXECUTE_COMPLETE',
  'CHANNEL_DESTROY',
  'SESSION_HEARTBEAT',
  'API',
  'RECORD_START',
  'RECORD_STOP',
  'PLAYBACK_START',
  'PLAYBACK_STOP',
  'CALL_UPDATE',
  'MEDIA_BUG_START',
  'MEDIA_BUG_STOP',
  'CHANNEL_HOLD',
  'CHANNEL_UNHOLD',
  'TEXT',
  'CUSTOM',
])

/** Whether an event of this name carries the channel's variables. */
export function carriesVariables(name: EventName): boolean {
  return withVariables.has(name)
}

const fields: readonly (readonly [header: string, field: ProfileField])[] = [
  ['Username', 'username'],
  ['Dialplan', 'dialplan'],
  ['Caller-ID-Name', 'caller_id_name'],
  ['Caller-ID-Number', 'caller_id_number'],
  ['Orig-Caller-ID-Name', 'orig_caller_id_name'],
  ['Orig-Caller-ID-Number', 'orig_caller_id_number'],
  ['Callee-ID-Name', 'callee_id_name'],
  ['Callee-ID-Number', 'callee_id_number'],
  ['Network-Addr', 'network_addr'],
  ['ANI', 'ani'],
  ['ANI-II', 'aniii'],
  ['Destination-Number', 'destination_number'],
  ['Unique-ID', 'uuid'],
  ['Source', 'source'],
  ['Transfer-Source', 'transfer_source'],
  ['Context', 'context'],
  ['RDNIS', 'rdnis'],
  ['Channel-Name', 'chan_name'],
]

const timeFields = [
  ['Profile-Created-Time', 'profileCreated'],
  ['Channel-Created-Time', 'created'],
  ['Channel-Answered-Time', 'answered'],
  ['Channel-Progress-Time', 'progress'],
  ['Channel-Progress-Media-Time', 'progressMedia'],
  ['Channel-Hangup-Time', 'hungUp'],
  ['Channel-Transfer-Time', 'transferred'],
  ['Channel-Resurrect-Time', 'resurrected'],
  ['Channel-Bridged-Time', 'bridged'],
  ['Channel-Last-Hold', 'lastHold'],
  ['Channel-Hold-Accum', 'holdAccumulated'],
] as const satisfies readonly (readonly [string, keyof ProfileTimes])[]

/** The header names of a profile with a prefix, made once. */
function namesWith(prefix: string) {
  return {
    direction: `${prefix}-Direction`,
    logicalDirection: `${prefix}-Logical-Direction`,
    fields: fields.map(([header, field]) => [`${prefix}-${header}`, field] as const),
    index: `${prefix}-Profile-Index`,
    times: timeFields.map(([header, field]) => [`${prefix}-${header}`, field] as const),
    screen: `${prefix}-Screen-Bit`,
    hideName: `${prefix}-Privacy-Hide-Name`,
    hideNumber: `${prefix}-Privacy-Hide-Number`,
  }
}

const namesByPrefix = new Map<string, ReturnType<typeof namesWith>>()

/** A caller profile's headers with a prefix (`Caller`, `Other-Leg`, `Channel`). */
export function addChannelProfile(
  event: SwitchEvent,
  prefix: string,
  profile: CallerProfile,
): void {
  let names = namesByPrefix.get(prefix)
  if (names === undefined) {
    names = namesWith(prefix)
    namesByPrefix.set(prefix, names)
  }
  event.add(names.direction, profile.direction)
  event.add(names.logicalDirection, profile.logicalDirection)
  for (const [header, field] of names.fields) {
    const value = profile.fields[field]
    if (value) event.add(header, value)
  }
  event.add(names.index, String(profile.index))
  for (const [header, field] of names.times) event.add(header, String(profile.times[field]))
  event.add(names.screen, String(profile.screen))
  event.add(names.hideName, String(profile.hideName))
  event.add(names.hideNumber, String(profile.hideNumber))
}

/** The channel's own headers, `Channel-State` to the end of `Other-Leg-`. */
export function addChannelHeaders(event: SwitchEvent, channel: Channel): void {
  const { variables, profile } = channel
  event.add('Channel-State', stateName(channel.runningState))
  event.add('Channel-Call-State', channel.callState)
  event.add('Channel-State-Number', String(stateNumber(channel.state)))
  event.add('Channel-Name', channel.name)
  event.add('Unique-ID', channel.uuid)
  const externalId = variables.get('session_external_id')
  if (externalId) event.add('Session-External-ID', externalId)
  event.add('Call-Direction', channel.direction)
  event.add('Presence-Call-Direction', channel.direction)
  const hit = channel.direction === 'inbound' || channel.hasHitDialplan
  event.add('Channel-HIT-Dialplan', String(hit))
  const presenceId = variables.get('presence_id')
  if (presenceId) event.add('Channel-Presence-ID', presenceId)
  const presenceData = variables.get('presence_data')
  if (presenceData) event.add('Channel-Presence-Data', presenceData)
  const columns = variables.get('presence_data_cols')
  if (columns) {
    event.add('Presence-Data-Cols', columns)
    for (const column of columns.split(':')) {
      event.add(`PD-${column}`, variables.get(column) ?? '')
    }
  }
  event.add('Channel-Call-UUID', variables.get('call_uuid') ?? channel.uuid)
  event.add('Answer-State', answerState(channel))
  if (channel.hangupCause) event.add('Hangup-Cause', channel.hangupCause)
  const { readCodec, writeCodec } = channel
  if (readCodec) {
    event.add('Channel-Read-Codec-Name', readCodec.name)
    event.add('Channel-Read-Codec-Rate', String(readCodec.rate))
    event.add('Channel-Read-Codec-Bit-Rate', String(readCodec.bitRate))
  }
  if (writeCodec) {
    event.add('Channel-Write-Codec-Name', writeCodec.name)
    event.add('Channel-Write-Codec-Rate', String(writeCodec.rate))
    event.add('Channel-Write-Codec-Bit-Rate', String(writeCodec.bitRate))
  }
  addChannelProfile(event, 'Caller', profile)
  const other =
    channel.otherLeg === 'originator'
      ? profile.originator
      : channel.otherLeg === 'originatee'
        ? profile.originatee
        : undefined
  if (other && channel.otherLeg) {
    event.add('Other-Type', channel.otherLeg)
    addChannelProfile(event, 'Other-Leg', other)
  }
}

function answerState(channel: Channel): string {
  if (!channel.isUp) return 'hangup'
  if (channel.isAnswered) return 'answered'
  return channel.isEarly ? 'early' : 'ringing'
}

/** `variable_<name>` of each variable, scoped ones as `scope_variable_<name>` first. */
export function addChannelVariables(event: SwitchEvent, channel: Channel): void {
  for (let i = channel.scopes.length - 1; i >= 0; i--) {
    for (const [name, value] of channel.scopes[i]?.entries() ?? []) {
      event.add(`scope_variable_${name}`, value)
    }
  }
  channel.variables.addHeaders(event.headers)
}
