/** Several Opus frames of one length in one packet (RFC 6716 section 3.2.5), for packet times that no single frame has. */

/** Octets, its first of them the table of contents (section 3.2.1). */
export const longestFrame = 1276

/**
 * Joins `frames`, each a packet of one frame, into one packet of up to 48 in `into`; returns its octets, 0 where there is no
 * room. A frame of another configuration than the first cannot stand beside it: its place stays empty, and the other side
 * conceals it.
 */
export function joinFrames(frames: readonly Uint8Array[], into: Uint8Array): number {
  const toc = frames[0]?.[0]
  if (toc === undefined) return 0
  const payloads = frames.map((frame) => {
    const isAlike = frame.length > 0 && frame[0] === toc && frame.length <= longestFrame
    return isAlike ? frame.subarray(1) : frame.subarray(0, 0)
  })
  const octets = payloads.reduce((sum, payload) => sum + 2 + payload.length, 2)
  if (octets > into.length) return 0
  into[0] = toc | 3
  into[1] = 0x80 | payloads.length
  let at = 2
  for (const { length } of payloads.slice(0, -1)) {
    if (length < 252) into[at++] = length
    else {
      const low = 252 + (length & 3)
      into[at++] = low
      into[at++] = (length - low) >> 2
    }
  }
  for (const payload of payloads) {
    into.set(payload, at)
    at += payload.length
  }
  return at
}
