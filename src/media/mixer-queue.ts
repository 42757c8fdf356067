/**
 * A member's sound on its way from packets to the tick of the room. It adapts to the jitter of the network, and to clocks
 * that differ by leaving a frame out where that is not heard; its edges are faded, so that nothing clicks.
 */

/** Frames of one tick that are gathered at first, and at most when the network is unsteady. */
const usualFrames = 2
const mostFrames = 6
/** Frames beyond which only a burst can have come: the oldest go. */
const capacityFrames = 16
/** Ticks over which the least that waits is found. */
const windowTicks = 50
/** Windows without running dry until less is gathered. */
const calmWindows = 5
/** So many ticks a frame that should be left out waits for a quiet moment. */
const patienceTicks = 25
/** Sound that comes back so many ticks after it ran out was late; after a longer time it was a pause. */
const lateTicks = 10
/** Length of a fade as a part of a frame: 5 ms of 20. */
const fadePart = 4

export class MixQueue {
  readonly #frame: number
  readonly #fade: number
  readonly #ring: Int16Array
  readonly #least: number
  #read = 0
  #count = 0
  #target: number
  #isFilling = true
  #hasBegun = false
  /** The least that was left after a tick within the window. */
  #lowest = Number.POSITIVE_INFINITY
  #ticks = 0
  #calm = 0
  /** Ticks that a frame which must go has been waiting; -1 when none must. */
  #surplusFor = -1
  /** Ticks since it ran out amid sound; -1 when it did not. */
  #emptyFor = -1
  /** The last frame that was given, for the fade when nothing follows. */
  readonly #last: Int16Array
  /** How often it ran dry amid sound, and frames left out. */
  dry = 0
  dropped = 0

  /** `frame` samples a tick; `leastFrames` are gathered before the first is given (sound made on the tick itself needs one). */
  constructor(frame: number, leastFrames = usualFrames) {
    this.#frame = frame
    this.#fade = Math.floor(frame / fadePart)
    this.#ring = new Int16Array(frame * capacityFrames)
    this.#last = new Int16Array(frame)
    this.#least = leastFrames * frame
    this.#target = this.#least
  }

  get length(): number {
    return this.#count
  }

  /** Whether a frame is there, or the end of one has to be faded. */
  get hasSound(): boolean {
    return this.#count > 0 || this.#hasBegun
  }

  push(pcm: Int16Array): void {
    if (this.#emptyFor >= 0) this.#cameBack()
    const ring = this.#ring
    const size = ring.length
    const from = pcm.length > size ? pcm.length - size : 0
    let write = (this.#read + this.#count) % size
    for (let i = from; i < pcm.length; i++) {
      ring[write] = pcm[i]!
      if (++write === size) write = 0
    }
    this.#count += pcm.length - from
    if (this.#count > size) this.#discard(this.#count - this.#target)
  }

  /**
   * Fills `into` with the next frame; false when there is none and `into` says nothing. `isQuiet`: what is said now is
   * under the threshold; `isEnding`: nothing will follow what waits.
   */
  take(into: Int16Array, isQuiet: boolean, isEnding: boolean): boolean {
    if (this.#isFilling) {
      if (this.#emptyFor >= 0) this.#emptyFor++
      if (this.#count === 0 || (this.#count < this.#target && !isEnding)) return this.#trail(into)
      this.#isFilling = false
    }
    const begins = !this.#hasBegun
    const count = this.#count < this.#frame ? this.#count : this.#frame
    if (count === 0) {
      this.#ranDry(isEnding)
      return this.#trail(into)
    }
    this.#copy(into, count)
    this.#watch(into, isQuiet)
    this.#hasBegun = true
    if (begins) this.#fadeIn(into)
    if (count < this.#frame) {
      this.#ranDry(isEnding)
      into.fill(0, count)
      this.#fadeOut(into, count)
      this.#hasBegun = false
    } else this.#last.set(into)
    return true
  }

  /** Time that nobody heard: as much sound goes, but not what has to wait anyway. */
  skip(frames: number): void {
    const surplus = this.#count - this.#target
    if (surplus > 0) this.#discard(Math.min(surplus, frames * this.#frame))
  }

  clear(): void {
    this.#count = 0
    this.#read = 0
    this.#isFilling = true
    this.#hasBegun = false
    this.#surplusFor = -1
    this.#emptyFor = -1
  }

  #copy(into: Int16Array, count: number): void {
    const ring = this.#ring
    const size = ring.length
    let read = this.#read
    for (let i = 0; i < count; i++) {
      into[i] = ring[read]!
      if (++read === size) read = 0
    }
    this.#read = read
    this.#count -= count
  }

  /** Finds out whether more waits than the network's jitter asks for, and leaves a frame out then. */
  #watch(into: Int16Array, isQuiet: boolean): void {
    if (this.#count < this.#lowest) this.#lowest = this.#count
    if (++this.#ticks >= windowTicks) {
      if (this.#lowest >= this.#target && this.#surplusFor < 0) this.#surplusFor = 0
      if (++this.#calm >= calmWindows && this.#target > this.#least) {
        this.#target -= this.#frame
        this.#calm = 0
      }
      this.#ticks = 0
      this.#lowest = Number.POSITIVE_INFINITY
    }
    if (this.#surplusFor < 0) return
    if (!isQuiet && ++this.#surplusFor < patienceTicks) return
    this.#surplusFor = -1
    if (this.#count < this.#frame) return
    this.#crossfade(into)
    this.dropped++
  }

  /** The frame goes over into the one after it within its length, which takes its place. */
  #crossfade(into: Int16Array): void {
    const ring = this.#ring
    const size = ring.length
    const length = this.#frame
    let read = this.#read
    for (let i = 0; i < length; i++) {
      into[i] = Math.round((into[i]! * (length - i) + ring[read]! * i) / length)
      if (++read === size) read = 0
    }
    this.#read = read
    this.#count -= length
  }

  #ranDry(isEnding: boolean): void {
    this.#isFilling = true
    this.#surplusFor = -1
    this.#emptyFor = isEnding ? -1 : 0
  }

  /** What comes after it ran dry: when it was only late, more is gathered from now on. */
  #cameBack(): void {
    const wasLate = this.#emptyFor <= lateTicks
    this.#emptyFor = -1
    if (!wasLate) return
    this.dry++
    this.#calm = 0
    if (this.#target < mostFrames * this.#frame) this.#target += this.#frame
  }

  /** The sound broke off at full height: its end is mirrored and fades. */
  #trail(into: Int16Array): boolean {
    if (!this.#hasBegun) return false
    this.#hasBegun = false
    const last = this.#last
    const fade = this.#fade
    for (let i = 0; i < fade; i++)
      into[i] = Math.round((last[last.length - 1 - i]! * (fade - i)) / fade)
    into.fill(0, fade)
    return true
  }

  #fadeIn(into: Int16Array): void {
    const fade = this.#fade
    for (let i = 0; i < fade; i++) into[i] = Math.round((into[i]! * i) / fade)
  }

  #fadeOut(into: Int16Array, end: number): void {
    const fade = end < this.#fade ? end : this.#fade
    for (let i = 1; i <= fade; i++) into[end - i] = Math.round((into[end - i]! * (i - 1)) / fade)
  }

  #discard(samples: number): void {
    this.#read = (this.#read + samples) % this.#ring.length
    this.#count -= samples
    this.dropped += Math.round(samples / this.#frame)
  }
}
