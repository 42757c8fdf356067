/** How text is expanded for a channel, and for the switch alone. */
import type { Channel } from './channel.ts'
import type { ExpandScope } from './expand/expand.ts'
import type { Switch } from './switch.ts'

/** A channel's own scope: scoped variables, variables, profile fields, globals; `${command(args)}` runs with the channel. */
export function channelScope(channel: Channel): ExpandScope {
  return {
    variable: (name) => channel.lookup(name),
    outer: (name) => channel.profile.read(name) ?? channel.sw.globals.get(name),
    command: (name, args) => channel.sw.commandInText(name, args, channel),
    mayRun: () => channel.sw.expandsCommands,
  }
}

/** Text that belongs to no channel (`eval`, console lines): globals and commands. */
export function globalScope(sw: Switch): ExpandScope {
  return {
    kind: 'event',
    variable: (name) => sw.globals.get(name),
    outer: (name) => sw.globals.get(name),
    command: (name, args) => sw.commandInText(name, args, undefined),
    mayRun: () => sw.expandsCommands,
  }
}
