/**
 * The two laws of ITU-T G.711 as tables: a byte for each of the 65536 samples, a sample for each of the 256 bytes.
 * Negative samples are taken as one's complement, as the ITU's own reference code (G.191) does at the decision values.
 */
import type { Coder, Law } from './codec.ts'

/** The segment (0–7) of a magnitude whose segment 0 ends at `first` bits. */
function segmentOf(magnitude: number, first: number): number {
  const bits = 32 - Math.clz32(magnitude)
  return Math.max(0, bits - first)
}

function compressMu(sample: number): number {
  const magnitude = Math.min(sample < 0 ? ~sample >> 2 : sample >> 2, 0x1fff - 33) + 33
  const segment = segmentOf(magnitude, 6)
  const mantissa = (magnitude >> (segment + 1)) & 0x0f
  return ~((sample < 0 ? 0x80 : 0) | (segment << 4) | mantissa) & 0xff
}

function expandMu(byte: number): number {
  const code = ~byte & 0xff
  const magnitude = ((((code & 0x0f) << 1) + 33) << ((code >> 4) & 7)) - 33
  return (code & 0x80 ? -magnitude : magnitude) * 4
}

function compressA(sample: number): number {
  const magnitude = (sample < 0 ? ~sample : sample) >> 4
  const segment = segmentOf(magnitude, 4)
  const mantissa = segment > 1 ? (magnitude >> (segment - 1)) & 0x0f : magnitude & 0x0f
  return ((sample < 0 ? 0 : 0x80) | (segment << 4) | mantissa) ^ 0x55
}

function expandA(byte: number): number {
  const code = byte ^ 0x55
  const segment = (code >> 4) & 7
  const step = ((code & 0x0f) << 4) + 8
  const magnitude = segment === 0 ? step : (step + 0x100) << (segment - 1)
  return code & 0x80 ? magnitude : -magnitude
}

function lawOf(compress: (sample: number) => number, expand: (byte: number) => number): Law {
  return {
    encode: Uint8Array.from({ length: 65536 }, (_, index) => compress((index << 16) >> 16)),
    decode: Int16Array.from({ length: 256 }, (_, byte) => expand(byte)),
  }
}

/** G.711 table 2: µ-law. */
export const muLaw: Law = lawOf(compressMu, expandMu)
/** G.711 table 1: A-law. */
export const aLaw: Law = lawOf(compressA, expandA)

/** A coder without memory: both directions are a look-up, so that all calls share one. */
export function lawCoder(law: Law): Coder {
  const { encode, decode } = law
  return {
    encode(pcm, into) {
      const length = Math.min(pcm.length, into.length)
      for (let i = 0; i < length; i++) into[i] = encode[pcm[i]! & 0xffff]!
      return length
    },
    decode(payload, into) {
      const length = Math.min(payload.length, into.length)
      for (let i = 0; i < length; i++) into[i] = decode[payload[i]!]!
      return length
    },
  }
}
