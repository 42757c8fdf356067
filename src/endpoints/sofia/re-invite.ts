/** A re-INVITE, or an UPDATE with an offer, from the far end: hold, other codecs, another address, a mere refresh (RFC 3261 §14.2). */
import { SwitchError } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import { startHoldMusic, stopHoldMusic } from '../../core/bridge/hold.ts'
import { passLoss } from '../../core/sides/join-sides.ts'
import { IncomingInvite } from '../../sip/invite-server.ts'
import type { HeaderLine } from '../../sip/message.ts'
import type { ServerTransaction } from '../../sip/transaction-server.ts'
import type { Call } from './call.ts'
import { bodyHeaders, headerSets } from './headers.ts'
import { holdEnded, holdWithMedia, resumesOnHold } from './media-after-bridge.ts'
import { isHolding } from './media-move.ts'
import { answerLater, partnerOf, passOffer } from './re-invite-pass.ts'
import { askOther } from './re-invite-sides.ts'
import { answerHeaders, answerTerms, minimumSeconds, tooShort } from './session-timer.ts'

const log = logger('sofia/re-invite')

export function receiveReinvite(call: Call, transaction: ServerTransaction): void {
  const { request } = transaction
  const { channel } = call
  if (refusesInterval(call, transaction)) return
  const isPassed = call.media.way !== 'own'
  const isAgreed = isPassed ? channel.isAnswered : channel.media !== undefined
  if (channel.state === 'new' || !channel.isUp || !isAgreed || call.media.isMoving) {
    // Nothing was agreed yet that could be changed.
    transaction.respond(491, { headers: headerSets(call.profile).brief })
    return
  }
  channel.announce('CUSTOM', undefined, 'sofia::reinvite')
  try {
    if (isPassed && request.hasBody) return passOn(call, transaction)
    if (request.hasBody && askOther(call, transaction, (text) => answerOffer(call, text))) return
    const body = request.hasBody ? answerOffer(call, request.body) : ownOffer(call)
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

/** What an offerless re-INVITE is answered with; while fax runs, fax. */
function ownOffer({ media }: Call): string {
  return media.fax ? media.localText : media.offerNow()
}

/** Each party has the other's description: so it is with this one. */
function passOn(call: Call, transaction: ServerTransaction): void {
  const text = transaction.request.body
  const other = partnerOf(call)
  // A mere refresh needs nobody else.
  if (text === call.media.remoteText) return accept(call, transaction, call.media.offerNow())
  if (!other || call.media.other !== other.media) {
    log.info('a re-INVITE finds nobody to pass it to', call.channel.uuid)
    transaction.respond(488, { headers: headerSets(call.profile).full })
    return
  }
  if (resumesOnHold(call, other, text)) {
    void answerLater(call, transaction, other, () =>
      holdWithMedia(call, other, text, (offer) => answerOffer(call, offer)),
    )
    return
  }
  void answerLater(call, transaction, other, async () => {
    const verdict = await passOffer(call, other, text)
    const { remote } = call.media
    // Their hold passes them by too, but is told.
    if ('body' in verdict && remote) call.channel.markHeld(isHolding(remote))
    return verdict
  })
}

function answerOffer(call: Call, text: string): string | undefined {
  const { media } = call
  const before = media.remoteText
  const offer = media.takeOffer(text)
  const answer = media.answerNow()
  if (answer === undefined) {
    // Refused: what was agreed before stays.
    if (before !== '') media.takeOffer(before)
    return undefined
  }
  noteHold(call)
  passLoss(call, offer)
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
  else {
    stopHoldMusic(channel)
    holdEnded(call)
  }
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
        // A fax, or what passes us by, goes on as it was.
        if (call.media.fax || call.media.way !== 'own') return
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
