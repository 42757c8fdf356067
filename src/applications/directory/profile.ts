/** The profiles of directory.conf.xml. */
import { logger } from '../../base/log.ts'
import { readSettings, type Setting } from '../../core/settings.ts'
import type { Switch } from '../../core/switch.ts'
import { child, childWith } from '../../xml/query.ts'

const log = logger('applications/directory')

const orders = ['last_name', 'first_name', 'first_and_last_name', 'full_name'] as const

export type SearchOrder = (typeof orders)[number]

// biome-ignore format: a table keeps its columns
const settings: readonly Setting[] = [
  { name: 'max-menu-attempts', type: 'number', default: '3', about: 'how often a name may be keyed' },
  { name: 'min-search-digits', type: 'number', default: '3', about: 'fewer digits are not looked for' },
  { name: 'max-result', type: 'number', default: '5', about: 'more matches are not read out; 0 no limit' },
  { name: 'digit-timeout', type: 'number', default: '3000', about: 'ms without a digit that end the name, or the waiting for a choice' },
  { name: 'search-order', type: 'text', default: 'last_name', oneOf: orders, about: 'what the digits are compared with' },
  { name: 'terminator-key', type: 'text', default: '#', about: 'ends the name' },
  { name: 'switch-order-key', type: 'text', default: '*', about: 'first name instead of last name, and back' },
  { name: 'select-name-key', type: 'text', default: '1', about: 'calls whom was just named' },
  { name: 'next-key', type: 'text', default: '6', about: 'the next match' },
  { name: 'prev-key', type: 'text', default: '4', about: 'the match before' },
  { name: 'new-search-key', type: 'text', default: '3', about: 'another name' },
  { name: 'use-number-alias', type: 'boolean', default: 'false', about: 'a user is called by its number-alias where it has one' },
]

export interface DirectoryProfile {
  readonly name: string
  readonly maxAttempts: number
  readonly minDigits: number
  readonly maxResult: number
  /** ms. */
  readonly digitTimeout: number
  readonly order: SearchOrder
  readonly keys: Readonly<
    Record<'terminator' | 'switchOrder' | 'select' | 'next' | 'previous' | 'newSearch', string>
  >
  readonly usesAlias: boolean
}

/** The order of that name; undefined: there is none. */
export function searchOrder(text: string): SearchOrder | undefined {
  const word = text.toLowerCase()
  return orders.find((order) => order === word)
}

/** The profile of that name as the file has it now; undefined when there is none. */
export function findProfile(sw: Switch, name: string): DirectoryProfile | undefined {
  const profiles = child(sw.configuration('directory.conf'), 'profiles')
  const node = childWith(profiles, 'profile', 'name', name)
  if (!node) return undefined
  const values = readSettings(node, settings)
  const key = (setting: string) => {
    const text = values.text(setting)
    if (/^[0-9*#]$/.test(text)) return text
    const usual = settings.find((one) => one.name === setting)?.default ?? ''
    log.err(`directory.conf, profile ${name}: ${setting}="${text}" is no key; ${usual} is used`)
    return usual
  }
  return {
    name,
    maxAttempts: values.number('max-menu-attempts'),
    minDigits: values.number('min-search-digits'),
    maxResult: values.number('max-result'),
    digitTimeout: values.number('digit-timeout'),
    order: searchOrder(values.text('search-order')) ?? 'last_name',
    keys: {
      terminator: key('terminator-key'),
      switchOrder: key('switch-order-key'),
      select: key('select-name-key'),
      next: key('next-key'),
      previous: key('prev-key'),
      newSearch: key('new-search-key'),
    },
    usesAlias: values.boolean('use-number-alias'),
  }
}
