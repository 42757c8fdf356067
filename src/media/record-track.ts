/**
 * One direction of a recording, laid out in time. Sound is placed by the sender's own clock as long as that runs: packets
 * that follow each other stand side by side however late they come, and a pause the sender told of is as long as it said.
 * Against the clock of the wall the whole is placed so that the packets which came fastest stand where they came; the
 * latency of the others is the network's. A clock that drifts is followed by a sample now and then.
 */
import { Resampler } from './resampler.ts'
import { comfortNoise, FrameBuffer } from './sound.ts'

/** ms late from which on a packet may stand behind a gap that nobody told of. */
const suspectMs = 60
/** ms off the wall clock from which on the sender's numbering means nothing any more. */
const lostMs = 1000
/** ms of packets that show where a stretch of sound really stands. */
const decideMs = 200
/** The steady watch over the sender's clock: one look in so many ms, at so many packets, and corrections from so many ms on. */
const watchMs = 1000
const watchPackets = 10
const toleranceMs = 4
/** A correction changes one sample in so many. */
const stretchStep = 160

/** Where sound lies while it is moved. */
let spare = new Int16Array(0)

export class RecordTrack {
  readonly rate: number
  readonly #startedAt: number
  readonly #noise: number
  readonly #ring: Int16Array
  /** Samples since the beginning: how far the sound was taken, and where the next one stands. */
  #taken = 0
  #cursor = 0
  /** Whether the next sound goes on where the last one ended. */
  #isRunning = false
  /** The beginning of the stretch whose place is not settled, and what lies silent before it. */
  #stretchAt = 0
  #freeBefore = 0
  #isSettled = true
  /** The fastest of the packets watched: how late it was, in samples. */
  #least = 0
  #packets = 0
  #watchedFrom = 0
  /** Samples to be put in (below 0: left out) bit by bit, and to be left out at once. */
  #owed = 0
  #skip = 0
  /** Samples that came for a time that was taken already, or too far ahead of it. */
  dropped = 0
  #resampler: Resampler | undefined
  #resampled = new FrameBuffer(0)
  #stretched = new FrameBuffer(0)

