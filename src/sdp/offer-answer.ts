/** Offer and answer (RFC 3264): what we propose, how we answer a proposal, what we make of an answer. */
import {
  type Direction,
  directionOf,
  type MediaSection,
  receives,
  reversed,
  type SdpCodec,
  type SessionDescription,
  sends,
} from './description.ts'
import { comfortNoiseFor, commonCodecs, eventsFor, isSameCodec } from './match.ts'
import type {
  AgreedCodec,
  Answer,
  AnswerSettings,
  LocalSide,
  MediaTerms,
  Offer,
  OfferSettings,
} from './terms.ts'
import { type LocalSection, networkAddress, type RefusedSection } from './write.ts'

/** The first number given to a codec without a static one: 96–101 are what others give to events and video. */
const firstDynamic = 102
const plainRtp = 'RTP/AVP'

/** Events of one clock. */
function eventCodec(side: LocalSide, payloadType: number, clockRate: number): SdpCodec {
  const fmtp = `0-${side.highestEvent ?? 15}`
  return { payloadType, name: 'telephone-event', clockRate, channels: 1, fmtp }
}

function noiseCodec(payloadType: number, clockRate: number): SdpCodec {
  return { payloadType, name: 'CN', clockRate, channels: 1, fmtp: '' }
}

/** Counts upward through the dynamic payload types that nothing else uses. */
function numbering(taken: Set<number>): () => number {
  let next = firstDynamic
  return () => {
    while (taken.has(next)) next++
    // Past the end there are the ones below where it began.
    if (next > 127) for (next = 96; taken.has(next); ) next++
    taken.add(next)
    return next
  }
}

function rtcpLines(side: LocalSide, isMux: boolean): string[] {
  const lines = isMux ? ['rtcp-mux'] : []
  const port = isMux ? side.port : side.port + 1
  return [...lines, `rtcp:${port} ${networkAddress(side.address)}`]
}

/** Makes an offer of all our codecs, each clock rate with its own telephone-event. Throws when there is no codec. */
export function makeOffer(settings: OfferSettings): Offer {
  const { codecs, telephoneEvent, comfortNoise } = settings
  if (codecs.length === 0) throw new Error('an offer without a codec')
  const taken = new Set(codecs.flatMap((codec) => codec.payloadType ?? []))
  if (telephoneEvent !== undefined) taken.add(telephoneEvent)
  const nextNumber = numbering(taken)

  const numbered = codecs.map((codec) => ({
    ...codec,
    payloadType: codec.payloadType ?? nextNumber(),
  }))
  const lines: SdpCodec[] = []
  for (const codec of numbered) {
    // The same codec with two packet times is one line.
    if (!lines.some((line) => line.payloadType === codec.payloadType)) lines.push(codec)
  }
  const rates = [...new Set(codecs.map((codec) => codec.clockRate))]
  const events = new Map<number, number>()
  for (const rate of rates) {
    const isMain = rate === 8000 || rates.length === 1
    if (telephoneEvent !== undefined) {
      const number = isMain ? telephoneEvent : nextNumber()
      events.set(rate, number)
      lines.push(eventCodec(settings, number, rate))
    }
    if (comfortNoise !== undefined)
      lines.push(noiseCodec(isMain ? comfortNoise : nextNumber(), rate))
  }
  const audio: LocalSection = {
    kind: 'audio',
    port: settings.port,
    protocol: settings.protocol ?? plainRtp,
    codecs: lines,
    direction: settings.direction ?? 'sendrecv',
    isDirectionShown: settings.isDirectionShown ?? false,
    attributes: offeredAttributes(settings, settings.crypto ?? []),
  }
  const layout = settings.layout ?? ['sound']
  const sections = layout.map((section) => (section === 'sound' ? audio : section))
  if (settings.plainBeside) {
    const attributes = offeredAttributes(settings, [])
    sections.push({ ...audio, protocol: plainRtp, attributes })
  }
  const text = settings.origin.write({
    address: settings.address,
    attributes: settings.sessionAttributes ?? [],
    sections,
  })
  return { text, codecs: numbered, settings, events }
}

