/** What somebody outside (uuid_broadcast, sendmsg) wants a channel to do, one after the other. */

export interface QueuedCommand {
  readonly application: string
  readonly data: string
  /** How often; 0 or less: for ever. Default 1. */
  readonly loops?: number
  readonly uuid?: string | undefined
  readonly uuidName?: string | undefined
  /** Runs before the others. */
  readonly urgent?: boolean
  /** While it runs no other one does, also where it waits itself (`event-lock`). */
  readonly isLocked?: boolean
  /** What is done in its turn in place of an application. */
  act?(): Promise<void> | void
  /** Called before the application; what it gives is called when that is over. */
  around?(): Promise<(() => void) | undefined>
  /** Called when it has run (or the channel ended without running it). */
  done?(): void
}

export class CommandQueue {
  #commands: QueuedCommand[] = []
  #wake: (() => void) | undefined
  #locks = 0

  add(command: QueuedCommand): void {
    if (command.urgent) this.#commands.unshift(command)
    else this.#commands.push(command)
    this.#wakeUp()
  }

  take(): QueuedCommand | undefined {
    return this.#locks > 0 ? undefined : this.#commands.shift()
  }

  /** Nothing is given out until disposed. */
  lock(): Disposable {
    this.#locks++
    return {
      [Symbol.dispose]: () => {
        this.#locks--
        if (this.#commands.length > 0) this.#wakeUp()
      },
    }
  }

  /** Resolves when there is something to take. One waiter at a time: the innermost application. */
  filled(): Promise<void> {
    if (this.#locks === 0 && this.#commands.length > 0) return Promise.resolve()
    return new Promise((resolve) => {
      const before = this.#wake
      this.#wake = () => {
        before?.()
        resolve()
      }
    })
  }

  /** Lets go of everything when the channel ends. */
  clear(): void {
    for (const command of this.#commands) command.done?.()
    this.#commands = []
  }

  #wakeUp(): void {
    if (this.#locks > 0) return
    this.#wake?.()
    this.#wake = undefined
  }

  get length(): number {
    return this.#commands.length
  }

  /** Whether something that comes now would have to wait for what is locked or came before it. */
  get isBusy(): boolean {
    return this.#locks > 0 || this.#commands.length > 0
  }
}
