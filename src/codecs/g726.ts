/**
 * G726-16, -24, -32 and -40: ITU-T G.726 ADPCM. RFC 3551 section 4.5.4 puts the first code word into the lowest bits of
 * an octet; the names with AAL2 put it into the highest (I.366.2 annex E). Nothing but the order of bits tells them apart.
 */
import type { Codec, Coder } from './codec.ts'
import { G726Adpcm } from './g726-adpcm.ts'
import { type G726Rate, rate16, rate24, rate32, rate40 } from './g726-tables.ts'

type Order = 'lowest first' | 'highest first'

function clip(sample: number): number {
  return Math.max(-32768, Math.min(sample, 32767))
}

/** Only whole octets are made: the samples of a packet have to fill them, as every 10 ms do. */
function openG726(rate: G726Rate, order: Order): Coder {
  const { bits } = rate
  const mask = (1 << bits) - 1
  const encoder = new G726Adpcm(rate)
  const decoder = new G726Adpcm(rate)
  const isLowFirst = order === 'lowest first'
  return {
    encode(pcm, into) {
      const octets = Math.min((pcm.length * bits) >> 3, into.length)
      let held = 0
      let word = 0
      let at = 0
      for (let octet = 0; octet < octets; ) {
        const code = encoder.encode(pcm[at++]! >> 2)
        word = isLowFirst ? word | (code << held) : (word << bits) | code
        held += bits
        if (held < 8) continue
        held -= 8
        into[octet++] = isLowFirst ? word : word >> held
        word = isLowFirst ? word >> 8 : word & ((1 << held) - 1)
      }
      return octets
    },
    decode(payload, into) {
      const samples = Math.min(Math.floor((payload.length * 8) / bits), into.length)
      let held = 0
      let word = 0
      let octet = 0
      for (let i = 0; i < samples; i++) {
        if (held < bits) {
          const next = payload[octet++]!
          word = isLowFirst ? word | (next << held) : ((word << 8) | next) & 0x1fff
          held += 8
        }
        held -= bits
        const code = (isLowFirst ? word : word >> held) & mask
        if (isLowFirst) word >>= bits
        into[i] = clip(decoder.decode(code) * 4)
      }
      return samples
    },
  }
}

function g726At(name: string, rate: G726Rate, order: Order): Codec {
  return {
    name,
    clockRate: 8000,
    sampleRate: 8000,
    channels: 1,
    ptime: 20,
    bitRate: rate.bits * 8000,
    open: () => openG726(rate, order),
  }
}

export const g726: readonly Codec[] = [rate16, rate24, rate32, rate40].flatMap((rate) => [
  g726At(`G726-${rate.bits * 8}`, rate, 'lowest first'),
  g726At(`AAL2-G726-${rate.bits * 8}`, rate, 'highest first'),
])
