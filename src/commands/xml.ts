/** xml_locate, xml_flush_cache and xml_wrap. */

import { urlEncode } from '../core/command-text.ts'
import type { Command } from '../core/interfaces.ts'
import { separate } from '../core/separate.ts'
import { writeXml } from '../xml/write.ts'

export const xmlLocate: Command = {
  name: 'xml_locate',
  syntax: '[root | <section> <tag> <tag_attr_name> <tag_attr_val>]',
  about: 'Find some xml',
  run(args, { sw }) {
    const words = separate(args, ' ', 4)
    const [section = '', tag, attribute, value] = words
    if (words.length === 1 && section.toLowerCase() === 'root') return writeXml(sw.xml.root)
    if (words.length !== 1 && words.length !== 4) return '-ERR bad args\n'
    const found = sw.xml.locate(section, tag, attribute, value)
    return found ? writeXml(found) : "can't find anything\n"
  },
}

/** Users are looked up in the tree as it stands, never in a copy: scripts that flush one are told that there is none. */
export const xmlFlushCache: Command = {
  name: 'xml_flush_cache',
  syntax: '<id> <key> <val>',
  about: 'Clear cached users: there are none, the directory is always as reloadxml has read it',
  run: () => '+OK cleared 0 entries\n',
}

export const xmlWrap: Command = {
  name: 'xml_wrap',
  syntax: '<command> <args>',
  about: 'Wrap another api command in xml',
  async run(args, { sw }) {
    const isEncoded = /^encoded /i.test(args)
    const line = isEncoded ? args.slice(8) : args
    const space = line.indexOf(' ')
    const name = space < 0 ? line : line.slice(0, space)
    const reply = await sw.commandInText(name, space < 0 ? '' : line.slice(space + 1), undefined)
    const text = reply ?? 'INVALID COMMAND!\n'
    const data = isEncoded ? urlEncode(text) : text
    return `<result>\n  <row id="1">\n    <data>${data}</data>\n  </row>\n</result>\n`
  },
}
