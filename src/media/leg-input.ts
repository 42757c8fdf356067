/** What a leg accepts under each payload type, and under which the peer takes it unchanged. */
import { areAlike, translation } from '../codecs/index.ts'
import { payloadEnd, payloadStart } from '../rtp/packet.ts'
import type { Decoder } from './decoder.ts'
import type { LegCodec, LegSettings } from './engine.ts'
import { type Loudness, loudnessTable } from './mixer-loudness.ts'

/** A payload type that we accept. */
export interface Input {
  readonly kind: 'sound' | 'event' | 'noise'
  readonly codec: LegCodec
  readonly clock: number
  /** The payload type under which the peer takes it as it is; -1 where it must be transcoded. */
  relayAs: number
  /** What becomes of each octet of the payload on the way, where the peer's codec is a table apart. */
  table: Uint8Array | undefined
  decoder: Decoder | undefined
  /** The amplitude of each octet, where an octet is a sample. */
  readonly loudness: Loudness | undefined
  isUndecodable: boolean
}

export function newInput(kind: Input['kind'], codec: LegCodec, clock: number): Input {
  return {
    kind,
    codec,
    clock,
    relayAs: -1,
    table: undefined,
    decoder: undefined,
    loudness: kind === 'sound' ? loudnessTable(codec.name) : undefined,
    isUndecodable: false,
  }
}

/** Puts each octet of a packet's payload through the table; false when its header is nonsense. */
export function translatePayload(packet: Buffer, table: Uint8Array): boolean {
  const start = payloadStart(packet)
  const end = start < 0 ? -1 : payloadEnd(packet, start)
  for (let i = start; i < end; i++) packet[i] = table[packet[i]!]!
  return end >= 0
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
  const { comfortNoise } = settings
  if (first && comfortNoise !== undefined)
    inputs[comfortNoise] ??= newInput('noise', first, first.clockRate)
  if (first) inputs[13] ??= newInput('noise', first, 8000)
  const { eventReceive } = settings
  if (eventReceive !== undefined && first)
    inputs[eventReceive] = newInput('event', first, settings.eventClock)
  return inputs
}

/**
 * Settles how a party with `settings` gets packets of `input`: as they are, or octet by octet through a table, under
 * `relayAs`; or not at all (-1), so that they have to be transcoded.
 */
export function setRelay(input: Input, settings: LegSettings | undefined): void {
  input.table = undefined
  input.relayAs = settings ? relayType(input, settings) : -1
}

function relayType(input: Input, settings: LegSettings): number {
  if (input.kind === 'event')
    return settings.eventClock === input.clock ? (settings.eventSend ?? -1) : -1
  const { send } = settings
  if (input.kind === 'noise')
    return send?.clockRate === input.clock ? (settings.comfortNoise ?? -1) : -1
  if (!send || send.ptime !== input.codec.ptime) return -1
  if (sameCodec(send, input.codec)) return send.payloadType
  input.table = translation(input.codec, send)
  return input.table ? send.payloadType : -1
}
