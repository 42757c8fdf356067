/** Sound through one codec after the other, transcoded between them as between two legs of a call. */
import type { Socket } from 'node:dgram'
import { findCodec } from '../../src/codecs/index.ts'
import { Decoder } from '../../src/media/decoder.ts'
import { Encoder } from '../../src/media/encoder.ts'
import type { LegCodec } from '../../src/media/engine.ts'
import { Sender } from '../../src/media/sender.ts'
import { headerLength, sequenceOf, timestampOf } from '../../src/rtp/packet.ts'

/** A codec on the wire: `name@ptime`, with its parameters where it has any. */
export function legCodec(name: string, ptime = 20, fmtp = ''): LegCodec {
  const { clockRate, channels } = findCodec(name)!
  return { name, clockRate, channels, payloadType: 96, fmtp, ptime }
}

/** An encoder and all that it sends. */
export function sendingInto(
  codec: LegCodec,
  taker: (packet: Buffer) => void,
): { encoder: Encoder; sender: Sender } {
  const socket = { send: (packet: Buffer) => taker(packet) }
  const sender = new Sender(socket as unknown as Socket)
  sender.port = 4000
  sender.clock = codec.clockRate
  const encoder = Encoder.open(codec, sender)
  if (!encoder) throw new Error(`${codec.name} is only passed on`)
  return { encoder, sender }
}

/** What is heard at the end of the chain, with the rate of the last codec, Hz. */
export function chain(
  codecs: readonly LegCodec[],
  pcm: Int16Array,
  rate: number,
): { pcm: Int16Array; rate: number } {
  const parts: Int16Array[] = []
  let heardRate = 8000
  let next = (sound: Int16Array, soundRate: number): void => {
    parts.push(sound.slice())
    heardRate = soundRate
  }
  let listenerRate: number | undefined
  for (const codec of codecs.toReversed()) {
    const forward = next
    const decoder = Decoder.open(codec)!
    decoder.soundAt(listenerRate)
    const taker = { sound: forward, pause: () => {} }
    const { encoder } = sendingInto(codec, (packet) => {
      decoder.packet(packet.subarray(headerLength), sequenceOf(packet), timestampOf(packet), taker)
    })
    const source = {}
    next = (sound, soundRate) => encoder.write(sound, soundRate, source, 0)
    listenerRate = encoder.rate
  }
  const frame = rate / 50
  for (let at = 0; at + frame <= pcm.length; at += frame) next(pcm.subarray(at, at + frame), rate)
  const heard = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    heard.set(part, at)
    at += part.length
  }
  return { pcm: heard, rate: heardRate }
}
