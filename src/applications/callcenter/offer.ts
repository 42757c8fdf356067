/**
 * A caller is offered to one agent: he is rung, or his waiting channel is taken; they talk; he is free again. Whatever happens on
 * the way, the end is the same: `release`.
 */
import { reasonOf } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import { untilHungUp } from '../../core/attend.ts'
import type { Channel } from '../../core/channel.ts'
import type { HangupCause } from '../../core/hangup-cause.ts'
import { startSessionRecording } from '../../core/session-record.ts'
import { type Caller, noteEnd } from './caller.ts'
import type { CallCenter } from './center.ts'
import { agentHeaders, announceInfo, type Headers, memberHeaders } from './info-event.ts'
import { agentType } from './names.ts'
import type { Queue } from './queue.ts'
import { dialAgent, findStandby, playToAgent, prepareStandby } from './reach.ts'
import type { Agent } from './rows.ts'

const log = logger('applications/callcenter')

/** An agent whose call is over at once is not called again before this, ms: a dead contact must not be dialled without end. */
const restMs = 1000
/** Seconds until an agent is called again who is not registered. */
const unregisteredDelay = 5

export class Offer {
  readonly agent: Agent
  readonly queue: Queue
  readonly caller: Caller
  /** His channel, once he has answered. */
  channel: Channel | undefined
  /** They talk, or have talked. */
  isTalking = false
  /** Resolves when the agent is free again. */
  over: Promise<void> = Promise.resolve()
  readonly #center: CallCenter
  readonly #calling = new AbortController()
  /** As events show it: what dialling came to. */
  #cause: HangupCause = 'NONE'
  #calledAt = 0
  #answeredAt = 0
  #letGo: () => void = () => undefined
  readonly #lettingGo: Promise<void>

