/**
 * Who is offered a caller: pure functions over what is known at one moment. `arrange` puts a queue's agents in the order of its
 * strategy, `choose` walks along it with the tier rules and takes those who can be called now.
 */
import type { AgentState, AgentStatus, TierState } from './names.ts'

export const strategies = [
  'ring-all',
  'ring-progressively',
  'longest-idle-agent',
  'round-robin',
  'top-down',
  'agent-with-least-talk-time',
  'agent-with-fewest-calls',
  'sequentially-by-agent-order',
  'random',
] as const
export type Strategy = (typeof strategies)[number]

/** An agent as he stands in one queue. Times in seconds since the epoch. */
export interface Candidate {
  readonly name: string
  readonly status: AgentStatus
  readonly state: AgentState
  readonly tierState: TierState
  readonly level: number
  readonly position: number
  readonly wrapUpTime: number
  readonly lastBridgeEnd: number
  /** Grows with every call that is offered; 0: none was yet. */
  readonly lastOffered: number
  readonly readyTime: number
  readonly talkTime: number
  readonly callsAnswered: number
  readonly externalCalls: number
  /** He has just been tried, and that was over at once. */
  readonly isResting: boolean
}

/** Where top-down has come to with a caller. */
export interface Progress {
  readonly level: number
  readonly position: number
}

export interface TierRules {
  readonly apply: boolean
  readonly waitSeconds: number
  readonly multipliesByLevel: boolean
  /** Goes on to the next level at once where the one before has no agent. */
  readonly skipsEmpty: boolean
}

/** A strategy that rings several at once. */
export function ringsSeveral(strategy: Strategy): boolean {
  return strategy === 'ring-all' || strategy === 'ring-progressively'
}

type Order = (a: Candidate, b: Candidate) => number

const by =
  (...values: ((candidate: Candidate) => number)[]): Order =>
  (a, b) => {
    for (const value of values) {
      const difference = value(a) - value(b)
      if (difference !== 0) return difference
    }
    return 0
  }

const level = ({ level }: Candidate) => level
const position = ({ position }: Candidate) => position
const offered = ({ lastOffered }: Candidate) => lastOffered

const orders: Readonly<Record<Exclude<Strategy, 'round-robin' | 'top-down' | 'random'>, Order>> = {
  'ring-all': by(level, position),
  'ring-progressively': by(level, position),
  'longest-idle-agent': by(level, ({ lastBridgeEnd }) => lastBridgeEnd, position),
  'agent-with-least-talk-time': by(level, ({ talkTime }) => talkTime, position),
  'agent-with-fewest-calls': by(level, ({ callsAnswered }) => callsAnswered, position),
  'sequentially-by-agent-order': by(level, position, offered),
}

const fromTheTop = by(level, position, offered)

/** All who are logged in, in the order in which the strategy would call them. `random` gives 0 to 1. */
export function arrange(
  strategy: Strategy,
  candidates: readonly Candidate[],
  progress: Progress | undefined,
  random: () => number,
): Candidate[] {
  const present = candidates.filter(({ status }) => status !== 'Logged Out')
  switch (strategy) {
    case 'random':
      return shuffled(present, random).sort(by(level))
    case 'round-robin': {
      // Whoever comes after the one that was offered a call last, then all from the top.
      const last = candidates.reduce<Candidate | undefined>(
        (latest, one) => (one.lastOffered > (latest?.lastOffered ?? 0) ? one : latest),
        undefined,
      )
      return fromBehind(present, last, false)
    }
    case 'top-down':
      return fromBehind(present, progress, true)
    default:
      return present.sort(orders[strategy])
  }
}

/** Those behind a place first; of further levels too where `deeper`. */
function fromBehind(
  present: readonly Candidate[],
  place: Progress | undefined,
  deeper: boolean,
): Candidate[] {
  const all = [...present].sort(fromTheTop)
  if (!place) return all
  const isBehind = (one: Candidate) =>
    (one.level === place.level && one.position > place.position) ||
    (deeper && one.level > place.level)
  return [...all.filter(isBehind), ...all.filter((one) => !isBehind(one))]
}

function shuffled<T>(list: readonly T[], random: () => number): T[] {
  const mixed = [...list]
  for (let i = mixed.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const [a, b] = [mixed[i], mixed[j]]
    if (a !== undefined && b !== undefined) {
      mixed[i] = b
      mixed[j] = a
    }
  }
  return mixed
}

/** Whether an agent can be called now. */
export function isReady(one: Candidate, now: number, skipsExternal: boolean): boolean {
  return (
    (one.status === 'Available' || one.status === 'Available (On Demand)') &&
    one.state === 'Waiting' &&
    (one.tierState === 'Ready' || one.tierState === 'No Answer') &&
    one.lastBridgeEnd < now - one.wrapUpTime &&
    one.readyTime <= now &&
    !(skipsExternal && one.externalCalls > 0) &&
    !one.isResting
  )
}

export interface Question {
  readonly strategy: Strategy
  readonly rules: TierRules
  readonly skipsExternal: boolean
  /** How long the caller has waited, seconds. */
  readonly waited: number
  /** Seconds since the epoch. */
  readonly now: number
}

/** Those to be called for one caller, of agents in the order that `arrange` gave them. */
export function choose(question: Question, arranged: readonly Candidate[]): Candidate[] {
  const { strategy, now, skipsExternal } = question
  const chosen: Candidate[] = []
  for (const one of withinTiers(question, arranged)) {
    if (!isReady(one, now, skipsExternal)) continue
    chosen.push(one)
    if (strategy !== 'ring-all') break
  }
  return chosen
}

/** The agents as far down the levels as the caller may go by now. */
function withinTiers(question: Question, arranged: readonly Candidate[]): readonly Candidate[] {
  const { rules, waited } = question
  if (!rules.apply) return arranged
  const deepest = deepestLevel(
    rules,
    waited,
    arranged.map(({ level }) => level),
  )
  return arranged.filter(({ level }) => level <= deepest)
}

/**
 * Level 0 may always be called. Further ones have to be waited for; of those that have agents the first one does not where
 * `skipsEmpty`.
 */
export function deepestLevel(rules: TierRules, waited: number, levels: readonly number[]): number {
  let reached = 0
  let seen = levels.filter((level) => level <= 0).length
  for (const level of [...new Set(levels)].sort((a, b) => a - b)) {
    if (level <= 0) continue
    const needed = rules.waitSeconds * (rules.multipliesByLevel ? level : 1)
    if (!(rules.skipsEmpty && seen === 0) && waited < needed) break
    reached = level
    seen = levels.filter((one) => one === level).length
  }
  return reached
}
