/** Packets made wrong in the ways of whoever looks for a hole, the same ones at every run of a seed. */
import { randomNumbers } from '../../tools/random.ts'

export type Random = (below: number) => number

/** Whole numbers below a bound. */
export function randomFrom(seed: number): Random {
  const next = randomNumbers(seed)
  return (below) => Math.floor(next() * below)
}

const edges = [0, 1, 2, 0x7f, 0x80, 0xfe, 0xff]

/** Octets flipped, set to edges, cut, doubled, moved; sometimes several of it. */
export function mutated(packet: Buffer, random: Random): Buffer {
  let made = Buffer.from(packet)
  for (let left = 1 + random(3); left > 0; left--) {
    const at = random(made.length || 1)
    switch (random(8)) {
      case 0:
        if (made.length > 0) made[at] = (made[at] ?? 0) ^ (1 << random(8))
        break
      case 1:
        if (made.length > 0) made[at] = edges[random(edges.length)] ?? 0
        break
      case 2:
        if (at + 2 <= made.length) made.writeUInt16BE(random(0x10000), at)
        break
      case 3:
        made = made.subarray(0, at)
        break
      case 4:
        made = Buffer.concat([made, made.subarray(at)])
        break
      case 5:
        made = Buffer.concat([made.subarray(0, at), made.subarray(at + 1 + random(8))])
        break
      case 6: {
        const more = Buffer.alloc(random(40), random(256))
        made = Buffer.concat([made.subarray(0, at), more, made.subarray(at)])
        break
      }
      default:
        made.fill(random(256), at, Math.min(made.length, at + random(16)))
    }
    if (made.length > 2000) made = made.subarray(0, 2000)
  }
  return Buffer.from(made)
}
