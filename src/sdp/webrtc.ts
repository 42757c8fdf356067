/**
 * What browsers add to a description: ICE (RFC 8839), DTLS-SRTP (RFC 5763, RFC 8842) and the names of WebRTC (RFC 8829), read
 * from their sections and written for ours.
 */
import type { MediaSection, SessionDescription } from './description.ts'
import { attributeName } from './lines.ts'

export const secureFeedback = 'UDP/TLS/RTP/SAVPF'
export const secureOverDtls = 'UDP/TLS/RTP/SAVP'

export interface SdpCandidate {
  readonly address: string
  readonly port: number
  readonly priority: number
  readonly type: 'host' | 'srflx' | 'prflx' | 'relay'
}

export type Setup = 'active' | 'passive' | 'actpass' | 'holdconn'

/** ICE and DTLS of one section. */
export interface WebRtcSection {
  readonly ufrag: string | undefined
  readonly password: string | undefined
  /** They only answer checks. */
  readonly isLite: boolean
  /** More candidates may come later (RFC 8838). */
  readonly trickles: boolean
  /** UDP candidates of the first component with a numeric address; others are of no use here. */
  readonly candidates: readonly SdpCandidate[]
  /** Candidates that were left out: TCP, names of mDNS, other components. */
  readonly leftOut: number
  readonly fingerprints: readonly { readonly algorithm: string; readonly value: string }[]
  readonly setup: Setup | undefined
  readonly rtcpMux: boolean
}

/** Whether a section has its keys from DTLS. */
export function isDtls(section: MediaSection): boolean {
  const { protocol, fingerprints, crypto } = section
  if (/^UDP\/TLS\/RTP\/SAVPF?$/i.test(protocol)) return true
  // Older browsers and phones write the profile without its transport.
  return /^RTP\/SAVPF?$/i.test(protocol) && fingerprints.length > 0 && crypto.length === 0
}

export function readWebRtc(section: MediaSection, session: SessionDescription): WebRtcSection {
  const all = candidatesOf(section)
  const candidates = all.filter((candidate) => candidate !== undefined)
  const { fingerprints, setup } = section
  const options = String(section.raw['iceOptions'] ?? session.raw['iceOptions'] ?? '')
  return {
    ufrag: section.iceUfrag,
    password: section.icePwd,
    isLite: session.raw.icelite !== undefined,
    trickles: /\btrickle\b/.test(options),
    candidates,
    leftOut: all.length - candidates.length,
    fingerprints,
    setup: isSetup(setup) ? setup : undefined,
    rtcpMux: section.rtcpMux,
  }
}

function isSetup(word: string | undefined): word is Setup {
  return word === 'active' || word === 'passive' || word === 'actpass' || word === 'holdconn'
}

const candidateTypes = ['host', 'srflx', 'prflx', 'relay'] as const
/** More than any browser has. */
const mostCandidates = 64

function candidatesOf(section: MediaSection): (SdpCandidate | undefined)[] {
  return (section.raw.candidates ?? []).slice(0, mostCandidates).map((raw) => {
    const type = candidateTypes.find((known) => known === raw['type'])
    const address = String(raw['ip'])
    const port = Number(raw['port'])
    const isNumeric = /^[\d.]+$|:/.test(address)
    const isUdp = String(raw['transport']).toLowerCase() === 'udp'
    if (!type || !isNumeric || !isUdp || Number(raw['component']) !== 1) return undefined
    if (!(port > 0 && port < 65536)) return undefined
    return { address, port, priority: Number(raw['priority']) || 0, type }
  })
}

/** One `a=candidate` line as `apply-candidate-acl` and trickled JSON have it, without `a=`; undefined: of no use here. */
export function readCandidate(line: string): SdpCandidate | undefined {
  const words = line
    .replace(/^a=/, '')
    .replace(/^candidate:/, '')
    .trim()
    .split(/\s+/)
  const [foundation, component, transport, priority, ip, port, , type] = words
  if (foundation === undefined) return undefined
  const raw = { component, transport, priority, ip, port, type }
  const section = { raw: { candidates: [raw] } } as unknown as MediaSection
  return candidatesOf(section)[0]
}

