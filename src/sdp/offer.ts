/** Making an offer (RFC 3264 section 5): all our codecs for the sound, and whatever stands beside it. */
import type { SdpCodec } from './description.ts'
import { isSameCodec } from './match.ts'
import { numbering, numbersOf } from './payload-numbers.ts'
import { eventCodec, noiseCodec, plainRtp, rtcpLines } from './sound-section.ts'
import type { Offer, OfferSettings } from './terms.ts'
import type { LocalSection, PassedSection } from './write.ts'

/** Makes an offer of all our codecs, each clock rate with its own telephone-event. Throws when there is no codec. */
export function makeOffer(settings: OfferSettings): Offer {
  const { codecs, telephoneEvent, comfortNoise, mid, known = [] } = settings
  if (codecs.length === 0) throw new Error('an offer without a codec')
  const mates = mid === undefined ? [] : matesIn(settings)
  const beside = new Set(mates.flatMap(({ formats }) => formats.map(Number)))
  const before = known.map(({ payloadType }) => payloadType)
  const taken = new Set([...codecs.flatMap((codec) => codec.payloadType ?? []), ...before])
  if (telephoneEvent !== undefined) taken.add(telephoneEvent)
  const nextNumber = numbering(taken, beside)
  // A number keeps its meaning within a section; on one port another section may have it by now.
  const knownNumber = numbersOf(known.filter(({ payloadType }) => !beside.has(payloadType)))

  const numbered = codecs.map((codec) => ({
    ...codec,
    payloadType: codec.payloadType ?? knownNumber((one) => isSameCodec(one, codec)) ?? nextNumber(),
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
      // On one port a number can mean one thing only.
      const isFree = isMain && !beside.has(telephoneEvent) && !before.includes(telephoneEvent)
      const number =
        knownNumber((one) => isNamed(one, 'telephone-event', rate)) ??
        (isFree ? telephoneEvent : nextNumber())
      events.set(rate, number)
      lines.push(eventCodec(settings, number, rate))
    }
    if (comfortNoise === undefined) continue
    const noise = knownNumber((one) => isNamed(one, 'cn', rate))
    lines.push(noiseCodec(isMain ? comfortNoise : (noise ?? nextNumber()), rate))
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
    attributes: [...offeredBundle(settings, mates, lines), ...(settings.sessionAttributes ?? [])],
    sections,
  })
  return { text, codecs: numbered, settings, events }
}

/** What is offered beside the sound and may share its port. */
function matesIn({ layout = [] }: OfferSettings): PassedSection[] {
  return layout.filter(
    (section) => section !== 'sound' && 'lines' in section && isMate(section),
  ) as PassedSection[]
}

function isMate({ mid, isBundled }: PassedSection): boolean {
  return mid !== undefined && isBundled === true
}

/**
 * RFC 9143 section 7.2: the sound first, whose ICE and DTLS then count; once all are on its port, the order of the m= lines, in
 * which they most likely were before. Whatever has a number of the sound's stays on its own port.
 */
function offeredBundle(
  { mid, port, layout = [] }: OfferSettings,
  mates: readonly PassedSection[],
  codecs: readonly SdpCodec[],
): string[] {
  if (mid === undefined) return []
  const numbers = new Set(codecs.map(({ payloadType }) => String(payloadType)))
  const fitting = mates.filter(({ formats }) => !formats.some((format) => numbers.has(format)))
  const at = layout.indexOf('sound')
  const isBefore = (mate: PassedSection) => layout.indexOf(mate) < at
  const names = (list: readonly PassedSection[]) => list.map((section) => section.mid)
  const before = fitting.every((mate) => mate.port === port) ? fitting.filter(isBefore) : []
  const behind = fitting.filter((mate) => !before.includes(mate))
  return [`group:BUNDLE ${[...names(before), mid, ...names(behind)].join(' ')}`]
}

function offeredAttributes(settings: OfferSettings, crypto: readonly string[]): string[] {
  const rtcp = settings.rtcp || settings.rtcpMux
  return [
    ...(rtcp ? rtcpLines(settings, settings.rtcpMux ?? false) : []),
    ...crypto,
    ...(settings.mid === undefined ? [] : [`mid:${settings.mid}`]),
    ...(settings.attributes ?? []),
    `ptime:${settings.ptime ?? settings.codecs[0]?.ptime ?? 20}`,
  ]
}

function isNamed({ name, clockRate }: SdpCodec, wanted: string, rate: number): boolean {
  return name.toLowerCase() === wanted && clockRate === rate
}
