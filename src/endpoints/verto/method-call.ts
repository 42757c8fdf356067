/** verto.answer, verto.attach and verto.bye: what a browser says of a call. */
import { reasonOf, SwitchError } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import {
  causeNumber,
  causeOfNumber,
  type HangupCause,
  parseCause,
} from '../../core/hangup-cause.ts'
import { passGone } from '../../core/sides/join-sides.ts'
import { isTrue } from '../../core/variables.ts'
import type { VertoCall } from './call.ts'
import type { Connection } from './connection.ts'
import { code, type Json, type JsonObject, member, numberOf, textOf } from './json-rpc.ts'
import type { Method, MethodResult } from './methods.ts'
import { setUserVariables } from './user.ts'

const log = logger('verto/call')

/** An error of a call. */
export function callError(message: string, more: JsonObject = {}): MethodResult {
  return { error: { ...more, message, code: code.session } }
}

/** The call that a message names, if it is the session's own. */
export function ownCall(connection: Connection, callId: string): VertoCall | undefined {
  const call = connection.verto.calls.get(callId)
  return call?.sessid === connection.sessid && call.channel.isUp ? call : undefined
}

/** What every message about a call has to say; otherwise the error. `needsSdp` as FreeSWITCH asks. */
export function readDialog(
  params: Json | undefined,
): { readonly dialog: Json; readonly callId: string } | MethodResult {
  if (params === undefined) return callError('Params data missing')
  const dialog = member(params, 'dialogParams')
  if (dialog === undefined) return callError('Dialog data missing')
  const callId = textOf(dialog, 'callID')
  return callId === undefined ? callError('CallID missing') : { dialog, callId }
}

/** The browser takes a call that it was offered. */
export const answerCall: Method = (connection, params) => {
  const read = readDialog(params)
  if (!('callId' in read)) return read
  const sdp = textOf(params, 'sdp')
  if (sdp === undefined) return callError('SDP missing')
  const call = ownCall(connection, read.callId)
  if (!call) return callError('CALL DOES NOT EXIST')
  const { channel, media } = call
  const { variables } = channel
  variables.set('verto_client_address', connection.name)
  if (connection.user && !isTrue(variables.get('verto_skip_set_user')))
    setUserVariables(channel, connection.user)
  const fault = agree(call, () => media.readAnswer(sdp))
  if (fault) {
    queueMicrotask(() => channel.hangup('INCOMPATIBLE_DESTINATION'))
    return callError(fault)
  }
  const name = textOf(read.dialog, 'callee_id_name')
  const number = textOf(read.dialog, 'callee_id_number')
  if (name) channel.profile.set('callee_id_name', name)
  if (number) channel.profile.set('callee_id_number', number)
  call.passAnswer()
  channel.markAnswered()
  return { result: {} }
}

function agree(call: VertoCall, read: () => string): string | undefined {
  const { channel } = call
  try {
    if (read() === 'agreed') return undefined
  } catch (thrown) {
    if (!(thrown instanceof SwitchError)) throw thrown
    log.info(`the description cannot be used: ${reasonOf(thrown)}`, channel.uuid)
  }
  channel.variables.set('endpoint_disposition', 'CODEC NEGOTIATION ERROR')
  return 'CODEC ERROR'
}

/** A browser that came back takes its call up again. */
export const attachCall: Method = (connection, params) => {
  if (params === undefined) return callError('Params data missing')
  const dialog = member(params, 'dialogParams')
  if (dialog === undefined) return callError('Dialog data missing')
  const sdp = textOf(params, 'sdp')
  if (sdp === undefined) return callError('SDP missing')
  const callId = textOf(dialog, 'callID')
  if (callId === undefined) return callError('CallID missing')
  const call = ownCall(connection, callId)
  if (!call) return callError('CALL DOES NOT EXIST')
  const { channel, media } = call
  if (!channel.isAnswered) {
    queueMicrotask(() => channel.hangup('DESTINATION_OUT_OF_ORDER'))
    return callError('Cannot attach to a call that has not been answered.')
  }
  channel.variables.set('verto_client_address', connection.name)
  const before = media.sides.all
  const fault = agree(call, () => media.readAnswer(sdp))
  if (fault) {
    queueMicrotask(() => channel.hangup('BEARERCAPABILITY_NOTAVAIL'))
    return callError('CODEC NEGOTIATION ERROR')
  }
  // It came back without its camera, say.
  passGone(
    call,
    before.filter((side) => side.theirs && !media.sides.all.includes(side)),
  )
  connection.verto.count('calls reattached')
  log.info(`${channel.name} is attached to ${connection.name}`, channel.uuid)
  call.attached()
  return { result: {} }
}

export const endCall: Method = (connection, params) => {
  const read = readDialog(params)
  if (!('callId' in read)) return read
  const { callId } = read
  const call = ownCall(connection, callId)
  if (!call) return callError('CALL DOES NOT EXIST', { callID: callId })
  const cause = causeOf(params)
  call.remoteCause = cause
  call.channel.variables.set('verto_hangup_disposition', 'recv_bye')
  call.channel.hangup(cause)
  const causeCode = causeNumber(cause)
  return { result: { callID: callId, message: 'CALL ENDED', causeCode, cause } }
}

/** By name, else by number; an ordinary end where neither is a cause. */
function causeOf(params: Json | undefined): HangupCause {
  const named = parseCause(textOf(params, 'cause') ?? '')
  if (named && named !== 'NONE') return named
  const numbered = causeOfNumber(numberOf(params, 'causeCode') ?? -1)
  return numbered && numbered !== 'NONE' && numbered !== 'UNKNOWN' ? numbered : 'NORMAL_CLEARING'
}
