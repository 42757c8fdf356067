/**
 * A caller who waits in a queue: what he hears, what ends his waiting, and the talk with the agent at the end of it. There are two
 * ways out, both at once: `leave`, and an agent whom he is connected with.
 */
import { reasonOf } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import { attendUntilAborted } from '../../core/attend.ts'
import { bridgeChannels } from '../../core/bridge/bridge.ts'
import type { Channel } from '../../core/channel.ts'
import { startDisplace, stopDisplace } from '../../core/displace.ts'
import { snapshot } from '../../core/originate/originate-leg.ts'
import { playMusic } from '../../core/play-music.ts'
import type { CallCenter } from './center.ts'
import { announceInfo, memberHeaders } from './info-event.ts'
import type { CancelReason } from './names.ts'
import type { Offer } from './offer.ts'
import type { Queue } from './queue.ts'
import type { Member } from './rows.ts'
import { type Progress, ringsSeveral, type Strategy } from './strategy.ts'

const log = logger('applications/callcenter')

type End =
  | { readonly offer: Offer; readonly tell: (talked: boolean) => void }
  | { readonly reason: CancelReason }

export class Caller {
  readonly channel: Channel
  readonly queue: Queue
  readonly member: Member
  /** Seconds since the epoch; of one who has his old place again, when he came back. */
  readonly joinedAt: number
  /** Agents who are being called for him. */
  readonly offers = new Set<Offer>()
  /** Where top-down has come to. */
  progress: Progress | undefined
  /** When an agent was rung last, seconds since the epoch. */
  lastOffer = 0
  readonly #center: CallCenter
  #winner: Offer | undefined
  #isGone = false
  #hasFoundAgent = false
  #settle: ((end: End) => void) | undefined
  #lastAnnouncement: number
  #announcementFails = false
  /** What plays over the music now, or has. */
  #announcement: string | undefined

  constructor(
    center: CallCenter,
    queue: Queue,
    channel: Channel,
    member: Member,
    joinedAt: number,
  ) {
    this.#center = center
    this.queue = queue
    this.channel = channel
    this.member = member
    this.joinedAt = joinedAt
    this.#lastAnnouncement = joinedAt
  }

  /** An agent has answered for him: nobody else is to be called. */
  get isTaken(): boolean {
    return this.#winner !== undefined || this.#isGone
  }

  get isGone(): boolean {
    return this.#isGone || !this.channel.isUp
  }

  /** The queue's strategy now; it may have changed while he waits. */
  follow(strategy: Strategy): void {
    const { member } = this
    const several = ringsSeveral(strategy)
    if (several && member.servingAgent !== strategy)
      this.#change({ servingAgent: strategy, state: 'Trying' })
    else if (!several && ringsSeveral(member.servingAgent as Strategy))
      this.#change({ servingAgent: '', state: 'Waiting' })
  }

