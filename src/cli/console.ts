/**
 * The console of the switch: a person (or a script) on one side, the Event Socket on the other. The same code serves
 * `scripts/fs_cli` and the terminal that the server was started on.
 */
import type { ConsoleEnd, ConsoleOptions } from './console-options.ts'
import { ConsoleSession } from './console-session.ts'

export type { ConsoleEnd, ConsoleOptions } from './console-options.ts'

export interface RunningConsole {
  /** Resolves when the person has left or the server has gone; never rejects. The terminal is then given back. */
  readonly finished: Promise<ConsoleEnd>
  /** Ends it from outside, as when the server stops. */
  close(): void
}

/** Opens a console on `input` and `output`. Does not wait for the connection. */
export function startConsole(options: ConsoleOptions): RunningConsole {
  const session = new ConsoleSession(options)
  return { finished: session.run(), close: () => session.end({ reason: 'closed' }) }
}
