/** Finds the tones of telephone networks by frequencies and rhythm (call progress: busy, reorder, ringing; spandsp.conf.xml). */
import { goertzelFactor, goertzelPower, peakAt0dBm0 } from './goertzel.ts'

export interface CadenceElement {
  /** One or two that sound together, Hz; none is silence. */
  readonly frequencies: readonly number[]
  readonly minMs: number
  /** 0: as long as it likes. */
  readonly maxMs: number
}

export interface CadenceTone {
  readonly name: string
  readonly elements: readonly CadenceElement[]
}

/** Long enough to tell 440 from 480 Hz (a Hann window ends 2/T beside its middle). */
const windowMs = 50
const hopMs = 10
/** Hops on either side by whose loudness it is judged where sound begins and ends. */
const aside = 6
const purity = 0.7
const leastShare = 0.08
/** -42 dBm0. */
const faintest = (peakAt0dBm0 * 10 ** (-42 / 20)) ** 2
/** What is neither silence nor one of the tones and shorter than this lies between two tones, ms. */
const shortestMs = 40
/** Spans are measured so well, ms. */
const slackMs = 10
const mostSpans = 12

const silent = -1
const other = -2

interface Span {
  readonly kind: number
  ms: number
}

export class CadenceDetector {
  readonly #tones: readonly {
    name: string
    elements: readonly (CadenceElement & { kind: number })[]
  }[]
  readonly #sets: readonly (readonly number[])[]
  readonly #hop: number
  readonly #line: Float64Array
  readonly #window: Float64Array
  readonly #block: Float64Array
  readonly #windowSum: number
  readonly #windowEnergy: number
  /** Loudness and kind of the last hops, newest last. */
  readonly #loudness = new Float64Array(aside * 2 + 1)
  readonly #kinds = new Int8Array(aside * 2 + 1).fill(silent)
  #filled = 0
  /** The spans before the one that lasts. */
  #spans: Span[] = []
  #span: Span = { kind: silent, ms: 0 }
  /** A tone that was told needs all its spans anew. */
  #isTold = false

  /** For sound of `rate` Hz. */
  constructor(rate: number, tones: readonly CadenceTone[]) {
    const keys: string[] = []
    const sets: number[][] = []
    const kindOf = ({ frequencies }: CadenceElement): number => {
      if (frequencies.length === 0) return silent
      const key = [...frequencies].sort((a, b) => a - b).join('+')
      if (!keys.includes(key)) {
        keys.push(key)
        sets.push(frequencies.map((frequency) => goertzelFactor(frequency, rate)))
      }
      return keys.indexOf(key)
    }
    this.#tones = tones.map(({ name, elements }) => ({
      name,
      elements: elements.map((element) => ({ ...element, kind: kindOf(element) })),
    }))
    this.#sets = sets
    this.#hop = Math.round((rate * hopMs) / 1000)
    const length = Math.round((rate * windowMs) / 1000)
    this.#line = new Float64Array(length)
    this.#block = new Float64Array(length)
    this.#window = Float64Array.from(
      { length },
      (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / length),
    )
    this.#windowSum = this.#window.reduce((sum, value) => sum + value, 0)
    this.#windowEnergy = this.#window.reduce((sum, value) => sum + value * value, 0)
  }

  /** The name of the tone that has just been recognised. */
  process(pcm: Int16Array): string | undefined {
    let found: string | undefined
    const line = this.#line
    for (let i = 0; i < pcm.length; i++) {
      line[this.#filled++] = pcm[i]!
      if (this.#filled < line.length) continue
      found = this.#judge() ?? found
      line.copyWithin(0, this.#hop)
      this.#filled -= this.#hop
    }
    return found
  }

  #judge(): string | undefined {
    const block = this.#block
    let energy = 0
    for (let i = 0; i < block.length; i++) {
      block[i] = this.#line[i]! * this.#window[i]!
      energy += block[i]! * block[i]!
    }
    this.#loudness.copyWithin(0, 1)
    this.#kinds.copyWithin(0, 1)
    this.#loudness[aside * 2] = energy
    this.#kinds[aside * 2] = this.#kindOf(energy)
    // Half as loud as it is nearby: here sound begins or ends.
    const loudest = this.#loudness.reduce((most, value) => Math.max(most, value), 0)
    const kind = this.#loudness[aside]! < loudest / 2 ? silent : this.#kinds[aside]!
    return this.#extend(kind)
  }

  #kindOf(energy: number): number {
    if (energy < (faintest / 2) * this.#windowEnergy) return silent
    const scale = (2 * this.#windowEnergy) / this.#windowSum ** 2
    let best = other
    let most = purity * energy
    for (let i = 0; i < this.#sets.length; i++) {
      let sum = 0
      let least = Number.POSITIVE_INFINITY
      for (const factor of this.#sets[i]!) {
        const power = goertzelPower(this.#block, 0, this.#block.length, factor) * scale
        sum += power
        least = Math.min(least, power)
      }
      if (least < leastShare * energy || sum < most) continue
      most = sum
      best = i
    }
    return best
  }

  #extend(kind: number): string | undefined {
    if (kind === this.#span.kind) {
      this.#span.ms += hopMs
      return this.#isTold ? undefined : this.#match(false)
    }
    const found = this.#isTold ? undefined : this.#match(true)
    this.#close()
    if (found !== undefined) this.#spans = []
    this.#isTold = false
    this.#span = this.#resumes(kind) ?? { kind, ms: hopMs }
    return found
  }

  /** Keeps the span that ended, unless it was only the way from one tone to the next. */
  #close(): void {
    const span = this.#span
    if (span.kind === other && span.ms < shortestMs) {
      const before = this.#spans.at(-1)
      if (before) before.ms += span.ms
      return
    }
    this.#spans.push(span)
    if (this.#spans.length > mostSpans) this.#spans.shift()
  }

  /** The last span when it goes on behind something that was no span. */
  #resumes(kind: number): Span | undefined {
    const before = this.#spans.at(-1)
    if (before?.kind !== kind) return undefined
    this.#spans.pop()
    before.ms += hopMs
    return before
  }

  /** A tone whose last element is the span at hand: when that has ended, or has lasted long enough and may last longer. */
  #match(hasEnded: boolean): string | undefined {
    for (const { name, elements } of this.#tones) {
      const last = elements.at(-1)
      if (!last || last.maxMs > 0 !== hasEnded || !fits(this.#span, last)) continue
      const before = elements.length - 1
      if (this.#spans.length < before) continue
      const offset = this.#spans.length - before
      let isAll = true
      for (let i = 0; i < before && isAll; i++) isAll = fits(this.#spans[offset + i]!, elements[i]!)
      if (!isAll) continue
      this.#isTold = true
      return name
    }
    return undefined
  }
}

function fits({ kind, ms }: Span, element: CadenceElement & { readonly kind: number }): boolean {
  return (
    kind === element.kind &&
    ms >= element.minMs - slackMs &&
    (element.maxMs === 0 || ms <= element.maxMs + slackMs)
  )
}
