/** uuid_displace and uuid_buglist: media bugs from the console. */
import { usage } from '../core/command-usage.ts'
import { startDisplace, stopDisplace } from '../core/displace.ts'
import { leadingInteger } from '../core/expand/expand.ts'
import type { Command } from '../core/interfaces.ts'
import { bugsOf } from '../core/media-bugs.ts'
import { separate } from '../core/separate.ts'

const success = '+OK Success\n'

export const uuidDisplace: Command = {
  name: 'uuid_displace',
  syntax: '<uuid> [start|stop] <path> [<limit>] [mux]',
  about: 'Displace audio',
  completions: ['::console::list_uuid ::[start:stop'],
  async run(args, { sw }) {
    const [uuid = '', verb = '', path = '', limit = '', flags = ''] = separate(args, ' ', 5)
    if (uuid === '' || verb === '' || path === '') return usage(uuidDisplace.syntax)
    const channel = sw.channels.get(uuid)
    if (!channel) return '-ERR Cannot locate session!\n'
    const word = verb.toLowerCase()
    if (word === 'start') {
      const seconds = Math.max(0, leadingInteger(limit))
      const plays = await startDisplace(channel, path, flags, seconds)
      return plays ? success : '-ERR Cannot displace session!\n'
    }
    if (word !== 'stop') return usage(uuidDisplace.syntax)
    return stopDisplace(channel, path) ? success : '-ERR Cannot stop displace session!\n'
  },
}

export const uuidBuglist: Command = {
  name: 'uuid_buglist',
  syntax: '<uuid>',
  about: 'List media bugs on a session',
  run(args, { sw }) {
    const [uuid] = separate(args, ' ', 2)
    if (uuid === undefined) return usage(uuidBuglist.syntax)
    const channel = sw.channels.get(uuid)
    if (!channel) return ''
    const lines = bugsOf(channel).map(
      ({ name, target }) =>
        ` <media-bug>\n  <function>${name}</function>\n  <target>${inXml(target)}</target>\n  <thread-locked>0</thread-locked>\n </media-bug>\n`,
    )
    return `<media-bugs>\n${lines.join('')}</media-bugs>\n`
  },
}

function inXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
