/** Answering an offer (RFC 3264 section 6). */
import { commonDirection, termsOf } from './agreed-terms.ts'
import { bundleWith } from './bundle.ts'
import type { MediaSection, SdpCodec, SessionDescription } from './description.ts'
import { comfortNoiseFor, commonCodecs, eventsFor, isSameCodec } from './match.ts'
import { eventCodec, noiseCodec, plainRtp, rtcpLines } from './sound-section.ts'
import type { AgreedCodec, Answer, AnswerSettings } from './terms.ts'
import { isDtls } from './webrtc.ts'
import type { AnySection, LocalSection, RefusedSection } from './write.ts'

/**
 * Answers an offer: one codec and the events of its clock in the first audio section that fits, all other sections
 * refused in their places.
 */
export function answer(
  offer: SessionDescription,
  settings: AnswerSettings,
): Answer | 'no common codec' {
  const choice = choose(offer, settings)
  const codec = choice?.codecs[0]
  if (!choice || !codec) return 'no common codec'
  const { section } = choice
  const { telephoneEvent, comfortNoise } = settings
  const event = telephoneEvent === undefined ? undefined : eventsFor(section, codec.clockRate)
  const noise = comfortNoise === undefined ? undefined : comfortNoiseFor(section, codec.clockRate)
  const isMux = section.rtcpMux && settings.rtcpMux !== false
  const direction = commonDirection(settings.direction, section.direction)
  const ours = settings.codecs.find((candidate) => isSameCodec({ ...codec }, candidate))

  const fmtp = ours?.answer ? ours.answer(codec.fmtp, ours.fmtp) : ours?.fmtp
  const codecs: SdpCodec[] = [{ ...codec, fmtp: fmtp ?? '' }]
  if (event) codecs.push(eventCodec(settings, event.payloadType, event.clockRate))
  if (noise) codecs.push(noiseCodec(noise.payloadType, noise.clockRate))
  const hasRtcp = isMux || settings.rtcp || (section.rtcpPort !== undefined && !section.iceUfrag)
  const local: LocalSection = {
    kind: 'audio',
    port: settings.port,
    protocol: section.protocol,
    codecs,
    direction,
    // Some who speak WebRTC take a section without a direction for one that is not in use.
    isDirectionShown: settings.isDirectionShown ?? isDtls(section),
    attributes: [
      ...midOf(section),
      ...(settings.attributes ?? []),
      `ptime:${codec.ptime}`,
      ...choice.attributes,
      ...(hasRtcp ? rtcpLines(settings, isMux) : []),
    ],
  }
  const sections = offer.media.map((other, index): AnySection => {
    if (index === choice.index) return local
    const side = settings.beside?.(other, index)
    if (!side) return refused(other)
    return { ...side, attributes: [...midOf(other), ...(side.attributes ?? [])] }
  })
  const group = bundleWith(offer, choice.index)
  const bundled = group.filter((index) => {
    const ours = sections[index]
    return ours !== undefined && 'lines' in ours && ours.isBundled === true
  })
  const text = settings.origin.write({
    address: settings.address,
    attributes: [
      ...answeredBundle(offer, group, [choice.index, ...bundled]),
      ...(settings.sessionAttributes ?? []),
    ],
    sections,
  })
  return {
    text,
    terms: {
      ...termsOf(offer, section, choice.index, bundled, direction, isMux),
      send: codec,
      receive: choice.codecs,
      eventSend: event?.payloadType,
      eventReceive: event?.payloadType,
      eventClock: event?.clockRate ?? 8000,
      comfortNoise: noise?.payloadType,
    },
  }
}

/** RFC 5888 section 9.1: a section that is accepted keeps its name. */
function midOf(section: MediaSection): string[] {
  return section.mid === undefined ? [] : [`mid:${section.mid}`]
}

/** RFC 9143 section 7.3: those that share a port stay in the group, in its order; what is refused or stands apart leaves it. */
function answeredBundle(
  { media }: SessionDescription,
  group: readonly number[],
  members: readonly number[],
): string[] {
  const names = group.filter((index) => members.includes(index)).map((index) => media[index]?.mid)
  return names.length > 0 ? [`group:BUNDLE ${names.join(' ')}`] : []
}

function refused(section: MediaSection): RefusedSection {
  return { kind: section.kind, protocol: section.protocol, refused: true }
}

/** Attributes that accept a section; undefined: it is refused. */
function acceptance(
  section: MediaSection,
  settings: AnswerSettings,
): readonly string[] | undefined {
  if (section.kind !== 'audio' || section.port === 0 || section.address === undefined)
    return undefined
  if (settings.accept) return settings.accept(section)
  return section.protocol.toUpperCase() === plainRtp ? [] : undefined
}

interface Choice {
  readonly index: number
  readonly section: MediaSection
  readonly codecs: readonly AgreedCodec[]
  readonly attributes: readonly string[]
}

/** The first audio section that we can take part in. */
function choose(offer: SessionDescription, settings: AnswerSettings): Choice | undefined {
  for (const [index, section] of offer.media.entries()) {
    const attributes = acceptance(section, settings)
    if (!attributes) continue
    const codecs = commonCodecs(section, settings.codecs, settings.negotiation)
    if (codecs.length > 0) return { index, section, codecs, attributes }
  }
  return undefined
}
