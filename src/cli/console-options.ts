/** What a console is opened with, and how it can end. */
import type { Writable } from 'node:stream'
import type { SwitchError } from '../base/errors.ts'
import type { FunctionKeys } from './function-keys.ts'
import type { Target } from './settings.ts'
import type { TerminalInput } from './terminal-face.ts'

export interface ConsoleOptions {
  readonly host: string
  readonly port: number
  readonly password: string
  /** `user@domain` of the directory, instead of the switch's own password. */
  readonly user?: string | undefined
  readonly input: TerminalInput
  /** A terminal has `columns` and emits `resize`. */
  readonly output: Writable & { readonly isTTY?: boolean; readonly columns?: number | undefined }
  /** Asked before each attempt to connect, when the place or password may change; else they stay as given. */
  readonly target?: (() => Target) | undefined
  /** Name or number of a log level; absent leaves it to the server. */
  readonly logLevel?: string | undefined
  /** True: no log until /log asks for it. */
  readonly isQuiet?: boolean
  /** Characters of a channel's uuid before its log lines; 0 (as when absent): none. */
  readonly uuidLength?: number
  /** Shows the log lines of this channel only. */
  readonly uuidFilter?: string | undefined
  /** Line by line even on a terminal. */
  readonly isBatch?: boolean
  /** Absent: colours on a terminal, unless the environment forbids them (NO_COLOR, FS_CLI_COLOR). */
  readonly hasColour?: boolean
  /** Control-C leaves at once. */
  readonly isInterruptible?: boolean
  /** How often the first connection is tried, a second apart; 1 when absent. */
  readonly attempts?: number
  readonly reconnects?: boolean
  /** Milliseconds for one command; 0 waits for ever. */
  readonly timeout?: number
  /** Milliseconds. */
  readonly connectTimeout?: number
  /** Where typed lines are kept; absent keeps them in memory. */
  readonly historyFile?: string | undefined
  /** Absent: those of the switch's own console. */
  readonly functionKeys?: FunctionKeys
  readonly showsBanner?: boolean
  /** With %s switch name, %h this host, %H the switch's host, %p profile, %o host, %P port; `> ` is added. */
  readonly promptString?: string | undefined
  readonly profileName?: string | undefined
  /** Names of fs_cli.conf. */
  readonly promptColour?: string | undefined
  readonly inputColour?: string | undefined
  readonly outputColour?: string | undefined
  /** 0–7, how much the console says of itself; 6 when absent, 7 shows the wire. */
  readonly debug?: number
}

/** Why a console ended. `unreachable`: there never was a connection, or none any more after all attempts. */
export interface ConsoleEnd {
  readonly reason: 'left' | 'interrupted' | 'disconnected' | 'unreachable' | 'closed'
  /** What was wrong, for `unreachable`. */
  readonly error?: SwitchError
}
