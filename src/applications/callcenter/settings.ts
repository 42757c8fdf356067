/** What callcenter.conf.xml says: of the whole, and of each queue. */
import { logger } from '../../base/log.ts'
import { readSettings, type Setting, type Values } from '../../core/settings.ts'
import type { XmlNode } from '../../xml/node.ts'
import { type AgentStatus, agentStatuses, wordOf } from './names.ts'
import { type Strategy, strategies, type TierRules } from './strategy.ts'

const log = logger('applications/callcenter')

const ownFile = 'agents, tiers and members are kept in callcenter.db of the folder db_dir'

// biome-ignore format: a table keeps its columns
const globalSettings: readonly Setting[] = [
  { name: 'cc-instance-id', type: 'text', default: 'single_box', about: 'what members show as instance_id' },
  { name: 'reserve-agents', type: 'boolean', default: 'false', about: 'an agent is told to be Reserved before he is Receiving' },
  { name: 'truncate-tiers-on-load', type: 'boolean', default: 'false', about: 'forget the tiers at start' },
  { name: 'truncate-agents-on-load', type: 'boolean', default: 'false', about: 'forget the agents at start' },
  { name: 'agent-originate-timeout', type: 'number', default: '60', about: 'seconds that an agent is rung at most' },
  { name: 'debug', type: 'text', ignored: true, about: 'the log level decides' },
  { name: 'odbc-dsn', type: 'text', ignored: true, about: ownFile },
  { name: 'dbname', type: 'text', ignored: true, about: ownFile },
  { name: 'global-database-lock', type: 'text', ignored: true, about: 'nothing has to be locked' },
]

// biome-ignore format: a table keeps its columns
const queueSettings: readonly Setting[] = [
  { name: 'strategy', type: 'text', default: 'longest-idle-agent', about: strategies.join(' ') },
  { name: 'moh-sound', type: 'text', about: 'what callers hear while they wait' },
  { name: 'announce-sound', type: 'text', about: 'played over it every announce-frequency seconds' },
  { name: 'announce-frequency', type: 'number', default: '0', about: 'seconds; 0 never' },
  { name: 'record-template', type: 'text', about: 'where calls are recorded; ${} of the caller is expanded' },
  { name: 'time-base-score', type: 'text', default: 'queue', oneOf: ['queue', 'system'], about: 'since when a caller counts as waiting' },
  { name: 'ring-progressively-delay', type: 'number', default: '10', about: 'seconds until one more agent is rung' },
  { name: 'tier-rules-apply', type: 'boolean', default: 'false', about: 'callers have to wait for the agents of further levels' },
  { name: 'tier-rule-wait-second', type: 'number', default: '0', about: 'how long' },
  { name: 'tier-rule-wait-multiply-level', type: 'boolean', default: 'false', about: 'so long for each level' },
  { name: 'tier-rule-no-agent-no-wait', type: 'boolean', default: 'true', about: 'not for a level above which there is nobody' },
  { name: 'discard-abandoned-after', type: 'number', default: '60', about: 'seconds that a caller who left is remembered' },
  { name: 'abandoned-resume-allowed', type: 'boolean', default: 'false', about: 'who calls again meanwhile has his old place' },
  { name: 'max-wait-time', type: 'number', default: '0', about: 'seconds; 0 for ever' },
  { name: 'max-wait-time-with-no-agent', type: 'number', default: '0', about: 'seconds that nobody was logged in; 0 for ever' },
  { name: 'max-wait-time-with-no-agent-time-reached', type: 'number', default: '5', about: 'seconds that a new caller waits in addition' },
  { name: 'agent-no-answer-status', type: 'text', default: 'On Break', about: 'what becomes of an agent who answers too seldom' },
  { name: 'skip-agents-with-external-calls', type: 'boolean', default: 'true', about: 'none for agents whose call is tracked (callcenter_track)' },
]

export interface CenterSettings {
  readonly instanceId: string
  readonly reservesAgents: boolean
  readonly forgetsTiers: boolean
  readonly forgetsAgents: boolean
  readonly ringSeconds: number
}

export function readCenterSettings(configuration: XmlNode | undefined): CenterSettings {
  const values = readSettings(configuration, globalSettings)
  return {
    instanceId: values.text('cc-instance-id'),
    reservesAgents: values.boolean('reserve-agents'),
    forgetsTiers: values.boolean('truncate-tiers-on-load'),
    forgetsAgents: values.boolean('truncate-agents-on-load'),
    ringSeconds: values.number('agent-originate-timeout') || 60,
  }
}

/** All times in seconds, 0: none. */
export interface QueueSettings {
  readonly strategy: Strategy
  readonly music: string
  readonly announcement: string
  readonly announceEvery: number
  readonly recordTemplate: string
  readonly timeBaseScore: string
  readonly progressiveDelay: number
  readonly rules: TierRules
  readonly forgetAfter: number
  readonly allowsResume: boolean
  readonly maxWait: number
  readonly maxWaitWithoutAgent: number
  readonly graceWithoutAgent: number
  readonly noAnswerStatus: AgentStatus
  readonly skipsExternal: boolean
}

export function readQueueSettings(queue: string, node: XmlNode | undefined): QueueSettings {
  const values = readSettings(node, queueSettings)
  const seconds = (name: string) => Math.max(0, Math.trunc(values.number(name)))
  return {
    strategy: strategyOf(queue, values),
    music: values.text('moh-sound'),
    announcement: values.text('announce-sound'),
    announceEvery: seconds('announce-frequency'),
    recordTemplate: values.text('record-template'),
    timeBaseScore: values.text('time-base-score'),
    progressiveDelay: seconds('ring-progressively-delay') || 10,
    rules: {
      apply: values.boolean('tier-rules-apply'),
      waitSeconds: seconds('tier-rule-wait-second'),
      multipliesByLevel: values.boolean('tier-rule-wait-multiply-level'),
      skipsEmpty: values.boolean('tier-rule-no-agent-no-wait'),
    },
    forgetAfter: seconds('discard-abandoned-after'),
    allowsResume: values.boolean('abandoned-resume-allowed'),
    maxWait: seconds('max-wait-time'),
    maxWaitWithoutAgent: seconds('max-wait-time-with-no-agent'),
    graceWithoutAgent: seconds('max-wait-time-with-no-agent-time-reached'),
    noAnswerStatus: noAnswerStatusOf(queue, values),
    skipsExternal: values.boolean('skip-agents-with-external-calls'),
  }
}

function strategyOf(queue: string, values: Values): Strategy {
  const text = values.text('strategy')
  const strategy = wordOf(strategies, text)
  if (strategy) return strategy
  log.err(`queue ${queue}: there is no strategy ${text}; sequentially-by-agent-order is used`)
  return 'sequentially-by-agent-order'
}

function noAnswerStatusOf(queue: string, values: Values): AgentStatus {
  const text = values.text('agent-no-answer-status')
  const status = wordOf(agentStatuses, text)
  if (!status) log.warning(`queue ${queue}: agents have no status ${text}; On Break is used`)
  return status ?? 'On Break'
}
