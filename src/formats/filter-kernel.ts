/**
 * The inner loop of the resampler in WebAssembly with vectors of four numbers, put together here instruction by instruction
 * (WebAssembly Core Specification 2.0, section 5): in JavaScript the same sums take eight times as long.
 */

/** Octets of a page of WebAssembly memory. */
const page = 65536

// Instructions, by the names of the specification.
const localGet = (index: number) => [0x20, index]
const localSet = (index: number) => [0x21, index]
const localTee = (index: number) => [0x22, index]
const constant = (value: number) => [0x41, ...signed(value)]
const add = [0x6a]
const subtract = [0x6b]
const multiply = [0x6c]
const isLess = [0x48]
const isLessUnsigned = [0x49]
const isMore = [0x4a]
const isAtLeastUnsigned = [0x4f]
const select = [0x1b]
const loop = [0x03, 0x40]
const when = [0x04, 0x40]
const end = [0x0b]
const repeatIf = [0x0d, 0]
const addFloats = [0x92]
const round = [0x90]
const toInteger = [0xfc, 0x00]
const store16 = [0x3b, 1, 0]
const loadVector = (offset: number) => [0xfd, 0x00, 2, offset]
const zeroVector = [0xfd, 0x0c, ...new Array<number>(16).fill(0)]
const addVectors = [0xfd, 0xe4, 0x01]
const multiplyVectors = [0xfd, 0xe6, 0x01]
const lane = (index: number) => [0xfd, 0x1f, index]

const i32 = 0x7f
const v128 = 0x7b

/** Parameters and local variables of the function. */
// biome-ignore format: a table keeps its columns
const v = {
  line: 0, weights: 1, out: 2, outEnd: 3, rowSize: 4, up: 5, phase: 6, whole: 7, rest: 8,
  sample: 9, weight: 10, rowEnd: 11, value: 12, even: 13, odd: 14,
}
const parameters = 9

/** A signed number as LEB128. */
function signed(value: number): number[] {
  const low = value & 0x7f
  const rest = value >> 7
  const isLast = (rest === 0 && low < 0x40) || (rest === -1 && low >= 0x40)
  return isLast ? [low] : [low | 0x80, ...signed(rest)]
}

function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)]
}

function sized(octets: readonly number[]): number[] {
  return [...unsigned(octets.length), ...octets]
}

function section(id: number, octets: readonly number[]): number[] {
  return [id, ...sized(octets)]
}

function text(word: string): number[] {
  return sized([...Buffer.from(word)])
}

/** `value` limited by a constant: the smaller of the two with `isLess`, the greater with `isMore`. */
function limited(by: number, compare: readonly number[]): number[] {
  const operands = [...localGet(v.value), ...constant(by)]
  return [...operands, ...operands, ...compare, ...select, ...localSet(v.value)]
}

/** Adds the products of the four samples and weights `offset` octets on to a local variable. */
function accumulate(sum: number, offset: number): number[] {
  return [
    ...localGet(sum),
    ...[...localGet(v.sample), ...loadVector(offset)],
    ...[...localGet(v.weight), ...loadVector(offset)],
    ...multiplyVectors,
    ...addVectors,
    ...localSet(sum),
  ]
}

function advance(variable: number, by: readonly number[]): number[] {
  return [...localGet(variable), ...by, ...add, ...localSet(variable)]
}

