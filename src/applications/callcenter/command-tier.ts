/** `callcenter_config tier …` */
import type { CallCenter } from './center.ts'
import { loadTiers } from './load.ts'
import { tierStates, wordOf } from './names.ts'
import type { Tier } from './rows.ts'
import { done, printRows, reply, type SubCommands } from './sub-commands.ts'

const number = (text: string | undefined, fallback: number) =>
  text ? Number.parseInt(text, 10) || 0 : fallback

export const tierCommands: SubCommands = {
  add: {
    syntax: '<queue> <agent> [<level> [<position>]]',
    least: 2,
    changes: true,
    run: (center, words) => reply(addTier(center, words)),
  },
  set: {
    syntax: 'state|level|position <queue> <agent> <value>',
    least: 4,
    changes: true,
    run: (center, words) => reply(setTier(center, words)),
  },
  del: {
    syntax: '<queue> <agent>',
    least: 2,
    changes: true,
    run({ agents }, [queue = '', agent = '']) {
      const tier = agents.tier(queue, agent)
      if (tier) agents.tiers.remove(tier)
      return done
    },
  },
  reload: {
    syntax: '<queue> <agent> | all',
    least: 1,
    changes: true,
    run(center, [queue = '', agent]) {
      const found = loadTiers(center, (ofQueue, ofAgent) => {
        if (queue.toLowerCase() === 'all') return true
        if (queue.toLowerCase() !== ofQueue.toLowerCase()) return false
        return agent === undefined || agent.toLowerCase() === ofAgent.toLowerCase()
      })
      return found ? done : '-ERR Unknown Error!\n'
    },
  },
  list: {
    syntax: '',
    least: 0,
    changes: false,
    run: ({ agents: { tiers } }) => printRows(tiers, byPlace(tiers.list())),
  },
}

/** In the order in which their agents are called. */
export function byPlace(tiers: readonly Tier[]): Tier[] {
  return [...tiers].sort((a, b) => a.level - b.level || a.position - b.position)
}

function addTier(center: CallCenter, words: readonly string[]): string | undefined {
  const [queue = '', agent = '', level, position] = words
  const { agents } = center
  if (!center.queue(queue)) return 'Queue not found!'
  if (!agents.get(agent)) return 'Agent not found!'
  if (agents.tier(queue, agent)) return 'Tier already exist!'
  agents.tiers.add({ queue, agent, level: number(level, 1), position: number(position, 1) })
  center.wake()
  return undefined
}

function setTier(center: CallCenter, words: readonly string[]): string | undefined {
  const [key = '', queue = '', agent = '', value = ''] = words
  const { agents } = center
  const tier = agents.tier(queue, agent)
  if (!tier) return 'Tier not found!'
  if (!agents.get(agent)) return 'Agent not found!'
  switch (key.toLowerCase()) {
    case 'state': {
      const state = wordOf(tierStates, value)
      if (!state) return 'Invalid Tier State!'
      agents.tiers.change(tier, { state })
      break
    }
    case 'level':
      agents.tiers.change(tier, { level: number(value, 1) })
      break
    case 'position':
      agents.tiers.change(tier, { position: number(value, 1) })
      break
    default:
      return 'Invalid Tier Update KEY!'
  }
  center.wake()
  return undefined
}
