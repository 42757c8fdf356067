/**
 * The tables of ITU-T G.722: quantisers and scale factors of both sub-bands. Names in brackets are the Recommendation's.
 */

/** The multiplier of the scale factor, 32 steps to the octave (table 11: ILB). */
// biome-ignore format: a table keeps its columns
export const scales = Int32Array.of(
  2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834,
  2896, 2960, 3025, 3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008,
)

/** Decision levels of the 60-level quantiser (table 14: Q6). */
// biome-ignore format: a table keeps its columns
const levels = Int32Array.of(
  0, 35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940,
  1023, 1121, 1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919,
)

/** Codes of the low band for negative and positive differences, by level (table 14: ILN, ILP). */
// biome-ignore format: a table keeps its columns
const negativeCodes = Uint8Array.of(
  0, 63, 62, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11,
  10, 9, 8, 7, 6, 5, 4,
)
// biome-ignore format: a table keeps its columns
const positiveCodes = Uint8Array.of(
  0, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43, 42, 41, 40, 39,
  38, 37, 36, 35, 34, 33, 32,
)

/** Scale weights of the low band by its four upper bits: WL through RL42 (table 10). */
// biome-ignore format: a table keeps its columns
export const lowWeights = Int32Array.of(
  -60, 3042, 1198, 538, 334, 172, 58, -30, 3042, 1198, 538, 334, 172, 58, -30, -60,
)

/** Values of the 16- and 64-level inverse quantisers of the low band (tables 17: QM4, QM6). */
// biome-ignore format: a table keeps its columns
export const values4 = Int32Array.of(
  0, -20456, -12896, -8968, -6288, -4240, -2584, -1200, 20456, 12896, 8968, 6288, 4240, 2584,
  1200, 0,
)
// biome-ignore format: a table keeps its columns
export const values6 = Int32Array.of(
  -136, -136, -136, -136, -24808, -21904, -19008, -16704, -14984, -13512, -12280, -11192, -10232,
  -9360, -8576, -7856, -7192, -6576, -6000, -5456, -4944, -4464, -4008, -3576, -3168, -2776,
  -2400, -2032, -1688, -1360, -1040, -728, 24808, 21904, 19008, 16704, 14984, 13512, 12280,
  11192, 10232, 9360, 8576, 7856, 7192, 6576, 6000, 5456, 4944, 4464, 4008, 3576, 3168, 2776,
  2400, 2032, 1688, 1360, 1040, 728, 432, 136, -432, -136,
)

/** The high band has two bits: values (QM2) and scale weights (WH through RH2). */
export const values2 = Int32Array.of(-7408, -1616, 7408, 1616)
export const highWeights = Int32Array.of(798, -214, 798, -214)

/** The decision level of the high band's quantiser (Q2). */
export const highLevel = 564

/** Above the last level all ratios have the same code. */
const lastRatio = 2920

/** The codes of a difference by the ratio of its magnitude to the scale in 1/4096: of positive ones, then of negative ones. */
export const lowCodes = new Uint8Array(2 * (lastRatio + 1))
for (let ratio = 0; ratio <= lastRatio; ratio++) {
  const found = levels.findIndex((level, index) => index > 0 && level >= ratio)
  const level = found < 0 ? levels.length : found
  lowCodes[ratio] = positiveCodes[level]!
  lowCodes[ratio + lastRatio + 1] = negativeCodes[level]!
}

/** Where the code of a magnitude (one's complement for negative differences) stands in the first half of `lowCodes`. */
export function ratioOf(magnitude: number, scale: number): number {
  // The Recommendation asks for the first level with magnitude < (level × scale) >> 12.
  const ratio = ((((magnitude + 1) << 12) + scale - 1) / scale) | 0
  return ratio < lastRatio ? ratio : lastRatio
}

/** How far behind it the code of a negative difference stands. */
export const negativeCodesAt = lastRatio + 1
