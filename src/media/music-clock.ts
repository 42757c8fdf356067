/** ms on a clock that all threads of this process share and that nobody sets. */
export function musicNow(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000
}
