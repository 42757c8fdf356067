/**
 * Packet loss concealment for codecs that have none (after ITU-T G.711 appendix I): the last pitch period is repeated,
 * fades, and is blended into the sound that comes back. Without the appendix's delay of 3.75 ms: the join at the start
 * is smoothed in what is made, not in what was heard already.
 */

/** Voices' periods: 66 to 200 Hz. */
const shortestPeriod = 0.005
const longestPeriod = 0.015
/** How much sound is compared to find the period, s. */
const compared = 0.02
/** The search goes in steps of this, and then looks at every sample beside the best. */
const coarseRate = 4000
/** Each 10 ms of loss fades by a fifth after the first, and takes in one period more up to three. */
const stage = 0.01
const fadePerStage = 0.2
const mostPeriods = 3
/** The blend into returning sound: a quarter of a period, longer after longer losses, at most 10 ms. */
const blendPerStage = 0.004
const longestBlend = 0.01

export class LossConcealer {
  readonly #rate: number
  /**
   * What was heard last: the samples before `#end`. It is moved back to the beginning only now and then, so that a frame
   * that came costs a copy and nothing else.
   */
  readonly #heard: Int16Array
  #end: number
  /** What of it is looked at, as it was at the start of the loss: the other goes on while sound is made up. */
  readonly #before: Float32Array
  /** What is repeated, how long it is, and where in it we are. */
  readonly #cycle: Float32Array
  readonly #previousCycle: Float32Array
  #cycleLength = 0
  #position = 0
  #period = 0
  #periods = 0
  /** Samples made since the loss began. */
  #made = 0
  /** The step at the start of the loss, worked off over a quarter of a period. */
  #step = 0
  /** Blend from the previous, shorter cycle: samples left, and where in it. */
  #blendLeft = 0
  #previousPosition = 0
  #previousLength = 0

  /** For sound of `rate` Hz. */
  constructor(rate: number) {
    this.#rate = rate
    const most = Math.ceil(rate * longestPeriod)
    const length = Math.max(
      Math.ceil(most * (mostPeriods + 0.25)),
      Math.ceil(rate * compared) + most,
    )
    this.#before = new Float32Array(length)
    this.#heard = new Int16Array(length * 4)
    this.#end = length
    this.#cycle = new Float32Array(most * mostPeriods)
    this.#previousCycle = new Float32Array(most * mostPeriods)
  }

