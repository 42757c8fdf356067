/**
 * Whether a member of a room speaks. Two questions with two answers: the way into the mix opens with the first loud frame,
 * so that no word loses its beginning; `isTalking`, which is told, needs a loud frame or several (as FreeSWITCH counts).
 */

/** A frame so far above the threshold is speech by itself; nearer ones need `hitsToTalk`. */
const clearlyLoud = 400
const hitsToTalk = 5
/** Quiet frames until the member no longer talks: 800 ms, the pauses within speech. */
const ticksToFallSilent = 40
/** How long the way stays open after a loud frame that has not become talk. */
const ticksOpen = 10
/** Ticks without any packet that are put down to jitter. */
const ticksOfPatience = 5
/** The slow score, by which the floor is given, moves by a fifth of the way with each frame. */
const slowness = 0.8
const mostSlowScore = 25_000

export class TalkGate {
  /** Mean amplitude (0–32767) that a frame must exceed; 0 lets everything through. */
  level: number
  /** Mean amplitude of the last frame. */
  score = 0
  /** The same, smoothed. */
  slowScore = 0
  isTalking = false
  #open = 0
  #heard = -1
  #unheardFor = 0
  #hits = 0
  #misses = 0

  constructor(level: number) {
    this.level = level
  }

  /** Whether sound goes into the mix. */
  get isOpen(): boolean {
    return this.level === 0 || this.isTalking || this.#open > 0
  }

  /** A frame of that score came. */
  hear(score: number): void {
    if (score > this.#heard) this.#heard = score
    if (score > this.level && this.#open < ticksOpen) this.#open = ticksOpen
  }

  /** A tick has gone by: 1 when the member begins to talk, -1 when it ends, else 0. */
  tick(): number {
    if (this.#open > 0) this.#open--
    if (this.#heard >= 0) {
      this.score = this.#heard
      this.#heard = -1
      this.#unheardFor = 0
    } else {
      if (++this.#unheardFor < ticksOfPatience) return 0
      this.score = 0
    }
    const slow = (1 - slowness) * this.score + slowness * this.slowScore
    this.slowScore = slow > mostSlowScore ? mostSlowScore : slow
    return this.score > this.level ? this.#loud() : this.#quiet()
  }

  /** Forgets what was heard (a mute); true when that ended talk. */
  silence(): boolean {
    const wasTalking = this.isTalking
    this.isTalking = false
    this.score = 0
    this.slowScore = 0
    this.#open = 0
    this.#heard = -1
    this.#hits = 0
    this.#misses = 0
    return wasTalking
  }

  #loud(): number {
    if (this.#misses > 0) this.#misses--
    if (this.score - this.level < clearlyLoud && ++this.#hits < hitsToTalk) return 0
    this.#hits = 0
    this.#misses = 0
    if (this.isTalking) return 0
    this.isTalking = true
    return 1
  }

  #quiet(): number {
    if (this.#hits > 0) this.#hits--
    if (!this.isTalking || ++this.#misses < ticksToFallSilent) return 0
    this.#hits = 0
    this.#misses = 0
    this.isTalking = false
    return -1
  }
}
