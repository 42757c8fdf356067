/** How loud G.711 octets are, looked up without decoding them. */
import type { Law } from '../codecs/codec.ts'
import { aLaw, muLaw } from '../codecs/g711.ts'

/** The amplitude (0–32767) of each octet. */
export type Loudness = Uint16Array

function loudnessOf(law: Law): Loudness {
  return Uint16Array.from(law.decode, (sample) => Math.min(32767, Math.abs(sample)))
}

const tables: Readonly<Record<string, Loudness>> = {
  PCMU: loudnessOf(muLaw),
  PCMA: loudnessOf(aLaw),
}

/** The table of a codec's octets; undefined for codecs whose octets are no samples. */
export function loudnessTable(name: string): Loudness | undefined {
  return tables[name.toUpperCase()]
}

/** The mean amplitude of the octets from `start` to `end`. */
export function meanLoudness(
  packet: Uint8Array,
  start: number,
  end: number,
  table: Loudness,
): number {
  if (end <= start) return 0
  let sum = 0
  for (let i = start; i < end; i++) sum += table[packet[i]!]!
  return sum / (end - start)
}
