/** GSM: GSM 06.10 full rate at 13.2 kbit/s, frames of 33 octets for 20 ms (RFC 3551 section 4.5.8). */
import type { Codec, Coder } from './codec.ts'
import { GsmDecoder, GsmEncoder } from './gsm-coder.ts'
import { frameOctets, frameSamples, newFrame, packFrame, unpackFrame } from './gsm-frame.ts'

/** What a block maximum is lowered by for each frame that is lost on end (GSM 06.11 section 5). */
const fading = 4
/** After so many there is silence: 320 ms. */
const longestFade = 16

function openGsm(): Coder {
  const encoder = new GsmEncoder()
  const decoder = new GsmDecoder()
  const sent = newFrame()
  const heard = newFrame()
  /** The frame is repeated as it is for the first that is lost, and fades with the next. */
  let lost = -1
  const spare = new Int16Array(frameSamples)

  const repeat = (into: Int16Array, at: number) => {
    if (lost >= longestFade) {
      into.fill(0, at, at + frameSamples)
      return
    }
    if (lost > 0) {
      for (let j = 0; j < 4; j++) heard.maxima[j] = Math.max(0, heard.maxima[j]! - fading)
    }
    if (lost >= 0) lost++
    decoder.decode(heard, into, at)
  }

  return {
    encode(pcm, into) {
      const frames = Math.min(
        Math.floor(pcm.length / frameSamples),
        Math.floor(into.length / frameOctets),
      )
      for (let i = 0; i < frames; i++) {
        encoder.encode(pcm, i * frameSamples, sent)
        packFrame(sent, into, i * frameOctets)
      }
      return frames * frameOctets
    },
    decode(payload, into) {
      const frames = Math.min(
        Math.floor(payload.length / frameOctets),
        Math.floor(into.length / frameSamples),
      )
      for (let i = 0; i < frames; i++) {
        if (unpackFrame(payload, i * frameOctets, heard)) {
          lost = 0
          decoder.decode(heard, into, i * frameSamples)
        } else repeat(into, i * frameSamples)
      }
      return frames * frameSamples
    },
    conceal(into) {
      for (let at = 0; at < into.length; at += frameSamples) {
        const room = into.length - at
        if (lost < 0) into.fill(0, at)
        else if (room >= frameSamples) repeat(into, at)
        else {
          repeat(spare, 0)
          into.set(spare.subarray(0, room), at)
        }
      }
      return into.length
    },
  }
}

export const gsm: Codec = {
  name: 'GSM',
  payloadType: 3,
  clockRate: 8000,
  sampleRate: 8000,
  channels: 1,
  ptime: 20,
  ptimes: [20, 40, 60, 80, 100, 120],
  bitRate: 13200,
  open: openGsm,
}