  /** The first agent who answers has him; the others are told that they lost. False: it was too late. */
  take(offer: Offer): boolean {
    if (this.isTaken || this.isGone) return false
    this.#winner = offer
    this.#change({
      servingAgent: offer.agent.name,
      servingSystem: offer.agent.instanceId,
      state: 'Trying',
    })
    for (const other of this.offers) if (other !== offer) other.cancel('LOSE_RACE')
    return true
  }

  /** An agent who had answered is gone before they could talk: he goes on waiting. */
  giveBack(offer: Offer): void {
    if (this.#winner !== offer || offer.isTalking) return
    this.#winner = undefined
    this.#hasFoundAgent = false
    this.channel.variables.unset('cc_agent_found')
    this.channel.variables.unset('cc_agent_uuid')
    if (!this.isGone) this.#change({ servingAgent: '', servingSystem: '', state: 'Waiting' })
    this.#center.wake()
  }

  /** Joins him with the agent who has him. Resolves when they have talked (true), or could not (false). */
  connect(offer: Offer): Promise<boolean> {
    // The music of a caller goes on whose agent has gone already.
    if (this.isGone || !offer.channel?.isUp) return Promise.resolve(false)
    this.#hasFoundAgent = true
    return new Promise((tell) => {
      if (!this.#end({ offer, tell })) tell(false)
    })
  }

  /** Ends his waiting. */
  leave(reason: CancelReason): void {
    this.#end({ reason })
  }

  /** The first end counts; false: it has come already. */
  #end(end: End): boolean {
    const settle = this.#settle
    this.#settle = undefined
    settle?.(end)
    return settle !== undefined
  }

  /** Plays the queue's announcement when it is time for it. `position`: his place among those who wait. */
  announceWhenDue(now: number, position: number): void {
    const { announcement, announceEvery } = this.queue.settings
    if (this.#announcementFails || !announcement || announceEvery <= 0) return
    if (now - this.#lastAnnouncement < announceEvery) return
    this.#lastAnnouncement = now
    this.channel.variables.set('cc_queue_position', String(position))
    this.channel.variables.set('cc_queue_hold_minutes', String(this.queue.holdMinutes))
    void this.#announce(announcement).catch((thrown: unknown) =>
      log.err(`no announcement: ${reasonOf(thrown)}`, this.channel.uuid),
    )
  }

  async #announce(written: string): Promise<void> {
    const { channel } = this
    this.#stopAnnouncement()
    const path = await channel.sw.expand(written, channel)
    if (this.isTaken) return
    if (/^(phrase|say):/i.test(path)) {
      // Words take the place of the music for as long as they last.
      if (channel.guests === 0) channel.queue.add({ application: 'playback', data: path })
      return
    }
    this.#announcement = path
    this.#announcementFails = !(await startDisplace(channel, path, '', 0))
    if (this.isTaken) this.#stopAnnouncement()
  }

  #stopAnnouncement(): void {
    if (this.#announcement !== undefined) stopDisplace(this.channel, this.#announcement)
    this.#announcement = undefined
  }

  /** Waits, and talks when an agent has been found. Resolves when both are over; the channel may go on with its actions. */
  async stay(signal: AbortSignal): Promise<void> {
    let reason: CancelReason | undefined = 'NONE'
    try {
      reason = await this.#waitAndTalk(signal)
    } finally {
      if (reason) this.#abandon(reason)
    }
  }

  /** Why he left; undefined when he has talked with an agent. */
  async #waitAndTalk(signal: AbortSignal): Promise<CancelReason | undefined> {
    for (;;) {
      const end = await this.#wait(signal)
      if ('reason' in end) return end.reason
      let talked = false
      try {
        talked = await this.#talk(end.offer)
      } finally {
        end.tell(talked)
      }
      if (talked) return undefined
      if (signal.aborted) return 'NONE'
    }
  }

  async #wait(signal: AbortSignal): Promise<End> {
    const { channel } = this
    const over = new AbortController()
    const music = this.#playMusic(over.signal).catch((thrown: unknown) =>
      log.err(`no music: ${reasonOf(thrown)}`, channel.uuid),
    )
    const listening = channel.signals.on('digit', ({ digit }) => this.#takeDigit(digit))
    const breakOut = () => this.leave(this.#hasFoundAgent ? 'NONE' : 'BREAK_OUT')
    signal.addEventListener('abort', breakOut, { once: true })
    const end = await new Promise<End>((resolve) => {
      this.#settle = resolve
      if (signal.aborted) breakOut()
    })
    signal.removeEventListener('abort', breakOut)
    listening[Symbol.dispose]()
    over.abort()
    // Announcements that somebody queued meanwhile must not keep the agent waiting.
    channel.queue.clear()
    if (channel.guests > 0) channel.break()
    await music
    return end
  }

  async #playMusic(signal: AbortSignal): Promise<void> {
    const { channel } = this
    const written = channel.text('cc_moh_override') ?? this.queue.settings.music
    const path = written ? await channel.sw.expand(written, channel) : ''
    if (path !== '' && path !== 'silence') {
      while (!signal.aborted) if (!(await playMusic(channel, path, signal))) break
    }
    if (!signal.aborted) await attendUntilAborted(channel, signal)
  }

  #takeDigit(digit: string): void {
    const { channel } = this
    // Digits are for an application that runs meanwhile, if there is one.
    if (channel.guests > 0) return
    channel.digits.flush()
    if (!channel.text('cc_exit_keys')?.includes(digit)) return
    channel.variables.set('cc_exit_key', digit)
    this.leave('EXIT_WITH_KEY')
  }

  /** The talk itself; false when the agent went away before it could begin. */
  async #talk(offer: Offer): Promise<boolean> {
    const { channel } = this
    const agent = offer.channel
    if (!agent?.isUp || !channel.isUp) return false
    this.#stopAnnouncement()
    agent.profile.meet('originator', snapshot(channel.profile))
    agent.otherLeg = 'originator'
    channel.profile.meet('originatee', snapshot(agent.profile))
    channel.otherLeg = 'originatee'
    const begins = channel.signals.once('bridged', () => this.#began(offer))
    await bridgeChannels(channel, agent)
    begins[Symbol.dispose]()
    if (offer.isTalking) noteEnd(channel, this.#center.now())
    return offer.isTalking
  }

  #began(offer: Offer): void {
    const { channel, queue } = this
    const { variables } = channel
    const now = this.#center.now()
    variables.set('cc_agent_bridged', 'true')
    variables.set('cc_agent', offer.agent.name)
    variables.set('cc_queue_answered_epoch', String(now))
    variables.set('cc_cause', 'answered')
    variables.unset('cc_agent_found')
    this.#change({ state: 'Answered', bridgeEpoch: now })
    queue.callsAnswered++
    const { figures } = this.#center
    figures.answered++
    figures.waitedSeconds += now - this.joinedAt
    queue.noteWait(now - this.joinedAt)
    figures.longestWait = Math.max(figures.longestWait, now - this.joinedAt)
    offer.began()
    this.#center.announceCount(queue.name)
  }

  #abandon(reason: CancelReason): void {
    const { channel, queue, member } = this
    const { variables } = channel
    this.#isGone = true
    const now = this.#center.now()
    this.#center.callers.delete(member.uuid)
    this.#change({ state: 'Abandoned', sessionUuid: '', abandonedEpoch: now })
    for (const offer of this.offers) offer.cancel('ORIGINATOR_CANCEL')
    variables.unset('cc_agent_found')
    variables.set('cc_queue_canceled_epoch', String(now))
    variables.set('cc_cause', 'cancel')
    variables.set('cc_cancel_reason', reason)
    this.#stopAnnouncement()
    announceInfo(
      channel.sw,
      {
        'CC-Queue': queue.name,
        'CC-Action': 'member-queue-end',
        'CC-Member-Leaving-Time': now,
        'CC-Member-Joined-Time': this.joinedAt,
        'CC-Cause': 'Cancel',
        'CC-Cancel-Reason': reason,
        ...memberHeaders(member, channel.uuid),
      },
      channel,
    )
    log.debug(`left queue ${queue.name}: ${reason}`, channel.uuid)
    queue.callsAbandoned++
    this.#center.figures.abandoned++
    this.#center.announceCount(queue.name)
  }

  #change(changes: Partial<Member>): void {
    this.#center.members.change(this.member, changes)
  }
}

/** When the agent's part was over. */
export function noteEnd({ variables }: Channel, now: number): void {
  if (!variables.has('cc_queue_terminated_epoch'))
    variables.set('cc_queue_terminated_epoch', String(now))
}
