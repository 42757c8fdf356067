/** A re-INVITE that changes more than the sound: video or text comes or goes, fax begins or ends. The other party is asked. */
import { logger } from '../../base/log.ts'
import { addSides, freshSides } from '../../core/sides/join-sides.ts'
import type { SideOffer } from '../../core/sides/side-offer.ts'
import { type SidedLeg, sidedLegOf } from '../../core/sides/sided-leg.ts'
import type { SessionDescription } from '../../sdp/description.ts'
import { parseSdp } from '../../sdp/parse.ts'
import type { ServerTransaction } from '../../sip/transaction-server.ts'
import type { Call } from './call.ts'
import { asksForFax, beginFax, endFax, passesFax } from './media-fax.ts'
import { answerLater, partnerOf, type Verdict } from './re-invite-pass.ts'

const log = logger('sofia/re-invite')

/**
 * Sees to an offer that the other party has a say in; false: it is answered here alone. `answer` makes the answer of the
 * sound once the offer was taken. Throws SDP_BAD.
 */
export function askOther(
  call: Call,
  transaction: ServerTransaction,
  answer: (text: string) => string | undefined,
): boolean {
  const text = transaction.request.body
  const offer = parseSdp(text)
  const other = sidedLegOf(call.channel.partner)
  if (!other?.channel.isAnswered || other.media.way !== 'own') return false
  const ask =
    call.media.fax || asksForFax(offer)
      ? questionOfFax(call, offer, text)
      : questionFor(call, other, offer, text, answer)
  if (!ask) return false
  void answerLater(call, transaction, other, ask)
  return true
}

/** Fax begins, goes on or ends. */
function questionOfFax(
  call: Call,
  offer: SessionDescription,
  text: string,
): (() => Promise<Verdict>) | undefined {
  const other = partnerOf(call)
  if (!other) {
    log.info('T.38 has no effect: the other party is no telephone', call.channel.uuid)
    return undefined
  }
  const isFaxWanted = asksForFax(offer)
  // The same again, or other parameters: both mean fax goes on.
  if (call.media.fax && !isFaxWanted) return () => endFax(call, other, text)
  if (call.media.fax || passesFax(call)) return () => beginFax(call, other, text)
  log.info('T.38 is not passed on: see t38_passthru', call.channel.uuid)
  return undefined
}

function questionFor(
  call: Call,
  other: SidedLeg,
  offer: SessionDescription,
  text: string,
  answer: (text: string) => string | undefined,
): (() => Promise<Verdict>) | undefined {
  const fresh = freshSides(call, other, offer, text).filter(
    ({ section }) => section.kind !== 'image' || passesFax(call),
  )
  if (fresh.length === 0) return undefined
  return () => addFresh(call, other, fresh, text, answer)
}

async function addFresh(
  call: Call,
  other: SidedLeg,
  fresh: readonly SideOffer[],
  text: string,
  answer: (text: string) => string | undefined,
): Promise<Verdict> {
  await addSides(call, other, fresh)
  const body = answer(text)
  if (body === undefined) return { status: 488 }
  call.media.sides.join(other.media.sides)
  return { body }
}
