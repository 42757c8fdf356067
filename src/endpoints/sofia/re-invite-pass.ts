/**
 * A re-INVITE that is not ours to answer: the other party is asked first, and what it says is the answer. So it is with
 * `bypass_media` and `proxy_media`, where each party has the other's description, and with new video, text or fax.
 */
import { reasonOf, SwitchError } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import type { SidedLeg } from '../../core/sides/sided-leg.ts'
import { parseSdp } from '../../sdp/parse.ts'
import { IncomingInvite } from '../../sip/invite-server.ts'
import type { ServerTransaction } from '../../sip/transaction-server.ts'
import type { Call } from './call.ts'
import { callOf } from './call-table.ts'
import { bodyHeaders, headerSets } from './headers.ts'
import { isTaken, reinvite } from './re-invite-out.ts'
import { answerHeaders, answerTerms } from './session-timer.ts'

const log = logger('sofia/re-invite')

/** The text that accepts, or the status that refuses. */
export type Verdict = { readonly body: string } | { readonly status: number }

/**
 * Holds a re-INVITE (or an UPDATE with an offer) open until `ask` knows what it is answered with. One of either leg at a
 * time; a second gets 491.
 */
export async function answerLater(
  call: Call,
  transaction: ServerTransaction,
  other: SidedLeg,
  ask: () => Promise<Verdict>,
): Promise<void> {
  const { profile, channel } = call
  if (call.media.isMoving || other.media.isMoving) {
    transaction.respond(491, { headers: headerSets(profile).brief })
    return
  }
  let isGone = false
  const invite = new IncomingInvite(
    profile.agent,
    transaction,
    {
      cancelled: () => {
        isGone = true
      },
      unacknowledged: () => channel.hangup('RECOVERY_ON_TIMER_EXPIRE'),
    },
    call.dialog,
  )
  if (transaction.request.method === 'INVITE')
    invite.progress(100, { headers: [...headerSets(profile).agent] })
  call.media.isMoving = true
  other.media.isMoving = true
  let verdict: Verdict
  try {
    verdict = await ask()
  } catch (thrown) {
    log.info(`re-INVITE refused: ${reasonOf(thrown)}`, channel.uuid)
    const status = thrown instanceof SwitchError ? (thrown.status ?? 500) : 500
    verdict = { status: status === 400 ? 488 : status }
  } finally {
    call.media.isMoving = false
    other.media.isMoving = false
  }
  if (!channel.isUp || isGone) {
    if (isGone)
      log.info('the re-INVITE was cancelled while the other party was asked', channel.uuid)
    return
  }
  if ('status' in verdict) {
    invite.reject(verdict.status, { headers: headerSets(profile).full })
    return
  }
  const terms = answerTerms(profile, channel, transaction.request)
  const parts = {
    headers: [
      ['Contact', call.contact] as const,
      ...headerSets(profile).full,
      ...answerHeaders(terms),
      ...bodyHeaders(verdict.body),
    ],
    body: verdict.body,
  }
  if (transaction.request.method === 'UPDATE') transaction.respond(200, parts)
  else invite.accept(parts)
  call.timer.start(terms)
}

/** The call of the party on the other side of the bridge. */
export function partnerOf(call: Call): Call | undefined {
  const { partner } = call.channel
  return partner && callOf(partner)
}

/** What a refusal of the other party is for the one that asked: ours to challenge or to redirect it is not. */
export function passedStatus(status: number): number {
  if (status === 0 || status < 400) return 488
  return status === 401 || status === 407 ? 488 : status
}

/** Passes an offer on to the other party and its answer back, in whichever way the two hear each other. */
export async function passOffer(call: Call, other: Call, text: string): Promise<Verdict> {
  const remote = parseSdp(text)
  const reply = await reinvite(other, await other.media.passedText(text))
  if (!isTaken(reply) || reply.body === '') {
    log.info(`the other party refuses a re-INVITE with ${reply.status}`, call.channel.uuid)
    return { status: passedStatus(reply.status) }
  }
  other.media.takePassed(parseSdp(reply.body), reply.body)
  const body = await call.media.passedText(reply.body)
  call.media.takePassed(remote, text)
  return { body }
}
