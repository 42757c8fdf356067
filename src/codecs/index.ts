/** Every codec that is built in, and how SDP finds one. */
import { amr } from './amr.ts'
import { amrWb } from './amr-wb.ts'
import type { Codec } from './codec.ts'
import { g722 } from './g722.ts'
import { g726 } from './g726.ts'
import { g729 } from './g729.ts'
import { gsm } from './gsm.ts'
import { ilbc } from './ilbc.ts'
import { l16 } from './l16.ts'
import { opus } from './opus.ts'
import { pcma } from './pcma.ts'
import { pcmu } from './pcmu.ts'

/** What mod_opus needs to make Opus as opus.conf wants it. */
export { opusWith } from './opus.ts'
export {
  defaultOpusSettings,
  isOpusRate,
  leastBitRate,
  mostBitRate,
  type OpusRate,
  type OpusSettings,
} from './opus-settings.ts'

export const codecs: readonly Codec[] = [
  pcmu,
  pcma,
  g722,
  ...l16,
  opus,
  ...g726,
  gsm,
  ilbc,
  g729,
  amr,
  amrWb,
]

/** Those that are there without a module. */
export const coreCodecs: readonly Codec[] = [pcmu, pcma, ...l16]
/** What each module brings; mod_opus reads its settings first. */
export const moduleCodecs = {
  mod_amr: [amr],
  mod_amrwb: [amrWb],
  mod_g729: [g729],
  mod_ilbc: [ilbc],
  mod_spandsp: [g722, ...g726, gsm],
} as const satisfies Readonly<Record<string, readonly Codec[]>>

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

/** A codec with parameters, as two ends agreed on it. */
export interface CodecUse {
  readonly name: string
  readonly clockRate: number
  readonly channels: number
  readonly fmtp: string
}

/** Whether packets of one are packets of the other, so that they can be passed on as they are. */
export function areAlike(a: CodecUse, b: CodecUse): boolean {
  if (a.clockRate !== b.clockRate || a.name.toLowerCase() !== b.name.toLowerCase()) return false
  const codec = findCodec(a.name, a.clockRate)
  // The channels of Opus stand in its packets (RFC 7587 section 4.1).
  if (a.channels !== b.channels && codec?.name !== 'opus') return false
  return codec?.isAlike?.(a.fmtp, b.fmtp) ?? true
}

/** The byte under `b` for each byte under `a` where one octet is one sample in both; undefined elsewhere. */
export function translation(a: CodecUse, b: CodecUse): Uint8Array | undefined {
  if (a.clockRate !== b.clockRate || a.channels !== b.channels) return undefined
  const from = findCodec(a.name, a.clockRate)?.law
  const to = findCodec(b.name, b.clockRate)?.law
  if (!from || !to) return undefined
  const key = `${a.name}/${b.name}`.toUpperCase()
  const known = translations.get(key)
  if (known) return known
  const table = Uint8Array.from(from.decode, (sample) => to.encode[sample & 0xffff]!)
  translations.set(key, table)
  return table
}

const translations = new Map<string, Uint8Array>()

/** The codec of a static payload type (RFC 3551 section 6). */
export function staticCodec(payloadType: number): Codec | undefined {
  return codecs.find((codec) => codec.payloadType === payloadType)
}
