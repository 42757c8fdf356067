/** The port of the sound, as the sections beside it share it (BUNDLE, RFC 9143): which are there, and which go there. */
import { logger } from '../../base/log.ts'
import type { MediaLeg } from '../../media/engine.ts'
import type { MediaSection, SessionDescription } from '../../sdp/description.ts'
import type { Channel } from '../channel.ts'
import type { Side } from './side.ts'
import { isMoved, sharesPort } from './side-bundle.ts'

const log = logger('core/sides')

export class SharedPort {
  readonly #channel: Channel

  constructor(channel: Channel) {
    this.#channel = channel
  }

  /** Where a section of our party's offer is to run: on the port of that leg, on one of its own, or nowhere. */
  placeFor(
    offer: SessionDescription | undefined,
    index: number,
    formats: readonly string[],
  ): MediaLeg | 'own' | 'nowhere' {
    const section = offer?.media[index]
    const { media, uuid } = this.#channel
    if (offer && media && sharesPort(offer, index, formats)) return media
    if (!section?.bundleOnly) return 'own'
    log.info(`${section.kind} cannot share the port of the sound, and is to have no other`, uuid)
    return 'nowhere'
  }

  /** Whether our party's new offer leaves a section on the port that it is on, or moves it onto the sound's. */
  keeps(side: Side, section: MediaSection, offer: SessionDescription): boolean {
    const { stream, shown, kind } = side
    if (!stream.isBundled && !section.bundleOnly) return true
    if (sharesPort(offer, side.index, shown.formats) && this.#take(side)) return true
    log.warning(`${kind} cannot leave the port of the sound, or go there`, this.#channel.uuid)
    return false
  }

  /** Takes a section where the answer to our offer wants it on the sound's port; false: it cannot be where that wants it. */
  takes(side: Side, answer: SessionDescription): boolean {
    if (isMoved(answer, side.index) ? this.#take(side) : !side.stream.isBundled) return true
    log.warning(`the answer has ${side.kind} on a port where it is not`, this.#channel.uuid)
    return false
  }

  /** Whether an offer of ours has a section in the sound's group: with the port that it has, which the answer may give up for it. */
  mayTake({ stream, theirs }: Side, isAnew: boolean): boolean {
    const { media } = this.#channel
    const isOpen = isAnew || !theirs
    return stream.isBundled || (isOpen && media !== undefined && stream.canShare(media))
  }

  #take({ stream }: Side): boolean {
    const { media } = this.#channel
    return media !== undefined && stream.share(media)
  }
}
