/** The words of ICE that the agent and its users share. */
import type { IceCredentials } from '../net/stun-server.ts'

/**
 * new: no check yet; checking: checks came or went; connected: a pair was settled on; disconnected: it has not been heard of
 * for a while; failed: given up.
 */
export type IceState = 'new' | 'checking' | 'connected' | 'disconnected' | 'failed'
export type CandidateType = 'host' | 'srflx' | 'prflx' | 'relay'

/** How packets of ours leave: from our port, through the TURN server that gave us an address, or by a TCP connection that came to us. */
export type IceWay = 'direct' | 'relay' | 'tcp'

/** An address of the other side; `priority` as it says. */
export interface RemoteCandidate {
  readonly address: string
  readonly port: number
  readonly priority: number
  readonly type: CandidateType
}

/** What signalling settled: the secrets of ICE that both sides told each other (RFC 8445 section 5.3). */
export interface IceSettings extends IceCredentials {
  /** What checks of our own need (full ICE); undefined: we only answer theirs (the lite side). */
  readonly checks?: IceChecks | undefined
}

export interface IceChecks {
  readonly remotePassword: string
  /** Who decides on a pair: we do, or they (RFC 8445 section 6.1.1). */
  readonly isControlling: boolean
  /** Where they say that they can be reached; more may be given later (trickle). */
  readonly candidates: readonly RemoteCandidate[]
}

export interface IceEvents {
  send(packet: Buffer, port: number, address: string, way: IceWay): void
  /** The pair to use from now on, or another one than before. */
  selected(address: string, port: number, way: IceWay): void
  state(state: IceState): void
  drop(reason: string): void
}
