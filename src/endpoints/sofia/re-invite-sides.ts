/** A re-INVITE that changes more than the sound: video or text comes or goes, fax begins or ends. The other party is asked. */
import { reasonOf } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import type { SessionDescription } from '../../sdp/description.ts'
import { parseSdp } from '../../sdp/parse.ts'
import type { ServerTransaction } from '../../sip/transaction-server.ts'
import type { Call } from './call.ts'
import { asksForFax, beginFax, endFax, passesFax } from './media-fax.ts'
import type { SideOffer } from './media-sides.ts'
import { sendReinvite } from './re-invite-out.ts'
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
  const other = partnerOf(call)
  if (!other?.channel.isAnswered || other.media.way !== 'own') return false
  const ask = questionFor(call, other, offer, text, answer)
  if (!ask) return false
  void answerLater(call, transaction, other, ask)
  return true
}

function questionFor(
  call: Call,
  other: Call,
  offer: SessionDescription,
  text: string,
  answer: (text: string) => string | undefined,
): (() => Promise<Verdict>) | undefined {
  const isFaxWanted = asksForFax(offer)
  if (call.media.fax) {
    // The same again, or other parameters: both mean fax goes on.
    return isFaxWanted ? () => beginFax(call, other, text) : () => endFax(call, other, text)
  }
  if (isFaxWanted) {
    if (passesFax(call)) return () => beginFax(call, other, text)
    log.info('T.38 is not passed on: see t38_passthru', call.channel.uuid)
    return undefined
  }
  const { sides } = call.media
  const both = new Set([...sides.video].filter((name) => other.media.sides.video.has(name)))
  const fresh = sides
    .passable(offer, text, both)
    .filter(
      ({ index, section }) => !sides.at(index) && (section.kind !== 'image' || passesFax(call)),
    )
  if (fresh.length === 0) return undefined
  return () => addSides(call, other, fresh, text, answer)
}

/** Offers the other party what is new; the sound is answered whatever it says. */
async function addSides(
  call: Call,
  other: Call,
  fresh: readonly SideOffer[],
  text: string,
  answer: (text: string) => string | undefined,
): Promise<Verdict> {
  await other.media.sides.offer(fresh, other.media.near)
  if (!(await sendReinvite(other))) {
    log.info('the other party takes no more than sound', call.channel.uuid)
  }
  other.media.sides.dropUnanswered()
  const added = new Set(fresh.map(({ index }) => index))
  const { sides } = call.media
  sides.plan(
    other.media.sides.accepted(other.media.remoteText).filter(({ index }) => added.has(index)),
  )
  await sides.openPlanned(call.media.near)
  const body = answer(text)
  if (body === undefined) return { status: 488 }
  sides.join(other.media.sides)
  return { body }
}

/** After an offer was answered: what the party has given up is taken from the other one too. */
export function passLoss(call: Call, offer: SessionDescription): void {
  const gone = call.media.sides.dropUnoffered(offer)
  const other = partnerOf(call)
  if (gone.length === 0 || !other) return
  for (const { kind } of gone) {
    const match = other.media.sides.all.find((side) => side.kind === kind)
    if (match) other.media.sides.drop(match)
  }
  void sendReinvite(other)
}

/**
 * The two legs of a bridge that has begun: what both have is joined. What only the called one has, because the caller was
 * answered with sound before, is offered to the caller now.
 */
export async function joinSides(call: Call, other: Call | undefined): Promise<void> {
  call.media.sides.join(other?.media.sides)
  if (!other || call.media.isMoving || other.media.isMoving) return
  const { sides } = call.media
  const missing = other.media.sides
    .accepted(other.media.remoteText)
    .filter(({ shown }) => !sides.all.some(({ kind }) => kind === shown.section.kind))
    .filter(({ index, shown }) => call.media.remote?.media[index]?.kind === shown.section.kind)
  if (missing.length === 0 || call.media.way !== 'own' || !call.channel.isAnswered) return
  call.media.isMoving = true
  other.media.isMoving = true
  try {
    await sides.offer(
      missing.map(({ shown }) => shown),
      call.media.near,
    )
    if (!(await sendReinvite(call))) sides.dropUnanswered()
    if (call.channel.partner === other.channel) sides.join(other.media.sides)
  } catch (thrown) {
    log.info(`video or text stays with one party: ${reasonOf(thrown)}`, call.channel.uuid)
  } finally {
    call.media.isMoving = false
    other.media.isMoving = false
  }
}
