/** The `{key=value,…}` that may head a play string, and what of it changes the sound. */
import { SwitchError } from '../base/errors.ts'
import type { AudioSource } from './format.ts'

export type PlayParameters = ReadonlyMap<string, string>

/** Loudest and faintest change of `vol`, dB; the faintest is silence. */
const volumeLimit = 50

/** Takes the braces off a path. Throws FILE_BAD when they do not close. */
export function splitParameters(path: string): [PlayParameters, string] {
  const parameters = new Map<string, string>()
  let rest = path.trimStart()
  while (rest.startsWith('{')) {
    const end = rest.indexOf('}')
    if (end < 0) throw new SwitchError('FILE_BAD', `"${path}": the brace is not closed`)
    for (const pair of rest.slice(1, end).split(',')) {
      const [key = '', ...value] = pair.split('=')
      if (key.trim() !== '') parameters.set(key.trim().toLowerCase(), value.join('=').trim())
    }
    rest = rest.slice(end + 1).trimStart()
  }
  return [parameters, rest]
}

/** `loops` (-1 without end) and `vol` (dB, -50 … 50) laid over a source; others are for whoever asked. */
export function withParameters(source: AudioSource, parameters: PlayParameters): AudioSource {
  const loops = Math.trunc(Number(parameters.get('loops') ?? 1)) || 1
  const volume = Math.trunc(Number(parameters.get('vol') ?? 0)) || 0
  const looped = loops === 1 ? source : new LoopedSource(source, loops)
  return volume === 0 ? looped : new LouderSource(looped, volume)
}

class LoopedSource implements AudioSource {
  readonly rate: number
  readonly #source: AudioSource
  readonly #loops: number
  #left: number
  #heardSinceStart = false

  constructor(source: AudioSource, loops: number) {
    this.rate = source.rate
    this.#source = source
    this.#loops = loops
    this.#left = loops
  }

  read(into: Int16Array): number {
    const count = this.#source.read(into)
    if (count > 0) this.#heardSinceStart = true
    if (count !== 0) return count
    // A source without sound, or one that cannot go back, ends in spite of its loops.
    if (!this.#heardSinceStart || this.#left === 1 || !this.#source.seek) return 0
    if (this.#left > 0) this.#left--
    this.#heardSinceStart = false
    this.#source.seek(0)
    return this.read(into)
  }

  /** Its last round is not told from the others. */
  get isEnding(): boolean {
    return this.#left === 1 && this.#source.isEnding !== false
  }

  seek(sample: number): void {
    this.#left = this.#loops
    this.#source.seek?.(sample)
  }

  close(): void {
    this.#source.close()
  }
}

class LouderSource implements AudioSource {
  readonly rate: number
  readonly #source: AudioSource
  readonly #factor: number

  constructor(source: AudioSource, decibels: number) {
    const held = Math.max(-volumeLimit, Math.min(volumeLimit, decibels))
    this.rate = source.rate
    this.#source = source
    this.#factor = held === -volumeLimit ? 0 : 10 ** (held / 20)
  }

  read(into: Int16Array): number {
    const count = this.#source.read(into)
    for (let i = 0; i < count; i++) {
      const value = into[i]! * this.#factor
      into[i] = Math.max(-32768, Math.min(32767, value))
    }
    return count
  }

  get isEnding(): boolean {
    return this.#source.isEnding !== false
  }

  get length(): number | undefined {
    return this.#source.length
  }

  seek(sample: number): void {
    this.#source.seek?.(sample)
  }

  close(): void {
    this.#source.close()
  }
}
