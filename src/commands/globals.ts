/** The switch's own variables, and text expanded with them. */

import { addChannelHeaders, addChannelVariables } from '../core/channel-event.ts'
import { globalScope } from '../core/channel-scope.ts'
import { usage } from '../core/command-usage.ts'
import type { EventName, SwitchEvent } from '../core/events.ts'
import { type ExpandScope, expand as expandText } from '../core/expand/expand.ts'
import type { Command } from '../core/interfaces.ts'
import { separate } from '../core/separate.ts'
import type { Switch } from '../core/switch.ts'

export const globalGetvar: Command = {
  name: 'global_getvar',
  syntax: '<var>',
  about: 'A global variable, or all of them',
  run(args, { sw }) {
    if (args !== '') return sw.globals.get(args) ?? ''
    return [...sw.globals].map(([name, value]) => `${name}=${value}\n`).join('')
  },
}

export const globalSetvar: Command = {
  name: 'global_setvar',
  syntax: '<var>=<value> [=<value2>]',
  about: 'Set a global variable; with a second value only if it has that now',
  run(args, { sw }) {
    const [name = '', value = '', expected = ''] = separate(args, '=', 3)
    if (name === '') return usage(globalSetvar.syntax)
    if (expected !== '' && (sw.globals.get(name) ?? '') !== expected) return '+OK'
    if (value === '') sw.globals.delete(name)
    else sw.globals.set(name, value)
    return '+OK'
  },
}

/** `uuid:<uuid> ` at the start of the arguments, and what follows. Without a blank behind it nothing follows. */
function takeUuid(args: string): { uuid: string; rest: string } {
  if (!/^uuid:/i.test(args)) return { uuid: '', rest: args }
  const space = args.indexOf(' ')
  if (space < 0) return { uuid: '', rest: '' }
  return { uuid: args.slice(5, space), rest: args.slice(space + 1) }
}

/** What text is expanded against that is no channel's own: an event's headers, then the globals. */
function eventScope(sw: Switch, event: SwitchEvent): ExpandScope {
  return {
    ...globalScope(sw),
    variable: (name) => {
      const wanted = name.toLowerCase()
      return event.headers.find(([header]) => header.toLowerCase() === wanted)?.[1]
    },
  }
}

/** An event, with what is known of a channel. */
function describing(sw: Switch, name: EventName, uuid: string): SwitchEvent {
  const event = sw.events.create(name)
  const channel = uuid === '' ? undefined : sw.channels.get(uuid)
  if (channel) {
    addChannelHeaders(event, channel)
    addChannelVariables(event, channel)
  }
  return event
}

export const evaluate: Command = {
  name: 'eval',
  syntax: '[uuid:<uuid> ]<expression>',
  about: 'Expand a text',
  run(args, { sw }) {
    const { uuid, rest } = takeUuid(args)
    return rest === '' ? '' : expandText(rest, eventScope(sw, describing(sw, 'CHANNEL_DATA', uuid)))
  },
}

export const expand: Command = {
  name: 'expand',
  syntax: '[uuid:<uuid> ]<cmd> <args>',
  about: 'Run a command with its arguments expanded',
  async run(args, { sw, channel }) {
    const { uuid, rest } = takeUuid(args)
    if (rest === '') return '-ERR No input\n'
    const event = describing(sw, 'API', uuid)
    event.add('API-Command', 'expand')
    event.add('API-Command-Argument', args)
    const space = rest.indexOf(' ')
    const name = space < 0 ? rest : rest.slice(0, space)
    const text = space < 0 ? '' : await expandText(rest.slice(space + 1), eventScope(sw, event))
    const reply = sw.commandInText(name, text, channel)
    return reply ?? 'INVALID COMMAND!\n-ERR Cannot execute command\n'
  },
}
