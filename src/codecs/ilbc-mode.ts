/** The two frame lengths of iLBC, and where the bits of their packets go (RFC 3951 section 3.8, table 1). */

/** Samples in a sub-block, and in the stretch that the start state is part of. */
export const blockLength = 40
export const stateStretch = 80
/** Coefficients of the linear prediction. */
export const order = 10
/** Coefficients of a filter, the leading 1 with them. */
export const filterLength = order + 1
/** Stages of the codebook. */
export const stages = 3

/** Bits of a field in the three classes of importance: the packet holds all first classes, then all second ones. */
type Bits = readonly [first: number, second: number, third: number]

export interface IlbcMode {
  readonly ptime: 20 | 30
  readonly samples: number
  readonly octets: number
  /** Sub-blocks of 40 samples. */
  readonly blocks: number
  /** Sets of line spectral frequencies. */
  readonly spectra: number
  /** Samples of the start state that are coded one by one. */
  readonly stateLength: number
  /** Where the fields of a frame begin among its values. */
  readonly at: {
    readonly spectra: number
    readonly start: number
    readonly isStateFirst: number
    readonly scale: number
    readonly state: number
    readonly extraVectors: number
    readonly extraGains: number
    readonly vectors: number
    readonly gains: number
  }
  readonly fields: number
  /** In the order of the packet: value, bits, and how many bits of the same value come later. */
  readonly layout: Int16Array
}

const spectrumBits: readonly Bits[] = [
  [6, 0, 0],
  [7, 0, 0],
  [7, 0, 0],
]

function modeOf(
  ptime: 20 | 30,
  start: Bits,
  extraVectors: readonly Bits[],
  extraGains: readonly Bits[],
  vectors: readonly Bits[],
  gains: readonly Bits[],
): IlbcMode {
  const spectra = ptime === 30 ? 2 : 1
  const stateLength = ptime === 30 ? 58 : 57
  const all: Bits[] = []
  const add = (...bits: readonly Bits[]): number => all.push(...bits) - bits.length
  const at = {
    spectra: add(...Array.from({ length: spectra }, () => spectrumBits).flat()),
    start: add(start),
    isStateFirst: add([1, 0, 0]),
    scale: add([6, 0, 0]),
    state: add(...Array.from({ length: stateLength }, (): Bits => [0, 1, 2])),
    extraVectors: add(...extraVectors),
    extraGains: add(...extraGains),
    vectors: add(...vectors),
    gains: add(...gains),
  }
  const layout: number[] = []
  for (const part of [0, 1, 2] as const) {
    for (const [field, bits] of all.entries()) {
      const later = bits.slice(part + 1).reduce((sum, count) => sum + count, 0)
      if (bits[part] > 0) layout.push(field, bits[part], later)
    }
  }
  return {
    ptime,
    samples: ptime * 8,
    octets: ptime === 30 ? 50 : 38,
    blocks: ptime / 5,
    spectra,
    stateLength,
    at,
    fields: all.length,
    layout: Int16Array.from(layout),
  }
}

// biome-ignore format: a table keeps its columns
export const mode20 = modeOf(20,
  [2, 0, 0],
  [[6, 0, 1], [0, 0, 7], [0, 0, 7]],
  [[2, 0, 3], [1, 1, 2], [0, 0, 3]],
  [[7, 0, 1], [0, 0, 7], [0, 0, 7], [0, 0, 8], [0, 0, 8], [0, 0, 8]],
  [[1, 2, 2], [1, 1, 2], [0, 0, 3], [1, 1, 3], [0, 2, 2], [0, 0, 3]],
)
// biome-ignore format: a table keeps its columns
export const mode30 = modeOf(30,
  [3, 0, 0],
  [[4, 2, 1], [0, 0, 7], [0, 0, 7]],
  [[1, 1, 3], [1, 1, 2], [0, 0, 3]],
  [
    [6, 1, 1], [0, 0, 7], [0, 0, 7], [0, 7, 1], [0, 0, 8], [0, 0, 8],
    [0, 7, 1], [0, 0, 8], [0, 0, 8], [0, 7, 1], [0, 0, 8], [0, 0, 8],
  ],
  [
    [1, 2, 2], [1, 2, 1], [0, 0, 3], [0, 2, 3], [0, 2, 2], [0, 0, 3],
    [0, 1, 4], [0, 1, 3], [0, 0, 3], [0, 1, 4], [0, 1, 3], [0, 0, 3],
  ],
)

/** Writes the values of a frame; the bit behind them stays 0. */
export function packIlbc(mode: IlbcMode, values: Int32Array, into: Uint8Array, at: number): void {
  const { layout } = mode
  let held = 0
  let word = 0
  for (let i = 0; i < layout.length; i += 3) {
    const bits = layout[i + 1]!
    word = (word << bits) | ((values[layout[i]!]! >> layout[i + 2]!) & ((1 << bits) - 1))
    held += bits
    while (held >= 8) {
      held -= 8
      into[at++] = word >> held
    }
    word &= (1 << held) - 1
  }
  into[at] = word << (8 - held)
}

/** Reads the values of a frame; false for one that says itself that it is empty or lost, or whose start cannot be. */
export function unpackIlbc(
  mode: IlbcMode,
  packet: Uint8Array,
  at: number,
  values: Int32Array,
): boolean {
  const { layout } = mode
  values.fill(0)
  let held = 0
  let word = 0
  for (let i = 0; i < layout.length; i += 3) {
    const bits = layout[i + 1]!
    while (held < bits) {
      word = (word << 8) | packet[at++]!
      held += 8
    }
    held -= bits
    values[layout[i]!]! |= (word >> held) << layout[i + 2]!
    word &= (1 << held) - 1
  }
  const start = values[mode.at.start]!
  return (word & 1) === 0 && start >= 1 && start < mode.blocks
}
