/** Setting one thing of an agent, by the word that commands and the configuration use for it. */
import type { CallCenter } from './center.ts'
import { announceInfo } from './info-event.ts'
import { agentStates, agentStatuses, agentType, wordOf } from './names.ts'
import type { Agent } from './rows.ts'

/** Words of `agent set` that take a whole number. */
const numbers = {
  ready_time: 'readyTime',
  busy_delay_time: 'busyDelayTime',
  reject_delay_time: 'rejectDelayTime',
  no_answer_delay_time: 'noAnswerDelayTime',
  max_no_answer: 'maxNoAnswer',
  wrap_up_time: 'wrapUpTime',
} as const satisfies Readonly<Record<string, keyof Agent>>

/** What is wrong, as FreeSWITCH words it; undefined when it is done. */
export function setAgent(
  center: CallCenter,
  name: string,
  key: string,
  value: string,
): string | undefined {
  const { agents } = center
  const agent = agents.get(name)
  if (!agent) return 'Agent not found!'
  const word = key.toLowerCase()
  if (word in numbers) {
    const column = numbers[word as keyof typeof numbers]
    agents.table.change(agent, { [column]: Number.parseInt(value, 10) || 0 })
    center.wake()
    return undefined
  }
  switch (word) {
    case 'status': {
      const status = wordOf(agentStatuses, value)
      if (!status) return 'Invalid Agent Status!'
      agents.setStatus(agent, status)
      return undefined
    }
    case 'state': {
      const state = wordOf(agentStates, value)
      if (!state) return 'Invalid Agent State!'
      agents.setState(agent, state)
      return undefined
    }
    case 'state_if_waiting': {
      const state = wordOf(agentStates, value)
      if (!state) return 'Invalid Agent State!'
      const isFree = agent.status === 'Available' || agent.status === 'Available (On Demand)'
      if (!isFree || agent.state !== 'Waiting') return 'Agent not found!'
      agents.setState(agent, state)
      return undefined
    }
    case 'uuid':
      agents.table.change(agent, { uuid: value })
      return undefined
    case 'contact':
      agents.table.change(agent, { contact: value })
      announceInfo(center.sw, {
        'CC-Agent': name,
        'CC-Action': 'agent-contact-change',
        'CC-Agent-Contact': value,
      })
      return undefined
    case 'type':
      if (!agentType(value)) return 'Invalid Agent Type!'
      agents.table.change(agent, { type: value })
      return undefined
    default:
      return 'Invalid Agent Update KEY!'
  }
}
