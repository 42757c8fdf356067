/** What a console runs with, once the command line, fs_cli.conf and the local server have been heard, in this order. */

import { isSameHost, type LocalServer } from './local-server.ts'
import type { CommandLine } from './options.ts'
import type { Profile } from './profile.ts'

/** Where to connect. */
export interface Target {
  readonly host: string
  readonly port: number
  readonly password: string
  readonly user: string | undefined
}

const builtIn = { host: '127.0.0.1', port: 8021, password: 'ClueCon' }

/**
 * The local server's word fills the gaps only where it is about the same listener: its password is not for other hosts.
 * `local` is asked only when it is needed.
 */
export function chooseTarget(
  commandLine: CommandLine,
  profile: Profile | undefined,
  local: () => LocalServer | undefined,
): Target {
  const host = commandLine.host ?? profile?.host
  const port = commandLine.port ?? profile?.port
  const user = commandLine.user ?? profile?.user
  const password = commandLine.password ?? profile?.password
  const isWhole = host !== undefined && port !== undefined && password !== undefined
  const found = isWhole ? undefined : local()
  const fits =
    found !== undefined &&
    (host === undefined || isSameHost(host, found.host)) &&
    (port === undefined || port === found.port)
  const known = fits ? found : builtIn
  return {
    host: host ?? known.host,
    port: port ?? known.port,
    // The switch's own password is not a user's.
    password: password ?? (user === undefined ? known.password : builtIn.password),
    user,
  }
}

/** Characters of the uuid shown before log lines; 0 shows none. */
export function chooseUuidLength(commandLine: CommandLine, profile: Profile | undefined): number {
  if (commandLine.logUuidLength !== undefined) return commandLine.logUuidLength
  if (!profile?.showsUuid) return 0
  return profile.uuidLength || Number.POSITIVE_INFINITY
}

/** Colours: asked off with -n or NO_COLOR, on or off with FS_CLI_COLOR, else as the output is a terminal. */
export function chooseColour(
  commandLine: CommandLine,
  environment: Readonly<Record<string, string | undefined>>,
  isTerminal: boolean,
): boolean {
  if (commandLine.hasColour === false) return false
  const asked = environment['FS_CLI_COLOR']
  if (asked) return /^(yes|on|true|t|enabled|active|allow)$/i.test(asked) || Number(asked) > 0
  if (environment['NO_COLOR']) return false
  return isTerminal && environment['TERM'] !== 'dumb'
}
