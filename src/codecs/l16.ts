/** L16: uncompressed 16-bit samples in network order (RFC 3551 section 4.5.11), mono and stereo at every usual rate. */
import type { Codec, Coder } from './codec.ts'

const coder: Coder = {
  encode(pcm, into) {
    const length = Math.min(pcm.length, into.length >> 1)
    for (let i = 0, at = 0; i < length; i++, at += 2) {
      const sample = pcm[i]!
      into[at] = sample >> 8
      into[at + 1] = sample
    }
    return length * 2
  },
  decode(payload, into) {
    const length = Math.min(payload.length >> 1, into.length)
    for (let i = 0, at = 0; i < length; i++, at += 2) {
      into[i] = (payload[at]! << 8) | payload[at + 1]!
    }
    return length
  },
}

function l16At(rate: number, channels: 1 | 2): Codec {
  const codec: Codec = {
    name: 'L16',
    clockRate: rate,
    sampleRate: rate,
    channels,
    ptime: 20,
    bitRate: rate * 16 * channels,
    open: () => coder,
  }
  // RFC 3551 section 6: only CD quality has static numbers.
  return rate === 44100 ? { ...codec, payloadType: channels === 2 ? 10 : 11 } : codec
}

/** All rates, mono first. */
export const l16: readonly Codec[] = [8000, 12000, 16000, 24000, 32000, 44100, 48000].flatMap(
  (rate) => [l16At(rate, 1), l16At(rate, 2)],
)
