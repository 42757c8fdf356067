/**
 * Digits between bridged legs. Those of the stream pass by themselves in the media worker, until something here has to look at
 * them first: a key that ends the bridge, a filter, features by keys, an application that runs beside the bridge.
 */
import type { Channel } from '../channel.ts'
import type { Digit } from '../digit-queue.ts'
import { deliverDigits } from '../send-digits.ts'
import { isTrue } from '../variables.ts'

/** Watches both legs until disposed. `a` is the one that goes on with its actions when a `bridge_terminate_key` is pressed. */
export function watchBridgeDigits(a: Channel, b: Channel): Disposable {
  const watches = [new LegWatch(a, b, a), new LegWatch(b, a, a)]
  return {
    [Symbol.dispose]: () => {
      for (const watch of watches) watch[Symbol.dispose]()
      // What was meant for the other party is no application's.
      a.digits.flush()
      b.digits.flush()
    },
  }
}

class LegWatch implements Disposable {
  readonly #leg: Channel
  readonly #other: Channel
  readonly #a: Channel
  readonly #key: string | undefined
  readonly #filters: boolean
  readonly #handles: Disposable[]
  /** Whether the worker passes the digits of the stream. */
  #passes = true

  constructor(leg: Channel, other: Channel, a: Channel) {
    this.#leg = leg
    this.#other = other
    this.#a = a
    this.#key = leg.variables.get('bridge_terminate_key')
    this.#filters = isTrue(leg.variables.get('bridge_filter_dtmf'))
    // Digits that nobody took before are not the other party's.
    leg.digits.flush()
    const look = () => this.#look()
    this.#handles = [
      leg.signals.on('keys', look),
      other.signals.on('keys', look),
      leg.signals.on('digit', (digit) => this.#take(digit)),
    ]
    this.#look()
  }

  [Symbol.dispose](): void {
    for (const handle of this.#handles) handle[Symbol.dispose]()
    this.#setPassing(true)
  }

  #look(): void {
    const leg = this.#leg
    const isWatched =
      Boolean(this.#key) ||
      this.#filters ||
      leg.guests > 0 ||
      leg.digitRules.isBlocking ||
      leg.keys.has('received') ||
      this.#other.keys.has('sent')
    this.#setPassing(!isWatched)
  }

  #setPassing(on: boolean): void {
    if (this.#passes === on) return
    this.#passes = on
    this.#leg.media?.passDtmf(on)
  }

  #take({ digit, duration, source }: Digit): void {
    if (this.#leg.guests > 0) return // the application's
    this.#leg.digits.flush()
    if (this.#key?.includes(digit)) {
      this.#a.moveTo('execute')
      return
    }
    const hasPassed = this.#passes && (source === 'RTP' || source === 'INBAND_AUDIO')
    if (hasPassed || this.#filters) return
    const other = this.#other
    if (other.keys.passes('sent', digit)) deliverDigits(other, digit, duration / 8)
  }
}
