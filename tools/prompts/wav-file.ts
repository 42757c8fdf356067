/** Whole 16-bit WAV files in memory, as samples from -1 to 1. */
import { readFileSync, writeFileSync } from 'node:fs'
import { wavHeader } from '../../src/formats/wav-header.ts'

export interface Sound {
  /** Hz. */
  readonly rate: number
  readonly channels: number
  readonly bits: number
  /** All samples of a mono file. */
  readonly samples: Float64Array
}

/** Reads a PCM file of 16 bits. Throws with the path when it is none. */
export function readSound(path: string): Sound {
  const data = readFileSync(path)
  if (data.toString('latin1', 0, 4) !== 'RIFF' || data.toString('latin1', 8, 12) !== 'WAVE')
    throw new Error(`${path} is no WAV file`)
  let rate = 0
  let channels = 0
  let bits = 0
  for (let at = 12; at + 8 <= data.length; ) {
    const name = data.toString('latin1', at, at + 4)
    const size = data.readUInt32LE(at + 4)
    const body = at + 8
    if (name === 'fmt ') {
      if (data.readUInt16LE(body) !== 1) throw new Error(`${path} is no PCM file`)
      channels = data.readUInt16LE(body + 2)
      rate = data.readUInt32LE(body + 4)
      bits = data.readUInt16LE(body + 14)
    }
    if (name === 'data') {
      const count = Math.floor(Math.min(size, data.length - body) / 2)
      const samples = new Float64Array(count)
      for (let i = 0; i < count; i++) samples[i] = data.readInt16LE(body + 2 * i) / 32768
      return { rate, channels, bits, samples }
    }
    at = body + size + (size % 2)
  }
  throw new Error(`${path} has no sound`)
}

/** Writes mono PCM of 16 bits. Throws when a sample would be cut off. */
export function writeSound(path: string, samples: Float64Array, rate: number): void {
  const data = Buffer.alloc(2 * samples.length)
  for (let i = 0; i < samples.length; i++) {
    const value = Math.round((samples[i] ?? 0) * 32768)
    if (value > 32767 || value < -32768) throw new Error(`${path}: sample ${i} is too loud`)
    data.writeInt16LE(value, 2 * i)
  }
  writeFileSync(path, Buffer.concat([wavHeader(rate, 1, data.length), data]))
}
