/** Applications that somebody outside (uuid_broadcast, sendmsg) wants a channel to run, one after the other. */

export interface QueuedCommand {
  readonly application: string
  readonly data: string
  /** How often; 0 or less: for ever. Default 1. */
  readonly loops?: number
  readonly uuid?: string | undefined
  readonly uuidName?: string | undefined
  /** Runs before the others. */
  readonly urgent?: boolean
  /** Called when it has run (or the channel ended without running it). */
  done?(): void
}

export class CommandQueue {
  #commands: QueuedCommand[] = []
  #wake: (() => void) | undefined

  add(command: QueuedCommand): void {
    if (command.urgent) this.#commands.unshift(command)
    else this.#commands.push(command)
    this.#wake?.()
    this.#wake = undefined
  }

  take(): QueuedCommand | undefined {
    return this.#commands.shift()
  }

  /** Resolves when there is something to take. One waiter at a time: the innermost application. */
  filled(): Promise<void> {
    if (this.#commands.length > 0) return Promise.resolve()
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

  get length(): number {
    return this.#commands.length
  }
}
