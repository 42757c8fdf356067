/** verto.modify: hold, transfer, replace (attended transfer), and new descriptions of the sound. */
import { reasonOf, SwitchError } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import { startHoldMusic, stopHoldMusic } from '../../core/bridge/hold.ts'
import { addSides, freshSides, passLoss } from '../../core/sides/join-sides.ts'
import { sidedLegOf } from '../../core/sides/sided-leg.ts'
import { transfer } from '../../core/transfer.ts'
import { untilSignal } from '../../core/until-signal.ts'
import type { SessionDescription } from '../../sdp/description.ts'
import { attendedTransfer } from './attended-transfer.ts'
import type { VertoCall } from './call.ts'
import type { Connection } from './connection.ts'
import { type Json, type JsonObject, textOf } from './json-rpc.ts'
import { callError, ownCall, readDialog } from './method-call.ts'
import type { Method } from './methods.ts'

const log = logger('verto/modify')

/** ms for which a hold waits for the keys of a call that has just been answered; what the browser says next waits with it. */
const keysMs = 1000

/** What an action adds to the answer; with `error`, the answer is one. */
type Outcome = { readonly more?: JsonObject } | { readonly error: string }

type Action = (
  connection: Connection,
  call: VertoCall,
  params: Json | undefined,
) => Outcome | Promise<Outcome>

const actions: ReadonlyMap<string, Action> = new Map<string, Action>([
  ['hold', (_connection, call) => setHeld(call, true)],
  ['unhold', (_connection, call) => setHeld(call, false)],
  ['togglehold', (_connection, call) => setHeld(call)],
  ['transfer', (_connection, call, params) => transferPartner(call, params)],
  ['replace', replace],
  ['updatemedia', (_connection, call, params) => updateMedia(call, params)],
  ['videorefresh', (_connection, call) => refreshVideo(call)],
])

/** An unknown action changes nothing and is answered with how things stand, as FreeSWITCH has it. */
export const modify: Method = async (connection, params) => {
  const read = readDialog(params)
  if (!('callId' in read)) return read
  const action = textOf(params, 'action')
  if (action === undefined) return callError('action missing')
  const echoed = { callID: read.callId, action }
  const call = ownCall(connection, read.callId)
  if (!call) return callError('CALL DOES NOT EXIST', echoed)
  const run = actions.get(action.toLowerCase())
  if (!run)
    log.info(
      `verto.modify: there is no action ${JSON.stringify(action.slice(0, 80))}`,
      call.channel.uuid,
    )
  const outcome = (await run?.(connection, call, params)) ?? {}
  if ('error' in outcome) return callError(outcome.error, echoed)
  const holdState = call.channel.isHeld ? 'held' : 'active'
  return { result: { ...echoed, ...outcome.more, holdState } }
}

/** The browser puts its partner on hold, who hears music meanwhile; without `wish` it is the other way round from now. */
async function setHeld(call: VertoCall, wish?: boolean): Promise<Outcome> {
  const { channel, media, profile } = call
  // The browser has its answer before there are keys for the sound: what it asks for in between waits for them.
  if (!channel.isAnswered && call.hasSentAnswer) await untilSignal(channel, ['answered'], keysMs)
  const on = wish ?? !channel.isHeld
  // Nothing is held before our answer.
  if (!channel.isAnswered || !channel.isUp || channel.isHeld === on) return {}
  const music = profile.values.text('hold-music')
  if (on && music && !channel.variables.has('hold_music'))
    channel.variables.set('hold_music', music)
  media.hold(on)
  channel.markHeld(on)
  if (on) void startHoldMusic(channel)
  else {
    stopHoldMusic(channel)
    void call.joinSides()
  }
  return {}
}

/** Both parties are asked for a whole picture. */
function refreshVideo(call: VertoCall): Outcome {
  sidedLegOf(call.channel.partner)?.askForPicture()
  call.askForPicture()
  return {}
}

function transferPartner(call: VertoCall, params: Json | undefined): Outcome {
  const destination = textOf(params, 'destination')
  if (destination === undefined) return { error: 'destination missing' }
  const { channel } = call
  const { partner } = channel
  if (!partner) return { error: 'call is not bridged' }
  channel.variables.set('transfer_disposition', 'recv_replace')
  channel.variables.set('transfer_to', `blind:${partner.uuid}`)
  channel.variables.set('endpoint_disposition', 'BLIND_TRANSFER')
  transfer(partner, { extension: destination })
  return { more: { message: 'CALL TRANSFERRED' } }
}

function replace(connection: Connection, call: VertoCall, params: Json | undefined): Outcome {
  const otherId = textOf(params, 'replaceCallID')
  if (otherId === undefined) return { error: 'replaceCallID missing' }
  const other = ownCall(connection, otherId)
  if (!other || other === call) return { error: 'invalid transfer leg' }
  return attendedTransfer(call, other) ? {} : { error: 'transfer failed' }
}

/** The partner's party is asked for what the browser has beside its sound by now. */
async function offerFresh(call: VertoCall, offer: SessionDescription, text: string) {
  const other = sidedLegOf(call.channel.partner)
  if (!other?.channel.isAnswered || other.media.way !== 'own') return
  const fresh = freshSides(call, other, offer, text)
  if (fresh.length === 0) return
  if (call.media.isMoving || other.media.isMoving) {
    log.info('the two parties are at another change: no video for now', call.channel.uuid)
    return
  }
  call.media.isMoving = true
  other.media.isMoving = true
  try {
    await addSides(call, other, fresh)
  } finally {
    call.media.isMoving = false
    other.media.isMoving = false
  }
}

async function updateMedia(call: VertoCall, params: Json | undefined): Promise<Outcome> {
  const { channel, media } = call
  if (!channel.isAnswered) {
    queueMicrotask(() => channel.hangup('DESTINATION_OUT_OF_ORDER'))
    return { error: 'Cannot update a call that has not been answered.' }
  }
  const sdp = textOf(params, 'sdp')
  if (sdp === undefined) return { error: 'SDP missing' }
  try {
    const answer = await media.update(sdp, (offer) => offerFresh(call, offer, sdp))
    if (answer !== undefined) {
      if (media.remote) passLoss(call, media.remote)
      void call.joinSides()
      return { more: { sdp: answer } }
    }
  } catch (thrown) {
    if (!(thrown instanceof SwitchError)) throw thrown
    log.info(`updateMedia: ${reasonOf(thrown)}`, channel.uuid)
  }
  channel.variables.set('endpoint_disposition', 'CODEC NEGOTIATION ERROR')
  return { error: 'CODEC NEGOTIATION ERROR' }
}
