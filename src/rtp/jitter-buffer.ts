/**
 * The jitter buffer: packets go in as they come and come out in order at an even pace, no later than their spread asks
 * for (`jitterbuffer`, `jitterbuffer_msec`). It is pulled once for each packet's worth of sound and knows no clock itself.
 */
import { DelayEstimate } from './delay-estimate.ts'
import { JitterCounts, type JitterFigures } from './jitter-figures.ts'
import { fillSlot, JitterRing, type Slot } from './jitter-ring.ts'
import type { JitterSettings } from './jitter-settings.ts'
import { sequenceGap, timestampGap } from './packet.ts'

/** What `push` did with a packet. */
export type JitterVerdict = 'kept' | 'late' | 'duplicate' | 'resync'

/** Gaps of so many pulls are filled by concealment; after that it is silence. */
const longestConcealed = 5
/** Nothing for so many pulls is a pause: the next packet begins anew. */
const pauseAfter = 10
/** Without a quiet moment the delay is put right after so many pulls of being wrong. */
const patience = 250
/** The same when it is wrong by more than three packets. */
const impatience = 25
/** A transit time that differs by more ms than this is a jump of the sender's clock. */
const clockJump = 2000
/** A sequence number that differs by more than this is a new numbering. */
const numberJump = 3000
/** A packet's length is believed up to this, ms. */
const longestPacket = 120
const shortestPacket = 10

export class JitterBuffer {
  /** Of the packet that was pulled last. */
  payloadType = -1
  timestamp = 0
  sequence = 0
  /** Whether sound was left out before it on purpose. */
  isCut = false
  readonly counts: JitterCounts
  /** What was held back at the last pull and the most that ever was, ms; the most packets ever held. */
  depth = 0
  maxDepth = 0
  maxPackets = 0
  readonly #settings: JitterSettings
  readonly #clock: number
  readonly #ring: JitterRing
  readonly #delay = new DelayEstimate()
  #ssrc = -1
  /** The packet to play next, by extended number, and the extended timestamp that it should have. */
  #next = 0
  #head = 0
  /** Nothing below this number may be played any more. */
  #floor = Number.NEGATIVE_INFINITY
  /** The latest packet by number, and its timestamp. */
  #highest = 0
  #highestTime = 0
  /** Units of one packet, and what may become so. */
  #step: number
  #stepSeen = 0
  #isPlaying = false
  #isPaused = false
  /** Pulls in a row without a packet; those spent waiting for the packet at the head; those with the wrong delay. */
  #gap = 0
  #waited = 0
  #wrong = 0

  /**
   * `clock` is the rate of the timestamps in Hz, `ptime` the length of a packet in ms until it is seen. A buffer that takes
   * the place of another goes on with its `counts`.
   */
  constructor(settings: JitterSettings, clock: number, ptime: number, counts = new JitterCounts()) {
    this.counts = counts
    this.#settings = settings
    this.#clock = clock
    this.#step = (clock * ptime) / 1000
    this.#ring = new JitterRing(Math.ceil(settings.max / Math.min(ptime, shortestPacket)) + 32)
  }

