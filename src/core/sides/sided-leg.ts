/** What a leg with more than sound is to the other leg of its call, whichever endpoint either is of. */
import type { IceTcpPort, MediaLeg } from '../../media/engine.ts'
import type { SessionDescription } from '../../sdp/description.ts'
import type { MediaTerms } from '../../sdp/terms.ts'
import type { Channel } from '../channel.ts'
import type { TurnProfile } from '../turn-relay.ts'
import type { Side } from './side.ts'
import type { Sides } from './sides.ts'

/** What is asked of a profile, whose params have the names of `mediaSettings`. */
export interface SideProfile extends TurnProfile {
  readonly externalRtpIp: string
  /** Where legs with ICE may be reached by TCP (`ice-tcp-port`). */
  readonly iceTcp: IceTcpPort | undefined
}

/**
 * own: the sound is ours, offered and answered in our words. past: each party has the other's description, and nothing
 * passes here (`bypass_media`). proxy: the same, but for our addresses, and packets pass untouched (`proxy_media`).
 */
export type MediaWay = 'own' | 'past' | 'proxy'

export interface SidedMedia {
  readonly sides: Sides
  readonly way: MediaWay
  /** What was agreed for the sound; undefined until something was. */
  readonly terms: MediaTerms | undefined
  /** What the party said last, taken apart and as it came. */
  readonly remote: SessionDescription | undefined
  readonly remoteText: string
  /** Beside which leg another one opens. */
  readonly near: MediaLeg | undefined
  /** Opens the leg of the sound, beside that one, unless it is open. */
  open(near: MediaLeg | undefined): Promise<MediaLeg>
  /** A new offer that concerns both legs is under way. */
  isMoving: boolean
}

export interface SidedLeg {
  readonly channel: Channel
  readonly media: SidedMedia
  /** Offers the party what its leg has by now. Resolves whether it took that. Never rejects. */
  offerAgain(): Promise<boolean>
  /** Asks the party for a whole picture of what it sends. */
  askForPicture(): void
  /** The other party has given these up: they are taken from this one too, or left without counterpart. */
  otherGaveUp(sides: readonly Side[]): void
}

const byChannel = new WeakMap<Channel, SidedLeg>()

export function noteSidedLeg(leg: SidedLeg): void {
  byChannel.set(leg.channel, leg)
}

/** Undefined where an endpoint has nothing but sound. */
export function sidedLegOf(channel: Channel | undefined): SidedLeg | undefined {
  return channel && byChannel.get(channel)
}