  /** A frame that came. Behind a loss its beginning is changed in place so that it joins on. */
  good(pcm: Int16Array): void {
    if (this.#made > 0) this.#blendInto(pcm)
    this.#remember(pcm)
  }

  /** Fills a frame that did not come; silence once the loss lasts longer than 60 ms. */
  conceal(into: Int16Array): void {
    if (this.#made === 0) this.#begin()
    const stageLength = this.#rate * stage
    for (let i = 0; i < into.length; i++) {
      if (this.#periods < mostPeriods && this.#made >= this.#periods * stageLength) this.#widen()
      into[i] = clip(this.#next())
    }
    this.#remember(into)
  }

  /** Sound is left out before the next frame, which shall join on as it does behind a loss. */
  cut(): void {
    if (this.#made > 0) return
    this.#begin()
    this.#made = 1
  }

  /** Another stream: nothing of the old one is repeated. */
  reset(): void {
    this.#heard.fill(0)
    this.#made = 0
  }

  /** The next sample of the repeated sound, faded as far as the loss has lasted. */
  #next(): number {
    const stages = this.#made / (this.#rate * stage)
    const gain = Math.min(1, Math.max(0, 1 - (stages - 1) * fadePerStage))
    const quarter = this.#period >> 2
    let value = this.#cycle[this.#position]!
    if (++this.#position === this.#cycleLength) this.#position = 0
    if (this.#blendLeft > 0) {
      const share = this.#blendLeft-- / quarter
      value += (this.#previousCycle[this.#previousPosition]! - value) * share
      if (++this.#previousPosition === this.#previousLength) this.#previousPosition = 0
    }
    if (this.#made < quarter) value += this.#step * (1 - this.#made / quarter)
    this.#made++
    return value * gain
  }

  #begin(): void {
    const history = this.#before
    const end = history.length
    history.set(this.#heard.subarray(this.#end - end, this.#end))
    this.#period = this.#findPeriod()
    this.#periods = 1
    this.#build()
    this.#position = 0
    this.#blendLeft = 0
    this.#step = history[end - 1]! - history[end - 1 - this.#period]!
  }

  /** Takes in one period more: longer losses would buzz if they repeated a single one. */
  #widen(): void {
    this.#previousCycle.set(this.#cycle.subarray(0, this.#cycleLength))
    this.#previousLength = this.#cycleLength
    this.#previousPosition = this.#position
    this.#blendLeft = this.#period >> 2
    this.#periods++
    this.#build()
  }

  /** The last periods of the history, their end blended so that it leads into their beginning. */
  #build(): void {
    const history = this.#before
    const length = this.#periods * this.#period
    const start = history.length - length
    for (let i = 0; i < length; i++) this.#cycle[i] = history[start + i]!
    const quarter = this.#period >> 2
    for (let i = 0; i < quarter; i++) {
      const share = (i + 1) / quarter
      const at = length - quarter + i
      this.#cycle[at] = this.#cycle[at]! * (1 - share) + history[start - quarter + i]! * share
    }
    this.#cycleLength = length
  }

  #blendInto(pcm: Int16Array): void {
    const stages = Math.max(0, this.#made / (this.#rate * stage) - 1)
    const seconds = Math.min(longestBlend, this.#period / 4 / this.#rate + stages * blendPerStage)
    const length = Math.min(pcm.length, Math.round(seconds * this.#rate))
    for (let i = 0; i < length; i++) {
      const share = (i + 1) / (length + 1)
      pcm[i] = clip(this.#next() * (1 - share) + pcm[i]! * share)
    }
    this.#made = 0
  }

  #remember(pcm: Int16Array): void {
    const heard = this.#heard
    const kept = this.#before.length
    if (this.#end + pcm.length > heard.length) {
      if (pcm.length >= kept) {
        heard.set(pcm.subarray(pcm.length - kept))
        this.#end = kept
        return
      }
      heard.copyWithin(0, this.#end - kept, this.#end)
      this.#end = kept
    }
    heard.set(pcm, this.#end)
    this.#end += pcm.length
  }

  /** The distance, in samples, at which the sound is most like itself. */
  #findPeriod(): number {
    const rate = this.#rate
    const stride = Math.max(1, Math.round(rate / coarseRate))
    const least = Math.round(rate * shortestPeriod)
    const most = Math.round(rate * longestPeriod)
    const best = this.#mostAlike(least, most, stride, stride)
    const from = Math.max(least, best - stride + 1)
    return this.#mostAlike(from, Math.min(most, best + stride - 1), 1, stride)
  }

  /** The best distance from `least` to `most`; every `skip`th sample is compared. */
  #mostAlike(least: number, most: number, step: number, skip: number): number {
    const history = this.#before
    const end = history.length
    const start = end - Math.round(this.#rate * compared)
    let best = least
    let bestScore = Number.NEGATIVE_INFINITY
    for (let lag = least; lag <= most; lag += step) {
      let product = 0
      let energy = 1
      for (let i = start; i < end; i += skip) {
        const earlier = history[i - lag]!
        product += history[i]! * earlier
        energy += earlier * earlier
      }
      const score = product / Math.sqrt(energy)
      if (score > bestScore) {
        bestScore = score
        best = lag
      }
    }
    return best
  }
}

function clip(value: number): number {
  return Math.max(-32768, Math.min(32767, Math.round(value)))
}
