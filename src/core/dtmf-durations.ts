/** How long digits last, in samples at 8 kHz: the shortest, the longest, and what is sent when nobody says. */
import type { Values } from './settings.ts'

/** Nothing outside these can be set. */
const shortest = 400
const longest = 192_000

function bound(duration: number): number {
  return Math.min(Math.max(duration, shortest), longest)
}

/** Setting one moves the others where they would contradict it. */
export class DtmfDurations {
  #minimum: number
  #maximum: number
  #standard: number

  constructor(settings: Values) {
    this.#minimum = bound(settings.number('min-dtmf-duration'))
    this.#maximum = Math.max(bound(settings.number('max-dtmf-duration')), this.#minimum)
    this.#standard = bound(settings.number('default-dtmf-duration'))
  }

  /** A digit's length within the bounds; 0 is not said, and the usual one. */
  bounded(duration: number): number {
    if (duration === 0) return this.#standard
    return Math.min(this.#maximum, Math.max(this.#minimum, duration))
  }

  get minimum(): number {
    return this.#minimum
  }

  get maximum(): number {
    return this.#maximum
  }

  get standard(): number {
    return this.#standard
  }

  set minimum(duration: number) {
    this.#minimum = bound(duration)
    this.#maximum = Math.max(this.#maximum, this.#minimum)
  }

  set maximum(duration: number) {
    this.#maximum = bound(duration)
    this.#minimum = Math.min(this.#minimum, this.#maximum)
  }

  set standard(duration: number) {
    this.#standard = bound(duration)
    this.#minimum = Math.min(this.#minimum, this.#standard)
    this.#maximum = Math.max(this.#maximum, this.#standard)
  }
}
