/** say_string: what `say` would play, as a play string. */
import type { Command } from '../core/interfaces.ts'
import { sayString as makeSayString } from '../core/say.ts'
import { separate } from '../core/separate.ts'

export const sayString: Command = {
  name: 'say_string',
  syntax: '<module_name>[.<ext>] <lang>[.<ext>] <say_type> <say_method> [<say_gender>] <text>',
  about: 'The sounds that say a number, a date, a name… (~<text>: without file_string://)',
  run(args, { sw, channel }) {
    const usage = `-ERR Usage: ${sayString.syntax}\n`
    const parts = separate(args, ' ', 6)
    if (parts.length < 5) return usage
    const [module = '', spoken = '', type = '', method = ''] = parts
    const [gender = '', written = ''] = parts.length === 6 ? parts.slice(4) : ['', parts[4]]
    const [, extension = 'wav'] = module.includes('.') ? cut(module) : cut(spoken)
    const isBare = written.startsWith('~')
    const text = isBare ? written.slice(1) : written
    const [language = ''] = module.includes('.') ? [spoken] : cut(spoken)
    const saying = { type, method, gender, text }
    const made = makeSayString(sw, channel, language, saying, extension)
    if (made === undefined) return usage
    return isBare ? made.replace('file_string://', '') : made
  },
}

/** Before and after the first dot. */
function cut(text: string): readonly [string, string?] {
  const dot = text.indexOf('.')
  return dot < 0 ? [text] : [text.slice(0, dot), text.slice(dot + 1)]
}
