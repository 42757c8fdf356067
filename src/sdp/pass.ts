/**
 * Descriptions and sections of one party that another one is to read: all that concerns the sound or picture itself stays,
 * all that says where it goes is ours.
 */
import type { Direction } from './description.ts'
import { attributeName, linesOf, type SectionLines } from './lines.ts'
import { networkAddress, type PassedSection, type RefusedSection, type SdpOrigin } from './write.ts'

/** How the party is reached: where packets take another way, this is wrong. */
const namesAddresses: ReadonlySet<string> = new Set([
  'candidate',
  'end-of-candidates',
  'ice-lite',
  'ice-mismatch',
  'ice-options',
  'ice-pwd',
  'ice-ufrag',
  'remote-candidates',
])

/** What each side of us has for itself. */
const ownOfEachSide: ReadonlySet<string> = new Set([
  ...namesAddresses,
  'inactive',
  'mid',
  'recvonly',
  'rtcp',
  'sendonly',
  'sendrecv',
])

/** Keys pass with the packets that they belong to; where those are plain they mean nothing. */
const namesKeys: ReadonlySet<string> = new Set(['crypto', 'fingerprint', 'setup', 'tls-id'])

/** Lines about one format each: `a=rtpmap:96 …`. */
const aboutFormat: ReadonlySet<string> = new Set(['rtpmap', 'fmtp', 'rtcp-fb', 'imageattr'])

function keepsFormat(line: string, formats: ReadonlySet<string>): boolean {
  if (!aboutFormat.has(attributeName(line))) return true
  const format = /^a=[^:]+:(\S+)/.exec(line)?.[1] ?? ''
  return !/^\d+$/.test(format) || formats.has(format)
}

/**
 * A section of theirs as the other party is to see it: at our `port`, with those of its `formats` only, in our words where
 * directions, addresses and keys are concerned.
 */
export function passedSection(
  section: SectionLines,
  port: number,
  formats: readonly string[] = section.formats.split(/\s+/),
): PassedSection {
  const kept = new Set(formats)
  const isSecure = /SAVP/i.test(section.protocol)
  const passes = (name: string) => !ownOfEachSide.has(name) && (isSecure || !namesKeys.has(name))
  return {
    kind: section.kind,
    port,
    protocol: section.protocol,
    formats,
    lines: section.lines.filter(
      (line) => /^[abi]=/.test(line) && passes(attributeName(line)) && keepsFormat(line, kept),
    ),
  }
}

/** The other party's whole description under our own o= line (`bypass_media`): media goes past us. */
export function passDescription(text: string, origin: SdpOrigin, address: string): string {
  const { session, sections } = linesOf(text)
  return signed(session, sections.flatMap(sectionText), origin, address)
}

/**
 * The same with our address and a port of ours in each section that is in use (`proxy_media`); `ports` in the order of the
 * sections. ICE would lead around us and is left out.
 */
export function proxyDescription(
  text: string,
  origin: SdpOrigin,
  address: string,
  ports: readonly (number | undefined)[],
): string {
  const { session, sections } = linesOf(text)
  const here = (line: string) => readdressed(line, address)
  const lines = sections.flatMap((section, index) => {
    const port = section.port === 0 ? 0 : (ports[index] ?? 0)
    const kept = section.lines.filter((line) => !namesAddresses.has(attributeName(line)))
    const isMux = kept.some((line) => attributeName(line) === 'rtcp-mux')
    return sectionText({
      ...section,
      port,
      lines: kept.map((line) =>
        attributeName(line) === 'rtcp'
          ? `a=rtcp:${isMux ? port : port + 1} ${networkAddress(address)}`
          : here(line),
      ),
    })
  })
  const kept = session.filter((line) => !namesAddresses.has(attributeName(line)))
  return signed(kept.map(here), lines, origin, address)
}

/** A description with another direction in every section; with `sendrecv` as it is. */
export function withDirection(text: string, direction: Direction): string {
  if (direction === 'sendrecv') return text
  const { session, sections } = linesOf(text)
  const kept = (lines: readonly string[]) => lines.filter((line) => !isDirection(line))
  const lines = sections.flatMap((section) =>
    sectionText({ ...section, lines: [...kept(section.lines), `a=${direction}`] }),
  )
  return joined([...kept(session), ...lines])
}

function isDirection(line: string): boolean {
  return /^a=(sendrecv|sendonly|recvonly|inactive)\s*$/.test(line)
}

/** A description whose sections of a kind have these formats only, those of them that it has. */
export function withFormats(text: string, kind: string, formats: readonly string[]): string {
  const { session, sections } = linesOf(text)
  const lines = sections.flatMap((section) => {
    const kept = section.formats.split(/\s+/).filter((format) => formats.includes(format))
    if (section.kind !== kind || kept.length === 0) return sectionText(section)
    const known = new Set(kept)
    return sectionText({
      ...section,
      formats: kept.join(' '),
      lines: section.lines.filter((line) => keepsFormat(line, known)),
    })
  })
  return joined([...session, ...lines])
}

/**
 * A description with at least the m= lines of a session that it is offered in, or, as an answer, with exactly those of the
 * offer; what it lacks is refused (RFC 3264 sections 6 and 8).
 */
export function withSections(
  text: string,
  lines: readonly RefusedSection[],
  isAnswer: boolean,
): string {
  const { session, sections } = linesOf(text)
  const count = isAnswer ? lines.length : Math.max(lines.length, sections.length)
  const all = Array.from({ length: count }, (_, index) => {
    const section = sections[index]
    const line = lines[index]
    if (section && (!isAnswer || section.kind === line?.kind)) return sectionText(section)
    return [`m=${line?.kind} 0 ${line?.protocol} ${line?.format ?? '19'}`]
  })
  return joined([...session, ...all.flat()])
}

function joined(lines: readonly string[]): string {
  return lines.map((line) => `${line}\r\n`).join('')
}

/** RFC 2543's way to hold says something: it stays. */
function readdressed(line: string, address: string): string {
  const theirs = /^c=IN IP[46]\s+([^\s/]+)/.exec(line)?.[1]
  if (theirs === undefined || theirs === '0.0.0.0' || theirs === '::') return line
  return `c=${networkAddress(address)}`
}

function sectionText({ kind, port, protocol, formats, lines }: SectionLines): string[] {
  return [`m=${kind} ${port} ${protocol} ${formats}`, ...lines]
}

function signed(
  session: readonly string[],
  sections: readonly string[],
  origin: SdpOrigin,
  address: string,
): string {
  const body = [...session.filter((line) => !/^[vo]=/.test(line)), ...sections]
  return origin.sign(body, address)
}
