/** One look at all who wait, in the order of their scores: who has waited for too long goes, the others are offered to agents. */
import { logger } from '../../base/log.ts'
import type { Caller } from './caller.ts'
import type { CallCenter } from './center.ts'
import { Offer } from './offer.ts'
import type { Queue } from './queue.ts'
import type { Member } from './rows.ts'
import { arrange, type Candidate, choose, isReady, ringsSeveral } from './strategy.ts'

const log = logger('applications/callcenter')

/** How urgent a caller is: seconds of waiting, and what was given in addition. */
export function scoreOf(member: Member, now: number): number {
  return now - member.joinedEpoch + member.baseScore + member.skillScore
}

/** What is known of a queue's agents until one is called: hundreds may wait for the same few. */
interface Team {
  readonly candidates: readonly Candidate[]
  readonly isLoggedIn: boolean
  readonly isReady: boolean
}

/** One look at everybody. */
interface Look {
  /** Seconds since the epoch. */
  readonly now: number
  readonly teams: Map<string, Team>
  /** How many of each queue have been looked at already. */
  readonly places: Map<string, number>
}

function teamOf(center: CallCenter, queue: Queue, { teams, now }: Look): Team {
  const known = teams.get(queue.name)
  if (known) return known
  const candidates = candidatesOf(center, queue.name)
  const team = {
    candidates,
    isLoggedIn: candidates.some(({ status }) => status !== 'Logged Out'),
    isReady: candidates.some((one) => isReady(one, now, queue.settings.skipsExternal)),
  }
  teams.set(queue.name, team)
  return team
}

export function dispatch(center: CallCenter): void {
  const now = center.now()
  const look: Look = { now, teams: new Map(), places: new Map() }
  const byScore = center.members.list().sort((a, b) => scoreOf(b, now) - scoreOf(a, now))
  for (const member of byScore) {
    if (member.state === 'Abandoned') forget(center, member, now)
    const caller = center.callers.get(member.uuid)
    if (!caller || (member.state !== 'Waiting' && member.state !== 'Trying')) continue
    const queue = center.queue(member.queue)
    if (!queue) {
      log.warning(`queue ${member.queue} is not there any more`, caller.channel.uuid)
      caller.leave('BREAK_OUT')
    } else if (!caller.isTaken) serve(center, queue, caller, look)
  }
}

/** Callers who left are kept for a while, so that they can have their place again. */
function forget(center: CallCenter, member: Member, now: number): void {
  const left = member.abandonedEpoch || member.joinedEpoch
  const after = center.queue(member.queue)?.settings.forgetAfter ?? 0
  if (left + after < now) center.members.remove(member)
}

function serve(center: CallCenter, queue: Queue, caller: Caller, look: Look): void {
  const { settings } = queue
  const { now, places } = look
  const team = teamOf(center, queue, look)
  queue.lastLook = now
  if (team.isLoggedIn) queue.lastAgent = now
  const place = (places.get(queue.name) ?? 0) + 1
  places.set(queue.name, place)
  caller.announceWhenDue(now, place)
  const hasWaitedEnough = settings.maxWait > 0 && now - caller.joinedAt >= settings.maxWait
  if (hasWaitedEnough) {
    // An agent who rings already has his chance; nobody else is rung.
    if (caller.offers.size === 0) caller.leave('TIMEOUT')
    return
  }
  if (queue.isDeserted(caller.joinedAt)) return caller.leave('NO_AGENT_TIMEOUT')
  if (!mayBeOffered(queue, caller, now) || !team.isReady) return
  const { strategy, rules, skipsExternal } = settings
  const waited = now - caller.member.joinedEpoch
  const arranged = arrange(strategy, team.candidates, caller.progress, center.random)
  const chosen = choose({ strategy, rules, skipsExternal, waited, now }, arranged)
  for (const { name } of chosen) offerTo(center, queue, caller, name, now)
  // An agent may serve several queues.
  if (chosen.length > 0) look.teams.clear()
}

/** Strategies that ring one agent wait for him; the others add more. */
function mayBeOffered(queue: Queue, caller: Caller, now: number): boolean {
  const { strategy, progressiveDelay } = queue.settings
  caller.follow(strategy)
  if (!ringsSeveral(strategy)) return caller.offers.size === 0
  return strategy === 'ring-all' || now >= caller.lastOffer + progressiveDelay
}

function offerTo(center: CallCenter, queue: Queue, caller: Caller, name: string, now: number) {
  const agent = center.agents.get(name)
  const tier = center.agents.tier(queue.name, name)
  if (!agent || !tier) return
  const { strategy } = queue.settings
  const { variables } = caller.channel
  caller.lastOffer = now
  if (strategy === 'ring-progressively') variables.set('cc_last_originated_call', String(now))
  if (strategy === 'top-down') {
    caller.progress = { level: tier.level, position: tier.position }
    variables.set('cc_last_agent_tier_position', String(tier.position))
    variables.set('cc_last_agent_tier_level', String(tier.level))
  }
  center.agents.occupy(agent, queue.name)
  new Offer(center, queue, caller, agent).begin()
}

function candidatesOf(center: CallCenter, queue: string): Candidate[] {
  return center.agents.of(queue).map(({ agent, tier }) => ({
    name: agent.name,
    status: agent.status,
    state: agent.state,
    tierState: tier.state,
    level: tier.level,
    position: tier.position,
    wrapUpTime: agent.wrapUpTime,
    lastBridgeEnd: agent.lastBridgeEnd,
    lastOffered: center.agents.lastOffered(agent),
    readyTime: agent.readyTime,
    talkTime: agent.talkTime,
    callsAnswered: agent.callsAnswered,
    externalCalls: agent.externalCallsCount,
    isResting: center.agents.isResting(agent),
  }))
}
