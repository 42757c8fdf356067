/**
 * `silence_stream://<ms>[,<divisor>]`: nothing at all for so long (negative: without end), or with a divisor the faint
 * noise of an open line, fainter the larger the divisor (1400 is usual).
 */
import { SwitchError } from '../base/errors.ts'
import type { AudioSource, FileFormat } from './format.ts'

/** Six random 16-bit numbers summed and divided: noise that leans to the middle. State outlives the frame. */
export class ComfortNoise {
  readonly #divisor: number
  #random = 12345

  /** The larger the divisor the fainter; 0 or less gives true silence. */
  constructor(divisor: number) {
    this.#divisor = divisor
  }

  fill(into: Int16Array): void {
    if (this.#divisor <= 0) {
      into.fill(0)
      return
    }
    for (let i = 0; i < into.length; i++) {
      let sum = 0
      for (let part = 0; part < 6; part++) {
        this.#random = (Math.imul(this.#random, 31821) + 13849) & 0xffff
        sum += (this.#random << 16) >> 16
      }
      into[i] = ((sum << 16) >> 16) / this.#divisor
    }
  }
}

export const silenceStream: FileFormat = {
  extensions: [],
  schemes: ['silence_stream'],
  read(path, rate): Promise<AudioSource> {
    const match = /^\s*([-+]?\d+)[^,]*(?:,\s*(\d+))?/.exec(path)
    const ms = Number(match?.[1] ?? 0)
    if (ms === 0) {
      return Promise.reject(
        new SwitchError('FILE_BAD', `silence_stream://${path}: wants <milliseconds>[,<divisor>]`),
      )
    }
    const total = ms < 0 ? Number.POSITIVE_INFINITY : Math.round((ms * rate) / 1000)
    const noise = new ComfortNoise(Number(match?.[2] ?? 0))
    let position = 0
    return Promise.resolve({
      rate,
      read(into) {
        const count = Math.min(into.length, Math.max(0, total - position))
        noise.fill(count === into.length ? into : into.subarray(0, count))
        position += count
        return count
      },
      seek(sample) {
        position = Math.max(0, sample)
      },
      close: () => undefined,
    })
  },
}