  constructor(center: CallCenter, queue: Queue, caller: Caller, agent: Agent) {
    this.#center = center
    this.queue = queue
    this.caller = caller
    this.agent = agent
    this.#lettingGo = new Promise((resolve) => {
      this.#letGo = resolve
    })
  }

  begin(): void {
    this.#center.offers.add(this)
    this.caller.offers.add(this)
    this.#center.figures.offered++
    const { state } = this.caller.member
    if (state === 'Waiting')
      this.#center.members.change(this.caller.member, {
        state: 'Trying',
        servingAgent: this.agent.name,
        servingSystem: this.agent.instanceId,
      })
    this.over = this.#run().catch((thrown: unknown) =>
      log.crit(`agent ${this.agent.name} could not be freed: ${reasonOf(thrown)}`),
    )
  }

  /** Gives up as long as they do not talk. */
  cancel(cause: 'LOSE_RACE' | 'ORIGINATOR_CANCEL'): void {
    if (!this.isTalking) this.#calling.abort(cause)
  }

  /** The agent is free from now on, though they may go on talking (callcenter_break). */
  letGo(): void {
    this.#letGo()
  }

  /** The caller and the agent hear each other. */
  began(): void {
    const { agent, queue, channel } = this
    this.isTalking = true
    channel?.variables.set('cc_agent_bridged', 'true')
    const { table, tiers } = this.#center.agents
    table.change(agent, {
      uuid: channel?.uuid ?? '',
      lastBridgeStart: this.#center.now(),
      callsAnswered: agent.callsAnswered + 1,
      noAnswerCount: 0,
    })
    const tier = this.#center.agents.tier(queue.name, agent.name)
    if (tier) tiers.change(tier, { state: 'Active Inbound' })
    if (table.has(agent)) this.#center.agents.setState(agent, 'In a queue call')
  }

  async #run(): Promise<void> {
    const { agent, caller, queue } = this
    const begun = this.#center.clock.now()
    let tierState: 'Ready' | 'No Answer' = 'Ready'
    try {
      this.#announceOffer()
      const reached = await this.#reach()
      if (reached) await this.#serve(reached)
      else tierState = this.#failed()
    } catch (thrown) {
      const text = thrown instanceof Error ? thrown.stack : reasonOf(thrown)
      log.err(`offering a call to agent ${agent.name} failed: ${text}`, caller.channel.uuid)
    } finally {
      this.#center.offers.delete(this)
      caller.offers.delete(this)
      caller.giveBack(this)
      if (!this.isTalking && !this.#calling.signal.aborted) {
        const lasted = this.#center.clock.now() - begun
        if (lasted < restMs) this.#center.agents.rest(agent, restMs)
      }
      this.#center.agents.release(agent, queue.name, tierState, this.isTalking)
      this.#center.wake()
    }
  }

  #announceOffer(): void {
    const { agent, caller } = this
    announceInfo(this.#center.sw, {
      'CC-Queue': this.queue.name,
      'CC-Action': 'agent-offering',
      'CC-Agent': agent.name,
      'CC-Agent-Type': agent.type,
      'CC-Agent-System': agent.instanceId,
      ...memberHeaders(caller.member, caller.channel.uuid),
      'CC-Member-DNIS': caller.channel.profile.get('rdnis'),
    })
  }

  /** The agent's channel, answered and his alone; undefined when he could not be reached: `#cause` says why. */
  async #reach(): Promise<Channel | undefined> {
    const { agent, caller, queue } = this
    const party = { center: this.#center, queue, caller, agent }
    const { signal } = this.#calling
    const isStandby = agentType(agent.type) === 'uuid-standby'
    if (!isStandby) this.#calledAt = this.#center.now()
    const reached = isStandby
      ? findStandby(party)
      : await dialAgent(party, this.#center.settings.ringSeconds, signal)
    if (typeof reached === 'string') {
      this.#cause = signal.aborted ? this.#cancelCause() : reached
      return undefined
    }
    if (signal.aborted || !caller.take(this)) {
      this.#cause = this.#cancelCause()
      if (!isStandby) reached.hangup(this.#cause)
      return undefined
    }
    if (isStandby) await prepareStandby(party, reached, signal)
    else this.#cause = 'SUCCESS'
    return reached
  }

  #cancelCause(): HangupCause {
    const { aborted, reason } = this.#calling.signal
    const hasLost = aborted ? reason === 'LOSE_RACE' : !this.caller.isGone
    return hasLost ? 'LOSE_RACE' : 'ORIGINATOR_CANCEL'
  }

  /** From the agent's answer to the end of the talk. */
  async #serve(channel: Channel): Promise<void> {
    const { caller, queue } = this
    this.channel = channel
    this.#answeredAt = this.#center.now()
    this.#tell('bridge-agent-start', channel, {
      'CC-Agent-UUID': channel.uuid,
      ...this.#times(),
      'CC-Member-DNIS': caller.channel.profile.get('rdnis'),
    })
    const isStandby = agentType(this.agent.type) === 'uuid-standby'
    await this.#record()
    const announcement = caller.channel.text('cc_outbound_announce')
    if (announcement) await playToAgent(channel, announcement, this.#calling.signal)
    caller.channel.variables.set('cc_agent_found', 'true')
    caller.channel.variables.set('cc_agent_uuid', channel.uuid)
    const parks = isStandby && keepWaiting(channel)
    const hasTalked = await this.#talk(channel, isStandby)
    if (parks) channel.variables.unset('park_after_bridge')
    if (!hasTalked) await this.#dismiss(channel, isStandby)
    this.#tell('bridge-agent-end', channel, {
      'CC-Hangup-Cause': this.#cause,
      'CC-Agent-UUID': channel.uuid,
      'CC-Agent-Bridged': String(hasTalked),
      ...this.#times(),
      'CC-Bridge-Terminated-Time': this.#center.now(),
    })
    if (hasTalked) this.#finish(isStandby)
    else log.debug(`agent ${this.agent.name} and the caller of ${queue.name} missed each other`)
  }

  /** Resolves when the agent is done: they do not talk any more and he has hung up, or he was let go. */
  async #talk(channel: Channel, isStandby: boolean): Promise<boolean> {
    const talking = this.caller.connect(this)
    const wasLetGo = this.#lettingGo.then(() => 'let go' as const)
    const first = await Promise.race([talking, wasLetGo])
    if (first === 'let go') return this.isTalking
    if (first && !isStandby) await Promise.race([untilHungUp(channel), wasLetGo])
    if (isStandby && channel.isUp && channel.state === 'park' && channel.actions.length > 0)
      channel.moveTo('execute')
    return first
  }

  /** The caller has gone, or the agent has, before they could talk. */
  async #dismiss(channel: Channel, isStandby: boolean): Promise<void> {
    const { caller } = this
    channel.variables.set('cc_agent_bridged', 'false')
    caller.channel.variables.set('cc_agent_bridged', 'false')
    if (!channel.isUp) return
    const sound = caller.channel.text('cc_bridge_failed_outbound_announce')
    if (sound) await playToAgent(channel, sound, new AbortController().signal)
    if (!isStandby) channel.hangup('ORIGINATOR_CANCEL')
  }

  /** What is kept of a talk. */
  #finish(isStandby: boolean): void {
    const { agent, caller } = this
    const now = this.#center.now()
    noteEnd(caller.channel, now)
    this.#center.agents.table.change(agent, {
      ...(isStandby ? {} : { uuid: '' }),
      lastBridgeEnd: now,
      talkTime: agent.talkTime + (now - agent.lastBridgeStart),
    })
    this.#center.members.remove(caller.member)
    this.#center.callers.delete(caller.member.uuid)
    this.#tell('member-queue-end', caller.channel, {
      'CC-Hangup-Cause': this.#cause,
      'CC-Cause': 'Terminated',
      'CC-Agent-UUID': this.channel?.uuid ?? '',
      ...this.#times(),
      'CC-Member-Leaving-Time': now,
    })
  }

  async #record(): Promise<void> {
    const { recordTemplate } = this.queue.settings
    const { channel } = this.caller
    if (!recordTemplate || this.caller.isGone) return
    const path = await this.#center.sw.expand(recordTemplate, channel)
    channel.variables.set('cc_record_filename', path)
    await startSessionRecording(channel, path, { limitSeconds: 0 })
  }

  /** The agent could not be reached: he is left alone for as long as the cause asks for. */
  #failed(): 'Ready' | 'No Answer' {
    const { agent, caller } = this
    const { agents, members } = this.#center
    const cause = this.#cause
    const { member } = caller
    if (member.servingAgent === agent.name)
      members.change(member, {
        servingAgent: '',
        servingSystem: '',
        ...(member.state === 'Trying' ? { state: 'Waiting' } : {}),
      })
    const { seconds, isNoAnswer } = afterFailure(agent, cause)
    const now = this.#center.now()
    if (isNoAnswer) this.#countNoAnswer()
    if (seconds > 0) agents.table.change(agent, { readyTime: now + seconds })
    this.#tell('bridge-agent-fail', undefined, {
      'CC-Hangup-Cause': cause,
      'CC-Agent-Called-Time': this.#calledAt,
      'CC-Agent-Aborted-Time': now,
      'CC-Member-Joined-Time': member.joinedEpoch,
    })
    return isNoAnswer ? 'No Answer' : 'Ready'
  }

  #countNoAnswer(): void {
    const { agent, caller, queue } = this
    const { agents } = this.#center
    agents.table.change(agent, { noAnswerCount: agent.noAnswerCount + 1 })
    if (agent.maxNoAnswer <= 0 || agent.noAnswerCount < agent.maxNoAnswer) return
    const { noAnswerStatus } = queue.settings
    announceInfo(this.#center.sw, {
      'CC-Agent': agent.name,
      'CC-Action': 'agent-max-no-answer',
      'CC-Agent-No-Answer-Count': agent.maxNoAnswer,
      'CC-Agent-No-Answer-Status': noAnswerStatus,
      'CC-Member-UUID': caller.member.uuid,
      'CC-Member-Session-UUID': caller.channel.uuid,
    })
    if (agents.table.has(agent)) agents.setStatus(agent, noAnswerStatus)
  }

  #times(): Headers {
    return {
      'CC-Agent-Called-Time': this.#calledAt,
      'CC-Agent-Answered-Time': this.#answeredAt,
      'CC-Member-Joined-Time': this.caller.member.joinedEpoch,
    }
  }

  #tell(action: string, channel: Channel | undefined, headers: Headers): void {
    announceInfo(
      this.#center.sw,
      {
        'CC-Queue': this.queue.name,
        'CC-Action': action,
        ...agentHeaders(this.agent),
        ...headers,
        ...memberHeaders(this.caller.member, this.caller.channel.uuid),
      },
      channel,
    )
  }
}

