/** Saying numbers, dates, names…: the application `say`, `say_string`, the function `say` of phrase macros. Languages are modules. */
import { logger } from '../base/log.ts'
import type { Channel } from './channel.ts'
import type { SayGender, SayMethod, SayType } from './interfaces.ts'
import { findLanguage, languageName } from './phrases/language.ts'
import { withSoundPrefix } from './phrases/sound-prefix.ts'
import { type PlayOptions, type PlayOutcome, play } from './play.ts'
import type { Switch } from './switch.ts'
import { fixedZone, type Zone } from './time/timezone.ts'

const log = logger('core/say')

/** What is to be said, as a person writes it. */
export interface Saying {
  readonly type: string
  readonly method: string
  /** Empty: none. */
  readonly gender: string
  readonly text: string
}

export const sayTypes = [
  'NUMBER',
  'ITEMS',
  'PERSONS',
  'MESSAGES',
  'CURRENCY',
  'TIME_MEASUREMENT',
  'CURRENT_DATE',
  'CURRENT_TIME',
  'CURRENT_DATE_TIME',
  'TELEPHONE_NUMBER',
  'TELEPHONE_EXTENSION',
  'URL',
  'IP_ADDRESS',
  'EMAIL_ADDRESS',
  'POSTAL_ADDRESS',
  'ACCOUNT_NUMBER',
  'NAME_SPELLED',
  'NAME_PHONETIC',
  'SHORT_DATE_TIME',
] as const satisfies readonly SayType[]

const methods = [
  'N/A',
  'PRONOUNCED',
  'ITERATED',
  'COUNTED',
  'PRONOUNCED_YEAR',
] as const satisfies readonly SayMethod[]

const genders = ['N/A', 'MASCULINE', 'FEMININE', 'NEUTER'] as const satisfies readonly SayGender[]

function named<T extends string>(names: readonly T[], written: string): T | undefined {
  const wanted = written.toUpperCase()
  return names.find((name) => name === wanted)
}

/**
 * The sounds that say something, below the language's folder and without extension (`digits/20`), or `scheme://…`. Undefined when
 * it cannot be said, which the log then explains.
 */
function soundsFor(
  sw: Switch,
  channel: Channel | undefined,
  module: string,
  saying: Saying,
): readonly string[] | undefined {
  const what = `say ${saying.type} ${saying.method} ${saying.text}`
  const refuse = (why: string) => {
    log.err(`${what}: ${why}`, channel?.uuid)
    return undefined
  }
  const language = sw.languages.get(module)
  if (!language)
    return refuse(`no module is loaded that says things in "${module}" (mod_say_${module})`)
  const type = named(sayTypes, saying.type)
  if (!type) return refuse(`${saying.type} is none of ${sayTypes.join(' ')}`)
  const method = named(methods, saying.method)
  if (!method)
    log.warning(`${what}: ${saying.method} is none of ${methods.join(' ')}`, channel?.uuid)
  const sounds = language.say({
    type,
    method: method ?? 'N/A',
    gender: named(genders, saying.gender) ?? 'N/A',
    text: saying.text,
    now: Date.now(),
    zone: zoneOf(sw, channel),
  })
  if (!sounds) return refuse(`${type} is not said in "${language.name}"`)
  if (sounds.length === 0) log.err(`${what}: the text cannot be said so`, channel?.uuid)
  return sounds
}

/** The channel's variable `timezone`: a name of timezones.conf, or seconds east of UTC. */
function zoneOf(sw: Switch, channel: Channel | undefined): Zone {
  const wanted = channel ? channel.text('timezone') : sw.globals.get('timezone')
  if (!wanted) return sw.timeZones.server
  const offset = Number.parseInt(wanted, 10)
  if (offset) return fixedZone(offset)
  const zone = sw.timeZones.find(wanted)
  if (!zone)
    log.warning(`timezones.conf has no zone "${wanted}"; the server's is used`, channel?.uuid)
  return zone ?? sw.timeZones.server
}

/** The sounds as one play string: `file_string://digits/20.wav!digits/3.wav`. */
function soundString(sounds: readonly string[], extension = 'wav'): string {
  if (sounds.length === 0) return ''
  const files = sounds.map((sound) => (sound.includes('://') ? sound : `${sound}.${extension}`))
  return `file_string://${files.join('!')}`
}

/** Plays it; undefined when there is nothing to play. */
export async function playSaid(
  channel: Channel,
  module: string,
  saying: Saying,
  options: PlayOptions,
): Promise<PlayOutcome | undefined> {
  const sounds = soundsFor(channel.sw, channel, module, saying)
  if (!sounds || sounds.length === 0) return undefined
  return play(channel, soundString(sounds), options)
}

/** Says something in a language of the XML (undefined: the channel's), with its sounds. */
export async function say(
  channel: Channel,
  saying: Saying,
  languageWanted: string | undefined,
  options: PlayOptions,
): Promise<PlayOutcome | undefined> {
  const name = languageWanted ?? languageName(channel)
  const language = findLanguage(channel.sw, name)
  if (!language) {
    log.err(`say ${saying.type} ${saying.text}: the XML has no language "${name}"`, channel.uuid)
    return undefined
  }
  return withSoundPrefix(channel, language.soundPrefix, false, () =>
    playSaid(channel, language.sayModule, saying, options),
  )
}

/** The play string of a saying in a language of the XML; undefined when it cannot be said. */
export function sayString(
  sw: Switch,
  channel: Channel | undefined,
  languageWanted: string,
  saying: Saying,
  extension: string,
): string | undefined {
  const language = findLanguage(sw, languageWanted)
  if (!language) {
    log.err(`say_string: the XML has no language "${languageWanted}"`, channel?.uuid)
    return undefined
  }
  const sounds = soundsFor(sw, channel, language.sayModule, saying)
  return sounds && soundString(sounds, extension)
}
