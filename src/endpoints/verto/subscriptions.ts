/** Who listens to which event channel, and how many events each was sent on it. */

/** A listener of a channel. */
interface Subscriber<T> {
  readonly who: T
  /** Of the next event (`eventSerno`). */
  serial: number
}

interface ChannelOf<T> {
  /** As the first subscriber wrote it. */
  readonly name: string
  readonly subscribers: Map<T, Subscriber<T>>
}

/** `presence` of `presence.1000@example.com`. */
function firstPart(name: string): string {
  const dot = name.indexOf('.')
  return dot < 0 ? name : name.slice(0, dot)
}

export class Subscriptions<T extends object = object> {
  readonly #channels = new Map<string, ChannelOf<T>>()
  /** How many of the channels have the same first part, by that. */
  readonly #parts = new Map<string, number>()
  readonly #names = new Map<T, Set<string>>()

  /** False when it listens already. */
  add(who: T, name: string): boolean {
    let channel = this.#channels.get(name)
    if (!channel) {
      channel = { name, subscribers: new Map() }
      this.#channels.set(name, channel)
      this.#countPart(name, 1)
    }
    if (channel.subscribers.has(who)) return false
    channel.subscribers.set(who, { who, serial: 0 })
    const names = this.#names.get(who) ?? new Set()
    this.#names.set(who, names.add(name))
    return true
  }

  /** False when it did not listen. */
  remove(who: T, name: string): boolean {
    const channel = this.#channels.get(name)
    const had = channel?.subscribers.delete(who) ?? false
    this.#names.get(who)?.delete(name)
    if (channel?.subscribers.size === 0) {
      this.#channels.delete(name)
      this.#countPart(name, -1)
    }
    return had
  }

  #countPart(name: string, change: 1 | -1): void {
    const part = firstPart(name)
    const count = (this.#parts.get(part) ?? 0) + change
    if (count > 0) this.#parts.set(part, count)
    else this.#parts.delete(part)
  }

  removeAll(who: T): void {
    for (const name of [...(this.#names.get(who) ?? [])]) this.remove(who, name)
    this.#names.delete(who)
  }

  /** How many channels one listens to. */
  countOf(who: T): number {
    return this.#names.get(who)?.size ?? 0
  }

  has(name: string): boolean {
    return this.#channels.has(name)
  }

  /** Whether anybody listens to a channel of that first part, or to the part itself: ask before building an event. */
  hasPart(part: string): boolean {
    return this.#parts.has(part)
  }

  /** Everyone on a channel, or one of them, with the serial number of the event they are sent now. */
  *take(name: string, only?: T): Iterable<{ readonly who: T; readonly serial: number }> {
    for (const subscriber of [...(this.#channels.get(name)?.subscribers.values() ?? [])]) {
      if (only && subscriber.who !== only) continue
      yield { who: subscriber.who, serial: subscriber.serial++ }
    }
  }
}
