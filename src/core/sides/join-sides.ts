/** Video and text between two legs: offered to the one because the other has it, joined, and taken away together. */
import { reasonOf } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import type { MediaLeg } from '../../media/engine.ts'
import type { SessionDescription } from '../../sdp/description.ts'
import type { Side } from './side.ts'
import { isRead, isWider, type SideOffer } from './side-offer.ts'
import { type SidedLeg, sidedLegOf } from './sided-leg.ts'

const log = logger('core/sides')

/** The video encodings that both legs may have. */
function sharedVideo(leg: SidedLeg, other: SidedLeg): ReadonlySet<string> {
  return new Set([...leg.media.sides.video].filter((name) => other.media.sides.video.has(name)))
}

/** A leg that is dialled for `other`: it is to offer what the other party offers, or has, and both legs may have. */
export async function offerSides(
  leg: SidedLeg,
  other: SidedLeg,
  near: MediaLeg | undefined,
): Promise<void> {
  const { remote, remoteText, sides, terms } = other.media
  if (!remote) return
  // An answered caller has settled what it has.
  const offers = sides
    .passable(remote, remoteText, sharedVideo(leg, other))
    .filter(({ index, section }) =>
      section.kind === 'image' ? false : !terms || sides.at(index) !== undefined,
    )
  if (offers.length === 0) return
  if (!terms) sides.notePassedOn(offers)
  // Only streams of one worker can be joined: all of a call live where its sound does.
  const own = await leg.media.open(near ?? other.media.near)
  await leg.media.sides.offer(offers, own)
}

/** What an offer within the call has that the leg has not, or did not send, and that both legs may have. */
export function freshSides(
  leg: SidedLeg,
  other: SidedLeg,
  offer: SessionDescription,
  text: string,
): SideOffer[] {
  const { sides } = leg.media
  return sides
    .passable(offer, text, sharedVideo(leg, other))
    .filter((offer) => !sides.at(offer.index) || begins(offer, other))
}

/** The party sends by now what the other one was shown as not sent: a camera that is switched on. */
function begins({ index, section }: SideOffer, other: SidedLeg): boolean {
  const match = other.media.sides.all.find(({ otherIndex }) => otherIndex === index)
  return match !== undefined && isWider(section, match.shown.section)
}

/** Offers the other party what is new in an offer of this one, and plans the answer; the sound is answered whatever it says. */
export async function addSides(
  leg: SidedLeg,
  other: SidedLeg,
  fresh: readonly SideOffer[],
): Promise<void> {
  await other.media.sides.offer(fresh, other.media.near)
  if (!(await other.offerAgain())) {
    log.info('the other party takes no more than sound', leg.channel.uuid)
  }
  other.media.sides.dropUnanswered()
  const added = new Set(fresh.map(({ index }) => index))
  const { sides } = leg.media
  sides.plan(
    other.media.sides.accepted(other.media.remoteText).filter(({ index }) => added.has(index)),
  )
  await sides.openPlanned(leg.media.near)
}

/** After an offer was answered: what the party has given up is taken from the other one too. */
export function passLoss(leg: SidedLeg, offer: SessionDescription): void {
  passGone(leg, leg.media.sides.dropUnoffered(offer))
}

/** The other party is to do without what this leg has no more. */
export function passGone(leg: SidedLeg, gone: readonly Side[]): void {
  const other = sidedLegOf(leg.channel.partner)
  if (gone.length === 0 || !other) return
  const free = [...other.media.sides.all]
  const matches = gone.flatMap((side) => {
    const isMatch = ({ index, otherIndex }: Side) =>
      otherIndex === side.index || index === side.otherIndex
    const at = free.findIndex((one) => one.kind === side.kind && isMatch(one))
    // After a transfer the places say nothing: then it is one of the kind.
    const found = at < 0 ? free.findIndex(({ kind }) => kind === side.kind) : at
    return found < 0 ? [] : free.splice(found, 1)
  })
  other.otherGaveUp(matches)
}

/**
 * The two legs of a bridge that has begun: what both have is joined. What only the other one has, because this party was answered
 * with sound before, is offered to this one now; so is what it has, but in an encoding that the other party
 * does not read.
 */
export async function joinSides(leg: SidedLeg, other: SidedLeg | undefined): Promise<void> {
  leg.media.sides.join(other?.media.sides)
  if (!other || leg.media.isMoving || other.media.isMoving) return
  const { sides } = leg.media
  const missing = missingOf(leg, other)
  if (missing.length === 0 || leg.media.way !== 'own' || !leg.channel.isAnswered) return
  leg.media.isMoving = true
  other.media.isMoving = true
  try {
    await sides.offer(missing, leg.media.near)
    if (!(await leg.offerAgain())) sides.dropUnanswered()
    if (leg.channel.partner === other.channel) sides.join(other.media.sides)
  } catch (thrown) {
    log.info(`video or text stays with one party: ${reasonOf(thrown)}`, leg.channel.uuid)
  } finally {
    leg.media.isMoving = false
    other.media.isMoving = false
  }
}

/** What the other party has agreed to, ours has offered at some time, and is not agreed with ours in that form. */
function missingOf(leg: SidedLeg, other: SidedLeg): SideOffer[] {
  const { sides, remote } = leg.media
  const accepted = other.media.sides.accepted(other.media.remoteText)
  return accepted.flatMap(({ index, shown }) => {
    const present =
      sides.all.find(({ peer }) => peer?.index === shown.index) ??
      sides.all.find(({ kind }) => kind === shown.section.kind)
    if (!present) return remote?.media[index]?.kind === shown.section.kind ? [shown] : []
    if (!present.theirs || isRead(present.theirs, present.shown, shown.section)) return []
    return [{ ...shown, index: present.otherIndex }]
  })
}
