/** What a leg accepts under one payload type, and when two codecs are the same on the wire. */
import { areAlike } from '../codecs/index.ts'
import type { Decoder } from './decoder.ts'
import type { LegCodec } from './engine.ts'

/** A payload type that we accept. */
export interface Input {
  readonly kind: 'sound' | 'event' | 'noise'
  readonly codec: LegCodec
  readonly clock: number
  /** The payload type under which the peer takes it as it is; -1 where it must be transcoded. */
  relayAs: number
  decoder: Decoder | undefined
  isUndecodable: boolean
}

export function newInput(kind: Input['kind'], codec: LegCodec, clock: number): Input {
  return { kind, codec, clock, relayAs: -1, decoder: undefined, isUndecodable: false }
}

/** Whether packets of one are packets of the other, so that they need no transcoding. */
export function sameCodec(a: LegCodec | undefined, b: LegCodec | undefined): boolean {
  if (!a || !b) return a === b
  return areAlike(a, b)
}
