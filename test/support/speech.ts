/** Spoken text from espeak-ng, and rhythms of noise that stand for speech where only the rhythm matters. */
import { spawnSync } from 'node:child_process'

/** The text as espeak-ng says it, at 8 kHz; undefined where it is not installed. */
export function spoken(text: string, options: readonly string[] = []): Int16Array | undefined {
  const result = spawnSync('espeak-ng', ['--stdout', ...options, text], { maxBuffer: 1 << 26 })
  if (result.error || result.status !== 0 || result.stdout.length < 100) return undefined
  const wav = result.stdout
  const rate = wav.readUInt32LE(24)
  const start = wav.indexOf('data') + 8
  const count = Math.floor((wav.length - start) / 2)
  const ratio = rate / 8000
  // A mean over each span is filter enough for what these tests ask.
  return Int16Array.from({ length: Math.floor(count / ratio) }, (_, i) => {
    const from = Math.floor(i * ratio)
    const to = Math.max(from + 1, Math.floor((i + 1) * ratio))
    let sum = 0
    for (let at = from; at < to; at++) sum += wav.readInt16LE(start + at * 2)
    return Math.round(sum / (to - from))
  })
}

/** Noise and silence in turn, ms each, at 8 kHz: `[400, 900]` is 400 ms of noise, then 900 of silence. */
export function rhythm(spans: readonly number[], level = 3000): Int16Array {
  let seed = 7
  const parts = spans.map((ms, i) =>
    Int16Array.from({ length: ms * 8 }, () => {
      if (i % 2 === 1) return 0
      seed = (Math.imul(seed, 1103515245) + 12345) | 0
      return Math.round((seed / 0x80000000) * level)
    }),
  )
  return join(parts)
}

export function silence(ms: number): Int16Array {
  return new Int16Array(ms * 8)
}

export function join(parts: readonly Int16Array[]): Int16Array {
  const all = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

/** 20 ms frames of a sound at 8 kHz. */
export function* frames(pcm: Int16Array): Generator<Int16Array> {
  for (let at = 0; at + 160 <= pcm.length; at += 160) yield pcm.subarray(at, at + 160)
}