function offeredAttributes(settings: OfferSettings, crypto: readonly string[]): string[] {
  const rtcp = settings.rtcp || settings.rtcpMux
  return [
    ...(rtcp ? rtcpLines(settings, settings.rtcpMux ?? false) : []),
    ...crypto,
    ...(settings.attributes ?? []),
    `ptime:${settings.ptime ?? settings.codecs[0]?.ptime ?? 20}`,
  ]
}

/** RFC 2543's way to hold: nothing may be sent there. ICE writes it before it knows better. */
function isNowhere(section: MediaSection): boolean {
  return (
    (section.address === '0.0.0.0' || section.address === '::') && section.iceUfrag === undefined
  )
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

/** What the stream's ends are, whichever side made the offer. */
function termsOf(
  section: MediaSection,
  sectionIndex: number,
  direction: Direction,
  rtcpMux: boolean,
): Omit<
  MediaTerms,
  'send' | 'receive' | 'eventSend' | 'eventReceive' | 'eventClock' | 'comfortNoise'
> {
  const nowhere = isNowhere(section)
  return {
    remoteAddress: section.address ?? '',
    remotePort: section.port,
    remoteRtcpPort: rtcpMux ? undefined : (section.rtcpPort ?? section.port + 1),
    rtcpMux,
    rtcpAsked: section.rtcpPort !== undefined,
    direction,
    sends: sends(direction) && !nowhere,
    receives: receives(direction),
    isHeld: nowhere || section.direction === 'sendonly' || section.direction === 'inactive',
    sectionIndex,
    section,
  }
}

/** Our direction, as far as theirs allows it (RFC 3264 section 6.1). */
function commonDirection(ours: Direction | undefined, theirs: Direction): Direction {
  const wanted = ours ?? 'sendrecv'
  const allowed = reversed(theirs)
  return directionOf(sends(wanted) && sends(allowed), receives(wanted) && receives(allowed))
}

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
    isDirectionShown: settings.isDirectionShown ?? false,
    attributes: [
      ...midOf(section),
      ...(settings.attributes ?? []),
      `ptime:${codec.ptime}`,
      ...choice.attributes,
      ...(hasRtcp ? rtcpLines(settings, isMux) : []),
    ],
  }
  const text = settings.origin.write({
    address: settings.address,
    attributes: [...bundleOf(offer, section), ...(settings.sessionAttributes ?? [])],
    sections: offer.media.map((other, index) => {
      if (index === choice.index) return local
      const side = settings.beside?.(other, index)
      if (!side) return refused(other)
      return { ...side, attributes: [...midOf(other), ...(side.attributes ?? [])] }
    }),
  })
  return {
    text,
    terms: {
      ...termsOf(section, choice.index, direction, isMux),
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

/** RFC 8843 section 7.3: each stream has a port of its own here, so the sound is all that the group is left with. */
function bundleOf(offer: SessionDescription, section: MediaSection): string[] {
  const groups = Array.isArray(offer.raw['groups']) ? offer.raw['groups'] : []
  const isBundled = groups.some(
    ({ type, mids }: { type?: unknown; mids?: unknown }) =>
      type === 'BUNDLE' &&
      String(mids)
        .split(' ')
        .includes(section.mid ?? ''),
  )
  return isBundled && section.mid !== undefined ? [`group:BUNDLE ${section.mid}`] : []
}

function refused(section: MediaSection): RefusedSection {
  return { kind: section.kind, protocol: section.protocol, refused: true }
}

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
  const direction = commonDirection(settings.direction, section.direction)
  const event =
    settings.telephoneEvent === undefined ? undefined : eventsFor(section, send.clockRate)
  const noise =
    settings.comfortNoise === undefined ? undefined : comfortNoiseFor(section, send.clockRate)
  return {
    ...termsOf(section, sectionIndex, direction, isMux),
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
