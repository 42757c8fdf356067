/** A small typed emitter: a listener that throws cannot break whoever speaks. */
import { reasonOf } from './errors.ts'
import { logger } from './log.ts'

const log = logger('base/emitter')

type Listener<T> = (value: T) => void

/** `Emitter<{ closed: string; dtmf: Digit }>`: each event carries one value. */
export class Emitter<Events extends Record<string, unknown>> {
  readonly #listeners = new Map<keyof Events, Set<Listener<never>>>()

  on<K extends keyof Events>(event: K, listener: Listener<Events[K]>): Disposable {
    const listeners = this.#listeners.get(event) ?? new Set()
    this.#listeners.set(event, listeners)
    listeners.add(listener as Listener<never>)
    return { [Symbol.dispose]: () => void listeners.delete(listener as Listener<never>) }
  }

  once<K extends keyof Events>(event: K, listener: Listener<Events[K]>): Disposable {
    const handle = this.on(event, (value) => {
      handle[Symbol.dispose]()
      listener(value)
    })
    return handle
  }

  emit<K extends keyof Events>(event: K, value: Events[K]): void {
    const set = this.#listeners.get(event)
    if (!set) return
    for (const listener of [...set]) {
      try {
        ;(listener as Listener<Events[K]>)(value)
      } catch (thrown) {
        log.err(`a listener of ${String(event)} failed: ${reasonOf(thrown)}`)
      }
    }
  }

  /** Whether anybody listens: ask before building a costly value. */
  has(event: keyof Events): boolean {
    return (this.#listeners.get(event)?.size ?? 0) > 0
  }
}
