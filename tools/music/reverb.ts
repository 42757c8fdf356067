/** A room: eight delays of unlike length that feed each other, the highs dying first. The sound is a ring without an end. */

const delays = [0.0297, 0.0371, 0.0411, 0.0437, 0.0533, 0.0617, 0.0671, 0.0719]

/** The room's answer to a sound that is played round and round. `seconds` is the time to -60 dB. */
export function reverberation(ring: Float64Array, rate: number, seconds: number): Float64Array {
  const lines = delays.map((delay) => new Float64Array(Math.round(delay * rate)))
  const gains = delays.map((delay) => 0.001 ** (delay / seconds))
  const places = delays.map(() => 0)
  const soft = delays.map(() => 0)
  const out = new Float64Array(ring.length)
  const outputs = new Float64Array(delays.length)
  // What the end leaves in the room sounds into the beginning: the room is filled before it is listened to.
  const lead = Math.min(ring.length, Math.round(seconds * 1.5 * rate))
  for (let i = -lead; i < ring.length; i++) {
    const x = ring[(i + ring.length) % ring.length] ?? 0
    let sum = 0
    for (let k = 0; k < lines.length; k++) {
      const value = lines[k]![places[k]!]!
      soft[k]! += 0.55 * (value - soft[k]!)
      outputs[k] = soft[k]! * gains[k]!
      sum += outputs[k]!
    }
    // A Householder matrix: every line feeds every other, and no energy is made.
    const share = sum / 4
    for (let k = 0; k < lines.length; k++) {
      lines[k]![places[k]!] = x + outputs[k]! - share
      places[k] = (places[k]! + 1) % lines[k]!.length
    }
    if (i >= 0) out[i] = sum / Math.sqrt(lines.length)
  }
  return out
}
