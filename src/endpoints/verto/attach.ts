/** Calls whose browser went off, and browsers that come back: detached, kept for a while, and attached again. */
import { logger } from '../../base/log.ts'
import type { VertoCall } from './call.ts'
import type { Connection } from './connection.ts'

const log = logger('verto/attach')

/** The socket is gone: calls that are answered wait for the browser, all others end. */
export function detachCalls(connection: Connection): void {
  if (connection.sessid === '') return
  for (const call of connection.verto.callsOf(connection.sessid)) detach(call)
}

function detach(call: VertoCall): void {
  const { channel, media, profile } = call
  const { verto } = profile
  if (!channel.isUp || call.isDetached) return
  if (!channel.isAnswered) return channel.hangup('DESTINATION_OUT_OF_ORDER')
  if (call.isUnrecoverable) return channel.hangup('NORMAL_CLEARING')
  verto.count('calls detached')
  log.info(
    `${channel.name} is without its browser for ${verto.detachMs / 1000} s at most`,
    channel.uuid,
  )
  media.rest()
  call.detachment = setTimeout(() => {
    call.detachment = undefined
    verto.count('calls expired')
    channel.hangup('RECOVERY_ON_TIMER_EXPIRE')
  }, verto.detachMs)
}

/**
 * The session has a socket from now on. One that it had before is sent away; calls that wait are offered to the browser, and then it
 * is told that it may begin.
 */
export function sessionReady(connection: Connection, before: Connection | undefined): void {
  if (before && before !== connection) {
    log.info(
      `session ${connection.sessid} goes on at ${connection.name}, no longer at ${before.name}`,
    )
    before.punt()
    detachCalls(before)
  }
  if (connection.isAuthed) void attachCalls(connection)
}

async function attachCalls(connection: Connection): Promise<void> {
  const waiting = connection.verto
    .callsOf(connection.sessid)
    .filter(({ isDetached, channel }) => isDetached && channel.isUp)
  for (const call of waiting) await call.reattach()
  const reattached = waiting.map(({ channel }) => channel.uuid)
  connection.notify('verto.clientReady', { reattached_sessions: reattached })
}
