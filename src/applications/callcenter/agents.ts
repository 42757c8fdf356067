/** Agents and the tiers that say which queues they serve: every change of them goes through here. */
import { logger } from '../../base/log.ts'
import type { SqlTable } from '../../core/sql-table.ts'
import type { CallCenter } from './center.ts'
import { announceInfo } from './info-event.ts'
import { type AgentState, type AgentStatus, agentType } from './names.ts'
import type { Agent, Tier } from './rows.ts'

const log = logger('applications/callcenter')

export class Agents {
  readonly table: SqlTable<Agent>
  readonly tiers: SqlTable<Tier>
  readonly #center: CallCenter
  /** The order of the last calls, which seconds do not tell. */
  readonly #offered = new Map<string, number>()
  #offers = 0
  /** Until when, ms of the center's clock, an agent is left alone after a try that was over at once. */
  readonly #resting = new Map<string, number>()

  /** What a crash may have left is put in order: nobody talks or is called yet. */
  constructor(center: CallCenter, table: SqlTable<Agent>, tiers: SqlTable<Tier>) {
    this.#center = center
    this.table = table
    this.tiers = tiers
    for (const agent of table.list())
      table.change(agent, { state: 'Waiting', uuid: '', externalCallsCount: 0 })
    for (const tier of tiers.list()) tiers.change(tier, { state: 'Ready' })
    const byLastCall = table.list().sort((a, b) => a.lastOfferedCall - b.lastOfferedCall)
    for (const { name, lastOfferedCall } of byLastCall)
      if (lastOfferedCall > 0) this.#offered.set(name, ++this.#offers)
  }

  get(name: string): Agent | undefined {
    return this.table.get(name)
  }

  tier(queue: string, agent: string): Tier | undefined {
    return this.tiers.get(queue, agent)
  }

  /** Those of a queue, each with his tier. */
  of(queue: string): { readonly agent: Agent; readonly tier: Tier }[] {
    const found: { agent: Agent; tier: Tier }[] = []
    for (const tier of this.tiers.list()) {
      const agent = tier.queue === queue ? this.table.get(tier.agent) : undefined
      if (agent) found.push({ agent, tier })
    }
    return found
  }

  /** False: there is one of that name, or the type is none. */
  add(name: string, type: string): 'added' | 'there already' | 'no such type' {
    if (!agentType(type)) return 'no such type'
    if (this.get(name)) return 'there already'
    this.table.add({ name, type })
    announceInfo(this.#center.sw, {
      'CC-Agent': name,
      'CC-Agent-Type': type,
      'CC-Action': 'agent-add',
    })
    return 'added'
  }

  /** An agent goes with his tiers; a call that rings at him ends. */
  remove(name: string): void {
    const agent = this.get(name)
    if (agent) this.table.remove(agent)
    for (const tier of this.tiers.list()) if (tier.agent === name) this.tiers.remove(tier)
    this.#cancelOffers(name)
  }

  /** Becoming available begins the counts anew; whoever is not available any more is not rung any longer. */
  setStatus(agent: Agent, status: AgentStatus): void {
    const before = agent.status
    if (status !== 'Available' || before !== 'Available')
      this.table.change(agent, { status, lastStatusChange: this.#center.now() })
    if (status === 'Available' && before !== 'Available')
      this.table.change(agent, { talkTime: 0, callsAnswered: 0, noAnswerCount: 0 })
    if (status === 'Logged Out' || status === 'On Break') this.#cancelOffers(agent.name)
    announceInfo(this.#center.sw, {
      'CC-Agent': agent.name,
      'CC-Action': 'agent-status-change',
      'CC-Agent-Status': status,
    })
    this.#center.wake()
  }

  setState(agent: Agent, state: AgentState): void {
    this.table.change(agent, { state })
    if (state === 'Receiving') {
      this.table.change(agent, { lastOfferedCall: this.#center.now() })
      this.#offered.set(agent.name, ++this.#offers)
    }
    announceInfo(this.#center.sw, {
      'CC-Agent': agent.name,
      'CC-Action': 'agent-state-change',
      'CC-Agent-State': state,
    })
    this.#center.wake()
  }

  /** An agent gets a call of one queue: the others have to wait for him. */
  occupy(agent: Agent, queue: string): void {
    if (this.#center.settings.reservesAgents) this.setState(agent, 'Reserved')
    this.setState(agent, 'Receiving')
    for (const tier of this.#tiersOf(agent)) {
      if (tier.queue === queue) this.tiers.change(tier, { state: 'Offering' })
      else if (tier.state === 'Ready') this.tiers.change(tier, { state: 'Standby' })
    }
  }

  /** He is free again, whatever came of it. `tierState`: whether he answered. */
  release(agent: Agent, queue: string, tierState: 'Ready' | 'No Answer', hasTalked: boolean): void {
    for (const tier of this.#tiersOf(agent)) {
      if (tier.queue !== queue) {
        if (tier.state === 'Standby') this.tiers.change(tier, { state: 'Ready' })
      } else if (['Active Inbound', 'Standby', 'Offering'].includes(tier.state))
        this.tiers.change(tier, { state: tierState })
    }
    if (!this.table.has(agent)) return
    const waitsToBeAsked = hasTalked && agent.status === 'Available (On Demand)'
    this.setState(agent, waitsToBeAsked ? 'Idle' : 'Waiting')
  }

  /** He is left alone for so many ms. */
  rest(agent: Agent, ms: number): void {
    this.#resting.set(agent.name, this.#center.clock.now() + ms)
  }

  isResting(agent: Agent): boolean {
    return (this.#resting.get(agent.name) ?? 0) > this.#center.clock.now()
  }

  /** Grows with every call that is offered. */
  lastOffered(agent: Agent): number {
    return this.#offered.get(agent.name) ?? 0
  }

  #tiersOf(agent: Agent): Tier[] {
    return this.tiers.list().filter((tier) => tier.agent === agent.name)
  }

  #cancelOffers(name: string): void {
    for (const offer of this.#center.offers) {
      if (offer.agent.name !== name || offer.isTalking) continue
      log.debug(`agent ${name} is not available any more: his call ends`)
      offer.cancel('ORIGINATOR_CANCEL')
    }
  }
}
