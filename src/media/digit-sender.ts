/**
 * The digits that a leg sends: RFC 4733 events where agreed, else tones in the sound. One queue per leg, driven by the
 * ticker while it holds anything.
 */

import { headerLength } from '../rtp/packet.ts'
import { eventLength, eventOf, writeEvent } from '../rtp/telephone-event.ts'
import { DtmfTones } from './dtmf-tones.ts'
import type { Leg, Tenant } from './leg.ts'
import type { Sender } from './sender.ts'
import { type Ticked, tickMs } from './ticker.ts'

/** Silence behind every digit, ms. */
const gapMs = 50
/** How often the end of an event is sent (RFC 4733 section 2.5.1.4). */
const endPackets = 3
/** Hz of tones. */
const toneRate = 8000
/** What is being sent of a tone: one for all senders, who are done with it before the next one begins. */
const toneFrame = new Int16Array((toneRate * tickMs) / 1000)
/** dBm0 without the sign. */
const volume = 10
/** Pauses in a string of digits, ms. */
const pauses: Readonly<Record<string, number>> = { w: 500, W: 1000 }

/** How the digits of one leg go out. */
export interface DigitWay {
  /** Sends events through this stream; undefined sends something else. */
  readonly events:
    | { readonly sender: Sender; readonly payloadType: number; readonly clock: number }
    | undefined
  /** Hands whole digits over (legs without a wire); undefined makes tones. */
  readonly whole: ((digit: string, ms: number) => void) | undefined
}

interface Entry {
  readonly symbol: string
  readonly ms: number
}

export class DigitSender implements Ticked, Tenant {
  readonly #leg: Leg
  readonly #way: () => DigitWay
  readonly #queue: Entry[] = []
  readonly #packet = Buffer.alloc(headerLength + eventLength)
  /** ms since the head of the queue began; -1 before its first tick. */
  #elapsed = -1
  #endsSent = 0
  #timestamp = 0
  /** Units of the event clock in this segment. */
  #duration = 0
  #current: DigitWay = { events: undefined, whole: undefined }
  /** The digit that goes out as tones, 20 ms at a time at 8 kHz. */
  #tones: DtmfTones | undefined
  #isTone = false

  constructor(leg: Leg, way: () => DigitWay) {
    this.#leg = leg
    this.#way = way
  }

  /** Queues digits of `ms` each; what is no digit and no pause is left out and told. */
  add(digits: string, ms: number): string {
    let bad = ''
    for (const symbol of digits) {
      const pause = pauses[symbol]
      if (pause !== undefined) this.#queue.push({ symbol: '', ms: pause })
      else if (eventOf(symbol) >= 0) this.#queue.push({ symbol: symbol.toUpperCase(), ms })
      else bad += symbol
    }
    if (this.#queue.length > 0) {
      this.#leg.tenants.add(this)
      this.#leg.host.ticker.add(this)
    }
    return bad
  }

  legClosed(): void {
    this.#queue.length = 0
    this.#finish()
  }

  tick(now: number): void {
    const entry = this.#queue[0]
    if (!entry) return this.#finish()
    if (this.#elapsed < 0) this.#begin(entry, now)
    this.#elapsed += tickMs
    if (entry.symbol !== '') this.#send(entry, now)
    // Tones keep the floor through the silence behind them, which is what makes two of them two.
    const rest = this.#current.events ? tickMs * (endPackets - 1) : this.#isTone ? gapMs : 0
    const soundEnds = entry.ms + rest
    if (this.#elapsed >= soundEnds) this.#release()
    if (this.#elapsed < entry.ms + (entry.symbol === '' ? 0 : gapMs)) return
    if (entry.symbol !== '' && this.#current.events && this.#endsSent < endPackets) return
    this.#release()
    this.#queue.shift()
    this.#elapsed = -1
  }

  #begin(entry: Entry, now: number): void {
    this.#elapsed = 0
    this.#endsSent = 0
    this.#duration = 0
    this.#current = this.#way()
    this.#isTone = false
    if (entry.symbol === '') return
    const { events, whole } = this.#current
    if (!whole) this.#leg.digitFloor = this
    if (events) this.#timestamp = events.sender.eventTimestamp(now)
    else if (!whole) {
      this.#tones ??= new DtmfTones(toneRate)
      this.#isTone = this.#tones.start(entry.symbol, entry.ms, gapMs)
    }
  }

  #release(): void {
    if (this.#leg.digitFloor === this) this.#leg.digitFloor = undefined
  }

  #send(entry: Entry, now: number): void {
    const { events, whole } = this.#current
    if (whole) {
      if (this.#elapsed >= entry.ms && this.#endsSent === 0) {
        this.#endsSent = 1
        whole(entry.symbol, entry.ms)
      }
    } else if (events) this.#sendEvent(entry, events, now)
    else if (this.#isTone && this.#tones?.isActive) {
      toneFrame.fill(0, this.#tones.read(toneFrame))
      this.#leg.toParty(toneFrame, toneRate, this, now)
    }
  }

  #sendEvent(entry: Entry, events: NonNullable<DigitWay['events']>, now: number): void {
    if (this.#endsSent >= endPackets) return
    const step = (tickMs * events.clock) / 1000
    const isEnd = this.#elapsed >= entry.ms
    if (!isEnd && this.#duration + step > 0xffff) {
      // Section 2.5.1.3: a longer event goes on in a new segment behind this one.
      this.#timestamp = (this.#timestamp + this.#duration) >>> 0
      this.#duration = 0
    }
    if (this.#endsSent === 0) {
      const over = Math.max(0, this.#elapsed - entry.ms)
      this.#duration = Math.min(
        0xffff,
        this.#duration + step - Math.round((over * events.clock) / 1000),
      )
    }
    writeEvent(this.#packet, headerLength, eventOf(entry.symbol), isEnd, volume, this.#duration)
    const isFirst = this.#elapsed === tickMs
    events.sender.event(this.#packet, events.payloadType, isFirst, this.#timestamp, now)
    if (!isEnd) return
    if (++this.#endsSent === endPackets) events.sender.eventOver(this.#timestamp, this.#duration)
  }

  #finish(): void {
    this.#release()
    this.#elapsed = -1
    this.#leg.tenants.delete(this)
    this.#leg.host.ticker.remove(this)
  }
}
