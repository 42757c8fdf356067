/** What changes how loud a member of a room is while he speaks: a gain that follows a loudness, and a limit. */
import type { AutoGain, LoudnessLimit } from './engine.ts'
import { comfortNoise, energySum, FrameBuffer, gainFactor, scale } from './sound.ts'
import { tickMs } from './ticker.ts'

/** dB of a step of the gain, and how many there are up and down. */
const stepDb = 1
const mostSteps = 30
/** Whoever comes near the limit is made softer by these factors (of 4096), the more the longer he speaks. */
const softer = [0.8, 0.6, 0.4, 0.2].map((factor) => Math.round(factor * 4096))
const nearLimit = 0.75
/** Loud frames after which it is one step more. */
const framesToSofter = 3
/** The noise that stands for one who is muted, on the scale of 8 kHz. */
const muteNoise = 1400

/** How loud a member is made: asked once for each piece of sound, which it never changes in place. */
export class MemberDynamics {
  #gain: AutoGain | undefined
  #limit: LoudnessLimit | undefined
  readonly #rate: number
  readonly #frame: FrameBuffer
  #step = 0
  #factor = 4096
  #sum = 0
  #count = 0
  #over = 0
  #under = 0
  #hits = 0
  #muteMs = 0
  #loudFrames = 0

  /** For sound of `rate` Hz. */
  constructor(rate: number) {
    this.#rate = rate
    this.#frame = new FrameBuffer(rate / 8)
  }

  /** Nothing is changed any more. */
  get isIdle(): boolean {
    return this.#gain === undefined && this.#limit === undefined
  }

  follow(gain: AutoGain): void {
    this.#gain = gain.level > 0 ? gain : undefined
    this.#sum = 0
    this.#count = 0
    this.#over = 0
    this.#under = 0
    if (this.#gain === undefined) this.#setStep(0)
  }

  limit(limit: LoudnessLimit): void {
    this.#limit = limit.level > 0 ? limit : undefined
    this.#hits = 0
    this.#muteMs = 0
  }

  /** The sound as it is to be heard; `threshold` is the level above which it is speech. */
  process(pcm: Int16Array, threshold: number): Int16Array {
    const length = Math.min(pcm.length, this.#frame.all.length)
    if (length === 0) return pcm
    const score = energySum(pcm) / pcm.length
    const isSpeech = score > threshold
    this.#loudFrames = isSpeech ? this.#loudFrames + 1 : 0
    let factor = this.#factor
    if (this.#gain && isSpeech) this.#learn(this.#gain, (score * factor) / 4096)
    if (this.#limit) {
      const soft = this.#limited(this.#limit, score, (length * 1000) / this.#rate)
      if (soft === 0) {
        const noise = this.#frame.first(length)
        comfortNoise(noise, (muteNoise * this.#rate) / 8000)
        return noise
      }
      factor = Math.round((factor * soft) / 4096)
    }
    if (factor === 4096) return pcm
    const frame = this.#frame.first(length)
    scale(length === pcm.length ? pcm : pcm.subarray(0, length), frame, factor)
    return frame
  }

  /** The factor (of 4096) that keeps him below the limit; 0 while he is muted. */
  #limited({ level, muteMs, hits }: LoudnessLimit, score: number, ms: number): number {
    if (score > level && ++this.#hits > hits) this.#muteMs = muteMs
    if (this.#muteMs > 0) {
      this.#muteMs -= ms
      if (this.#muteMs <= 0) this.#hits = 0
      return 0
    }
    if (score <= level * nearLimit || score > level) return 4096
    return softer[Math.min(softer.length - 1, Math.floor(this.#loudFrames / framesToSofter))]!
  }

  #learn({ level, low, margin, patience, periodMs }: AutoGain, score: number): void {
    this.#sum += score
    if (++this.#count * tickMs <= periodMs) return
    const mean = this.#sum / this.#count
    this.#sum = 0
    this.#count = 0
    this.#over = mean - level > margin ? this.#over + 1 : 0
    if (mean < low) this.#under = patience + 1
    else this.#under = level - mean > margin ? this.#under + 1 : 0
    if (this.#over > patience) this.#setStep(this.#step - 1)
    else if (this.#under > patience) this.#setStep(this.#step + 1)
  }

  #setStep(step: number): void {
    this.#step = Math.max(-mostSteps, Math.min(mostSteps, step))
    this.#factor = gainFactor(this.#step * stepDb)
  }
}
