/**
 * Live arrays: a table that browsers see and that changes under their eyes (the members of a conference). Rows have a key; every
 * change is sent to who listens on the array's event channel, with a serial number, so that a listener who has missed one asks
 * for the whole.
 */
import type { EventChannels, EventMessage } from './event-channels.ts'

/** One row, as JSON. */
export type LiveRow = readonly unknown[]

export class LiveArray implements Disposable {
  readonly #channels: EventChannels
  /** `conference-liveArray.3000@example.com` */
  readonly channel: string
  readonly name: string
  readonly #rows = new Map<string, LiveRow>()
  readonly #binding: Disposable
  #serial = 0

  constructor(channels: EventChannels, channel: string, name: string) {
    this.#channels = channels
    this.channel = channel
    this.name = name
    this.#binding = channels.bind(channel, (_, message) => this.#asked(message), this)
  }

  /** Puts a row at the end, or replaces the one of that key. One that says the same as before is not sent again. */
  set(key: string, row: LiveRow): void {
    const before = this.#rows.get(key)
    if (before && JSON.stringify(before) === JSON.stringify(row)) return
    this.#rows.set(key, row)
    const index = before ? {} : { arrIndex: this.#rows.size - 1 }
    this.#tell({ action: before ? 'modify' : 'add', ...index, hashKey: key, data: row })
  }

  delete(key: string): void {
    const row = this.#rows.get(key)
    if (!row) return
    this.#rows.delete(key)
    this.#tell({ action: 'del', hashKey: key, data: row })
  }

  /** Nobody hears of it any more. */
  [Symbol.dispose](): void {
    this.#binding[Symbol.dispose]()
  }

  #tell(change: Readonly<Record<string, unknown>>): void {
    const { action, ...rest } = change
    const data = { action, name: this.name, wireSerno: this.#serial++, ...rest }
    this.#channels.broadcast(this.channel, { eventChannel: this.channel, data }, this)
  }

  /** `{"liveArray":{"command":"bootstrap","context":…,"name":…}}` asks for all rows; they go to the asking session alone. */
  #asked(message: EventMessage): void {
    const { data, sessid } = message as {
      data?: { liveArray?: { command?: unknown; name?: unknown } }
      sessid?: unknown
    }
    const asked = data?.liveArray
    if (asked?.command !== 'bootstrap' || asked.name !== this.name) return
    const rows = { action: 'bootObj', name: this.name, wireSerno: -1, data: [...this.#rows] }
    const to = typeof sessid === 'string' ? { sessid } : {}
    const whole = { eventChannel: this.channel, data: rows, ...to }
    this.#channels.broadcast(this.channel, whole, this)
  }
}
