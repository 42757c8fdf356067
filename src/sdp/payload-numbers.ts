/** Payload types: which number a codec without a static one gets (RFC 3551 section 3), and which it had before. */
import type { SdpCodec } from './description.ts'

/** The first number given to a codec without a static one: 96–101 are what others give to events and video. */
const firstDynamic = 102

/** From where others seldom are, on through the dynamic types (RFC 3551), to those that browsers take when these are used up. */
const dynamicTypes = [...range(firstDynamic, 127), ...range(96, firstDynamic - 1), ...range(35, 63)]

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i)
}

/** Counts upward through the dynamic payload types that nothing else uses; those of `beside` as a last resort. */
export function numbering(taken: Set<number>, beside: ReadonlySet<number>): () => number {
  const order = [
    ...dynamicTypes.filter((type) => !beside.has(type)),
    ...dynamicTypes.filter((type) => beside.has(type)),
  ]
  return () => {
    const next = order.find((type) => !taken.has(type)) ?? firstDynamic
    taken.add(next)
    return next
  }
}

/** Finds the number of what is known by its meaning, each once. */
export function numbersOf(known: readonly SdpCodec[]) {
  const given = new Set<number>()
  return (isMeant: (codec: SdpCodec) => boolean): number | undefined => {
    const number = known.find((one) => !given.has(one.payloadType) && isMeant(one))?.payloadType
    if (number !== undefined) given.add(number)
    return number
  }
}
