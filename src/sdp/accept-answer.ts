/** Taking the answer to an offer of ours (RFC 3264 section 7). */
import { commonDirection, termsOf } from './agreed-terms.ts'
import { bundleWith } from './bundle.ts'
import type { SessionDescription } from './description.ts'
import { comfortNoiseFor, commonCodecs, eventsFor, isSameCodec } from './match.ts'
import type { AgreedCodec, MediaTerms, Offer } from './terms.ts'

/**
 * Settles what an answer to our offer says: what they send to is what we offered, what we send is what they answered.
 * An answer that takes none of our codecs, or refuses the audio with port 0, gives 'no common codec' or 'refused'.
 */
export function acceptAnswer(
  offer: Offer,
  theirs: SessionDescription,
): MediaTerms | 'no common codec' | 'refused' {
  // An answer has the offer's m= lines in the offer's order; some put theirs elsewhere, so the first audio counts.
  const sectionIndex = theirs.media.findIndex((media) => media.kind === 'audio' && media.port !== 0)
  const section = theirs.media[sectionIndex]
  if (!section || section.address === undefined) return 'refused'
  const { settings } = offer
  const codecs = commonCodecs(section, offer.codecs, 'generous')
  const send = codecs[0]
  if (!send) return 'no common codec'
  const isMux = section.rtcpMux && (settings.rtcpMux ?? false)
  const bundled = settings.mid === undefined ? [] : bundledIn(theirs, sectionIndex)
  const direction = commonDirection(settings.direction, section.direction)
  const event =
    settings.telephoneEvent === undefined ? undefined : eventsFor(section, send.clockRate)
  const noise =
    settings.comfortNoise === undefined ? undefined : comfortNoiseFor(section, send.clockRate)
  return {
    ...termsOf(theirs, section, sectionIndex, bundled, direction, isMux),
    send,
    receive: codecs.map((codec) => ({ ...codec, payloadType: offeredNumber(offer, codec) })),
    eventSend: event?.payloadType,
    eventReceive: event && (offer.events.get(event.clockRate) ?? event.payloadType),
    eventClock: event?.clockRate ?? 8000,
    comfortNoise: noise?.payloadType,
  }
}

/** The number that we offered a codec under: they have to send it with that (RFC 3264 section 5.1). */
function offeredNumber(offer: Offer, codec: AgreedCodec): number {
  const ours = offer.codecs.find((candidate) => isSameCodec({ ...codec }, candidate))
  return ours?.payloadType ?? codec.payloadType
}

/** Which sections of an answer share the port of the sound. */
function bundledIn(theirs: SessionDescription, soundIndex: number): number[] {
  return bundleWith(theirs, soundIndex).filter(
    (index) => index !== soundIndex && (theirs.media[index]?.port ?? 0) !== 0,
  )
}
