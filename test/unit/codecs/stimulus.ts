/** Sound that drives every part of a narrowband codec, and short names for what comes of it. */
import { createHash } from 'node:crypto'

/** 64000 samples, eight stretches: noise, a tone, a full square wave, a sweep, faint noise, silence, noise with a tone. */
export function stimulus(): Int16Array {
  const samples = new Int16Array(64000)
  let seed = 1
  for (let i = 0; i < samples.length; i++) {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0
    const noise = (seed >>> 16) - 32768
    const stretch = Math.floor(i / 8000)
    if (stretch === 0) samples[i] = noise
    else if (stretch === 1) samples[i] = Math.round(30000 * Math.sin(i * 0.2))
    else if (stretch === 2) samples[i] = i % 100 < 50 ? 32767 : -32768
    else if (stretch === 3) samples[i] = Math.round(12000 * Math.sin((i * i) / 40000))
    else if (stretch === 4) samples[i] = noise >> 6
    else if (stretch === 5) samples[i] = 0
    else {
      const mixed = noise * 0.3 + 12000 * Math.sin(i * 0.05)
      samples[i] = Math.round(mixed * Math.abs(Math.sin(i / 3000)))
    }
  }
  return samples
}

/** The same a quarter as loud: nothing clips on the way back. */
export function quietStimulus(): Int16Array {
  return stimulus().map((sample) => sample >> 2)
}

/** The beginning of the SHA-256 of octets or samples (little-endian). */
export function digest(data: Uint8Array | Int16Array): string {
  const octets = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  return createHash('sha256').update(octets).digest('hex').slice(0, 16)
}

/** So many samples at 8 kHz of something like a voice: a gliding tone with overtones that swells, and a little noise. */
export function voice(samples: number): Int16Array {
  return Int16Array.from({ length: samples }, (_, i) => {
    const at = i / 8000
    const turn = 2 * Math.PI * (130 * at + 6 * Math.sin(at * 3))
    const swell = 0.6 + 0.4 * Math.sin(at * 9)
    let sum = 0
    for (let k = 1; k <= 12; k++) sum += Math.sin(k * turn) / (1 + Math.abs(k - 4) / 2)
    const noise = (Math.imul(i + 1, 2654435761) >>> 16) / 65536 - 0.5
    return Math.round(3000 * swell * sum + 300 * noise)
  })
}
