/** ICE and DTLS-SRTP as the core sees them. Part of the engine's face: imported through engine.ts. */
import type { MappedAddress } from '../net/stun-message.ts'
import type { SrtpSuiteName } from '../rtp/srtp-suite.ts'
import type { DtlsState } from '../webrtc/dtls-session.ts'
import type { CandidateType, IceState } from '../webrtc/ice-terms.ts'
import type { TurnState } from '../webrtc/turn-client.ts'

export type { IceState }

/** One pair of addresses, `ip:port` each. */
export interface IcePair {
  readonly local: string
  readonly remote: string
  readonly transport: 'udp' | 'tcp'
  readonly type: CandidateType
  readonly state: 'waiting' | 'tried' | 'good' | 'failed'
  readonly isNominated: boolean
}

export interface IceNews {
  readonly state: IceState
  /** The pair that was settled on; undefined before. */
  readonly pair?: IcePair | undefined
}

export interface SecuredNews {
  /** The suite of SRTP. */
  readonly suite: SrtpSuiteName
  /** The suite of DTLS: `ECDHE-ECDSA-AES128-GCM-SHA256`. */
  readonly cipher: string
  readonly role: 'active' | 'passive'
  /** From the first packet of the handshake to the keys. */
  readonly ms: number
}

/** What legs and streams with ICE or DTLS tell. */
export type WebRtcEvents = {
  ice: IceNews
  /** DTLS gave the keys: from now on sound goes both ways. */
  secured: SecuredNews
  /** There will be no keys; `reason` says why in a sentence. */
  'security failed': { readonly reason: string }
}

/** ICE on a port at this moment. */
export interface IceDescription {
  readonly state: IceState
  /** lite: we only answer checks. */
  readonly mode: 'lite' | 'full'
  readonly isControlling: boolean
  readonly pairs: readonly IcePair[]
  readonly checksReceived: number
  /** Checks with a wrong password, user name or form. */
  readonly checksRefused: number
  readonly checksSent: number
}

/** DTLS on a port at this moment. `failure` is a sentence, empty where it has not failed. */
export interface DtlsDescription {
  readonly state: DtlsState
  readonly role: 'active' | 'passive'
  readonly cipher: string
  readonly suite: SrtpSuiteName | undefined
  /** `sha-256 AB:…`: of our certificate; theirs as signalling announced it; as it came, empty before. */
  readonly ours: string
  readonly announced: readonly string[]
  readonly theirs: string
  readonly failure: string
  readonly retransmissions: number
  /** ms that the handshake took; null before its end. */
  readonly ms: number | null
}

/** A TURN server to relay by, over UDP. */
export interface TurnServer {
  /** As the configuration has it, for logs. */
  readonly name: string
  /** Numeric. */
  readonly address: string
  readonly port: number
  readonly username: string
  readonly password: string
}

/** Our address at a server and where that sees us from, or why there is none. */
export type TurnOutcome =
  | {
      readonly server: string
      readonly relayed: MappedAddress
      readonly mapped: MappedAddress | undefined
    }
  | { readonly failure: string }

/** The way through a TURN server at this moment. */
export interface TurnDescription {
  readonly server: string
  readonly state: TurnState
  /** `ip:port`; empty where there never was one. */
  readonly relayed: string
  /** What we send goes that way. */
  readonly isUsed: boolean
  /** What servers said that gave us no address, or took it away: a sentence each. */
  readonly failures: readonly string[]
}

/** Where every worker listens for TCP connections of ICE (RFC 6544): worker n at `port` + n. */
export interface IceTcpPort {
  readonly address: string
  readonly port: number
  /** Nobody may connect any more; connections of calls stay. A second call does nothing. */
  close(): void
}

/** The way by TCP connections at this moment. */
export interface TcpDescription {
  /** `ip:port` that others connect to. */
  readonly listening: string
  /** `ip:port` of those that have, and have shown who they are. */
  readonly connections: readonly string[]
  /** What we send goes that way. */
  readonly isUsed: boolean
}

export interface WebRtcDescription {
  readonly ice: IceDescription | undefined
  /** Undefined where none was asked. */
  readonly turn: TurnDescription | undefined
  /** Undefined where nobody may connect. */
  readonly tcp: TcpDescription | undefined
  readonly dtls: DtlsDescription | undefined
}
