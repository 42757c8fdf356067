/** The variables of a channel. */
import { usage } from '../core/command-usage.ts'
import { leadingInteger } from '../core/expand/expand.ts'
import type { Command } from '../core/interfaces.ts'
import { separate } from '../core/separate.ts'

const gone = '-ERR No such channel!\n'

export const uuidExists: Command = {
  name: 'uuid_exists',
  syntax: '<uuid>',
  about: 'Whether there is a channel of that uuid',
  run: (args, { sw }) => String(sw.channels.get(args) !== undefined),
}

export const uuidGetvar: Command = {
  name: 'uuid_getvar',
  syntax: '<uuid> <var>',
  about: 'A variable of a channel',
  run(args, { sw }) {
    const [uuid = '', name] = separate(args, ' ', 4)
    if (uuid === '' || name === undefined) return usage(uuidGetvar.syntax)
    const channel = sw.channels.get(uuid)
    if (!channel) return gone
    if (name === '') return '-ERR No variable name specified!\n'
    const indexed = /^([^[]*)\[(.*)\]/.exec(name)
    if (indexed) {
      const value = channel.lookup(indexed[1] ?? '')
      const element = value?.[leadingInteger(indexed[2] ?? '')]
      if (element !== undefined && typeof value !== 'string') return element
    }
    return channel.text(name) ?? '_undef_'
  },
}

export const uuidSetvar: Command = {
  name: 'uuid_setvar',
  syntax: '<uuid> <var> [value]',
  about: 'Set a variable of a channel, or unset it',
  run(args, { sw }) {
    const [uuid = '', name, value] = separate(args, ' ', 3)
    if (uuid === '' || name === undefined) return usage(uuidSetvar.syntax)
    const channel = sw.channels.get(uuid)
    if (!channel) return gone
    if (name === '') return '-ERR No variable specified\n'
    channel.variables.set(name, value)
    return '+OK\n'
  },
}

export const uuidSetvarMulti: Command = {
  name: 'uuid_setvar_multi',
  syntax: '<uuid> <var>=<value>;<var>=<value>...',
  about: 'Set several variables of a channel',
  run(args, { sw }) {
    const space = args.indexOf(' ')
    if (args === '') return usage(uuidSetvarMulti.syntax)
    // FreeSWITCH says nothing when only a uuid is given.
    if (space < 0) return ''
    const channel = sw.channels.get(args.slice(0, space))
    if (!channel) return gone + usage(uuidSetvarMulti.syntax)
    let reply = ''
    let count = 0
    for (const pair of separate(args.slice(space + 1), ';', 64)) {
      const equals = pair.indexOf('=')
      const name = equals < 0 ? pair : pair.slice(0, equals)
      if (name === '') {
        reply += '-ERR No variable specified\n'
        continue
      }
      channel.variables.set(name, equals < 0 ? undefined : pair.slice(equals + 1))
      count++
    }
    return reply + (count > 0 ? '+OK\n' : usage(uuidSetvarMulti.syntax))
  },
}
