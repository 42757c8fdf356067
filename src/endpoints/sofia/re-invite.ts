/** A re-INVITE, or an UPDATE with an offer, from the far end: hold, other codecs, another address, a mere refresh (RFC 3261 §14.2). */
import { SwitchError } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import { startHoldMusic, stopHoldMusic } from '../../core/bridge/hold.ts'
import { IncomingInvite } from '../../sip/invite-server.ts'
import type { HeaderLine } from '../../sip/message.ts'
import type { ServerTransaction } from '../../sip/transaction-server.ts'
import type { Call } from './call.ts'
import { bodyHeaders, headerSets } from './headers.ts'
import { answerHeaders, answerTerms, minimumSeconds, tooShort } from './session-timer.ts'

const log = logger('sofia/re-invite')

export function receiveReinvite(call: Call, transaction: ServerTransaction): void {
  const { request } = transaction
  const { channel } = call
  if (refusesInterval(call, transaction)) return
  if (channel.state === 'new' || !channel.isUp || !channel.media) {
    // Nothing was agreed yet that could be changed.
    transaction.respond(491, { headers: headerSets(call.profile).brief })
    return
  }
  channel.announce('CUSTOM', undefined, 'sofia::reinvite')
  try {
    const body = request.hasBody ? answerOffer(call, request.body) : call.media.offerNow()
    if (body === undefined) {
      log.info(`re-INVITE refused: ${call.media.refusal}`, channel.uuid)
      transaction.respond(488, { headers: headerSets(call.profile).full })
      return
    }
    accept(call, transaction, body)
  } catch (thrown) {
    const status = thrown instanceof SwitchError ? (thrown.status ?? 500) : 500
    log.info(
      `re-INVITE refused: ${thrown instanceof Error ? thrown.message : thrown}`,
      channel.uuid,
    )
    transaction.respond(status === 400 ? 488 : status, { headers: headerSets(call.profile).full })
  }
}

function answerOffer(call: Call, text: string): string | undefined {
  const { media } = call
  media.takeOffer(text)
  const answer = media.answerNow()
  if (answer !== undefined) noteHold(call)
  return answer
}

/** The far end holds us, or talks again. */
function noteHold(call: Call): void {
  const { channel, media, profile } = call
  const isHeld = media.terms?.isHeld === true && !profile.values.boolean('disable-hold')
  if (isHeld === channel.isHeld) return
  if (isHeld) {
    const music = profile.values.text('hold-music')
    if (music && !channel.variables.has('hold_music')) channel.variables.set('hold_music', music)
  }
  channel.markHeld(isHeld)
  if (isHeld) void startHoldMusic(channel)
  else stopHoldMusic(channel)
}

function accept(call: Call, transaction: ServerTransaction, body: string): void {
  const { request } = transaction
  const { profile, channel } = call
  const terms = answerTerms(profile, channel, request)
  const headers: HeaderLine[] = [
    ['Contact', call.contact],
    ...headerSets(profile).full,
    ...answerHeaders(terms),
    ...bodyHeaders(body),
  ]
  if (request.method === 'UPDATE') {
    transaction.respond(200, { headers, body })
    call.timer.start(terms)
    return
  }
  const offers = !request.hasBody
  const invite = new IncomingInvite(
    profile.agent,
    transaction,
    {
      acknowledged: (ack) => {
        if (!offers || !channel.isUp) return
        if (!ack.hasBody) {
          // RFC 3261 §13.2.2.4 wants an answer here; without one the session stays as it was.
          log.info('no answer to our offer came with the ACK', channel.uuid)
          call.media.withdrawOffer()
          return
        }
        try {
          if (call.media.readAnswer(ack.body) !== 'agreed') {
            channel.hangup('INCOMPATIBLE_DESTINATION')
          }
        } catch (thrown) {
          call.fail('the ACK brings no usable answer', thrown, 'INCOMPATIBLE_DESTINATION')
        }
      },
      unacknowledged: () => channel.hangup('RECOVERY_ON_TIMER_EXPIRE'),
    },
    call.dialog,
  )
  invite.accept({ headers, body })
  call.timer.start(terms)
}

/** Refuses a too short session timer of a re-INVITE (RFC 4028 §9); true when it did. */
export function refusesInterval(call: Call, transaction: ServerTransaction): boolean {
  if (tooShort(call.profile, transaction.request) === undefined) return false
  transaction.respond(422, {
    headers: [...headerSets(call.profile).full, ['Min-SE', String(minimumSeconds(call.profile))]],
  })
  return true
}
