/**
 * Event channels: JSON messages on named channels between parts of the switch and whoever listens at a browser (Verto's
 * subscriptions). A name may have parts, `conference-mod.3000@example.com`: who is bound to the first part hears them all.
 */
import { reasonOf } from '../base/errors.ts'
import { logger } from '../base/log.ts'

const log = logger('core/event-channels')

export type EventMessage = Readonly<Record<string, unknown>>

/** Told of a message and the channel it was sent to. */
export type EventListener = (channel: string, message: EventMessage) => void

/** Who sends; it does not hear itself. */
export type EventParty = object

interface Binding {
  readonly listener: EventListener
  readonly party: EventParty | undefined
}

export class EventChannels {
  readonly #bindings = new Map<string, Set<Binding>>()
  /** Channels that a client may use beyond what its own rights say, by client. */
  readonly #permissions = new Map<string, Set<string>>()

  /** Listens to a channel, to all below a first part, or to everything (`*`). `party` does not hear what it sends itself. */
  bind(name: string, listener: EventListener, party?: EventParty): Disposable {
    const key = name.toLowerCase()
    const binding = { listener, party }
    const bindings = this.#bindings.get(key) ?? new Set()
    this.#bindings.set(key, bindings)
    bindings.add(binding)
    return {
      [Symbol.dispose]: () => {
        bindings.delete(binding)
        if (bindings.size === 0 && this.#bindings.get(key) === bindings) this.#bindings.delete(key)
      },
    }
  }

  /** Sends to whoever is bound to the channel, to its first part and to everything. Returns to how many. */
  broadcast(name: string, message: EventMessage, from?: EventParty): number {
    const key = name.toLowerCase()
    const dot = key.indexOf('.')
    const heard = [
      ...(this.#bindings.get(key) ?? []),
      ...(dot < 0 ? [] : (this.#bindings.get(key.slice(0, dot)) ?? [])),
      ...(this.#bindings.get('*') ?? []),
    ].filter(({ party }) => from === undefined || party !== from)
    for (const { listener } of heard) {
      try {
        listener(name, message)
      } catch (thrown) {
        log.err(`a listener of ${name} failed: ${reasonOf(thrown)}`)
      }
    }
    return heard.length
  }

  /** Lets a client (its session id) use a channel until that is taken back. */
  permit(client: string, name: string): void {
    const names = this.#permissions.get(client) ?? new Set()
    this.#permissions.set(client, names)
    names.add(name.toLowerCase())
  }

  /** Takes it back; without a name all that the client was given. */
  forbid(client: string, name?: string): void {
    const names = this.#permissions.get(client)
    if (name !== undefined) names?.delete(name.toLowerCase())
    if (name === undefined || names?.size === 0) this.#permissions.delete(client)
  }

  permits(client: string, name: string): boolean {
    return this.#permissions.get(client)?.has(name.toLowerCase()) ?? false
  }
}
