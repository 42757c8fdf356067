/** What a leg accepts under each payload type, and under which the peer takes it unchanged. */
import { areAlike } from '../codecs/index.ts'
import type { Decoder } from './decoder.ts'
import type { LegCodec, LegSettings } from './engine.ts'

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

/**
 * The inputs of `settings`, by payload type. What `before` had of the same codec is kept with its decoder, so that a new
 * answer does not interrupt the sound.
 */
export function inputsOf(
  settings: LegSettings,
  before: readonly (Input | undefined)[],
): (Input | undefined)[] {
  const inputs: (Input | undefined)[] = []
  for (const codec of settings.receive) {
    const known = before[codec.payloadType]
    const isNoise = codec.name.toUpperCase() === 'CN'
    inputs[codec.payloadType] =
      known?.kind === 'sound' && sameCodec(known.codec, codec)
        ? { ...known, codec }
        : newInput(isNoise ? 'noise' : 'sound', codec, codec.clockRate)
  }
  // RFC 3389 section 4: comfort noise at 8 kHz has the static payload type 13.
  const [first] = settings.receive
  if (first) inputs[13] ??= newInput('noise', first, 8000)
  const { eventReceive } = settings
  if (eventReceive !== undefined && first)
    inputs[eventReceive] = newInput('event', first, settings.eventClock)
  return inputs
}

/** The payload type under which a party with `settings` takes packets of `input` unchanged, or -1. */
export function relayType(input: Input, settings: LegSettings): number {
  if (input.kind === 'event')
    return settings.eventClock === input.clock ? (settings.eventSend ?? -1) : -1
  if (input.kind === 'noise') return -1
  const { send } = settings
  return send && sameCodec(send, input.codec) && send.ptime === input.codec.ptime
    ? send.payloadType
    : -1
}
