/** `callcenter_config agent …` */
import type { CallCenter } from './center.ts'
import { announceInfo } from './info-event.ts'
import { loadAgent } from './load.ts'
import { setAgent } from './set-agent.ts'
import { done, invalid, printRows, reply, type SubCommands } from './sub-commands.ts'

const readable = ['status', 'state', 'uuid'] as const

export const agentCommands: SubCommands = {
  add: {
    syntax: '<name> callback|uuid-standby',
    least: 2,
    changes: true,
    run({ agents }, [name = '', type = '']) {
      const result = agents.add(name, type)
      if (result === 'added') return done
      return result === 'there already'
        ? '-ERR Agent already exist!\n'
        : '-ERR Agent type invalid!\n'
    },
  },
  del: {
    syntax: '<name>',
    least: 1,
    changes: true,
    run({ agents }, [name = '']) {
      agents.remove(name)
      return done
    },
  },
  reload: {
    syntax: '<name>',
    least: 1,
    changes: true,
    run(center, [name = '']) {
      loadAgent(center, name)
      return done
    },
  },
  set: {
    syntax:
      'status|state|contact|uuid|type|ready_time|reject_delay_time|busy_delay_time|no_answer_delay_time|max_no_answer|wrap_up_time <name> <value>',
    least: 3,
    changes: true,
    run: (center, [key = '', name = '', value = '']) => reply(setAgent(center, name, key, value)),
  },
  get: {
    syntax: 'status|state|uuid <name>',
    least: 2,
    changes: false,
    run: (center, [key = '', name = '']) => getAgent(center, key.toLowerCase(), name),
  },
  list: {
    syntax: '[<name>]',
    least: 0,
    changes: false,
    run({ agents: { table } }, words) {
      if (words.length > 1) return invalid
      const rows = table.list().filter(({ name }) => words.length === 0 || name === words[0])
      return printRows(table, rows)
    },
  },
}

function getAgent(center: CallCenter, word: string, name: string): string {
  const agent = center.agents.get(name)
  if (!agent) return '-ERR Agent not found!\n'
  const key = readable.find((one) => one === word)
  if (!key) return '-ERR Invalid Agent Update KEY!\n'
  const header = key === 'uuid' ? 'UUID' : key === 'status' ? 'Status' : 'State'
  announceInfo(center.sw, {
    'CC-Agent': name,
    'CC-Action': `agent-${key}-get`,
    [`CC-Agent-${header}`]: agent[key],
  })
  return agent[key]
}
