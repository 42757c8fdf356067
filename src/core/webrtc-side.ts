/**
 * Our side of ICE and DTLS-SRTP in the descriptions of one leg, whichever endpoint it is of: what we write, what we make of what
 * they write, and what the media engine is told of both.
 */
import { randomBytes } from 'node:crypto'
import { logger } from '../base/log.ts'
import type { IceCandidate, LegDtls, LegIce, LegSettings } from '../media/engine.ts'
import type { MediaSection, SessionDescription } from '../sdp/description.ts'
import {
  candidatePriority,
  isDtls,
  readWebRtc,
  secureFeedback,
  secureOverDtls,
  setupFor,
  sourceLines,
  writeCandidate,
  writeTcpCandidate,
} from '../sdp/webrtc.ts'
import type { Channel } from './channel.ts'
import type { HasValues } from './codec-choice.ts'

const log = logger('core/webrtc')

/** How ICE is done: `lite` only answers checks, which is enough for whoever can be reached. */
export type IceMode = 'lite' | 'full'

export interface WebRtcHabits {
  /** For logs. */
  readonly uuid: string
  /** `sha-256 AB:…`, of the engine. */
  readonly fingerprint: string
  readonly mode: IceMode
  /** Whether a candidate of theirs may be sent to (`apply-candidate-acl`); default all. */
  mayUse?(address: string): boolean
}

/** An address of ours at a TURN server, and where that sees our port. */
export interface RelayedPort {
  readonly address: string
  readonly port: number
  readonly seenAt: { readonly address: string; readonly port: number }
}

/** Where a port of ours is. */
export interface LocalPort {
  /** As others see it. */
  readonly address: string
  /** As those see it who are inside with us; default the same. */
  readonly inside?: string
  readonly port: number
  readonly relay?: RelayedPort | undefined
  /** Where its ICE is reached by TCP; 0 or undefined: nowhere. */
  readonly tcpPort?: number | undefined
  /** Of what we make ourselves; undefined where we pass on what others made. */
  readonly ssrc?: number | undefined
  /** The name of what is sent from there, for others of its kind beside it; default the kind alone. */
  readonly track?: string | undefined
}

/** What an offer or answer says beside the codecs. */
export interface WebRtcAttributes {
  readonly sessionAttributes: readonly string[]
  readonly attributes: readonly string[]
}

export class WebRtcSide {
  readonly #habits: WebRtcHabits
  /** Letters, digits, + and / only: base64 of whole triples has no padding. */
  readonly #ufrag = randomBytes(6).toString('base64')
  readonly #password = randomBytes(24).toString('base64')
  /** The name of our stream. */
  readonly #name = randomBytes(12).toString('hex')
  /** Our part of the handshake, settled by the first answer. */
  #role: 'active' | 'passive' | undefined
  /** Whether our description was an offer. */
  #isOfferer = false

  constructor(habits: WebRtcHabits) {
    this.#habits = habits
  }

  /** What our description of a session with ICE says at its head. */
  get sessionAttributes(): readonly string[] {
    return this.#sessionLines(true)
  }

