/**
 * The languages of the XML: `<language name="en" say-module="en" sound-prefix="…">` with the phrase macros inside, in the section
 * `languages` (`language/phrases/macros/macro`) or, as older trees have it, `phrases` (`macros/language/macro`).
 */
import { logger } from '../../base/log.ts'
import type { XmlNode } from '../../xml/node.ts'
import { attribute, child, children, childWith } from '../../xml/query.ts'
import type { Channel } from '../channel.ts'
import type { Switch } from '../switch.ts'

const log = logger('core/phrases')

export interface Language {
  readonly name: string
  readonly node: XmlNode
  /** What speaks numbers and dates: the name of a SayLanguage. */
  readonly sayModule: string
  /** Where its sounds lie. */
  readonly soundPrefix: string | undefined
  readonly ttsEngine: string | undefined
  readonly ttsVoice: string | undefined
}

export interface Macro {
  readonly node: XmlNode
  /** The `<macros>` it stands in: its attributes beat those of the language. */
  readonly group: XmlNode
}

/** The language a channel is spoken to in, unless something else says: `language`, then `default_language`, then `en`. */
export function languageName(channel: Channel | undefined): string {
  return channel?.text('language') ?? channel?.text('default_language') ?? 'en'
}

/** A language by name in any case; of `de-CH` that is not there `de` is taken. Undefined when there is none. */
export function findLanguage(sw: Switch, name: string): Language | undefined {
  const node = findNode(sw, name) ?? findNode(sw, name.split('-')[0] ?? name)
  return node && languageOf(node, name)
}

/** Every language of the XML. */
export function allLanguages(sw: Switch): readonly Language[] {
  return ['languages', 'phrases'].flatMap((section) => {
    const tree = sw.xml.section(section)
    const nodes = [...children(tree, 'language'), ...children(child(tree, 'macros'), 'language')]
    return nodes.map((node) => languageOf(node, ''))
  })
}

function languageOf(node: XmlNode, name: string): Language {
  const first = (...names: readonly string[]) => firstAttribute(node, names)
  return {
    name: attribute(node, 'name') ?? name,
    node,
    sayModule: first('say-module', 'module') ?? attribute(node, 'name') ?? name,
    soundPrefix: soundPrefixOf(node),
    ttsEngine: first('tts-engine', 'tts_engine'),
    ttsVoice: first('tts-voice', 'tts_voice'),
  }
}

/** Where the sounds of a language or a group of macros lie, by any name the attribute has had. */
export function soundPrefixOf(node: XmlNode): string | undefined {
  return firstAttribute(node, ['sound-prefix', 'sound-path', 'sound_path'])
}

function firstAttribute(node: XmlNode, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = attribute(node, name)
    if (value) return value
  }
  return undefined
}

function findNode(sw: Switch, name: string): XmlNode | undefined {
  for (const section of ['languages', 'phrases']) {
    const tree = sw.xml.section(section)
    const found =
      childWith(tree, 'language', 'name', name) ??
      childWith(child(tree, 'macros'), 'language', 'name', name)
    if (found) return found
  }
  return undefined
}

/** The `<macros>` of a language; an older tree has its macros right inside the language, and no groups. */
export function macroGroups({ node }: Language): readonly XmlNode[] {
  const phrases = child(node, 'phrases')
  return phrases ? children(phrases, 'macros') : [node]
}

/** A macro by `name` or `name@group`; says in the log what is missing. */
export function findMacro(language: Language, written: string): Macro | undefined {
  const { node } = language
  const at = written.indexOf('@')
  const name = at < 0 ? written : written.slice(0, at)
  const where = `${node.place.file}:${node.place.line}: language ${language.name}`
  const groups = macroGroups(language)
  const wanted = at < 0 ? undefined : written.slice(at + 1).toLowerCase()
  const searched =
    wanted === undefined
      ? groups.filter((group, index) => index === 0 || attribute(group, 'name') === undefined)
      : groups.filter((group) => attribute(group, 'name')?.toLowerCase() === wanted)
  if (searched.length === 0) {
    log.err(`${where} has no <macros${wanted === undefined ? '' : ` name="${wanted}"`}>`)
    return undefined
  }
  for (const group of searched) {
    const found = childWith(group, 'macro', 'name', name)
    if (found) return { node: found, group }
  }
  log.err(`${where} has no macro "${written}"`)
  return undefined
}
