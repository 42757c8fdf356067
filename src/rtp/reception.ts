/** What a receiver knows of a stream: sequence, loss and jitter as RFC 3550 appendix A.1, A.3 and A.8 count them. */
import { BurstCount } from './burst.ts'
import { sequenceGap } from './packet.ts'

/** A jump further than this is a new start of the stream, not loss (RFC 3550 A.1). */
const maxDropout = 3000
/** As far back as this a packet is late; further back it is a new start. */
const maxMisorder = 100

/** What `packet` says of a sequence number; `stray` is a wild jump that the next packet has to confirm. */
export const verdict = { next: 0, gap: 1, late: 2, duplicate: 3, restart: 4, stray: 5 } as const

/** Counts for one incoming stream; survives changes of its SSRC and jumps of its sequence. */
export class Reception {
  ssrc = -1
  received = 0
  duplicates = 0
  reordered = 0
  /** How often a gap opened. */
  gaps = 0
  /** Interarrival jitter in ms; 0 until two packets came. */
  jitter = 0
  jitterMin = Number.POSITIVE_INFINITY
  jitterMax = 0
  /** Sum of the times between packets, ms, and how many there were. */
  intervalSum = 0
  intervals = 0
  /** `performance.now()` of the last packet; -1 before the first. */
  lastArrival = -1
  #highest = 0
  #cycles = 0
  #base = 0
  /** Received since `#base`, for the loss of this run; duplicates not counted. */
  #run = 0
  /** Loss of the runs before the last restart. */
  #lostBefore = 0
  /** The 64 numbers up to `#highest` that came: bit 0 of `#seenLow` is `#highest`. */
  #seenLow = 0
  #seenHigh = 0
  /** Numbers of this run before `#highest` that the window holds, at most 63. */
  #age = 0
  /** What is certain: of the numbers that have left the window, which came and which did not. */
  readonly #burst = new BurstCount()
  /** The number that would confirm a restart after a wild jump (A.1's bad_seq); -1 none. */
  #suspect = -1
  #transit = 0
  #hasTransit = false
  #expectedAtReport = 0
  #receivedAtReport = 0
  /** Timestamp of the last packet. */
  lastTimestamp = 0
  /** From one packet to the next, in units of the clock, as it was twice in a row; 0 until it was. */
  step = 0
  #lastStep = 0

  /**
   * Takes note of a packet. `clock` is the rate of `timestamp` in Hz, `arrival` the time in ms; `timed` is false for
   * packets whose timestamp stands still (events), which say nothing of jitter.
   */
  packet(
    sequence: number,
    timestamp: number,
    ssrc: number,
    clock: number,
    arrival: number,
    timed: boolean,
  ): number {
    const result = ssrc === this.ssrc ? this.#place(sequence) : this.#restart(sequence, ssrc)
    if (result === verdict.duplicate) {
      this.duplicates++
      return result
    }
    if (result === verdict.stray) return result
    this.received++
    this.#run++
    if (this.lastArrival >= 0) {
      this.intervalSum += arrival - this.lastArrival
      this.intervals++
    }
    this.lastArrival = arrival
    if (timed) this.#measure(timestamp, clock, arrival, result)
    return result
  }

  /** Highest sequence number with the count of its cycles, as reports carry it. */
  get extendedHighest(): number {
    return (this.#cycles + this.#highest) >>> 0
  }

  /** Packets that should have come since the first (A.3). */
  get lost(): number {
    return this.#lostBefore + Math.max(0, this.#expected() - this.#run)
  }

  /** How the losses lie, with what the window still holds taken as it is. */
  get burst(): BurstCount {
    const count = this.#burst.copy()
    if (this.ssrc >= 0) this.#settle(count)
    return count
  }

  /** The loss of the last interval in 1/256 and a new interval begun (A.3). */
  takeFraction(): number {
    const expected = this.received + this.lost
    const expectedNow = expected - this.#expectedAtReport
    const receivedNow = this.received - this.#receivedAtReport
    this.#expectedAtReport = expected
    this.#receivedAtReport = this.received
    const lostNow = expectedNow - receivedNow
    return expectedNow <= 0 || lostNow <= 0
      ? 0
      : Math.min(255, Math.floor((lostNow * 256) / expectedNow))
  }

  #expected(): number {
    return this.ssrc < 0 ? 0 : this.#cycles + this.#highest - this.#base + 1
  }

