/** The words of the call center: statuses, states, strategies, reasons, as they stand in commands, events and tables. */

export const agentStatuses = [
  'Logged Out',
  'Available',
  'Available (On Demand)',
  'On Break',
] as const
export type AgentStatus = (typeof agentStatuses)[number]

export const agentStates = ['Waiting', 'Receiving', 'In a queue call', 'Idle', 'Reserved'] as const
export type AgentState = (typeof agentStates)[number]

export const tierStates = ['No Answer', 'Ready', 'Offering', 'Active Inbound', 'Standby'] as const
export type TierState = (typeof tierStates)[number]

export type MemberState = 'Waiting' | 'Trying' | 'Answered' | 'Abandoned'

/** Why a caller left without an agent. A caller who hangs up has broken out, as FreeSWITCH has it. */
export type CancelReason = 'NONE' | 'TIMEOUT' | 'NO_AGENT_TIMEOUT' | 'BREAK_OUT' | 'EXIT_WITH_KEY'

/** How an agent is reached: a contact is dialled, or his channel waits already. */
export type AgentType = 'callback' | 'uuid-standby'

/** The type that a person wrote; undefined when it is none. */
export function agentType(text: string): AgentType | undefined {
  const word = text.toLowerCase()
  return word === 'callback' || word === 'uuid-standby' ? word : undefined
}

/** The word of a list that a person wrote in any case. */
export function wordOf<W extends string>(words: readonly W[], text: string): W | undefined {
  const wanted = text.trim().toLowerCase()
  return words.find((word) => word.toLowerCase() === wanted)
}
