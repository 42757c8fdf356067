/** Writes our own descriptions, line by line in the order that FreeSWITCH's have, and keeps count of their versions. */
import { SwitchError } from '../base/errors.ts'
import type { Direction, SdpCodec } from './description.ts'

/** A section that we take part in. */
export interface LocalSection {
  readonly kind: string
  readonly port: number
  readonly protocol: string
  readonly codecs: readonly SdpCodec[]
  readonly direction: Direction
  /** Says `a=sendrecv` too, which otherwise goes without saying. */
  readonly isDirectionShown?: boolean
  /** Attributes after those of the codecs, without `a=`: `ptime:20`. */
  readonly attributes: readonly string[]
}

/** A section of another party that is passed on (video, text, T.38): `lines` as they came. */
export interface PassedSection {
  readonly kind: string
  readonly port: number
  readonly protocol: string
  readonly formats: readonly string[]
  readonly lines: readonly string[]
  readonly direction?: Direction
  /** Attributes of ours after those lines, without `a=`. */
  readonly attributes?: readonly string[]
  /** Its name, where an offer of ours gives it one. */
  readonly mid?: string | undefined
  /** It shares the port of the sound; in an offer, that or it may do so. */
  readonly isBundled?: boolean
}

/** A section that we refuse, or had refused. */
export interface RefusedSection {
  readonly kind: string
  readonly protocol: string
  readonly refused: true
  /** The format that stands for none; default by kind. */
  readonly format?: string
}

export type AnySection = LocalSection | PassedSection | RefusedSection

export interface LocalDescription {
  /** The address of o= and c=: IPv4 or IPv6. */
  readonly address: string
  /** Attributes of the whole session, without `a=`. */
  readonly attributes?: readonly string[]
  readonly sections: readonly AnySection[]
}

/** Nothing that a setting or a variable brings may add lines of its own. */
function line(text: string): string {
  if (/[\r\n]/.test(text)) throw new SwitchError('SDP_BAD', `a line break within "${text}"`)
  return `${text}\r\n`
}

function passedText(section: PassedSection): string {
  const { kind, port, protocol, formats, direction = 'sendrecv' } = section
  let text = line(`m=${kind} ${port} ${protocol} ${formats.join(' ')}`)
  for (const passed of section.lines) text += line(passed)
  if (direction !== 'sendrecv' || /TLS/i.test(protocol)) text += line(`a=${direction}`)
  if (section.mid !== undefined) text += line(`a=mid:${section.mid}`)
  for (const attribute of section.attributes ?? []) text += line(`a=${attribute}`)
  return text
}

function sectionText(section: AnySection): string {
  if ('refused' in section) {
    // RFC 3264 section 6: a refused stream still needs a format.
    const format = section.format ?? (section.kind === 'image' ? 't38' : '19')
    return line(`m=${section.kind} 0 ${section.protocol} ${format}`)
  }
  if ('lines' in section) return passedText(section)
  const numbers = section.codecs.map((codec) => codec.payloadType).join(' ')
  let text = line(`m=${section.kind} ${section.port} ${section.protocol} ${numbers}`)
  for (const { payloadType, name, clockRate, channels, fmtp } of section.codecs) {
    // RFC 7587 section 7: Opus is opus/48000/2 whatever it carries.
    const shown = name.toLowerCase() === 'opus' ? 2 : channels
    text += line(`a=rtpmap:${payloadType} ${name}/${clockRate}${shown > 1 ? `/${shown}` : ''}`)
    if (fmtp !== '') text += line(`a=fmtp:${payloadType} ${fmtp}`)
  }
  if (section.direction !== 'sendrecv' || section.isDirectionShown) {
    text += line(`a=${section.direction}`)
  }
  for (const attribute of section.attributes) text += line(`a=${attribute}`)
  return text
}

/** `IN IP4 1.2.3.4` or `IN IP6 ::1`. */
export function networkAddress(address: string): string {
  return `IN ${address.includes(':') ? 'IP6' : 'IP4'} ${address}`
}

/**
 * The o= line of one call: its id stays, its version rises by one whenever what is said changes (RFC 3264 section 8).
 * The user name is also the session's name.
 */
export class SdpOrigin {
  readonly user: string
  readonly id: number
  #version: number
  #lastBody = ''

  /** `id` is any number that will not come again soon; default the time in seconds. */
  constructor(user = 'FreeSWITCH', id = Math.floor(Date.now() / 1000)) {
    this.user = user
    this.id = id
    this.#version = id
  }

  get version(): number {
    return this.#version
  }

  /** The whole text of a description. Saying the same as last time keeps the version. */
  write(description: LocalDescription): string {
    const network = networkAddress(description.address)
    let body = [network, `s=${this.user}`, `c=${network}`, 't=0 0'].map(line).join('')
    for (const attribute of description.attributes ?? []) body += line(`a=${attribute}`)
    for (const section of description.sections) body += sectionText(section)
    return this.#whole(body)
  }

  /** Another party's description, given without its v= and o= lines, under our o= line. */
  sign(lines: readonly string[], address: string): string {
    return this.#whole([networkAddress(address), ...lines].map(line).join(''))
  }

  #whole(body: string): string {
    if (body !== this.#lastBody) {
      this.#version++
      this.#lastBody = body
    }
    return `v=0\r\no=${this.user} ${padded(this.id)} ${padded(this.#version)} ${body}`
  }
}

function padded(value: number): string {
  return String(value).padStart(10, '0')
}