  /** Length of one pull, ms: that of the sender's packets. */
  get stepMs(): number {
    return (this.#step * 1000) / this.#clock
  }

  /** Packets held now. */
  get packets(): number {
    return this.#ring.count
  }

  /** The delay that it aims at, ms. */
  get target(): number {
    const { length, max } = this.#settings
    return Math.min(max, Math.max(length, this.#delay.needed))
  }

  get figures(): JitterFigures {
    return {
      depth: this.depth,
      maxDepth: this.maxDepth,
      packets: this.packets,
      maxPackets: this.maxPackets,
      target: this.target,
      ...this.counts,
    }
  }

  /** Paused it gives everything at once, as if it were not there; afterwards it fills itself anew. */
  pause(on: boolean): void {
    if (this.#isPaused && !on) this.#stop()
    this.#isPaused = on
  }

  /** A packet that came at `now` ms; `payload` is copied. */
  push(
    sequence: number,
    timestamp: number,
    ssrc: number,
    payloadType: number,
    payload: Uint8Array,
    now: number,
  ): JitterVerdict {
    this.counts.received++
    let result: JitterVerdict = 'kept'
    let number = this.#highest + sequenceGap(sequence, this.#highest & 0xffff)
    let time = this.#highestTime + timestampGap(timestamp, this.#highestTime >>> 0)
    const sent = (time * 1000) / this.#clock
    if (ssrc !== this.#ssrc || Math.abs(number - this.#highest) > numberJump) {
      this.#begin(ssrc, sequence, timestamp)
      number = sequence
      time = timestamp
      result = 'resync'
    } else if (Math.abs(this.#delay.deviation(sent, now)) > clockJump) {
      this.#flush()
      this.#delay.rebase()
      this.#next = number
      this.counts.resyncs++
      result = 'resync'
    }
    this.#delay.packet((time * 1000) / this.#clock, now)
    if (this.#isPast(number)) {
      this.counts.late++
      return 'late'
    }
    const slot = this.#place(number)
    if (slot === undefined) return 'duplicate'
    this.#learn(number, time)
    fillSlot(slot, payload)
    slot.time = time
    slot.payloadType = payloadType
    slot.isSkip = false
    return result
  }

  /** A number that carried something else than sound (an event): nothing is missing there. */
  skip(sequence: number, timestamp: number, ssrc: number): void {
    if (ssrc !== this.#ssrc) return
    const number = this.#highest + sequenceGap(sequence, this.#highest & 0xffff)
    if (Math.abs(number - this.#highest) > numberJump || this.#isPast(number)) return
    const slot = this.#place(number)
    if (slot === undefined) return
    slot.isSkip = true
    slot.time = this.#highestTime + timestampGap(timestamp, this.#highestTime >>> 0)
    if (number > this.#highest) this.#highest = number
  }

  /**
   * The next packet's worth of sound at `now` ms. 'lost': sound is missing, make some up. 'empty': there is none to
   * be missed. `isQuiet` says that what was pulled last is silence, which nobody misses when it grows or shrinks.
   * The payload is lent until the next `push`.
   */
  pull(now: number, isQuiet = false): Uint8Array | 'lost' | 'empty' {
    if (!this.#isPlaying && this.#ring.count > 0)
      this.#next = this.#ring.following(this.#next).number
    this.#passSkips()
    this.isCut = false
    if (this.#isPaused) return this.#pullAtOnce(now)
    for (let mayDrop = isQuiet; this.#ring.count > 0; this.#passSkips()) {
      const slot = this.#ring.at(this.#next)
      if (slot === undefined) {
        const missing = this.#missing(now)
        if (missing) return missing
        continue
      }
      const action = this.#weigh(slot, now, mayDrop)
      if (action === 'play') return this.#play(slot, now)
      if (action !== 'drop') return action
      this.#remove(slot)
      this.counts.dropped++
      this.isCut = true
      mayDrop = false
    }
    return this.#nothing(now, isQuiet)
  }

  /** Whether a packet that is there is played now, left out, or kept back for one pull. */
  #weigh(slot: Slot, now: number, isQuiet: boolean): 'play' | 'drop' | 'lost' | 'empty' {
    const delay = this.#delayOf(slot.time, now)
    const target = this.target
    const isStart = !this.#isPlaying || slot.time - this.#head >= this.#step
    if (isStart) {
      // The first packet, or the first behind a pause of the sender: the moment to get the delay right unheard.
      if (delay < target) {
        this.#gap++
        return 'empty'
      }
      this.#isPlaying = true
      this.#wrong = 0
      return 'play'
    }
    const drift = this.#settings.drift
    const excess = delay - target
    // Each correction moves the delay by a packet: it must not overshoot into the other one.
    const isTooLong = excess > Math.max(drift + this.stepMs / 2, this.stepMs)
    const isTooShort = excess < -Math.min(drift, this.stepMs / 2)
    if (!(isTooLong || isTooShort)) {
      this.#wrong = 0
      return 'play'
    }
    this.#wrong++
    const isFarOff = Math.abs(excess) > 3 * this.stepMs
    if (!isQuiet && this.#wrong < (isFarOff ? impatience : patience)) return 'play'
    this.#wrong = 0
    if (isTooLong) return this.#ring.count > 1 ? 'drop' : 'play'
    this.counts.inserted++
    this.counts.concealed++
    return 'lost'
  }

  /** The packet at the head is missing, later ones are there. Undefined: it is given up, look at the next. */
  #missing(now: number): 'lost' | 'empty' | undefined {
    const following = this.#ring.following(this.#next)
    const delay = this.#delayOf(this.#head, now)
    const target = this.target
    if (delay < target) {
      this.#waited++
      return this.#conceal()
    }
    const isTimeLeft = following.time > this.#head
    this.counts.lost++
    this.#next++
    if (!isTimeLeft) return undefined // several numbers for one piece of time: there is no gap to fill
    this.#head += this.#step
    if (this.#waited > 0 && delay - this.stepMs >= target) {
      // Its time was filled already while it was waited for.
      this.#waited--
      return undefined
    }
    return this.#conceal()
  }

  /** Nothing is there at all. */
  #nothing(now: number, isQuiet: boolean): 'lost' | 'empty' {
    if (!this.#isPlaying) return 'empty'
    if (isQuiet) this.#gap = Math.max(this.#gap, longestConcealed) // silence is not made up for
    if (this.#gap + 1 >= pauseAfter) {
      this.#stop()
      return 'empty'
    }
    // What comes late is played late, as long as the delay stays within bounds.
    if (this.#delayOf(this.#head, now) + this.stepMs > this.#settings.max) {
      this.counts.lost++
      this.#next++
      this.#head += this.#step
    } else this.#waited++
    return this.#conceal()
  }

  #conceal(): 'lost' | 'empty' {
    this.#gap++
    if (this.#gap > longestConcealed) return 'empty'
    this.counts.concealed++
    return 'lost'
  }

  #play(slot: Slot, now: number): Uint8Array {
    this.depth = Math.max(0, this.#delayOf(slot.time, now))
    if (this.depth > this.maxDepth) this.maxDepth = this.depth
    this.payloadType = slot.payloadType
    this.timestamp = slot.time >>> 0
    this.sequence = slot.number & 0xffff
    this.#remove(slot)
    this.#gap = 0
    this.#waited = 0
    this.counts.played++
    return slot.payload
  }

  #pullAtOnce(now: number): Uint8Array | 'empty' {
    while (this.#ring.count > 0) {
      this.#isPlaying = true
      const following = this.#ring.following(this.#next)
      this.counts.lost += following.number - this.#next
      if (!following.isSkip) return this.#play(following, now)
      this.#next = following.number
      this.#passSkips()
    }
    return 'empty'
  }

  /** Takes a packet out and moves the head behind it. */
  #remove(slot: Slot): void {
    this.#next = slot.number + 1
    this.#head = slot.time + this.#step
    this.#ring.free(slot)
  }

  /** Whether the moment of a number is over. */
  #isPast(number: number): boolean {
    return (
      number < (this.#isPlaying ? this.#next : this.#floor) ||
      this.#highest - number > this.#ring.span
    )
  }

  /** The free slot for a number, making room; undefined if it is there already. */
  #place(number: number): Slot | undefined {
    const ring = this.#ring
    if (ring.at(number)) {
      this.counts.duplicates++
      return undefined
    }
    if (number < this.#highest) this.counts.reordered++
    while (number - this.#next > ring.span || ring.count > this.#mostPackets()) this.#discard()
    const slot = ring.use(number)
    if (ring.count > this.maxPackets) this.maxPackets = ring.count
    if (!this.#isPlaying && number < this.#next) this.#next = number
    return slot
  }

  #mostPackets(): number {
    return Math.ceil(this.#settings.max / this.stepMs) + 1
  }

  /** Throws the oldest number away. */
  #discard(): void {
    const slot = this.#ring.at(this.#next)
    if (slot) {
      this.#ring.free(slot)
      this.counts.flushed++
      this.#head = slot.time + this.#step
    }
    this.#next++
  }

  #learn(number: number, time: number): void {
    if (number === this.#highest + 1) {
      const step = time - this.#highestTime
      if (step > 0 && step <= (this.#clock * longestPacket) / 1000) {
        if (step === this.#stepSeen) this.#step = step
        this.#stepSeen = step
      }
    }
    if (number >= this.#highest) {
      this.#highest = number
      this.#highestTime = time
    }
  }

  #begin(ssrc: number, sequence: number, timestamp: number): void {
    if (this.#ssrc >= 0) this.counts.resyncs++
    this.#flush()
    this.#floor = Number.NEGATIVE_INFINITY
    this.#delay.reset()
    this.#ssrc = ssrc
    this.#next = sequence
    this.#highest = sequence
    this.#highestTime = timestamp
  }

  #flush(): void {
    this.counts.flushed += this.#ring.count
    this.#ring.clear()
    this.#stop()
  }

  #stop(): void {
    if (this.#isPlaying) this.#floor = this.#next
    this.#isPlaying = false
    this.#gap = 0
    this.#waited = 0
    this.#wrong = 0
  }

  #passSkips(): void {
    for (let slot = this.#ring.at(this.#next); slot?.isSkip; slot = this.#ring.at(this.#next)) {
      this.#ring.free(slot)
      this.#next++
      this.#gap = longestConcealed // there is no sound to make up while something else is sent
    }
  }

  /** How long after the earliest possible moment something of this timestamp would be played now, ms. */
  #delayOf(time: number, now: number): number {
    return now - (time * 1000) / this.#clock - this.#delay.base
  }
}