  /**
   * Sound of `rate` Hz from `startedAt` (`performance.now()`) on. `holdMs` is how long it waits before it is taken: later
   * packets are lost. Where nothing was said stands silence, or noise of a level as in `comfortNoise`.
   */
  constructor(rate: number, startedAt: number, holdMs: number, noise = 0) {
    this.rate = rate
    this.#startedAt = startedAt
    this.#noise = noise
    this.#ring = new Int16Array(Math.ceil((rate * (holdMs + lostMs + 500)) / 1000))
    if (noise > 0) comfortNoise(this.#ring, noise)
  }

  /** Sound that came at `now`. */
  push(pcm: Int16Array, rate: number, now: number): void {
    const samples = this.#inRate(pcm, rate)
    if (samples.length === 0) return
    let late = this.#lateness(samples.length, now)
    const limit = this.#ms(lostMs)
    if (!this.#isRunning || late > limit || late < -limit) {
      this.#begin(samples.length, now)
      late = this.#lateness(samples.length, now)
    } else if (this.#isSettled && late > this.#ms(suspectMs)) this.#doubt(this.#cursor, 0, now)
    this.#place(this.#corrected(samples))
    this.#watch(late, now)
  }

  /** The sender said that nothing was said for so long. */
  pause(ms: number): void {
    // It may be what makes the packets look late: where they stand is settled by what follows.
    if (this.#isRunning) this.#cursor += Math.round(this.#ms(ms))
  }

  /** What follows has nothing to do with what came before. */
  interrupt(): void {
    this.#settle()
    this.#isRunning = false
  }

  /** Sound that has come and was not taken yet is not to be heard. */
  forget(): void {
    this.#settle()
    this.#clear(0, this.#ring.length)
  }

  /** Takes the next samples in time; silence where there were none. */
  take(into: Int16Array, count: number): void {
    if (!this.#isSettled && this.#taken + count > this.#stretchAt) this.#settle()
    const ring = this.#ring
    let at = this.#taken % ring.length
    for (let i = 0; i < count; ) {
      const run = Math.min(count - i, ring.length - at)
      into.set(ring.subarray(at, at + run), i)
      this.#clear(at, run)
      i += run
      at = (at + run) % ring.length
    }
    this.#taken += count
  }

  #ms(ms: number): number {
    return (ms * this.rate) / 1000
  }

  #clear(at: number, length: number): void {
    if (this.#noise > 0) comfortNoise(this.#ring.subarray(at, at + length), this.#noise)
    else this.#ring.fill(0, at, at + length)
  }

  #inRate(pcm: Int16Array, rate: number): Int16Array {
    if (rate === this.rate) return pcm
    if (this.#resampler?.fromRate !== rate) this.#resampler = new Resampler(rate, this.rate)
    const room = this.#resampler.room(pcm.length)
    if (this.#resampled.all.length < room) this.#resampled = new FrameBuffer(room)
    return this.#resampled.first(this.#resampler.process(pcm, pcm.length, this.#resampled.all))
  }

  /** Where sound that ends now ends on the track, by the clock of the wall. */
  #due(now: number): number {
    return this.#ms(now - this.#startedAt - (this.#resampler?.delayMs ?? 0))
  }

  /** How many samples later than it would follow the last one this sound came. */
  #lateness(length: number, now: number): number {
    return this.#due(now) - (this.#cursor + length)
  }

  /** Begins a stretch of sound where the clock of the wall has it. */
  #begin(length: number, now: number): void {
    const place = Math.max(this.#taken, Math.round(this.#due(now)) - length)
    const free = Math.max(0, place - Math.max(this.#taken, this.#cursor))
    this.#cursor = place
    this.#isRunning = true
    this.#owed = 0
    this.#skip = 0
    this.#doubt(place, free, now)
  }

  /** From here on the place is not certain: the next packets show it. */
  #doubt(at: number, free: number, now: number): void {
    this.#stretchAt = at
    this.#freeBefore = free
    this.#isSettled = false
    this.#restartWatch(now)
  }

  #restartWatch(now: number): void {
    this.#least = Number.POSITIVE_INFINITY
    this.#packets = 0
    this.#watchedFrom = now
  }

  #watch(late: number, now: number): void {
    this.#least = Math.min(this.#least, late)
    this.#packets++
    const since = now - this.#watchedFrom
    if (!this.#isSettled) {
      if (since < decideMs) return
      this.#settle()
      this.#restartWatch(now)
    } else if (since >= watchMs) {
      if (this.#packets >= watchPackets) this.#follow(Math.round(this.#least))
      this.#restartWatch(now)
    }
  }

  /** Moves the stretch in doubt to where its fastest packet says. */
  #settle(): void {
    if (this.#isSettled) return
    this.#isSettled = true
    const from = this.#stretchAt
    if (this.#packets === 0 || from < this.#taken || this.#cursor <= from) return
    const off = Math.round(this.#least)
    // Within sound that goes on, only a gap that all packets show is one.
    if (this.#freeBefore === 0 && off < this.#ms(suspectMs)) return
    this.#move(from, Math.max(off, -Math.min(this.#freeBefore, from - this.#taken)))
  }

  /** Moves all sound from `from` on by so many samples. */
  #move(from: number, by: number): void {
    const { length } = this.#ring
    const count = Math.min(this.#cursor - from, length)
    const room = this.#taken + length - this.#cursor
    const step = Math.min(by, room)
    if (step === 0 || count <= 0) return
    if (spare.length < length) spare = new Int16Array(length)
    for (let i = 0; i < count; i++) spare[i] = this.#ring[(from + i) % length]!
    const start = from % length
    const run = Math.min(count, length - start)
    this.#clear(start, run)
    this.#clear(0, count - run)
    for (let i = 0; i < count; i++) this.#ring[(from + step + i) % length] = spare[i]!
    this.#cursor += step
  }

  /** The sender's clock is off by so many samples: a little is made up for unheard, much at once. */
  #follow(off: number): void {
    if (Math.abs(off) > this.#ms(suspectMs)) {
      if (off > 0) this.#cursor += off
      else this.#skip = -off
      this.#owed = 0
    } else if (Math.abs(off) > this.#ms(toleranceMs) && this.#owed === 0) this.#owed = off
  }

  /** The sound with what is owed to the clock put in or left out. */
  #corrected(samples: Int16Array): Int16Array {
    if (this.#skip > 0) {
      const left = Math.min(this.#skip, samples.length)
      this.#skip -= left
      return samples.subarray(left)
    }
    if (this.#owed === 0 || samples.length < stretchStep) return samples
    const step = Math.min(Math.abs(this.#owed), Math.floor(samples.length / stretchStep))
    const change = this.#owed > 0 ? step : -step
    this.#owed -= change
    const length = samples.length + change
    if (this.#stretched.all.length < length) this.#stretched = new FrameBuffer(length * 2)
    const into = this.#stretched.first(length)
    const ratio = (samples.length - 1) / (length - 1)
    for (let i = 0; i < length; i++) {
      const place = i * ratio
      const at = Math.floor(place)
      const here = samples[at]!
      into[i] = Math.round(here + ((samples[at + 1] ?? here) - here) * (place - at))
    }
    return into
  }

  #place(samples: Int16Array): void {
    const ring = this.#ring
    const first = Math.max(0, this.#taken - this.#cursor)
    const last = Math.min(samples.length, this.#taken + ring.length - this.#cursor)
    this.dropped += samples.length - Math.max(0, last - first)
    const start = this.#cursor % ring.length
    if (last - first === samples.length && start + samples.length <= ring.length) {
      ring.set(samples, start)
      this.#cursor += samples.length
      return
    }
    let at = (this.#cursor + first) % ring.length
    for (let i = first; i < last; i++) {
      ring[at] = samples[i]!
      if (++at === ring.length) at = 0
    }
    this.#cursor += samples.length
  }
}
