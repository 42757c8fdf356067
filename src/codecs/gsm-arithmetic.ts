/** The 16- and 32-bit arithmetic of GSM 06.10 (section 5.1): everything saturates, products are rounded fractions. */

export function saturate(value: number): number {
  if (value > 32767) return 32767
  return value < -32768 ? -32768 : value
}

/** `mult_r`: the rounded product of two fractions. Only −1 × −1 needs its limit. */
export function multiply(a: number, b: number): number {
  const product = (a * b + 16384) >> 15
  return product > 32767 ? 32767 : product
}

/** `abs`, which has no 32768. */
export function magnitude(value: number): number {
  return value < 0 ? Math.min(-value, 32767) : value
}

/** `norm` of a positive number: how far it can be shifted left within 31 bits. */
export function headroom(value: number): number {
  return Math.clz32(value) - 1
}

/** `div`: the quotient of 0 ≤ a ≤ b as a fraction of 15 bits. */
export function divide(a: number, b: number): number {
  return a === b ? 32767 : Math.floor((a * 32768) / b)
}
