/** fs_cli.conf: the profiles a person keeps for the switches they talk to. */

import { placeText, SwitchError } from '../base/errors.ts'
import { logLevelNumber } from '../base/log.ts'
import { colourNames } from './colours.ts'
import { shortUuidLength } from './options.ts'

/** One [section]. What it does not say stays undefined. */
export interface Profile {
  name: string
  host?: string
  port?: number
  user?: string
  password?: string
  isBatch?: boolean
  debug?: number
  logLevel?: string
  showsUuid?: boolean
  uuidLength?: number
  isQuiet?: boolean
  keepsNoHistory?: boolean
  promptString?: string
  promptColour?: string
  inputColour?: string
  outputColour?: string
  timeout?: number
  connectTimeout?: number
  /** Key number to command. */
  readonly functionKeys: Map<number, string>
  /** The command of every second press. */
  readonly toggledKeys: Map<number, string>
}

export interface ProfileFile {
  readonly profiles: readonly Profile[]
  /** What was not understood, each with its file and line. */
  readonly warnings: readonly string[]
}

const isYes = (value: string): boolean =>
  /^(yes|on|true|t|enabled|active|allow)$/i.test(value) || (Number(value) || 0) !== 0

function number(value: string, low: number, high: number): number {
  const result = /^[0-9]+$/.test(value) ? Number(value) : Number.NaN
  if (result >= low && result <= high) return result
  throw new SwitchError('CLI_BAD_PROFILE', `${value} is not a whole number from ${low} to ${high}`)
}

function colour(value: string): string {
  const name = value.toLowerCase()
  if (colourNames.includes(name)) return name
  throw new SwitchError('CLI_BAD_PROFILE', `${value} is not a colour (${colourNames.join(' ')})`)
}

function level(value: string): string {
  if (logLevelNumber(value) !== undefined) return value
  throw new SwitchError('CLI_BAD_PROFILE', `${value} is not a log level`)
}

/** Milliseconds; no wait is longer. */
const day = 86_400_000

// biome-ignore format: a table keeps its columns
const setters: Readonly<Record<string, (value: string) => Partial<Profile>>> = {
  host:                (host) => ({ host }),
  port:                (text) => ({ port: number(text, 1, 65535) }),
  user:                (user) => ({ user }),
  password:            (password) => ({ password }),
  batchmode:           (text) => ({ isBatch: isYes(text) }),
  debug:               (text) => ({ debug: number(text, 0, 7) }),
  loglevel:            (text) => ({ logLevel: level(text) }),
  'log-uuid':          (text) => ({ showsUuid: isYes(text) }),
  'log-uuid-short':    (text) => ({ showsUuid: isYes(text), uuidLength: isYes(text) ? shortUuidLength : 0 }),
  'log-uuid-length':   (text) => ({ uuidLength: number(text, 0, 36) }),
  quiet:               (text) => ({ isQuiet: isYes(text) }),
  'no-history-file':   (text) => ({ keepsNoHistory: isYes(text) }),
  'prompt-string':     (promptString) => ({ promptString }),
  'prompt-color':      (text) => ({ promptColour: colour(text) }),
  'input-text-color':  (text) => ({ inputColour: colour(text) }),
  'output-text-color': (text) => ({ outputColour: colour(text) }),
  timeout:             (text) => ({ timeout: number(text, 0, day) }),
  'connect-timeout':   (text) => ({ connectTimeout: number(text, 0, day) }),
}

/** Reads the text of an fs_cli.conf. `file` is its name, for what is said about it. */
export function parseProfiles(text: string, file: string): ProfileFile {
  const profiles: Profile[] = []
  const warnings: string[] = []
  for (const [index, raw] of text.split('\n').entries()) {
    if (raw.startsWith('__END__')) break
    const warn = (why: string) => warnings.push(`${placeText({ file, line: index + 1 })}: ${why}`)
    const section = /^\[([^\]]*)\]/.exec(raw)
    if (section) {
      profiles.push({ name: section[1] ?? '', functionKeys: new Map(), toggledKeys: new Map() })
      continue
    }
    const [line = ''] = raw.split(';;') // the rest is a remark
    if (/^\s*([#;].*)?$/.test(line)) continue
    const pair = /^\s*([^=]*?)\s*=>?\s*(.*?)\s*$/.exec(line)
    const profile = profiles.at(-1)
    if (!pair) warn('neither a [profile] nor a setting => value')
    else if (!profile) warn('a setting before the first [profile]')
    else {
      const [, name = '', value = ''] = pair
      try {
        if (!applySetting(profile, name.toLowerCase(), value)) warn(`unknown setting ${name}`)
      } catch (thrown) {
        if (!(thrown instanceof SwitchError)) throw thrown
        warn(`${name}: ${thrown.message}`)
      }
    }
  }
  return { profiles, warnings }
}

/** False when there is no such setting. */
function applySetting(profile: Profile, name: string, value: string): boolean {
  const key = /^key_(toggle_)?f([0-9]+)$/.exec(name)
  if (key) {
    const keys = key[1] ? profile.toggledKeys : profile.functionKeys
    keys.set(number(key[2] ?? '', 1, 12), value)
    return true
  }
  const read = setters[name]
  if (!read) return false
  Object.assign(profile, read(value))
  return true
}

/** The profile of this name; without a name `default`, else the first, else none. */
export function chooseProfile(
  profiles: readonly Profile[],
  name: string | undefined,
): Profile | undefined {
  if (name === undefined) {
    return profiles.find((profile) => profile.name === 'default') ?? profiles[0]
  }
  const named = profiles.find((profile) => profile.name === name)
  if (named) return named
  const known = profiles.map((profile) => profile.name).join(', ') || 'none'
  throw new SwitchError('CLI_NO_PROFILE', `there is no profile ${name} (there is: ${known})`)
}