  #restart(sequence: number, ssrc: number): number {
    if (this.ssrc >= 0) {
      this.#lostBefore = this.lost
      this.#settle(this.#burst)
    }
    this.#age = 0
    this.ssrc = ssrc
    this.#base = sequence
    this.#highest = sequence
    this.#cycles = 0
    this.#run = 0
    this.#seenLow = 1
    this.#seenHigh = 0
    this.#suspect = -1
    this.#hasTransit = false
    return verdict.restart
  }

  #place(sequence: number): number {
    const gap = sequenceGap(sequence, this.#highest)
    if (gap > 0 && gap < maxDropout) {
      this.#shift(gap)
      if (sequence < this.#highest) this.#cycles += 0x10000
      this.#highest = sequence
      this.#suspect = -1
      if (gap === 1) return verdict.next
      this.gaps++
      return verdict.gap
    }
    if (gap <= 0 && gap > -maxMisorder) {
      if (this.#wasSeen(-gap)) return verdict.duplicate
      this.reordered++
      return verdict.late
    }
    // A.1: two in a row after a wild jump mean that the sender started anew without telling us.
    if (sequence === this.#suspect) return this.#restart(sequence, this.ssrc)
    this.#suspect = (sequence + 1) & 0xffff
    return verdict.stray
  }

  #shift(by: number): void {
    for (let left = by; left > 0; left--) {
      if (this.#age < 63) this.#age++
      else if (this.#seenHigh < 0) this.#burst.run++
      else this.#burst.lose()
      this.#seenHigh = (this.#seenHigh << 1) | (this.#seenLow >>> 31)
      this.#seenLow <<= 1
    }
    this.#seenLow |= 1
  }

  /** Counts what the window holds, oldest first. */
  #settle(count: BurstCount): void {
    for (let back = this.#age; back >= 0; back--) {
      const bit = back < 32 ? this.#seenLow >>> back : this.#seenHigh >>> (back - 32)
      if ((bit & 1) === 1) count.run++
      else count.lose()
    }
  }

  /** Whether the number `back` before the highest came already; notes that it has now. Beyond 64 nobody knows. */
  #wasSeen(back: number): boolean {
    if (back >= 64) return false
    const bit = 1 << (back & 31)
    const seen = back < 32 ? this.#seenLow & bit : this.#seenHigh & bit
    if (back < 32) this.#seenLow |= bit
    else this.#seenHigh |= bit
    return seen !== 0
  }

  /** A.8, in ms so that streams of different clocks compare. */
  #measure(timestamp: number, clock: number, arrival: number, result: number): void {
    const sent = (timestamp / clock) * 1000
    // A timestamp that wrapped or jumped by more than a second tells of the sender, not of the network.
    const jumped = Math.abs(timestamp - this.lastTimestamp) > clock + (arrival - this.lastArrival)
    if (result === verdict.next) {
      const step = (timestamp - this.lastTimestamp) | 0
      if (step === this.#lastStep) this.step = step
      this.#lastStep = step
    }
    this.lastTimestamp = timestamp
    const transit = arrival - sent
    if (this.#hasTransit && !jumped && result !== verdict.restart) {
      const difference = Math.abs(transit - this.#transit)
      if (difference < 5000) {
        this.jitter += (difference - this.jitter) / 16
        if (this.jitter < this.jitterMin) this.jitterMin = this.jitter
        if (this.jitter > this.jitterMax) this.jitterMax = this.jitter
      }
    }
    this.#transit = transit
    this.#hasTransit = true
  }
}
