/** The commands `callcenter_config` and `callcenter_break`. */
import type { Command } from '../../core/interfaces.ts'
import { separate } from '../../core/separate.ts'
import { callCenterOf } from './center.ts'
import { agentCommands } from './command-agent.ts'
import { queueCommands } from './command-queue.ts'
import { tierCommands } from './command-tier.ts'
import { invalid, type SubCommands } from './sub-commands.ts'

const targets: Readonly<Record<string, SubCommands>> = {
  agent: agentCommands,
  tier: tierCommands,
  queue: queueCommands,
}

const usage = Object.entries(targets)
  .flatMap(([target, commands]) =>
    Object.entries(commands).map(
      ([word, { syntax }]) => `\tcallcenter_config ${target} ${word} ${syntax}`,
    ),
  )
  .map((line) => line.trimEnd())
  .join(' | \n')

export const callcenterConfig: Command = {
  name: 'callcenter_config',
  syntax: 'agent|tier|queue <what> …',
  about: 'Show and change agents, tiers and queues',
  completions: Object.entries(targets).flatMap(([target, commands]) =>
    Object.keys(commands).map((word) => `${target} ${word}`),
  ),
  run(args, { sw }) {
    if (args === '') return `-USAGE: \ncallcenter_config <target> <args>,\n${usage}\n`
    const [target = '', word = '', ...words] = separate(args, ' ', 8)
    const sub = targets[target.toLowerCase()]?.[word.toLowerCase()]
    if (!sub || words.length < sub.least) return invalid
    const center = callCenterOf(sw)
    const reply = sub.run(center, words)
    // What was said to be done is kept.
    if (sub.changes) center.flush()
    return reply
  },
}

export const callcenterBreak: Command = {
  name: 'callcenter_break',
  syntax: 'agent <uuid>',
  about: 'An agent is free from now on, though his call goes on',
  completions: ['agent ::console::list_uuid'],
  run(args, { sw }) {
    const [, uuid] = separate(args, ' ')
    if (!uuid) return '-ERR Usage: callcenter_break agent <uuid>\n'
    if (!sw.channels.get(uuid)) return `-ERR Session not found for uuid ${uuid}\n`
    for (const offer of callCenterOf(sw).offers)
      if (offer.isTalking && offer.channel?.uuid === uuid) offer.letGo()
    return '+OK\n'
  },
}
