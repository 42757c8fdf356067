/** page: an announcement that is there already, played to many telephones. */
import { reasonOf } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import { usage } from '../core/command-usage.ts'
import type { Command } from '../core/interfaces.ts'
import { page as pageParties, pageSettings } from '../core/page.ts'
import { separate } from '../core/separate.ts'
import { Variables } from '../core/variables.ts'

const log = logger('commands/page')

export const page: Command = {
  name: 'page',
  syntax: '(page_path=<file>[,<variable>=<value>…])<party>[:_:<party>…]',
  about: 'Play a file to everybody named',
  run(args, { sw }) {
    const text = args.trim()
    if (text === '') return '-ERR no data'
    const end = closing(text)
    if (end < 0) return usage(page.syntax)
    const rest = text.slice(end + 1)
    const variables = new Variables()
    for (const item of separate(text.slice(1, end), ',')) {
      const equals = item.indexOf('=')
      if (equals > 0) variables.set(item.slice(0, equals).trim(), item.slice(equals + 1))
    }
    const path = variables.get('page_path')
    const parties = rest.trim() || variables.get('page_data') || ''
    if (!path) return '-ERR page_path is missing\n'
    if (parties === '') return '-ERR nobody to call\n'
    const settings = pageSettings((name) => variables.get(name))
    void pageParties(sw, { path, parties, variables, removesFile: false, ...settings }).catch(
      (thrown: unknown) => log.err(`page failed: ${reasonOf(thrown)}`),
    )
    return '+OK\n'
  },
}

/** Where the bracket closes that `text` begins with; tones have brackets of their own. -1: nowhere. */
function closing(text: string): number {
  if (text[0] !== '(') return -1
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '(') depth++
    else if (text[i] === ')' && --depth === 0) return i
  }
  return -1
}
