/** Every codec that is built in, and how SDP finds one. */
import type { Codec } from './codec.ts'
import { g722 } from './g722.ts'
import { l16 } from './l16.ts'
import { pcma } from './pcma.ts'
import { pcmu } from './pcmu.ts'

export const codecs: readonly Codec[] = [pcmu, pcma, g722, ...l16]

const byName = new Map<string, Codec[]>()
for (const codec of codecs) {
  const key = codec.name.toLowerCase()
  byName.set(key, [...(byName.get(key) ?? []), codec])
}

/**
 * The codec of an encoding name in any case; `clockRate` is the rate that SDP shows (Hz). Without a rate or a number of
 * channels the first that fits is given, which is the narrowest and mono.
 */
export function findCodec(name: string, clockRate?: number, channels?: number): Codec | undefined {
  return byName
    .get(name.toLowerCase())
    ?.find(
      (codec) =>
        (clockRate === undefined || codec.clockRate === clockRate) &&
        (channels === undefined || codec.channels === channels),
    )
}

/** The codec of a static payload type (RFC 3551 section 6). */
export function staticCodec(payloadType: number): Codec | undefined {
  return codecs.find((codec) => codec.payloadType === payloadType)
}
