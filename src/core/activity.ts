/**
 * Something that goes on on a channel and can be called off: a state's work, an application. Most of them never ask for
 * their AbortSignal, so it is made only then; a call goes through some twenty of these.
 */

/** One reason for all: an abort without one makes an exception with its stack each time. */
const reason = 'the channel left what it did'

export class Activity {
  /** A break (uuid_break) does not end it; a hangup or a transfer does. */
  readonly ignoresBreak: boolean
  aborted = false
  #controller: AbortController | undefined
  #listeners: (() => void)[] | undefined

  constructor(ignoresBreak: boolean) {
    this.ignoresBreak = ignoresBreak
  }

  /** For waits that take one. */
  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController()
      if (this.aborted) this.#controller.abort(reason)
    }
    return this.#controller.signal
  }

  /** Calls back when it is called off, at once if it was already. */
  onAbort(listener: () => void): void {
    if (this.aborted) listener()
    else if (this.#listeners) this.#listeners.push(listener)
    else this.#listeners = [listener]
  }

  /** Resolves when it is called off. */
  untilAborted(): Promise<void> {
    return new Promise((resolve) => this.onAbort(resolve))
  }

  abort(): void {
    if (this.aborted) return
    this.aborted = true
    this.#controller?.abort(reason)
    const listeners = this.#listeners
    this.#listeners = undefined
    if (listeners) for (const listener of listeners) listener()
  }
}
