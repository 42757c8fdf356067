/** Which sections beside the sound share its port, ICE and DTLS (BUNDLE, RFC 9143), and how their packets are known there. */
import type { BundledSettings } from '../../media/engine.ts'
import { bundleWith, maySharePort, sourcesOf } from '../../sdp/bundle.ts'
import type { MediaSection, SessionDescription } from '../../sdp/description.ts'

const midUri = 'urn:ietf:params:rtp-hdrext:sdes:mid'
/** Those of one octet (RFC 8285 section 4.2), from the end that others seldom use. */
const shortExtensions = Array.from({ length: 14 }, (_, i) => 14 - i)

/** Whether an offer has the section in the sound's group, in such a form that `formats` can run on the sound's port. */
export function sharesPort(
  offer: SessionDescription,
  index: number,
  formats: readonly string[],
): boolean {
  const sound = mateOf(offer, index)
  const section = offer.media[index]
  return sound !== undefined && section !== undefined && maySharePort(section, sound, formats)
}

/** Whether an answer has taken the section into the sound's group; a phone that writes groups without ICE means nothing by them. */
export function isMoved(answer: SessionDescription, index: number): boolean {
  return mateOf(answer, index) !== undefined && answer.media[index]?.iceUfrag !== undefined
}

/** The header extensions of a section, by their numbers (`a=extmap`). */
function extensionsOf({ raw }: MediaSection): { number: number; uri: string }[] {
  const lines = Array.isArray(raw['ext']) ? raw['ext'] : []
  return lines.map(({ value, uri }: { value?: unknown; uri?: unknown }) => {
    return { number: Number(value), uri: String(uri) }
  })
}

/** The sound of the group that a section is in. */
function mateOf(session: SessionDescription, index: number): MediaSection | undefined {
  const soundIndex = session.media.findIndex(({ kind, port }) => kind === 'audio' && port !== 0)
  return bundleWith(session, index).includes(soundIndex) ? session.media[soundIndex] : undefined
}

/** How packets are known between us and a party that was shown `formats` and has said `theirs`; `mid` where they name it. */
export function bundledSettings(
  formats: readonly string[],
  theirs: MediaSection,
  mid: BundledSettings['mid'],
): BundledSettings {
  const numbers = [...formats, ...theirs.formats].map(Number)
  return { types: [...new Set(numbers)], sources: sourcesOf(theirs), mid }
}

/** How the packets of a section name it that was offered or answered so: as they say it. */
export function midOf(theirs: MediaSection, shown: MediaSection): BundledSettings['mid'] {
  const extension = midNumber(theirs, shown)
  const { mid: name } = theirs
  return extension === undefined || name === undefined ? undefined : { extension, name }
}

/** Their number for the name; undefined where they have none, or `shown`, whose packets they get, means something else by it. */
function midNumber(theirs: MediaSection, shown: MediaSection): number | undefined {
  const own = extensionsOf(theirs).find(({ uri }) => uri === midUri)?.number
  const isTaken = extensionsOf(shown).some(({ number, uri }) => number === own && uri !== midUri)
  return isTaken ? undefined : own
}

/** `extmap:…` that has the packets of a section name it, in an answer to `theirs`. */
export function midAnswer(theirs: MediaSection, shown: MediaSection): string | undefined {
  const number = midNumber(theirs, shown)
  return number === undefined ? undefined : `extmap:${number} ${midUri}`
}

/**
 * The same in an offer of ours: the number that they have for it, or one by which nobody means anything, neither they nor those
 * whose packets they get (`shown`).
 */
export function midOffer(
  shown: readonly MediaSection[],
  theirs: readonly MediaSection[],
): string | undefined {
  const [foreign, own] = [shown.flatMap(extensionsOf), theirs.flatMap(extensionsOf)]
  const known = own.find(({ uri }) => uri === midUri)?.number
  const isTaken = (one: number) => [...foreign, ...own].some(({ number }) => number === one)
  const isFree = (one: number) =>
    !foreign.some(({ number, uri }) => number === one && uri !== midUri)
  const number =
    known !== undefined && isFree(known) ? known : shortExtensions.find((one) => !isTaken(one))
  return number === undefined ? undefined : `extmap:${number} ${midUri}`
}
