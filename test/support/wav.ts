/** Sound files of other programs: written for them to play, read while they still grow, asked for a tone. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { wavHeader } from '../../src/formats/wav-header.ts'
import { amplitudeAt, levelOf, sine } from './levels.ts'

export interface Recording {
  /** Samples per second. */
  readonly rate: number
  readonly samples: Int16Array
}

/** Writes a tone of so many seconds, 16 bit, the same in every channel; a whole number of Hz, so that each second is as the first. */
export function writeTone(
  path: string,
  frequency: number,
  rate: number,
  seconds: number,
  channels = 1,
): void {
  const mono = sine(frequency, rate, rate, 9000)
  const samples = new Int16Array(mono.length * channels)
  for (let i = 0; i < samples.length; i++) samples[i] = mono[Math.floor(i / channels)] ?? 0
  const second = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength)
  const body = Buffer.alloc(2 * channels * Math.round(rate * seconds), second)
  writeFileSync(path, Buffer.concat([wavHeader(rate, channels, body.length), body]))
}

/**
 * The first channel of a file of 16-bit samples, to its end: the length in the header of a file being written is not to be
 * believed.
 */
export function readRecording(path: string): Recording {
  if (!existsSync(path)) return { rate: 8000, samples: new Int16Array() }
  const bytes = readFileSync(path)
  const start = bytes.indexOf('data', 12, 'latin1') + 8
  if (start < 8 || bytes.length < start) return { rate: 8000, samples: new Int16Array() }
  const step = 2 * bytes.readUInt16LE(22)
  const length = Math.floor((bytes.length - start) / step)
  const samples = new Int16Array(length)
  for (let i = 0; i < length; i++) samples[i] = bytes.readInt16LE(start + i * step)
  return { rate: bytes.readUInt32LE(24), samples }
}

/** Which part of the sound's power, 0–1, lies in one tone. 0 for near silence. */
export function shareOf({ rate, samples }: Recording, frequency: number): number {
  const level = levelOf(samples)
  if (samples.length === 0 || level < 50) return 0
  return amplitudeAt(samples, frequency, rate) ** 2 / 2 / level ** 2
}

/** The last `ms` of it; all of it when it is shorter. */
export function lastOf({ rate, samples }: Recording, ms: number): Recording {
  const count = Math.round((rate * ms) / 1000)
  return { rate, samples: samples.subarray(Math.max(0, samples.length - count)) }
}

/** The strongest tone between 100 and 3400 Hz, to 5 Hz. */
export function mainFrequency(recording: Recording): number {
  let best = 0
  let most = 0
  for (let frequency = 100; frequency <= 3400; frequency += 5) {
    const share = shareOf(recording, frequency)
    if (share > most) [best, most] = [frequency, share]
  }
  return best
}

/** The chunks of a WAV file. */
export function wavChunks(path: string): { name: string; body: Buffer }[] {
  const bytes = readFileSync(path)
  const chunks: { name: string; body: Buffer }[] = []
  for (let at = 12; at + 8 <= bytes.length; ) {
    const length = bytes.readUInt32LE(at + 4)
    const body = bytes.subarray(at + 8, at + 8 + length)
    chunks.push({ name: bytes.toString('latin1', at, at + 4), body })
    at += 8 + length + (length % 2)
  }
  return chunks
}

/** The samples of one channel of a 16-bit WAV file, as long as its header says. */
export function channelOf(path: string, channel: number): Int16Array {
  const chunks = wavChunks(path)
  const channels = chunks.find(({ name }) => name === 'fmt ')!.body.readUInt16LE(2)
  const { body } = chunks.find(({ name }) => name === 'data')!
  const frames = Math.floor(body.length / 2 / channels)
  return Int16Array.from({ length: frames }, (_, i) =>
    body.readInt16LE((i * channels + channel) * 2),
  )
}
