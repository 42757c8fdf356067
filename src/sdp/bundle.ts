/** BUNDLE (RFC 9143): several m= lines on one port, with the ICE and DTLS of the one that is named first. */
import type { RawSession } from 'sdp-transform'
import type { MediaSection, SessionDescription } from './description.ts'

/** The places of the sections of each group, in the order in which it names them. */
export function bundlesOf(raw: RawSession, media: readonly MediaSection[]): number[][] {
  const groups = Array.isArray(raw['groups']) ? raw['groups'] : []
  const taken = new Set<number>()
  return groups.flatMap(({ type, mids }: { type?: unknown; mids?: unknown }) => {
    if (type !== 'BUNDLE') return []
    const places = String(mids)
      .split(' ')
      .map((mid) => media.findIndex((section) => section.mid === mid))
      // Section 7.1: a section is in one group at most.
      .filter((index) => index >= 0 && !taken.has(index))
    const distinct = [...new Set(places)]
    for (const index of distinct) taken.add(index)
    return distinct.length > 0 ? [distinct] : []
  })
}

/** The group that a section is in; empty: none. */
export function bundleWith(session: SessionDescription, index: number): readonly number[] {
  return session.bundles.find((group) => group.includes(index)) ?? []
}

/**
 * Sections as they run: those that leave it to the first of their group where they are and how they are secured (`a=bundle-only`
 * with port 0, section 6; later descriptions, section 7.1.3) have what that says.
 */
export function withTransport(
  media: readonly MediaSection[],
  bundles: readonly (readonly number[])[],
): MediaSection[] {
  const all = [...media]
  for (const group of bundles) {
    const tagged = group.map((index) => media[index]).find((section) => isInUse(section))
    if (!tagged) continue
    for (const index of group) {
      const section = media[index]
      if (section && section !== tagged) all[index] = carried(section, tagged)
    }
  }
  return all
}

function isInUse(section: MediaSection | undefined): boolean {
  return section !== undefined && section.port !== 0
}

function carried(section: MediaSection, tagged: MediaSection): MediaSection {
  const isOnly = section.bundleOnly && section.port === 0
  const isBare = section.iceUfrag === undefined && tagged.iceUfrag !== undefined
  if ((section.port === 0 && !isOnly) || (!isOnly && !isBare)) return section
  return {
    ...section,
    ...(isOnly ? { port: tagged.port, address: tagged.address } : {}),
    iceUfrag: section.iceUfrag ?? tagged.iceUfrag,
    icePwd: section.icePwd ?? tagged.icePwd,
    fingerprints: section.fingerprints.length > 0 ? section.fingerprints : tagged.fingerprints,
    setup: section.setup ?? tagged.setup,
    rtcpMux: true,
    raw: { ...section.raw, candidates: section.raw.candidates ?? tagged.raw.candidates ?? [] },
  }
}

/** The SSRCs that a section names (`a=ssrc`, RFC 5576). */
export function sourcesOf({ raw }: MediaSection): number[] {
  const lines = Array.isArray(raw['ssrcs']) ? raw['ssrcs'] : []
  const numbers = lines.map(({ id }: { id?: unknown }) => Number(id))
  return [...new Set(numbers)].filter((ssrc) => Number.isInteger(ssrc) && ssrc <= 0xffffffff)
}

/** Whether a section can share the port of the sound: both secured in the same way, and none of its numbers means sound. */
export function maySharePort(
  section: MediaSection,
  sound: MediaSection,
  formats: readonly string[] = section.formats,
): boolean {
  return (
    section.protocol.toUpperCase() === sound.protocol.toUpperCase() &&
    // Keys in the description are of one section each.
    section.crypto.length === 0 &&
    sound.crypto.length === 0 &&
    section.rtcpMux &&
    sound.rtcpMux &&
    !formats.some((format) => sound.formats.includes(format))
  )
}
