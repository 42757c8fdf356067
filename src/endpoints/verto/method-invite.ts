/** verto.invite: a call from a browser. */

import { reasonOf, SwitchError } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import { CallerProfile } from '../../core/caller-profile.ts'
import type { Channel } from '../../core/channel.ts'
import { causeNumber, type HangupCause } from '../../core/hangup-cause.ts'
import { startChannel } from '../../core/state-loop.ts'
import { isTrue } from '../../core/variables.ts'
import { VertoCall } from './call.ts'
import type { Connection } from './connection.ts'
import { isFreeName } from './event-channels.ts'
import { code, type Json, member, numberOf, textOf } from './json-rpc.ts'
import type { Method, MethodResult } from './methods.ts'
import { setUserVariables } from './user.ts'
import { setUserTexts } from './user-variables.ts'

const log = logger('verto/invite')

/** Ids of calls become uuids of channels. */
const idShape = /^\w[\w.@:-]{0,199}$/
/** Calls that one browser may have at a time. */
const mostCalls = 50

export const invite: Method = (connection, params) => {
  const { verto } = connection
  const refuse = (why: string, cause: HangupCause = 'INVALID_MSG_UNSPECIFIED'): MethodResult => {
    verto.count('refused call')
    log.info(`${connection.name}: verto.invite: ${why}`)
    const causeCode = causeNumber(cause)
    return { error: { message: 'CALL ERROR', causeCode, cause, code: code.session } }
  }
  const dialog = member(params, 'dialogParams')
  if (dialog === undefined) return refuse('dialogParams are missing')
  const callId = textOf(dialog, 'callID')
  if (callId === undefined || !idShape.test(callId) || !isFreeName(verto, callId))
    return refuse('the callID is missing or no id')
  const sdp = textOf(params, 'sdp')
  if (sdp === undefined) return refuse('the sdp is missing')
  if (verto.sw.channels.get(callId) || verto.calls.has(callId))
    return refuse(`there is a call ${callId} already`, 'DESTINATION_OUT_OF_ORDER')
  if (verto.callsOf(connection.sessid).length >= mostCalls)
    return refuse(`${mostCalls} calls are the most`, 'DESTINATION_OUT_OF_ORDER')
  const refused = verto.sw.isStopping ? 'SWITCH_CONGESTION' : verto.sw.channels.admit('inbound')
  if (refused) return refuse('no more calls are taken', 'DESTINATION_OUT_OF_ORDER')
  begin(connection, callId, sdp, dialog)
  return { result: { message: 'CALL CREATED', callID: callId } }
}

function begin(connection: Connection, callId: string, sdp: string, dialog: Json): void {
  const { profile, sessid } = connection
  const destination = textOf(dialog, 'destination_number') ?? 'service'
  const call = new VertoCall({
    profile,
    sessid,
    owner: connection.owner,
    uuid: callId,
    name: `verto.rtc/${destination}`,
    direction: 'inbound',
    callerProfile: callerOf(connection, dialog, destination),
  })
  const { channel } = call
  call.isUnrecoverable = member(dialog, 'recoverCall') === false
  describe(connection, channel, dialog)
  const { variables } = channel
  try {
    variables.set(
      'endpoint_disposition',
      call.media.readOffer(sdp) ? 'RECEIVED' : 'CODEC NEGOTIATION ERROR',
    )
  } catch (thrown) {
    if (!(thrown instanceof SwitchError)) throw thrown
    // It ends when its sound is needed, as one without a common codec does.
    log.info(`the offer cannot be used: ${reasonOf(thrown)}`, channel.uuid)
    variables.set('endpoint_disposition', 'CODEC NEGOTIATION ERROR')
  }
  startChannel(channel)
}

function callerOf(connection: Connection, dialog: Json, destination: string): CallerProfile {
  const { params, user, profile } = connection
  const name = textOf(dialog, 'caller_id_name') || params.get('caller-id-name') || ''
  // What others are shown of the sender of a broadcast.
  if (name !== '' && !params.has('caller-id-name')) params.set('caller-id-name', name)
  const number = textOf(dialog, 'caller_id_number') || params.get('caller-id-number') || ''
  const fields: Record<string, string> = {
    username: user?.uid ?? '',
    dialplan: connection.dialplan ?? profile.values.text('dialplan'),
    caller_id_name: name,
    caller_id_number: number,
    orig_caller_id_name: name,
    orig_caller_id_number: number,
    network_addr: connection.remoteHost,
    ani: textOf(dialog, 'ani') ?? '',
    aniii: textOf(dialog, 'aniii') ?? '',
    rdnis: textOf(dialog, 'rdnis') ?? '',
    context: contextOf(connection),
    destination_number: destination,
    callee_id_name: textOf(dialog, 'remote_caller_id_name') ?? '',
    callee_id_number: textOf(dialog, 'remote_caller_id_number') ?? '',
  }
  return new CallerProfile(
    Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== '')),
  )
}

/** `user_context` of the directory, `verto-context`, or the profile's. */
export function contextOf(connection: Connection): string {
  return (
    connection.variables.get('user_context') ??
    connection.context ??
    connection.profile.values.text('context')
  )
}

/** Words of a dialog that become variables when they are true. */
const flags: readonly (readonly [member: string, variable: string])[] = [
  ['screenShare', 'video_screen_share'],
  ['secondSource', 'video_second_source'],
  ['dedEnc', 'video_use_dedicated_encoder'],
  ['mirrorInput', 'video_mirror_input'],
]

function describe(connection: Connection, channel: Channel, dialog: Json): void {
  const { variables } = channel
  const { sessid, user, name, profile } = connection
  for (const [word, variable] of flags)
    if (member(dialog, word) === true) variables.set(variable, 'true')
  const canvas = numberOf(dialog, 'conferenceCanvasID')
  if (canvas !== undefined && canvas >= 0) {
    variables.set('video_initial_watching_canvas', String(canvas))
    variables.set('video_second_screen', 'true')
  }
  setDialogVariables(channel, dialog)
  for (const [each, value] of connection.loginVariables) variables.setForeign(each, value)
  variables.set('jsock_uuid_str', sessid)
  variables.set('verto_user', user?.uid)
  variables.set('presence_id', user?.uid)
  variables.set('verto_client_address', name)
  variables.set('chat_proto', 'verto')
  variables.set('verto_host', user?.domain)
  variables.set('event_channel_cookie', sessid)
  variables.set('verto_profile_name', profile.name)
  if (user && !isTrue(variables.get('verto_skip_set_user'))) setUserVariables(channel, user)
  for (const [each, value] of connection.userVariables) variables.set(each, value)
  variables.setForeign('verto_remote_caller_id_name', textOf(dialog, 'remote_caller_id_name'))
  variables.setForeign('verto_remote_caller_id_number', textOf(dialog, 'remote_caller_id_number'))
}

const soundWords = ['echoCancellation', 'noiseSuppression', 'autoGainControl'] as const

/** What a dialog says of the browser's microphone, and `userVariables` as `verto_dvar_…`. */
export function setDialogVariables(channel: Channel, dialog: Json): void {
  const audio = member(dialog, 'audio')
  if (audio !== undefined) {
    for (const word of soundWords)
      channel.variables.set(`verto_${word}`, String(member(audio, word) === true))
  }
  setUserTexts(channel.variables, member(dialog, 'userVariables'))
}
