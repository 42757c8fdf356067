/** set, unset, export, multiset and their family: applications whose whole effect is on variables. */
import { logger } from '../base/log.ts'
import {
  assign,
  assignExpanded,
  exportVariable,
  splitAssignment,
  unshift as unshiftValue,
} from '../core/assign.ts'
import type { ProfileField } from '../core/caller-profile.ts'
import { profileFieldNames } from '../core/caller-profile.ts'
import type { Channel } from '../core/channel.ts'
import type { Application } from '../core/interfaces.ts'
import { separate } from '../core/separate.ts'
import { strftime as formatTime } from '../core/time/strftime.ts'
import { localTime } from '../core/time/timezone.ts'

const log = logger('applications/variables')

/** Applications of this family run at once and may run while the dialplan is hunting. */
function variableApplication(
  name: string,
  syntax: string,
  about: string,
  run: (channel: Channel, data: string) => Promise<void> | void,
): Application {
  return { name, syntax, about, needs: 'nothing', inline: true, zombie: true, run }
}

export const set = variableApplication(
  'set',
  '<name>=<value>',
  'Set a variable; an empty value unsets it',
  assignExpanded,
)

export const unset: Application = {
  ...variableApplication('unset', '<name>', 'Unset a variable', (channel, data) =>
    channel.variables.unset(data.trim()),
  ),
}

export const multiset = variableApplication(
  'multiset',
  '[^^<delimiter>]<name>=<value> <name>=<value>…',
  'Set several variables',
  async (channel, data) => {
    for (const part of separate(data, ' ')) await assignExpanded(channel, part)
  },
)

export const multiunset = variableApplication(
  'multiunset',
  '[^^<delimiter>]<name> <name>…',
  'Unset several variables',
  (channel, data) => {
    for (const name of separate(data, ' ')) channel.variables.unset(name)
  },
)

export const exportApplication = variableApplication(
  'export',
  '[nolocal:]<name>=<value>',
  'Set a variable here and on the legs that are dialled from here on',
  (channel, data) => exportVariable(channel, data, 'export_vars'),
)

export const bridgeExport = variableApplication(
  'bridge_export',
  '[nolocal:]<name>=<value>',
  'Set a variable here and on any channel this one gets bridged with',
  (channel, data) => exportVariable(channel, data, 'bridge_export_vars'),
)

export const push = variableApplication(
  'push',
  '<name>=<value>',
  'Append to a list',
  (channel, data) => {
    const [name, value] = splitAssignment(data)
    if (value) channel.variables.push(name, value)
  },
)

export const unshift = variableApplication(
  'unshift',
  '<name>=<value>',
  'Put in front of a list',
  (channel, data) => {
    const [name, value] = splitAssignment(data)
    if (value) unshiftValue(channel.variables, name, value)
  },
)

export const rename: Application = {
  ...variableApplication(
    'rename',
    '<from> <to>',
    'Give a variable another name',
    (channel, data) => {
      const [from = '', to = ''] = separate(data, ' ')
      const value = channel.variables.value(from)
      if (!to || value === undefined) return
      channel.variables.set(to, value)
      channel.variables.unset(from)
    },
  ),
  inline: false,
}

export const setGlobal = variableApplication(
  'set_global',
  '<name>=<value>',
  'Set a variable of the whole switch; an empty value deletes it',
  (channel, data) => {
    const [name, value] = splitAssignment(data)
    if (value) channel.sw.globals.set(name, value)
    else channel.sw.globals.delete(name)
  },
)

const fields: ReadonlySet<string> = new Set(profileFieldNames)

export const setProfileVar = variableApplication(
  'set_profile_var',
  '<field>=<value>',
  'Set a field of the caller profile; an unknown one becomes a field of its own',
  (channel, data) => {
    const [name, value] = splitAssignment(data)
    const field = name.trim().toLowerCase()
    if (fields.has(field)) channel.profile.set(field as ProfileField, value)
    else channel.profile.soft.set(field, value)
  },
)

export const setUser = variableApplication(
  'set_user',
  '<user>@<domain> [<prefix>]',
  "Load a directory user's variables",
  (channel, data) => {
    const [address = '', prefix = ''] = data.trim().split(/\s+/)
    const [name = '', domain = ''] = address.split('@')
    const user = channel.sw.directory.user(name, domain)
    if (!user) return log.warning(`set_user: there is no user ${address}`, channel.uuid)
    for (const [key, value] of user.variables) assign(channel.variables, prefix + key, value)
    for (const [key, value] of user.profileVariables)
      channel.profile.soft.set(key.toLowerCase(), value)
    const alias = user.attributes.get('number-alias')
    if (alias) channel.variables.set(`${prefix}number_alias`, alias)
    channel.variables.set(`${prefix}user_name`, user.id)
    channel.variables.set(`${prefix}domain_name`, user.domain)
  },
)

export const setName: Application = {
  ...variableApplication('set_name', '<name>', 'Rename the channel', (channel, data) => {
    if (data) channel.rename(data)
  }),
  inline: false,
}

export const evaluate = variableApplication(
  'eval',
  '<text>',
  'Does nothing but expand its text, so that commands in it run',
  () => undefined,
)

export const stop = variableApplication('stop', '<text>', 'The same as eval', () => undefined)

export const verboseEvents = variableApplication(
  'verbose_events',
  '',
  'Every event of this channel carries its variables',
  (channel) => channel.variables.set('verbose_events', 'true'),
)

export const setZombieExec = variableApplication(
  'set_zombie_exec',
  '',
  'Go on with the actions after hangup where an application allows it',
  (channel) => channel.variables.set('zombie_exec', 'true'),
)

export const strftime: Application = {
  ...variableApplication(
    'strftime',
    '<name>=<format>',
    'Set a variable to the time in a format',
    (channel, data) => {
      const [name, format] = splitAssignment(data)
      channel.variables.set(
        name,
        formatTime(format, localTime(Date.now(), channel.sw.timeZones.server)),
      )
    },
  ),
  inline: false,
}
