/** Reads a session description, forgiving what telephones leave out. */
import { parse as parseRaw, type RawMedia, type RawSession, type Value } from 'sdp-transform'
import { SwitchError } from '../base/errors.ts'
import { bundlesOf, withTransport } from './bundle.ts'
import {
  type CryptoLine,
  type Direction,
  type MediaSection,
  type SdpCodec,
  type SessionDescription,
  staticType,
} from './description.ts'

/** More sections than any telephone or conference sends. */
const sectionLimit = 64
const textLimit = 65536

function bad(why: string): SwitchError {
  return new SwitchError('SDP_BAD', `session description: ${why}`, { status: 400 })
}

function textOf(value: Value | undefined): string | undefined {
  return value === undefined ? undefined : String(value)
}

/** A positive whole number of milliseconds, or undefined: `a=ptime:` with nothing or nonsense says nothing. */
function milliseconds(value: Value | undefined): number | undefined {
  const number = Math.round(Number(value))
  return number > 0 ? number : undefined
}

/** RFC 4566 allows `address/ttl` for multicast. */
function addressOf(connection: { ip: Value } | undefined): string | undefined {
  return connection === undefined ? undefined : String(connection.ip).split('/', 1)[0]
}

function isDirection(word: string | undefined): word is Direction {
  return word === 'sendrecv' || word === 'sendonly' || word === 'recvonly' || word === 'inactive'
}

/**
 * Reads the text, whether its lines end in CRLF or LF; `s=`, `t=`, `o=` and the rtpmap of static payload types may be
 * missing. Throws SDP_BAD (status 400) for what is no session description or has an unusable m= line.
 */
export function parseSdp(text: string): SessionDescription {
  if (text.length > textLimit) throw bad('too long')
  if (!/^\s*v=\s*0\b/.test(text)) throw bad('does not begin with v=0')
  const raw = parseRaw(text)
  if (raw.media.length > sectionLimit) throw bad(`more than ${sectionLimit} m= lines`)
  const { origin } = raw
  const [common = [], ...ofSections] = fingerprintsIn(text)
  const media = raw.media.map((section, at) => {
    const own = ofSections[at] ?? []
    return { ...sectionOf(section, raw), fingerprints: own.length > 0 ? own : common }
  })
  const bundles = bundlesOf(raw, media)
  return {
    origin: origin && {
      user: String(origin.username),
      id: String(origin.sessionId),
      version: String(origin.sessionVersion),
      address: String(origin.address),
    },
    name: textOf(raw.name) ?? '',
    address: addressOf(raw.connection),
    media: withTransport(media, bundles),
    bundles,
    raw,
  }
}

/** Certificates are few, and every one costs a comparison. */
const fingerprintLimit = 16

/** Those of the session, then of each section: the parser beneath keeps only the last of several. */
function fingerprintsIn(text: string): MediaSection['fingerprints'][] {
  const found: { algorithm: string; value: string }[][] = [[]]
  for (const line of text.split(/[\r\n]+/)) {
    if (line.startsWith('m=')) found.push([])
    const [, algorithm, value] = /^a=fingerprint:\s*(\S+)\s+(\S+)/.exec(line) ?? []
    const list = found.at(-1)
    if (algorithm && value && list && list.length < fingerprintLimit)
      list.push({ algorithm, value })
  }
  return found
}

function sectionOf(media: RawMedia, session: RawSession): Omit<MediaSection, 'fingerprints'> {
  const { type: kind, port, protocol } = media
  if (kind === undefined || typeof port !== 'number' || port > 65535 || !protocol) {
    throw bad('an m= line without kind, port and protocol')
  }
  const formats = String(media.payloads ?? '')
    .split(/\s+/)
    .filter((word) => word !== '')
  const direction = isDirection(media.direction) ? media.direction : session.direction
  return {
    kind: kind.toLowerCase(),
    port,
    protocol,
    formats,
    codecs: protocol.toUpperCase().includes('RTP/') ? codecsOf(media, formats) : [],
    address: addressOf(media.connection) ?? addressOf(session.connection),
    direction: isDirection(direction) ? direction : 'sendrecv',
    ptime: milliseconds(media.ptime ?? session.ptime),
    maxptime: milliseconds(media.maxptime ?? session.maxptime),
    rtcpPort: media.rtcp?.port,
    rtcpMux: media.rtcpMux !== undefined,
    crypto: (media.crypto ?? []).map(cryptoOf),
    setup: textOf(media.setup ?? session.setup),
    iceUfrag: textOf(media.iceUfrag ?? session.iceUfrag),
    icePwd: textOf(media.icePwd ?? session.icePwd),
    mid: textOf(media.mid),
    bundleOnly: media['bundleOnly'] !== undefined,
    raw: media,
  }
}

/** The payload types of an m= line in its order. A dynamic one that no rtpmap explains keeps an empty name. */
function codecsOf(media: RawMedia, formats: readonly string[]): SdpCodec[] {
  const codecs: SdpCodec[] = []
  for (const format of formats) {
    const payloadType = /^\d{1,3}$/.test(format) ? Number(format) : 128
    if (payloadType > 127) continue
    const map = media.rtp.find((rtp) => rtp.payload === payloadType)
    const known = staticType(payloadType)
    const name = map ? String(map.codec) : (known?.name ?? '')
    codecs.push({
      payloadType,
      name,
      clockRate: map?.rate || known?.clockRate || 8000,
      channels: channelsOf(map?.encoding) ?? (map ? 1 : (known?.channels ?? 1)),
      fmtp: textOf(media.fmtp.find((fmtp) => fmtp.payload === payloadType)?.config) ?? '',
    })
  }
  return codecs
}

function channelsOf(value: Value | undefined): number | undefined {
  const channels = Number(value)
  return Number.isInteger(channels) && channels > 0 ? channels : undefined
}

function cryptoOf(line: NonNullable<RawMedia['crypto']>[number]): CryptoLine {
  return {
    tag: line.id,
    suite: String(line.suite),
    key: String(line.config),
    parameters: textOf(line.sessionConfig) ?? '',
  }
}
