/** Parking lots and who stands in them. */

import { type Clock, systemClock } from '../../base/clock.ts'
import { onePer } from '../../base/one-per.ts'
import type { Channel } from '../../core/channel.ts'
import type { Switch } from '../../core/switch.ts'

/**
 * ms for which the place of a party that has hung up is kept: whoever parks by an attended transfer stands there himself at first,
 * and the party he leaves takes his place with his ticket.
 */
const keepMs = 5000

/** One place of a lot. */
export interface Slot {
  readonly extension: string
  /** The uuid of the channel that came first. */
  ticket: string
  holder: Channel
  /** ms since the epoch. */
  since: number
  /** The holder was fetched: he talks with somebody. */
  isFetched: boolean
  /** The holder has gone; the place is kept until then, ms since the epoch. */
  keptUntil: number | undefined
}

export class Lot {
  readonly name: string
  readonly #slots = new Map<string, Slot>()
  readonly #clock: Clock

  constructor(name: string, clock: Clock) {
    this.name = name
    this.#clock = clock
  }

  /** The place of that name, if somebody stands there or it is kept for somebody. */
  slot(extension: string): Slot | undefined {
    const slot = this.#slots.get(extension)
    if (slot?.keptUntil === undefined || slot.keptUntil > this.#clock.now()) return slot
    this.#slots.delete(extension)
    return undefined
  }

  /** Those in whose places somebody waits, in the order of their coming. */
  held(): Slot[] {
    return [...this.#slots.values()].filter(
      (slot) => slot.keptUntil === undefined && !slot.isFetched && slot.holder.isUp,
    )
  }

  /** Puts a channel into a place; whoever was there before is not any more. */
  enter(extension: string, holder: Channel): Slot {
    this.#slots.delete(extension)
    const slot: Slot = {
      extension,
      ticket: holder.uuid,
      holder,
      since: this.#clock.now(),
      isFetched: false,
      keptUntil: undefined,
    }
    this.#slots.set(extension, slot)
    return slot
  }

  /** The holder goes; a place is kept for a while where somebody may come with its ticket. */
  vacate(slot: Slot, keeps: boolean): void {
    if (this.#slots.get(slot.extension) !== slot) return
    if (keeps) slot.keptUntil = this.#clock.now() + keepMs
    else this.#slots.delete(slot.extension)
  }

  /** The first number from `least` on that is free; `most` 0: without a bound. */
  firstFree(least: number, most: number): string | undefined {
    for (let number = Math.max(1, least); most === 0 || number <= most; number++)
      if (!this.slot(String(number))) return String(number)
    return undefined
  }

  /** Where somebody has waited longest, of the numbers within these bounds. */
  longestHeld(least: number, most: number): string | undefined {
    const within = this.held().filter(({ extension }) => {
      const number = Number(extension)
      return number >= Math.max(1, least) && (most === 0 || number <= most)
    })
    return within.sort((a, b) => a.since - b.since)[0]?.extension
  }
}

export class Lots {
  readonly #byName = new Map<string, Lot>()

  /** The lot of that name; it comes to be when it is asked for. */
  lot(name: string): Lot {
    const present = this.#byName.get(name)
    if (present) return present
    const lot = new Lot(name, systemClock)
    this.#byName.set(name, lot)
    return lot
  }

  list(): Lot[] {
    return [...this.#byName.values()]
  }
}

export const lotsOf = onePer<Switch, Lots>(() => new Lots())
