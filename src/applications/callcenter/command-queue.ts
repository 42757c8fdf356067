/** `callcenter_config queue …` */
import type { CallCenter } from './center.ts'
import { scoreOf } from './dispatch.ts'
import { loadAgents, loadTiers } from './load.ts'
import type { Queue } from './queue.ts'
import type { Agent, Member } from './rows.ts'
import { done, invalid, printRows, printTable, type SubCommands } from './sub-commands.ts'

export const queueCommands: SubCommands = {
  load: {
    syntax: '<queue>',
    least: 1,
    changes: true,
    run: (center, [name = '']) => load(center, name),
  },
  unload: {
    syntax: '<queue>',
    least: 1,
    changes: false,
    run(center, [name = '']) {
      center.queues.delete(name)
      center.wake()
      return done
    },
  },
  reload: {
    syntax: '<queue>',
    least: 1,
    changes: true,
    run: (center, [name = '']) => load(center, name),
  },
  list: {
    syntax: '[agents <queue> [<status> [<state>]] | members [<queue>] | tiers <queue>]',
    least: 0,
    changes: false,
    run: (center, words) => list(center, words),
  },
  count: {
    syntax: '[agents <queue> [<status> [<state>]] | members <queue> | tiers <queue>]',
    least: 0,
    changes: false,
    run: (center, words) => count(center, words),
  },
}

/** The queue as the file has it now, with all agents and its tiers. */
function load(center: CallCenter, name: string): string {
  if (!center.loadQueue(name)) return '-ERR Invalid Queue not found!\n'
  loadAgents(center)
  loadTiers(center, (queue) => queue === name)
  return done
}

export const queueColumns: readonly (readonly [
  column: string,
  value: (queue: Queue) => string | number,
])[] = [
  ['name', ({ name }) => name],
  ['strategy', ({ settings }) => settings.strategy],
  ['moh_sound', ({ settings }) => settings.music],
  ['time_base_score', ({ settings }) => settings.timeBaseScore],
  ['tier_rules_apply', ({ settings }) => String(settings.rules.apply)],
  ['tier_rule_wait_second', ({ settings }) => settings.rules.waitSeconds],
  ['tier_rule_wait_multiply_level', ({ settings }) => String(settings.rules.multipliesByLevel)],
  ['tier_rule_no_agent_no_wait', ({ settings }) => String(settings.rules.skipsEmpty)],
  ['discard_abandoned_after', ({ settings }) => settings.forgetAfter],
  ['abandoned_resume_allowed', ({ settings }) => String(settings.allowsResume)],
  ['max_wait_time', ({ settings }) => settings.maxWait],
  ['max_wait_time_with_no_agent', ({ settings }) => settings.maxWaitWithoutAgent],
  ['max_wait_time_with_no_agent_time_reached', ({ settings }) => settings.graceWithoutAgent],
  ['record_template', ({ settings }) => settings.recordTemplate],
  ['calls_answered', ({ callsAnswered }) => callsAnswered],
  ['calls_abandoned', ({ callsAbandoned }) => callsAbandoned],
  ['ring_progressively_delay', ({ settings }) => settings.progressiveDelay],
  ['skip_agents_with_external_calls', ({ settings }) => String(settings.skipsExternal)],
  ['agent_no_answer_status', ({ settings }) => settings.noAnswerStatus],
]

function listQueues({ queues }: CallCenter): string {
  const rows = [...queues.values()].map((queue) => queueColumns.map(([, value]) => value(queue)))
  const columns = queueColumns.map(([column]) => column)
  // The head stands there even without a queue.
  return rows.length === 0 ? `${columns.join('|')}\n${done}` : printTable(columns, rows)
}

export function agentsOf(
  { agents }: CallCenter,
  queue: string,
  status?: string,
  state?: string,
): Agent[] {
  return agents
    .of(queue)
    .map(({ agent }) => agent)
    .filter((agent) => status === undefined || agent.status === status)
    .filter((agent) => state === undefined || agent.state === state)
}

/** Those of a queue, or all, the most urgent first. */
export function membersOf({ members }: CallCenter, queue: string | undefined, now: number) {
  const rows = members.list().filter((member) => queue === undefined || member.queue === queue)
  const byScore = (a: Member, b: Member) => scoreOf(b, now) - scoreOf(a, now)
  if (queue !== undefined) return rows.sort(byScore)
  return rows.sort((a, b) => (a.queue < b.queue ? -1 : a.queue > b.queue ? 1 : byScore(a, b)))
}

function list(center: CallCenter, words: readonly string[]): string {
  const [what, queue, status, state] = words
  const { agents, members } = center
  switch (what?.toLowerCase()) {
    case undefined:
      return listQueues(center)
    case 'agents':
      return queue === undefined
        ? invalid
        : printRows(agents.table, agentsOf(center, queue, status, state))
    case 'members': {
      const now = center.now()
      return printTable(
        [...members.columns, 'score'],
        membersOf(center, queue, now).map((row) => [...members.values(row), scoreOf(row, now)]),
      )
    }
    case 'tiers':
      return queue === undefined
        ? invalid
        : printRows(
            agents.tiers,
            agents.tiers.list().filter((tier) => tier.queue === queue),
          )
    default:
      return invalid
  }
}

function count(center: CallCenter, words: readonly string[]): string {
  const [what, queue = '', status, state] = words
  switch (what?.toLowerCase()) {
    case undefined:
      return `${center.queues.size}\n`
    case 'agents':
      return `${agentsOf(center, queue, status, state).length}\n`
    case 'members':
      return `${membersOf(center, queue, center.now()).length}\n`
    case 'tiers':
      return `${center.agents.tiers.list().filter((tier) => tier.queue === queue).length}\n`
    default:
      return invalid
  }
}
