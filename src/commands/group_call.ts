/** group_call: the dial string of a group of the directory. */
import { globalScope } from '../core/channel-scope.ts'
import { expand } from '../core/expand/expand.ts'
import type { Command, CommandContext } from '../core/interfaces.ts'
import { flattenDialString, groupDialString } from '../core/originate/group-dial.ts'

const delimiters: Readonly<Record<string, string>> = { F: '|', A: ',', E: ':_:' }

export const groupCall: Command = {
  name: 'group_call',
  syntax: '<group>[@<domain>][+<flags>]',
  about:
    'The dial string of a group of the directory (+A all at once, +F one after the other, +E enterprise)',
  async run(args, context) {
    const { sw, channel } = context
    const [text = '', flags = ''] = args.split('+', 2)
    const delimiter = [...flags].map((flag) => delimiters[flag]).findLast((one) => one) ?? ','
    const [group = '', ownDomain] = text.split('@', 2)
    const domain = ownDomain ?? sw.globals.get('domain') ?? ''
    const legs: string[] = []
    for (const { user } of sw.directory.groupUsers(group, domain)) {
      const dialString = groupDialString(user)
      const leg =
        dialString === undefined
          ? `user/${user.id}@${domain}`
          : await expandFor(context, dialString, {
              dialed_user: user.id,
              dialed_group: group,
              dialed_domain: domain,
            })
      if (leg !== '') legs.push(flattenDialString(leg))
    }
    if (channel && legs.length > 0) channel.variables.set('dialed_group', group)
    return legs.length > 0 ? legs.join(delimiter) : 'error/NO_ROUTE_DESTINATION'
  },
}

/** Expands a user's dial string with who is dialled, on a channel for everyone to see. */
async function expandFor(
  { sw, channel }: CommandContext,
  text: string,
  names: Readonly<Record<string, string>>,
): Promise<string> {
  if (channel) {
    for (const [name, value] of Object.entries(names)) channel.variables.set(name, value)
    return sw.expand(text, channel)
  }
  return expand(text, { ...globalScope(sw), variable: (name) => names[name.toLowerCase()] })
}
