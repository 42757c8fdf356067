/** The tables of the call center, with FreeSWITCH's columns. Times are seconds since the epoch, 0: never. */
import type { TableShape } from '../../core/sql-table.ts'
import type { AgentState, AgentStatus, MemberState, TierState } from './names.ts'

export type Agent = {
  name: string
  instanceId: string
  /** The channel he talks on, or waits on (uuid-standby). */
  uuid: string
  type: string
  contact: string
  status: AgentStatus
  state: AgentState
  maxNoAnswer: number
  wrapUpTime: number
  rejectDelayTime: number
  busyDelayTime: number
  noAnswerDelayTime: number
  lastBridgeStart: number
  lastBridgeEnd: number
  lastOfferedCall: number
  lastStatusChange: number
  noAnswerCount: number
  callsAnswered: number
  talkTime: number
  readyTime: number
  externalCallsCount: number
}

export type Tier = {
  queue: string
  agent: string
  state: TierState
  level: number
  position: number
}

export type Member = {
  queue: string
  instanceId: string
  uuid: string
  /** The caller's channel; empty once he has left. */
  sessionUuid: string
  cidNumber: string
  cidName: string
  /** When his call was answered. */
  systemEpoch: number
  joinedEpoch: number
  rejoinedEpoch: number
  bridgeEpoch: number
  abandonedEpoch: number
  baseScore: number
  skillScore: number
  /** An agent, or the strategy that rings several. */
  servingAgent: string
  servingSystem: string
  state: MemberState
}

/** What FreeSWITCH writes where only one server is meant. */
const singleBox = 'single_box'

export const agentTable: TableShape<Agent> = {
  name: 'agents',
  key: ['name'],
  empty: {
    name: '',
    instanceId: singleBox,
    uuid: '',
    type: 'callback',
    contact: '',
    status: 'Logged Out',
    state: 'Waiting',
    maxNoAnswer: 0,
    wrapUpTime: 0,
    rejectDelayTime: 0,
    busyDelayTime: 0,
    noAnswerDelayTime: 0,
    lastBridgeStart: 0,
    lastBridgeEnd: 0,
    lastOfferedCall: 0,
    lastStatusChange: 0,
    noAnswerCount: 0,
    callsAnswered: 0,
    talkTime: 0,
    readyTime: 0,
    externalCallsCount: 0,
  },
}

export const tierTable: TableShape<Tier> = {
  name: 'tiers',
  key: ['queue', 'agent'],
  empty: { queue: '', agent: '', state: 'Ready', level: 1, position: 1 },
}

export const memberTable: TableShape<Member> = {
  name: 'members',
  key: ['uuid'],
  empty: {
    queue: '',
    instanceId: singleBox,
    uuid: '',
    sessionUuid: '',
    cidNumber: '',
    cidName: '',
    systemEpoch: 0,
    joinedEpoch: 0,
    rejoinedEpoch: 0,
    bridgeEpoch: 0,
    abandonedEpoch: 0,
    baseScore: 0,
    skillScore: 0,
    servingAgent: '',
    servingSystem: '',
    state: 'Waiting',
  },
}
