/** Whether the sound of one channel can become that of another. */
import type { Channel } from '../channel.ts'

/**
 * Why two channels cannot hear each other: their codecs differ and one of them is only passed on as it is (G729, AMR).
 * Undefined where they can, or where either has no sound yet.
 */
export function transcodingFault(a: Channel, b: Channel): string | undefined {
  if (!a.readCodec || !b.readCodec) return undefined
  const [one, other] = [a.readCodec, b.readCodec]
  if (one.name.toLowerCase() === other.name.toLowerCase()) return undefined
  for (const { name } of [one, other])
    if (a.sw.codecs.isPassThrough(name))
      return `${one.name} would have to become ${other.name}, and ${name} is only passed on as it is`
  return undefined
}
