/**
 * Tells a person who answers from an answering machine by the rhythm of what is said first (`amd`): a person says a word and waits,
 * a machine goes on. The rules and their names are those of Asterisk's and FreeSWITCH's AMD.
 */
import { energyFrameMs, FrameEnergy } from './frame-energy.ts'

/** All in ms but for the threshold and the number of words. */
export interface AnswerSettings {
  /** Mean amplitude above which a frame is voice. */
  readonly silenceThreshold: number
  /** Silence at the beginning after which it is a machine. */
  readonly initialSilence: number
  /** A greeting without a pause that is as long as this is a machine's. */
  readonly greeting: number
  /** Silence after a greeting that makes it a person. */
  readonly afterGreetingSilence: number
  readonly totalAnalysisTime: number
  readonly minimumWordLength: number
  readonly maximumWordLength: number
  readonly betweenWordsSilence: number
  /** So many words are a machine. */
  readonly maximumNumberOfWords: number
}

export const usualAnswerSettings: AnswerSettings = {
  silenceThreshold: 256,
  initialSilence: 2500,
  greeting: 1500,
  afterGreetingSilence: 800,
  totalAnalysisTime: 5000,
  minimumWordLength: 100,
  maximumWordLength: 5000,
  betweenWordsSilence: 50,
  maximumNumberOfWords: 3,
}

export interface AnswerVerdict {
  readonly result: 'HUMAN' | 'MACHINE' | 'NOTSURE'
  readonly cause:
    | 'INITIALSILENCE'
    | 'HUMAN'
    | 'LONGGREETING'
    | 'MAXWORDS'
    | 'MAXWORDLENGTH'
    | 'TOOLONG'
  /** What it took, ms, and the words that were counted. */
  readonly ms: number
  readonly words: number
}

export class AnswerDetector {
  verdict: AnswerVerdict | undefined
  readonly #settings: AnswerSettings
  readonly #frames: FrameEnergy
  #ms = 0
  #words = 0
  #silence = 0
  #voice = 0
  #isInWord = false
  #hasGreeting = false

  /** For sound of `rate` Hz. */
  constructor(rate: number, settings: AnswerSettings = usualAnswerSettings) {
    this.#settings = settings
    this.#frames = new FrameEnergy(rate, (score) => this.#frame(score))
  }

  /** True once there is a verdict. */
  process(pcm: Int16Array): boolean {
    this.#frames.process(pcm)
    return this.verdict !== undefined
  }

  #frame(score: number): void {
    if (this.verdict) return
    this.#ms += energyFrameMs
    if (score > this.#settings.silenceThreshold) this.#voiced()
    else this.#silent()
    if (!this.verdict && this.#ms >= this.#settings.totalAnalysisTime)
      this.#judge('NOTSURE', 'TOOLONG')
  }

  #silent(): void {
    const settings = this.#settings
    this.#silence += energyFrameMs
    if (this.#silence >= settings.betweenWordsSilence) {
      this.#isInWord = false
      this.#voice = 0
    }
    if (!this.#hasGreeting && this.#silence >= settings.initialSilence)
      this.#judge('MACHINE', 'INITIALSILENCE')
    else if (this.#hasGreeting && this.#silence >= settings.afterGreetingSilence)
      this.#judge('HUMAN', 'HUMAN')
  }

  #voiced(): void {
    const settings = this.#settings
    this.#voice += energyFrameMs
    if (this.#voice < settings.minimumWordLength) return
    // A click that is too short for a word does not end a silence.
    this.#silence = 0
    this.#hasGreeting = true
    if (!this.#isInWord) {
      this.#isInWord = true
      this.#words++
    }
    if (this.#voice >= settings.maximumWordLength) this.#judge('MACHINE', 'MAXWORDLENGTH')
    else if (this.#words >= settings.maximumNumberOfWords) this.#judge('MACHINE', 'MAXWORDS')
    else if (this.#voice >= settings.greeting) this.#judge('MACHINE', 'LONGGREETING')
  }

  #judge(result: AnswerVerdict['result'], cause: AnswerVerdict['cause']): void {
    this.verdict = { result, cause, ms: this.#ms, words: this.#words }
  }
}