const body: readonly number[] = [
  ...loop,
  // The row of the phase, laid over the line.
  ...[...localGet(v.phase), ...localGet(v.rowSize), ...multiply],
  ...[...localGet(v.weights), ...add, ...localTee(v.weight)],
  ...[...localGet(v.rowSize), ...add, ...localSet(v.rowEnd)],
  ...[...localGet(v.line), ...localSet(v.sample)],
  ...[...zeroVector, ...localSet(v.even), ...zeroVector, ...localSet(v.odd)],
  ...loop,
  ...accumulate(v.even, 0),
  ...accumulate(v.odd, 16),
  ...advance(v.sample, constant(32)),
  ...advance(v.weight, constant(32)),
  ...[...localGet(v.weight), ...localGet(v.rowEnd), ...isLessUnsigned, ...repeatIf],
  ...end,
  ...[...localGet(v.even), ...localGet(v.odd), ...addVectors, ...localSet(v.even)],
  ...[...localGet(v.even), ...lane(0), ...localGet(v.even), ...lane(1), ...addFloats],
  ...[...localGet(v.even), ...lane(2), ...localGet(v.even), ...lane(3), ...addFloats],
  ...[...addFloats, ...round, ...toInteger, ...localSet(v.value)],
  ...limited(32767, isLess),
  ...limited(-32768, isMore),
  ...[...localGet(v.out), ...localGet(v.value), ...store16],
  // On to the next sample.
  ...advance(v.line, localGet(v.whole)),
  ...advance(v.phase, localGet(v.rest)),
  ...[...localGet(v.phase), ...localGet(v.up), ...isAtLeastUnsigned],
  ...when,
  ...[...localGet(v.phase), ...localGet(v.up), ...subtract, ...localSet(v.phase)],
  ...advance(v.line, constant(4)),
  ...end,
  ...[...advance(v.out, constant(2)), ...localGet(v.out), ...localGet(v.outEnd)],
  ...[...isLessUnsigned, ...repeatIf],
  ...end,
  ...end,
]

function moduleOctets(): Uint8Array {
  const locals = [2, 4, i32, 2, v128]
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, parameters, ...new Array<number>(parameters).fill(i32), 0]),
    ...section(2, [1, ...text('env'), ...text('memory'), 2, 0, 1]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...text('filter'), 0, 0]),
    ...section(10, [1, ...sized([...locals, ...body])]),
  ])
}

/**
 * One output sample for each two octets from `out` to `outEnd` (at least one). The addresses of single floats `line` and
 * `weights` are in octets, as are `rowSize` (a multiple of 32) of the row of weights of each of `up` phases, and `whole`, the
 * part of a step in whole input samples; `rest` is what is over, in phases.
 */
type Filter = (
  line: number,
  weights: number,
  out: number,
  outEnd: number,
  rowSize: number,
  up: number,
  phase: number,
  whole: number,
  rest: number,
) => void

/** Samples of the longest line and result. */
const room = 12288

/** The function and its memory: at its beginning a line of samples and what comes of it, behind these the tables of weights. */
export class FilterKernel {
  /** The most samples that a line and a result may have. */
  static readonly room = room
  /** Where the result lies. */
  static readonly out = room * 4
  readonly run: Filter
  line = new Float32Array(0)
  result = new Int16Array(0)
  readonly #memory: WebAssembly.Memory
  #used = room * 6

  /** Throws where the processor has no vectors. */
  constructor() {
    this.#memory = new WebAssembly.Memory({ initial: Math.ceil(this.#used / page) })
    const instance = new WebAssembly.Instance(new WebAssembly.Module(moduleOctets()), {
      env: { memory: this.#memory },
    })
    this.run = instance.exports['filter'] as Filter
    this.#look()
  }

  /** Where a table of weights now lies, for good. */
  keep(weights: Float64Array): number {
    const at = this.#used
    this.#used += weights.length * 4
    const missing = Math.ceil((this.#used - this.#memory.buffer.byteLength) / page)
    if (missing > 0) this.#memory.grow(missing)
    this.#look()
    new Float32Array(this.#memory.buffer, at, weights.length).set(weights)
    return at
  }

  /** Memory that has grown lies elsewhere. */
  #look(): void {
    const { buffer } = this.#memory
    this.line = new Float32Array(buffer, 0, room)
    this.result = new Int16Array(buffer, FilterKernel.out, room)
  }
}

let kernel: FilterKernel | undefined
let isMissing = false

/** The thread's own; undefined where there are no vectors. */
export function filterKernel(): FilterKernel | undefined {
  if (kernel || isMissing) return kernel
  try {
    kernel = new FilterKernel()
  } catch {
    isMissing = true
  }
  return kernel
}
