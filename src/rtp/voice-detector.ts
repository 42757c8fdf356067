/** Notices when somebody begins to talk and when he has stopped (voice activity detection: `vad_test`, TALK and NOTALK). */
import { energyFrameMs, FrameEnergy } from './frame-energy.ts'

export interface VoiceSettings {
  /** Mean amplitude above which a frame is voice; FreeSWITCH's scale, default 100. */
  readonly threshold?: number
  /** ms of voice until he talks, default 200, and of silence until he does not, default 500. */
  readonly voiceMs?: number
  readonly silenceMs?: number
  /**
   * -1 (default) compares with the threshold alone. 0 to 3, from permissive to strict, also asks that voice stands out of the
   * noise of the line, which is measured.
   */
  readonly mode?: number
}

/** How far voice must stand out of the noise, by mode. */
const standOut = [1.8, 2.2, 2.8, 3.5]
/** How fast the measured noise follows a louder line, a frame; a softer one it follows at once. */
const rise = 1.02
/** The least noise that is reckoned with. */
const leastNoise = 8

export class VoiceDetector {
  isTalking = false
  readonly #threshold: number
  readonly #voiceFrames: number
  readonly #silenceFrames: number
  readonly #standOut: number
  readonly #frames: FrameEnergy
  readonly #changed: (isTalking: boolean) => void
  #voice = 0
  #silence = 0
  #noise = Number.POSITIVE_INFINITY

  /** For sound of `rate` Hz; `changed` is told when talking begins and ends. */
  constructor(rate: number, settings: VoiceSettings, changed: (isTalking: boolean) => void) {
    this.#threshold = settings.threshold ?? 100
    this.#voiceFrames = (settings.voiceMs ?? 200) / energyFrameMs
    this.#silenceFrames = (settings.silenceMs ?? 500) / energyFrameMs
    const mode = Math.min(3, Math.trunc(settings.mode ?? -1))
    this.#standOut = mode < 0 ? 0 : (standOut[mode] ?? 0)
    this.#changed = changed
    this.#frames = new FrameEnergy(rate, (score) => this.#frame(score))
  }

  process(pcm: Int16Array): void {
    this.#frames.process(pcm)
  }

  #frame(score: number): void {
    const isVoice = score > this.#threshold && !this.#isNoise(score)
    if (isVoice) {
      this.#voice++
      this.#silence = 0
    } else {
      this.#silence++
      this.#voice = 0
    }
    if (this.isTalking ? this.#silence <= this.#silenceFrames : this.#voice <= this.#voiceFrames)
      return
    this.isTalking = !this.isTalking
    this.#voice = 0
    this.#silence = 0
    this.#changed(this.isTalking)
  }

  #isNoise(score: number): boolean {
    if (this.#standOut === 0) return false
    const noise = this.#noise
    this.#noise = Math.max(leastNoise, Math.min(score, noise * rise))
    return score < this.#noise * this.#standOut
  }
}
