/** Packets on a TCP connection, each behind two octets with its length (RFC 4571 section 2), as ICE has them (RFC 6544 section 3). */

/** Octets of a packet: longer than any with a picture in it. Who says more is not what he should be. */
export const longestFrame = 4096

export class TcpFrames {
  /** A frame that has come in part, from its length on; there only once that has happened. */
  #begun: Buffer | undefined
  #have = 0

  /**
   * Gives each whole packet to `take`, which has to be done with it when it returns; when that says false, the rest is left.
   * False: a length that no packet has, behind which nothing can be found.
   */
  push(chunk: Buffer, take: (packet: Buffer) => boolean): boolean {
    let at = 0
    while (at < chunk.length) {
      let packet: Buffer
      const whole = this.#have === 0 ? wholeLength(chunk, at) : -1
      if (whole >= 0) {
        packet = chunk.subarray(at + 2, at + 2 + whole)
        at += 2 + whole
      } else {
        this.#begun ??= Buffer.alloc(2 + longestFrame)
        const begun = this.#begun
        const wanted = this.#have < 2 ? 2 : 2 + begun.readUInt16BE(0)
        const taken = chunk.copy(begun, this.#have, at, at + wanted - this.#have)
        at += taken
        this.#have += taken
        if (this.#have < 2) return true
        const length = begun.readUInt16BE(0)
        if (length > longestFrame) return false
        if (this.#have < 2 + length) continue
        this.#have = 0
        packet = begun.subarray(2, 2 + length)
      }
      // An empty one only keeps the connection open.
      if (packet.length > 0 && !take(packet)) return true
    }
    return true
  }
}

/** The length of the packet that is there as a whole; -1: it is not, or none may be so long. */
function wholeLength(chunk: Buffer, at: number): number {
  if (chunk.length - at < 2) return -1
  const length = chunk.readUInt16BE(at)
  return length <= longestFrame && chunk.length - at >= 2 + length ? length : -1
}

/** A packet as it goes: a copy, with its length before it. */
export function framed(packet: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(2 + packet.length)
  frame.writeUInt16BE(packet.length, 0)
  frame.set(packet, 2)
  return frame
}
