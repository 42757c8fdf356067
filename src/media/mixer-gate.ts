/**
 * Whether a member of a room speaks. Two questions with two answers: the way into the mix opens with the first loud frame,
 * so that no word loses its beginning; `isTalking`, which is told, needs a loud frame or several (as FreeSWITCH counts).
 */
import type { AutoEnergy, TalkReport } from './engine.ts'

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
/** A threshold that follows the voice: after talks of two seconds that had pauses, to a part of their mean. */
const ticksThatTeach = 100
const leastPauses = 0.01
const partOfVoice = 0.75
const stepDown = 100
const tickMs = 20

export class TalkGate {
  /** Mean amplitude (0–32767) that a frame must exceed; 0 lets everything through. */
  level: number
  /** Lets everything through all the same. */
  isAlwaysOpen = false
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
  /** Of the talk that goes on, or the last one. */
  #talkTicks = 0
  #talkHits = 0
  #talkSum = 0
  #talkChange = 0
  #before = 0
  #auto: AutoEnergy | undefined
  #quietTicks = 0
  #hasMoved = false

  constructor(level: number) {
    this.level = level
  }

  /** Whether sound goes into the mix. */
  get isOpen(): boolean {
    return this.isTalking || this.#open > 0 || this.level === 0 || this.isAlwaysOpen
  }

  /** Lets the threshold follow the voice, or ends that. */
  follow(auto: AutoEnergy): void {
    this.#auto = auto.most > 0 ? auto : undefined
    this.#quietTicks = 0
  }

  /** Whether the threshold has moved by itself since this was asked last. */
  hasMoved(): boolean {
    const moved = this.#hasMoved
    this.#hasMoved = false
    return moved
  }

  /** Figures of the last talk. */
  report(): TalkReport {
    const hits = this.#talkHits
    const count = Math.max(1, hits)
    return {
      hits,
      frames: this.#talkTicks,
      mean: this.#talkSum / count,
      change: this.#talkChange / count,
    }
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
    if (this.isTalking) this.#count()
    const change = this.score > this.level ? this.#loud() : this.#quiet()
    this.#before = this.score
    if (this.#auto) this.#adapt(this.#auto, change)
    return change
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

  #count(): void {
    this.#talkTicks++
    if (this.score <= this.level) return
    this.#talkHits++
    this.#talkSum += this.score
    this.#talkChange += Math.abs(this.score - this.#before)
  }

  #loud(): number {
    if (this.#misses > 0) this.#misses--
    if (this.score - this.level < clearlyLoud && ++this.#hits < hitsToTalk) return 0
    this.#hits = 0
    this.#misses = 0
    if (this.isTalking) return 0
    this.isTalking = true
    this.#talkTicks = 0
    this.#talkHits = 0
    this.#talkSum = 0
    this.#talkChange = 0
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

  #adapt(auto: AutoEnergy, change: number): void {
    if (change < 0) this.#learn(auto)
    if (this.isTalking) {
      this.#quietTicks = 0
      return
    }
    if (++this.#quietTicks * tickMs < auto.downMs) return
    this.#quietTicks = 0
    if (this.level > auto.least) this.#move(Math.max(auto.least, this.level - stepDown))
  }

  /** A talk is over: the frames that ended it are not its pauses. */
  #learn(auto: AutoEnergy): void {
    const hits = this.#talkHits
    const pauses = Math.max(0, this.#talkTicks - hits - ticksToFallSilent)
    if (hits === 0 || this.#talkTicks <= ticksThatTeach || pauses / hits <= leastPauses) return
    this.#move(Math.min(auto.most, Math.trunc((this.#talkSum / hits) * partOfVoice)))
  }

  #move(level: number): void {
    this.#hasMoved ||= level !== this.level
    this.level = level
  }
}
