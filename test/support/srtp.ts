/** SRTP for test peers: keys, and a cipher for a peer's packets. */
import type { SrtpKey } from '../../src/media/engine.ts'
import { isRtcp } from '../../src/rtp/packet.ts'
import { SrtpReceiver, SrtpSender, srtpTransform } from '../../src/rtp/srtp.ts'
import { type SrtpSuiteName, srtpSuites } from '../../src/rtp/srtp-suite.ts'
import type { PeerCipher } from './rtp-peer.ts'

export const suiteNames = Object.keys(srtpSuites) as SrtpSuiteName[]

/** A key of the right length, another one for each `seed`. */
export function srtpKey(suite: SrtpSuiteName, seed: number, mki?: Uint8Array): SrtpKey {
  const { keyLength, saltLength } = srtpSuites[suite]
  const key = Uint8Array.from({ length: keyLength + saltLength }, (_, i) => (i * 37 + seed) & 0xff)
  return mki ? { suite, key, mki } : { suite, key }
}

/** What a peer does that sends under `ours` and receives under `theirs`. */
export function peerCipher(
  ours: SrtpKey,
  theirs: SrtpKey,
): PeerCipher & { receiver: SrtpReceiver } {
  const sender = new SrtpSender(srtpTransform(ours.suite, ours.key, ours.mki))
  const receiver = new SrtpReceiver(srtpTransform(theirs.suite, theirs.key, theirs.mki))
  return {
    receiver,
    seal(packet) {
      const into = Buffer.alloc(packet.length + 200)
      const length = isRtcp(packet)
        ? sender.protectRtcp(packet, packet.length, into)
        : sender.protect(packet, packet.length, into)
      if (length < 0) throw new Error(`the peer cannot seal a packet: ${length}`)
      return into.subarray(0, length)
    },
    open(packet) {
      const length = isRtcp(packet) ? receiver.unprotectRtcp(packet) : receiver.unprotect(packet)
      return length < 0 ? undefined : packet.subarray(0, length)
    },
  }
}
