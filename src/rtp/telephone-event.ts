/** Digits as RTP events: the payload, and the receiver that makes one digit out of many packets (RFC 4733). */
import { read32 } from './packet.ts'

/** Event codes 0 to 16 of RFC 4733 section 3.2; F is the hook flash. */
const eventDigits = '0123456789*#ABCDF'

/** Octets of an event payload. */
export const eventLength = 4

export function eventOf(digit: string): number {
  return eventDigits.indexOf(digit.toUpperCase())
}

export function digitOf(event: number): string | undefined {
  return eventDigits[event]
}

/** `duration` in units of the event's clock, at most 65535; `volume` in dBm0 without its sign (section 2.3). */
export function writeEvent(
  into: Uint8Array,
  at: number,
  event: number,
  end: boolean,
  volume: number,
  duration: number,
): void {
  into[at] = event
  into[at + 1] = (end ? 0x80 : 0) | (volume & 0x3f)
  into[at + 2] = duration >>> 8
  into[at + 3] = duration
}

/** A digit that is over, or was given up on. `duration` in samples at 8 kHz whatever the clock was. */
export interface FinishedEvent {
  readonly digit: string
  readonly duration: number
}

const nothing: readonly FinishedEvent[] = []

/** ms after the last packet of an event whose end was lost until it counts as over. */
const lostEndAfter = 120

/** Turns event packets into digits: each once, whatever was repeated, reordered or lost. */
export class EventReceiver {
  /** How many digits have begun. */
  begun = 0
  #event = -1
  #timestamp = 0
  #duration = 0
  /** Longer events go on in a next segment with a new timestamp (section 2.5.1.3): what the earlier ones held. */
  #before = 0
  #lastPacket = 0
  #isOver = true
  #clock = 8000
  #hasAny = false

  /**
   * A packet. `timestamp` is its RTP timestamp, `clock` its rate in Hz, `now` in ms. Gives the digits that it finishes:
   * mostly none, at the end of a digit one, and two when it also shows that the end of the one before was lost.
   */
  packet(
    payload: Uint8Array,
    start: number,
    timestamp: number,
    clock: number,
    now: number,
  ): readonly FinishedEvent[] {
    const word = read32(payload, start)
    const event = word >>> 24
    const isEnd = (word & 0x800000) !== 0
    const duration = word & 0xffff
    let finished = nothing
    if (this.#hasAny && ((timestamp - this.#timestamp) | 0) < 0) return finished // of a digit before this one
    // Some senders never move the timestamp on: another event after the end of one is a new digit.
    const isOther = this.#isOver && event !== this.#event
    if (!this.#hasAny || timestamp !== this.#timestamp || isOther) {
      const goesOn =
        !this.#isOver &&
        event === this.#event &&
        ((timestamp - this.#timestamp) | 0) === this.#duration &&
        this.#duration >= 0xff00
      if (goesOn) this.#before += this.#duration
      else {
        if (!this.#isOver) finished = this.#finished(finished)
        this.#before = 0
        this.#event = event
        this.#isOver = false
        this.begun++
      }
      this.#timestamp = timestamp
      this.#duration = 0
      this.#clock = clock
      this.#hasAny = true
    }
    if (this.#isOver) return finished // section 2.5.1.4: the end is sent three times
    if (event !== this.#event) return finished // two events at one time do not exist
    this.#duration = Math.max(this.#duration, duration)
    this.#lastPacket = now
    return isEnd ? this.#finished(finished) : finished
  }

  /** The stream began anew: timestamps from before mean nothing now. Gives the digit that this cut off. */
  restart(): FinishedEvent | undefined {
    const finished = this.#isOver ? undefined : this.#finish()
    this.#hasAny = false
    return finished?.digit === '' ? undefined : finished
  }

  /** The digit that is under way or was last; empty for an event that is none. */
  get digit(): string {
    return digitOf(this.#event) ?? ''
  }

  /** Whether an event is under way: `expire` is worth asking. */
  get isBusy(): boolean {
    return !this.#isOver
  }

  /** The digit whose end never came, once nothing was heard of it for a while. */
  expire(now: number): FinishedEvent | undefined {
    if (this.#isOver || now - this.#lastPacket < lostEndAfter) return undefined
    const finished = this.#finish()
    return finished.digit === '' ? undefined : finished
  }

  #finished(before: readonly FinishedEvent[]): readonly FinishedEvent[] {
    const event = this.#finish()
    return event.digit === '' ? before : [...before, event]
  }

  #finish(): FinishedEvent {
    this.#isOver = true
    const samples = Math.round(((this.#before + this.#duration) * 8000) / this.#clock)
    return { digit: digitOf(this.#event) ?? '', duration: samples }
  }
}