  /** What accepts a section of their offer; undefined: there is neither ICE nor DTLS in it. */
  answer(
    section: MediaSection,
    session: SessionDescription,
    local: LocalPort,
  ): WebRtcAttributes | undefined {
    const theirs = readWebRtc(section, session)
    const hasIce = theirs.ufrag !== undefined && theirs.password !== undefined
    const hasDtls = isDtls(section)
    if (!hasIce && !hasDtls) return undefined
    this.#isOfferer = false
    const attributes: string[] = []
    if (hasIce) attributes.push(...this.#iceLines(local, theirs.rtcpMux))
    if (hasDtls) {
      this.#role = setupFor(theirs.setup, this.#role)
      attributes.push(`fingerprint:${this.#habits.fingerprint}`, `setup:${this.#role}`)
      if (hasIce) attributes.push(...this.#sourceLines(section.kind, local))
    }
    return { sessionAttributes: this.#sessionLines(hasIce), attributes }
  }

  /** What offers ICE and DTLS to a browser, or (`withIce` false) DTLS alone to a phone. */
  offer(local: LocalPort, kind: string, withIce = true): WebRtcAttributes & { protocol: string } {
    this.#isOfferer = true
    return {
      protocol: withIce ? secureFeedback : secureOverDtls,
      sessionAttributes: this.#sessionLines(withIce),
      attributes: [
        ...(withIce ? this.#iceLines(local, true) : []),
        `fingerprint:${this.#habits.fingerprint}`,
        // RFC 8842 section 5.2: whoever answers chooses, or keeps what was.
        'setup:actpass',
        ...(withIce ? this.#sourceLines(kind, local) : []),
      ],
    }
  }

  /** What the engine is told once a section of theirs is agreed on. */
  settings(section: MediaSection, session: SessionDescription): Pick<LegSettings, 'ice' | 'dtls'> {
    const theirs = readWebRtc(section, session)
    return { ice: this.#ice(theirs), dtls: this.#dtls(section, theirs) }
  }

  #ice(theirs: ReturnType<typeof readWebRtc>): LegIce | undefined {
    const { ufrag, password, isLite } = theirs
    if (ufrag === undefined || password === undefined) return undefined
    const own = { ufrag: this.#ufrag, password: this.#password, remoteUfrag: ufrag }
    if (this.#habits.mode === 'lite' && !isLite) return own
    return {
      ...own,
      checks: {
        remotePassword: password,
        // RFC 8445 section 6.1.1: the lite side never decides; between equals it is whoever offered.
        isControlling: isLite || this.#isOfferer,
        candidates: this.#usable(theirs.candidates),
      },
    }
  }

  #dtls(section: MediaSection, theirs: ReturnType<typeof readWebRtc>): LegDtls | undefined {
    if (!isDtls(section)) return undefined
    // Their answer to our actpass says what is left for us.
    if (this.#isOfferer) this.#role = setupFor(theirs.setup, this.#role)
    return { role: this.#role ?? 'passive', fingerprints: theirs.fingerprints }
  }

  #usable(candidates: readonly IceCandidate[]): readonly IceCandidate[] {
    const { mayUse, uuid } = this.#habits
    if (!mayUse) return candidates
    const usable = candidates.filter(({ address }) => mayUse(address))
    const refused = candidates.filter((one) => !usable.includes(one))
    if (refused.length > 0) {
      const addresses = refused.slice(0, 5).map(({ address }) => address)
      const more = refused.length > 5 ? ` and ${refused.length - 5} more` : ''
      log.info(
        `candidates that do not pass apply-candidate-acl: ${addresses.join(', ')}${more}`,
        uuid,
      )
    }
    return usable
  }

  #sessionLines(withIce: boolean): string[] {
    if (!withIce) return []
    const semantic = 'msid-semantic: WMS *'
    return this.#habits.mode === 'lite' ? ['ice-lite', semantic] : [semantic]
  }

  #sourceLines(kind: string, { ssrc, track = kind }: LocalPort): string[] {
    return sourceLines(track, ssrc, this.#name)
  }

  #iceLines(local: LocalPort, isMux: boolean): string[] {
    const { address, inside = address, port, relay, tcpPort = 0 } = local
    const components = isMux ? [1] : [1, 2]
    // From outside the same port has another address (ext-rtp-ip).
    const isSeenElsewhere = inside !== address && address.includes(':') === inside.includes(':')
    const candidates = components.flatMap((component) => {
      const at = port + component - 1
      const host = { address: inside, port: at, type: 'host' } as const
      const lines = [
        writeCandidate({ ...host, priority: candidatePriority('host', component) }, component),
      ]
      if (isSeenElsewhere) {
        const priority = candidatePriority('srflx', component)
        const outside = { address, port: at, type: 'srflx', priority } as const
        lines.push(writeCandidate(outside, component, host))
      }
      return lines
    })
    // Connections carry one component.
    if (tcpPort > 0 && isMux) {
      candidates.push(writeTcpCandidate(inside, tcpPort))
      const behind = { address: inside, port: tcpPort }
      if (isSeenElsewhere) candidates.push(writeTcpCandidate(address, tcpPort, behind))
    }
    if (relay) {
      const priority = candidatePriority('relay', 1)
      const { address: at, port: atPort, seenAt } = relay
      const relayed = { address: at, port: atPort, type: 'relay', priority } as const
      candidates.push(writeCandidate(relayed, 1, seenAt))
    }
    return [
      `ice-ufrag:${this.#ufrag}`,
      `ice-pwd:${this.#password}`,
      ...candidates,
      'end-of-candidates',
    ]
  }
}

/** `ice-mode` of the profile, or `rtp_ice_mode` of the channel; lite unless it says full. */
export function iceModeOf({ values }: HasValues, { variables }: Channel): IceMode {
  const word = variables.get('rtp_ice_mode') ?? values.text('ice-mode')
  return word.toLowerCase() === 'full' ? 'full' : 'lite'
}

/** Habits that a leg with ICE has whatever its profile says: where packets come from is settled, and browsers want reports. */
export function webRtcHabits(
  { latch, rtcpIntervalMs }: LegSettings,
  { ice }: Pick<LegSettings, 'ice'>,
): Pick<LegSettings, 'latch' | 'rtcpIntervalMs'> {
  return ice ? { latch: false, rtcpIntervalMs: rtcpIntervalMs || 5000 } : { latch, rtcpIntervalMs }
}
