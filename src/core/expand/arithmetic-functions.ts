/** The functions and constants of the `expr` command. */

/** A value that is no number, or too large or too small for one. */
export class OutOfRange extends Error {}

export const constants: ReadonlyMap<string, number> = new Map([
  ['M_E', Math.E],
  ['M_LOG2E', Math.LOG2E],
  ['M_LOG10E', Math.LOG10E],
  ['M_LN2', Math.LN2],
  ['M_LN10', Math.LN10],
  ['M_PI', Math.PI],
  ['M_PI_2', Math.PI / 2],
  ['M_PI_4', Math.PI / 4],
  ['M_1_PI', 1 / Math.PI],
  ['M_2_PI', 2 / Math.PI],
  ['M_1_SQRTPI', 1 / Math.sqrt(Math.PI)],
  ['M_2_SQRTPI', 2 / Math.sqrt(Math.PI)],
  ['M_SQRT2', Math.SQRT2],
  ['M_1_SQRT2', Math.SQRT1_2],
])

export interface ArithmeticFunction {
  /** How many arguments it takes; without `most` any number from `fewest` on. */
  readonly fewest: number
  readonly most?: number
  readonly compute: (...values: number[]) => number
}

/** Of one argument; what gives no finite number is an error. */
function one(compute: (value: number) => number): ArithmeticFunction {
  return { fewest: 1, most: 1, compute: (value = 0) => finite(compute(value)) }
}

/** Of two arguments. */
function two(compute: (a: number, b: number) => number): ArithmeticFunction {
  return { fewest: 2, most: 2, compute: (a = 0, b = 0) => finite(compute(a, b)) }
}

function finite(value: number): number {
  if (!Number.isFinite(value)) throw new OutOfRange()
  return value
}

/** A power that is too small for a number is an error too, not 0. */
export function power(base: number, exponent: number): number {
  const value = finite(base ** exponent)
  if (value === 0 && base !== 0) throw new OutOfRange()
  return value
}

const truth = (value: boolean) => (value ? 1 : 0)
const unsigned = (value: number) => Math.trunc(value) >>> 0

const table: Readonly<Record<string, ArithmeticFunction>> = {
  abs: one(Math.abs),
  mod: two((a, b) => a % b),
  ipart: one(Math.trunc),
  fpart: one((value) => value - Math.trunc(value)),
  min: { fewest: 1, compute: (...values: number[]) => Math.min(...values) },
  max: { fewest: 1, compute: (...values: number[]) => Math.max(...values) },
  pow: two(power),
  sqrt: one(Math.sqrt),
  sin: one(Math.sin),
  sinh: one(Math.sinh),
  asin: one(Math.asin),
  cos: one(Math.cos),
  cosh: one(Math.cosh),
  acos: one(Math.acos),
  tan: one(Math.tan),
  tanh: one(Math.tanh),
  atan: one(Math.atan),
  atan2: two(Math.atan2),
  log: one(Math.log10),
  pow10: one((value) => power(10, value)),
  ln: one(Math.log),
  exp: one((value) => Math.exp(value) || power(Math.E, value)),
  logn: two((a, b) => finite(Math.log(a)) / finite(Math.log(b))),
  ceil: one(Math.ceil),
  floor: one(Math.floor),
  deg: one((value) => (180 * value) / Math.PI),
  rad: one((value) => (Math.PI * value) / 180),
  recttopolr: two(Math.hypot),
  recttopola: two((x, y) => (Math.atan2(y, x) + 2 * Math.PI) % (2 * Math.PI)),
  poltorectx: two((radius, angle) => radius * Math.cos(angle)),
  poltorecty: two((radius, angle) => radius * Math.sin(angle)),
  equal: two((a, b) => truth(a === b)),
  above: two((a, b) => truth(a > b)),
  below: two((a, b) => truth(a < b)),
  avg: {
    fewest: 1,
    compute: (...values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length,
  },
  clip: {
    fewest: 3,
    most: 3,
    compute: (value = 0, low = 0, high = 0) => Math.max(low, Math.min(value, high)),
  },
  /** Brings a value into a range by going round it. */
  clamp: {
    fewest: 3,
    most: 3,
    compute: (value = 0, low = 0, high = 0) => {
      const rest = finite((value - low) % (high - low))
      return rest < 0 ? rest + high : rest + low
    },
  },
  /** Carries a point of one range over to another. */
  pntchange: {
    fewest: 5,
    most: 5,
    compute: (low = 0, high = 0, newLow = 0, newHigh = 0, point = 0) =>
      high === low ? low : newLow + ((point - low) / (high - low)) * (newHigh - newLow),
  },
  /** A polynomial: the variable, then the coefficients from the highest power down. */
  poly: {
    fewest: 2,
    compute: (x = 0, ...coefficients: number[]) =>
      coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0),
  },
  and: two((a, b) => truth(a !== 0 && b !== 0)),
  or: two((a, b) => truth(a !== 0 || b !== 0)),
  not: one((value) => truth(value === 0)),
  many: { fewest: 1, compute: (...values: number[]) => values.at(-1) ?? 0 },
  land: two((a, b) => (unsigned(a) & unsigned(b)) >>> 0),
  lor: two((a, b) => (unsigned(a) | unsigned(b)) >>> 0),
}

export const functions: ReadonlyMap<string, ArithmeticFunction> = new Map(Object.entries(table))
