/** One frame of GSM 06.10 (160 samples) as its parameters, and their 33 octets (RFC 3551 section 4.5.8). */

export const frameSamples = 160
export const frameOctets = 33

/** The coded parameters, names as in GSM 06.10 table 1.1. */
export interface GsmFrame {
  /** LARc: eight log area ratios. */
  readonly ratios: Int16Array
  /** For each of four subframes: Nc (lag), bc (gain), Mc (grid), xmaxc (block maximum). */
  readonly lags: Int16Array
  readonly gains: Int16Array
  readonly grids: Int16Array
  readonly maxima: Int16Array
  /** xMc: thirteen pulses for each subframe, one subframe after another. */
  readonly pulses: Int16Array
}

export function newFrame(): GsmFrame {
  return {
    ratios: new Int16Array(8),
    lags: new Int16Array(4),
    gains: new Int16Array(4),
    grids: new Int16Array(4),
    maxima: new Int16Array(4),
    pulses: new Int16Array(52),
  }
}

const ratioBits = [6, 6, 5, 5, 4, 4, 3, 3]
/** The first four bits of each frame. */
const signature = 0xd

/** Writes the parameters of `frame` at `offset`, most significant bits first. */
export function packFrame(frame: GsmFrame, into: Uint8Array, offset: number): void {
  let word = signature
  let held = 4
  let at = offset
  const put = (value: number, bits: number) => {
    word = (word << bits) | value
    held += bits
    while (held >= 8) {
      held -= 8
      into[at++] = word >> held
      word &= (1 << held) - 1
    }
  }
  for (let i = 0; i < 8; i++) put(frame.ratios[i]!, ratioBits[i]!)
  for (let j = 0; j < 4; j++) {
    put(frame.lags[j]!, 7)
    put(frame.gains[j]!, 2)
    put(frame.grids[j]!, 2)
    put(frame.maxima[j]!, 6)
    for (let i = 0; i < 13; i++) put(frame.pulses[j * 13 + i]!, 3)
  }
}

/** Reads the 33 octets at `offset`; false, and `frame` unchanged, when they do not begin as a frame does. */
export function unpackFrame(octets: Uint8Array, offset: number, frame: GsmFrame): boolean {
  if (octets[offset]! >> 4 !== signature) return false
  let word = octets[offset]! & 0x0f
  let held = 4
  let at = offset + 1
  const take = (bits: number) => {
    while (held < bits) {
      word = (word << 8) | octets[at++]!
      held += 8
    }
    held -= bits
    const value = word >> held
    word &= (1 << held) - 1
    return value
  }
  for (let i = 0; i < 8; i++) frame.ratios[i] = take(ratioBits[i]!)
  for (let j = 0; j < 4; j++) {
    frame.lags[j] = take(7)
    frame.gains[j] = take(2)
    frame.grids[j] = take(2)
    frame.maxima[j] = take(6)
    for (let i = 0; i < 13; i++) frame.pulses[j * 13 + i] = take(3)
  }
  return true
}