/** How long an agent is left alone after a cause, and whether it counts as not having answered. */
export function afterFailure(
  agent: Pick<Agent, 'busyDelayTime' | 'rejectDelayTime' | 'noAnswerDelayTime'>,
  cause: HangupCause,
): { readonly seconds: number; readonly isNoAnswer: boolean } {
  switch (cause) {
    case 'LOSE_RACE':
    case 'ORIGINATOR_CANCEL':
    case 'NONE':
      return { seconds: 0, isNoAnswer: false }
    case 'USER_BUSY':
    case 'NORMAL_CIRCUIT_CONGESTION':
      return { seconds: agent.busyDelayTime, isNoAnswer: false }
    case 'CALL_REJECTED':
      return { seconds: agent.rejectDelayTime, isNoAnswer: false }
    case 'USER_NOT_REGISTERED':
      return { seconds: unregisteredDelay, isNoAnswer: false }
    default:
      return { seconds: agent.noAnswerDelayTime, isNoAnswer: true }
  }
}

/** A standby agent waits for the next caller when this one has gone, unless his dialplan says what follows. True: that was set here. */
function keepWaiting({ variables }: Channel): boolean {
  const isSettled = ['park_after_bridge', 'transfer_after_bridge', 'exec_after_bridge_app'].some(
    (name) => variables.has(name),
  )
  if (!isSettled) variables.set('park_after_bridge', 'true')
  return !isSettled
}
