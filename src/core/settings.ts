/** Settings as tables: a module says which params it knows, and whatever is unknown or bad is reported with file and line. */
import { placeText } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import type { XmlNode } from '../xml/node.ts'
import { isFalse, isTrue } from './variables.ts'

const log = logger('core/settings')

export type SettingType = 'text' | 'number' | 'port' | 'boolean'

export interface Setting {
  readonly name: string
  readonly type: SettingType
  readonly default?: string
  /** The only values of a text. */
  readonly oneOf?: readonly string[]
  readonly about: string
  /** FreeSWITCH knows it, this switch does not act on it; the log says so once. */
  readonly ignored?: boolean
  /** Values of an ignored one that need no word, for they ask for what is so anyway; `off`: no, false, 0, nothing. */
  readonly fits?: readonly string[] | 'off'
  /** The switch without which an ignored one means nothing: while that is off, no word is said of it. */
  readonly onlyWith?: string
}

export interface Values {
  text(name: string): string
  /** undefined where it stands neither in the file nor in the table's defaults. */
  maybe(name: string): string | undefined
  number(name: string): number
  boolean(name: string): boolean
  /** Every value of a param that may stand several times. */
  all(name: string): readonly string[]
}

/** Params of which the log has had its word: once is enough, until the file is read again. */
const told = new WeakSet<XmlNode>()

/** Reads the `<param name value>` children of `node` (or of its `<settings>`) by a table. */
export function readSettings(node: XmlNode | undefined, table: readonly Setting[]): Values {
  const known = new Map(table.map((setting) => [setting.name.toLowerCase(), setting]))
  const given = new Map<string, string[]>()
  const params = paramsOf(node)
  const isOn = (name: string) =>
    params.some(
      ({ attributes }) =>
        attributes.get('name')?.toLowerCase() === name && isTrue(attributes.get('value')),
    )
  for (const param of params) {
    const name = param.attributes.get('name') ?? ''
    const value = param.attributes.get('value') ?? ''
    const setting = known.get(name.toLowerCase())
    const isNews = !told.has(param)
    told.add(param)
    if (!setting) {
      if (isNews) log.warning(`${placeText(param.place)}: unknown param ${name}="${value}"`)
      continue
    }
    if (setting.ignored) {
      if (fitsAnyway(setting, value) || (setting.onlyWith && !isOn(setting.onlyWith))) continue
      if (isNews)
        log.info(
          `${placeText(param.place)}: ${name} is known but has no effect here (${setting.about})`,
        )
      continue
    }
    const complaint = complaintAbout(setting, value)
    if (complaint) {
      log.err(
        `${placeText(param.place)}: ${name}="${value}" ${complaint}; ${setting.default ?? 'nothing'} is used`,
      )
      continue
    }
    const values = given.get(setting.name) ?? []
    values.push(value)
    given.set(setting.name, values)
  }
  const maybe = (name: string) => given.get(name)?.at(-1) ?? known.get(name.toLowerCase())?.default
  // Calls ask for the same few again and again.
  const booleans = new Map<string, boolean>()
  const boolean = (name: string) => {
    let value = booleans.get(name)
    if (value === undefined) {
      value = isTrue(maybe(name))
      booleans.set(name, value)
    }
    return value
  }
  return {
    maybe,
    text: (name) => maybe(name) ?? '',
    number: (name) => Number(maybe(name) ?? 0),
    boolean,
    all: (name) => given.get(name) ?? [],
  }
}

function fitsAnyway({ fits = [] }: Setting, value: string): boolean {
  const word = value.trim().toLowerCase()
  return fits === 'off' ? word === '' || word === '0' || isFalse(word) : fits.includes(word)
}

/** The `<param>` children of `node` and of its `<settings>`. */
export function paramsOf(node: XmlNode | undefined): XmlNode[] {
  if (!node) return []
  const lists = [node, ...node.children.filter((child) => child.name === 'settings')]
  return lists.flatMap((list) => list.children.filter((child) => child.name === 'param'))
}

function complaintAbout(setting: Setting, value: string): string | undefined {
  switch (setting.type) {
    case 'number':
      return /^-?\d+(\.\d+)?$/.test(value.trim()) ? undefined : 'is not a number'
    case 'port':
      return /^\d+$/.test(value) && Number(value) <= 65535 ? undefined : 'is not a port (0–65535)'
    case 'boolean':
      return isTrue(value) || isFalse(value) ? undefined : 'is neither yes nor no'
    default:
      return setting.oneOf === undefined || setting.oneOf.includes(value)
        ? undefined
        : `is none of ${setting.oneOf.join(', ')}`
  }
}
