/** Makes the sound of tone scripts sample by sample, as it is asked for. */
import type { ToneScript, ToneStep } from './tone-script.ts'

/** What a script has unless it says otherwise: 2000 and 500 samples whatever the rate, -7 dB. */
const defaultSamples = 2000
const defaultWaitSamples = 500
const defaultLevel = -7
const levelLow = -63
const levelHigh = 0
/** dBm0 of the loudest sine times two: level 0 lies this far below full scale. */
const fullScale = 6.16

/** The peak amplitude of one tone at a level in dB. */
export function toneAmplitude(level: number): number {
  return 10 ** ((level - fullScale) / 20) * 32767 * Math.SQRT2
}

type Tone = Extract<ToneStep, { kind: 'tone' }>

export class ToneGenerator {
  readonly rate: number
  readonly #scripts: readonly ToneScript[]
  readonly #passes: number
  #passesLeft = 0
  /** Where it is: script, step, passes of this script still to come. */
  #script = 0
  #step = 0
  #repeat = 0
  #isRepeatSet = false
  /** Settings, which outlive steps, passes and scripts; durations in samples. */
  #duration = defaultSamples
  #wait = defaultWaitSamples
  #level = defaultLevel
  #loops = 0
  #fade: -1 | 0 | 1 = 0
  #fadeEvery = 0
  #factor = 1
  /** The tone at hand: samples of sound and of silence left. */
  #tone: Tone | undefined
  #onLeft = 0
  #offLeft = 0
  #sample = 0
  #toneLevel = 0
  #amplitude = 0
  #untilFade = 0
  #madeInPass = 0

  /** `passes`: how often the scripts are played in all; -1 without end. */
  constructor(scripts: readonly ToneScript[], rate: number, passes = 1) {
    this.rate = rate
    this.#scripts = scripts
    this.#passes = passes
    this.restart()
  }

  restart(): void {
    this.#passesLeft = this.#passes
    this.#reset()
  }

  #reset(): void {
    this.#script = 0
    this.#startScript()
    this.#duration = defaultSamples
    this.#wait = defaultWaitSamples
    this.#level = defaultLevel
    this.#loops = 0
    this.#fade = 0
    this.#fadeEvery = 0
    this.#factor = 1
    this.#tone = undefined
    this.#onLeft = 0
    this.#offLeft = 0
    this.#madeInPass = 0
  }

  #startScript(): void {
    this.#step = 0
    this.#repeat = 0
    this.#isRepeatSet = false
  }

  /** Fills `into` and returns how many samples it made: fewer than asked for, and then 0, at the end. */
  read(into: Int16Array): number {
    let written = 0
    while (written < into.length) {
      if (this.#onLeft > 0) written += this.#makeTone(into, written)
      else if (this.#offLeft > 0) {
        const count = Math.min(this.#offLeft, into.length - written)
        into.fill(0, written, written + count)
        this.#offLeft -= count
        written += count
      } else if (!this.#advance()) break
    }
    return written
  }

  /** Goes to the next tone; false at the end of everything. */
  #advance(): boolean {
    // `l=` repeats one tone: as often as it says, or for ever.
    if (this.#tone) {
      if (this.#loops > 0) this.#loops--
      if (this.#loops !== 0) return this.#begin(this.#tone)
      this.#tone = undefined
    }
    for (;;) {
      const script = this.#scripts[this.#script]
      if (!script) {
        if (this.#passesLeft > 0) this.#passesLeft--
        // A script that makes no sound must not be tried for ever.
        if (this.#passesLeft === 0 || this.#madeInPass === 0) return false
        this.#reset()
        continue
      }
      const step = script.steps[this.#step++]
      if (step) {
        if (step.kind === 'tone') return this.#begin(step)
        this.#apply(step)
      } else if (this.#repeat > 1 && this.#madeInPass > 0) {
        this.#repeat--
        this.#step = 0
      } else {
        this.#script++
        this.#startScript()
      }
    }
  }

  #apply(step: Exclude<ToneStep, Tone>): void {
    const samplesPerMs = this.rate / 1000
    switch (step.kind) {
      case 'duration':
        this.#duration = Math.max(0, Math.round(step.value * samplesPerMs))
        break
      case 'wait':
        this.#wait = Math.max(0, Math.round(step.value * samplesPerMs))
        break
      case 'volume':
        this.#level = step.value
        break
      case 'fade':
        this.#fade = step.direction
        this.#fadeEvery = Math.max(1, Math.round(step.everyMs * samplesPerMs))
        break
      case 'factor':
        this.#factor = step.value
        break
      case 'loops':
        this.#loops = step.value
        break
      case 'repeat':
        // Only the first that says something counts, and only once.
        if (!this.#isRepeatSet && step.value > 0) {
          this.#repeat = step.value
          this.#isRepeatSet = true
        }
        break
    }
  }

  #begin(tone: Tone): boolean {
    const samplesPerMs = this.rate / 1000
    this.#tone = tone
    this.#onLeft = tone.onMs === undefined ? this.#duration : Math.round(tone.onMs * samplesPerMs)
    this.#offLeft = tone.offMs === undefined ? this.#wait : Math.round(tone.offMs * samplesPerMs)
    const length = this.#onLeft + this.#offLeft
    // An endless tone of no length would hold the thread: it is played as not there.
    if (length === 0) this.#loops = 0
    this.#madeInPass += length
    this.#sample = 0
    this.#untilFade = this.#fadeEvery
    this.#toneLevel = this.#level
    this.#amplitude = toneAmplitude(this.#level) / tone.frequencies.length
    return true
  }

  #makeTone(into: Int16Array, start: number): number {
    const tone = this.#tone
    if (!tone) return 0
    let count = Math.min(this.#onLeft, into.length - start)
    // The level moves between samples: a piece ends where it does.
    if (this.#fade !== 0) {
      if (this.#untilFade === 0) this.#moveLevel(tone)
      count = Math.min(count, this.#untilFade)
      this.#untilFade -= count
    }
    const amplitude = this.#amplitude
    for (let f = 0; f < tone.frequencies.length; f++) {
      const turn = (2 * Math.PI * tone.frequencies[f]!) / this.rate
      // sin(a+b) from the two before it: exact enough over one call, and each call starts from the true phase.
      const twice = 2 * Math.cos(turn)
      let before = Math.sin(turn * (this.#sample - 2)) * amplitude
      let last = Math.sin(turn * (this.#sample - 1)) * amplitude
      for (let i = start; i < start + count; i++) {
        const value = twice * last - before
        before = last
        last = value
        this.#put(into, i, value, f === 0)
      }
    }
    this.#sample += count
    this.#onLeft -= count
    return count
  }

  #put(into: Int16Array, index: number, value: number, isFirst: boolean): void {
    into[index] = Math.round(value) + (isFirst ? 0 : into[index]!)
  }

  #moveLevel(tone: Tone): void {
    const level = this.#toneLevel + this.#fade * this.#factor
    if (level >= levelLow && level <= levelHigh) {
      this.#toneLevel = level
      this.#amplitude = toneAmplitude(level) / tone.frequencies.length
    }
    this.#untilFade = this.#fadeEvery
  }
}
