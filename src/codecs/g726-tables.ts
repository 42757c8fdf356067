/** The quantisers of ITU-T G.726: one for each rate. Entries are by code word, whose upper half is negative. */

export interface G726Rate {
  /** Bits in a code word: 2–5 for 16–40 kbit/s. */
  readonly bits: number
  /** Decision levels of the normalised logarithm (tables 1–4). */
  readonly levels: Int32Array
  /** Reconstructed logarithm of each code word. */
  readonly logarithms: Int32Array
  /** Scale factor multipliers W(I), times 32. */
  readonly weights: Int32Array
  /** F(I), which tells speech from data, times 512. */
  readonly speeds: Int32Array
}

/** The tables are symmetric: code words count down from the middle for negative differences. */
function mirrored(positive: readonly number[]): Int32Array {
  return Int32Array.from([...positive, ...positive.toReversed()])
}

export const rate16: G726Rate = {
  bits: 2,
  levels: Int32Array.from([261]),
  logarithms: mirrored([116, 365]),
  weights: mirrored([-704, 14048]),
  speeds: mirrored([0, 0xe00]),
}

export const rate24: G726Rate = {
  bits: 3,
  levels: Int32Array.from([8, 218, 331]),
  logarithms: mirrored([-2048, 135, 273, 373]),
  weights: mirrored([-128, 960, 4384, 18624]),
  speeds: mirrored([0, 0x200, 0x400, 0xe00]),
}

export const rate32: G726Rate = {
  bits: 4,
  levels: Int32Array.from([-124, 80, 178, 246, 300, 349, 400]),
  logarithms: mirrored([-2048, 4, 135, 213, 273, 323, 373, 425]),
  weights: mirrored([-384, 576, 1312, 2048, 3584, 6336, 11360, 35904]),
  speeds: mirrored([0, 0, 0, 0x200, 0x200, 0x200, 0x600, 0xe00]),
}

export const rate40: G726Rate = {
  bits: 5,
  levels: Int32Array.from([
    -122, -16, 68, 139, 198, 250, 298, 339, 378, 413, 445, 475, 502, 528, 553,
  ]),
  logarithms: mirrored([
    -2048, -66, 28, 104, 169, 224, 274, 318, 358, 395, 429, 459, 488, 514, 539, 566,
  ]),
  weights: mirrored([
    448, 448, 768, 1248, 1280, 1312, 1856, 3200, 4512, 5728, 7008, 8960, 11456, 14080, 16928, 22272,
  ]),
  speeds: mirrored([
    0, 0, 0, 0, 0, 0x200, 0x200, 0x200, 0x200, 0x200, 0x400, 0x600, 0x800, 0xa00, 0xc00, 0xc00,
  ]),
}