/** Type preferences of RFC 8445 section 5.1.2.2. */
const preferences = { host: 126, prflx: 110, srflx: 100, relay: 0 } as const

/** RFC 8445 section 5.1.2.1; `rank` 0 is our best address. */
export function candidatePriority(type: SdpCandidate['type'], component = 1, rank = 0): number {
  return preferences[type] * 2 ** 24 + (65535 - rank) * 2 ** 8 + (256 - component)
}

/** `candidate:…` without `a=`. `related` is the address behind a reflexive or relayed one. */
export function writeCandidate(
  { address, port, priority, type }: SdpCandidate,
  component = 1,
  related?: { readonly address: string; readonly port: number },
): string {
  const foundation = candidateTypes.indexOf(type) + 1
  const base = `candidate:${foundation} ${component} UDP ${priority} ${address} ${port} typ ${type}`
  return related ? `${base} raddr ${related.address} rport ${related.port}` : base
}

/** Type preferences of TCP: below those of every way of UDP but a relay, so that UDP is taken where it gets through. */
const tcpPreferences = { host: 90, srflx: 70 } as const
/** Of waiting for connections, here and behind a NAT, and of one address among equals (RFC 6544 section 4.2). */
const passivePreferences = { host: 4 * 2 ** 13 + 8191, srflx: 2 * 2 ** 13 + 8191 } as const

/** A TCP port that waits for connections (RFC 6544 section 4.5), without `a=`; `related` is the port behind one that others see. */
export function writeTcpCandidate(
  address: string,
  port: number,
  related?: { readonly address: string; readonly port: number },
): string {
  const type = related ? 'srflx' : 'host'
  const priority = tcpPreferences[type] * 2 ** 24 + passivePreferences[type] * 2 ** 8 + 255
  const foundation = candidateTypes.length + candidateTypes.indexOf(type) + 1
  const behind = related ? ` raddr ${related.address} rport ${related.port}` : ''
  return `candidate:${foundation} 1 TCP ${priority} ${address} ${port} typ ${type}${behind} tcptype passive`
}

/** What we answer to their `a=setup`, or keep: whoever was to begin goes on to be (RFC 8842 section 5.3). */
export function setupFor(theirs: Setup | undefined, kept: 'active' | 'passive' | undefined) {
  if (theirs === 'active') return 'passive'
  if (theirs === 'passive') return 'active'
  return kept ?? 'active'
}

/** Names of the stream and its source, for browsers that hang tracks on them (RFC 8830, RFC 5576). */
export function sourceLines(track: string, ssrc: number | undefined, name: string): string[] {
  const stream = `msid:${name} ${name}-${track}`
  return ssrc === undefined ? [stream] : [stream, `ssrc:${ssrc} cname:${name}`]
}

/**
 * What belongs to one party's own transport, and so is not passed on to another one. Nor is what its sources are called: a browser
 * that was told them would show nothing of the party that comes in its place (a transfer, a page loaded anew).
 */
const ownOfTransport: ReadonlySet<string> = new Set([
  'bundle-only',
  'crypto',
  'fingerprint',
  'msid',
  'rid',
  'rtcp-mux',
  'rtcp-mux-only',
  'setup',
  'simulcast',
  'ssrc',
  'ssrc-group',
  'tls-id',
])

/** Header extensions that name sections and streams as one party numbers them (RFC 9143, RFC 8852). */
const namesSections =
  /^a=extmap:.*urn:ietf:params:rtp-hdrext:sdes:(mid|rtp-stream-id|repaired-rtp-stream-id)/

/** The lines of a section that say what its packets are; those about ways and keys are left out, for we have our own. */
export function linesOfContent(lines: readonly string[]): string[] {
  return lines.filter(
    (line) => !ownOfTransport.has(attributeName(line)) && !namesSections.test(line),
  )
}
