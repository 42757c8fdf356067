/** Finds what two sides have in common. */
import { isPtimeOf, type LocalCodec } from './codec-string.ts'
import type { MediaSection, SdpCodec } from './description.ts'
import type { AgreedCodec, Negotiation } from './terms.ts'

/** One of theirs that is one of ours. `ours` is its place in our list. */
interface Match {
  readonly theirs: SdpCodec
  readonly codec: LocalCodec
  readonly ours: number
  readonly ptime: number
  /** Everything but the packet time fits. */
  readonly isNear: boolean
}

function isEvent(codec: SdpCodec): boolean {
  return codec.name.toLowerCase() === 'telephone-event'
}

function isComfortNoise(codec: SdpCodec): boolean {
  return codec.name.toLowerCase() === 'cn'
}

/**
 * The same encoding at the same clock, with format parameters that go together. Opus is always written /2 (RFC 7587) and some
 * write it without.
 */
export function isSameCodec(
  theirs: SdpCodec,
  ours: Pick<LocalCodec, 'name' | 'clockRate' | 'channels' | 'fmtp' | 'answer'>,
): boolean {
  const name = theirs.name.toLowerCase()
  return (
    name === ours.name.toLowerCase() &&
    theirs.clockRate === ours.clockRate &&
    (theirs.channels === ours.channels || name === 'opus') &&
    (!ours.answer || ours.answer(theirs.fmtp, ours.fmtp) !== undefined)
  )
}

/** The packet time that their description asks of us, undefined when `ours` will do. */
function askedPtime(section: MediaSection, ours: number): number | undefined {
  const { ptime, maxptime } = section
  // RFC 8866 section 6.4: a limit, not a wish.
  if (maxptime !== undefined && (ptime ?? ours) > maxptime) return maxptime
  return ptime
}

function agreed(match: Match): AgreedCodec {
  const { codec, theirs } = match
  return {
    name: codec.name,
    payloadType: theirs.payloadType,
    clockRate: codec.clockRate,
    channels: codec.channels === 2 ? 2 : 1,
    fmtp: theirs.fmtp,
    ptime: match.ptime,
    ...(codec.settings !== undefined && { ours: `${codec.fmtp};${codec.settings}` }),
  }
}

/**
 * The common codecs, the one to use first. Those whose packet time differs from what they ask for count only when there
 * is no other, and then take theirs; `scrooge` keeps ours.
 */
export function commonCodecs(
  section: MediaSection,
  ours: readonly LocalCodec[],
  negotiation: Negotiation,
): AgreedCodec[] {
  const matches: Match[] = []
  for (const theirs of section.codecs) {
    if (isEvent(theirs) || isComfortNoise(theirs)) continue
    ours.forEach((codec, index) => {
      if (!isSameCodec(theirs, codec)) return
      const asked = askedPtime(section, codec.ptime)
      const isNear = asked !== undefined && asked !== codec.ptime && negotiation !== 'scrooge'
      const ptime = isNear && isPtimeOf(codec, asked) ? asked : codec.ptime
      matches.push({ theirs, codec, ours: index, ptime, isNear })
    })
  }
  const exact = matches.filter((match) => !match.isNear)
  const chosen = exact.length > 0 ? exact : matches
  if (negotiation !== 'generous') chosen.sort((a, b) => a.ours - b.ours)
  const rest = matches.filter((match) => !chosen.includes(match))
  const numbers = new Set<number>()
  return [...chosen, ...rest].map(agreed).filter(({ payloadType }) => {
    if (numbers.has(payloadType)) return false
    numbers.add(payloadType)
    return true
  })
}

/** Their telephone-event at the codec's clock, else the first that they have. */
export function eventsFor(section: MediaSection, clockRate: number): SdpCodec | undefined {
  const events = section.codecs.filter(isEvent)
  return events.find((event) => event.clockRate === clockRate) ?? events[0]
}

export function comfortNoiseFor(section: MediaSection, clockRate: number): SdpCodec | undefined {
  const all = section.codecs.filter(isComfortNoise)
  return all.find((noise) => noise.clockRate === clockRate) ?? all[0]
}
