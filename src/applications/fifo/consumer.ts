/** `fifo <names> out`: a consumer takes callers, one or one after the other. */
import { delay } from '../../base/clock.ts'
import { reasonOf } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import { answer } from '../../core/answer.ts'
import { attend, attendUntilAborted, untilAborted } from '../../core/attend.ts'
import type { Channel } from '../../core/channel.ts'
import { originate } from '../../core/originate/originate.ts'
import { play } from '../../core/play.ts'
import { localStamp } from '../../core/time/times.ts'
import { isTrue } from '../../core/variables.ts'
import type { Entry } from './entry.ts'
import type { Fifo } from './fifo.ts'
import { type Fifos, fifosOf, type Hunt } from './fifos.ts'
import { announceFifo } from './info-event.ts'
import { type ConsumerStrategy, chooseEntry, chooseFifo, popOrder } from './select.ts'
import { talk } from './talk.ts'
import { stopTracking, trackCall } from './track.ts'

const log = logger('applications/fifo')

export interface ConsumerOptions {
  /** As it stands in the dialplan. */
  readonly name: string
  /** To himself, before each talk. */
  readonly announcement: string | undefined
  readonly music: string | undefined
  /** He goes on with the next caller when one has gone. */
  readonly waits: boolean
}

/** ms after a talk before the next caller, where nothing else is said. */
const usualWrapUpMs = 5000
/** Seconds that a party is rung whom a consumer is to call. */
const ringSeconds = 120

export async function serveFifos(
  channel: Channel,
  served: readonly Fifo[],
  options: ConsumerOptions,
  signal: AbortSignal,
): Promise<void> {
  const strategy = strategyOf(channel)
  if (!strategy) return
  const fifos = fifosOf(channel.sw)
  const consumer = new Consumer(channel, fifos, served, strategy, options, signal)
  stopTracking(channel)
  if (options.waits) {
    for (const fifo of served) fifo.consumers.set(channel.uuid, channel)
    await answer(channel)
  }
  announceFifo(channel, options.name, 'consumer_start')
  try {
    await consumer.run()
  } finally {
    announceFifo(channel, options.name, 'consumer_stop')
    for (const fifo of served)
      if (fifo.consumers.get(channel.uuid) === channel) fifo.consumers.delete(channel.uuid)
    const id = channel.variables.get('fifo_outbound_uuid')
    if (id && channel.isUp) trackCall(channel, id)
    fifos.wake()
  }
}

function strategyOf(channel: Channel): ConsumerStrategy | undefined {
  const text = channel.variables.get('fifo_strategy')?.toLowerCase() ?? 'waiting_longer'
  if (text === 'waiting_longer' || text === 'more_ppl') return text
  log.err(`fifo_strategy=${text} is neither waiting_longer nor more_ppl`, channel.uuid)
  return undefined
}

class Consumer {
  readonly #channel: Channel
  readonly #fifos: Fifos
  readonly #served: readonly Fifo[]
  readonly #strategy: ConsumerStrategy
  readonly #options: ConsumerOptions
  readonly #signal: AbortSignal

  constructor(
    channel: Channel,
    fifos: Fifos,
    served: readonly Fifo[],
    strategy: ConsumerStrategy,
    options: ConsumerOptions,
    signal: AbortSignal,
  ) {
    this.#channel = channel
    this.#fifos = fifos
    this.#served = served
    this.#strategy = strategy
    this.#options = options
    this.#signal = signal
  }

  get #isOver(): boolean {
    return this.#signal.aborted || !this.#channel.isUp
  }

  async run(): Promise<void> {
    const { waits, name } = this.#options
    while (!this.#isOver) {
      this.#setStatus('WAITING')
      const entry = await this.#hunt()
      if (!entry) break
      let hasTalked = false
      try {
        hasTalked = await this.#serve(entry)
      } finally {
        if (!entry.isTalking) entry.giveBack()
      }
      if (!waits || this.#isOver) break
      if (hasTalked) await this.#wrapUp()
      if (!this.#isOver) announceFifo(this.#channel, name, 'consumer_reentrance')
    }
  }

  #setStatus(status: string): void {
    this.#channel.variables.set('fifo_status', status)
    this.#channel.variables.set('fifo_timestamp', localStamp(Date.now()))
  }

  /** The next caller; undefined when there is none and he does not wait, or he has gone. */
  async #hunt(): Promise<Entry | undefined> {
    const first = this.#take()
    if (first || !this.#options.waits) return first
    const over = new AbortController()
    const stop = () => over.abort()
    this.#signal.addEventListener('abort', stop, { once: true })
    let found: Entry | undefined
    const hunt: Hunt = {
      attempt: () => {
        found ??= this.#take()
        if (found) {
          this.#fifos.hunts.delete(hunt)
          stop()
        }
        return found !== undefined
      },
      end: stop,
    }
    this.#fifos.hunts.add(hunt)
    // Nobody came meanwhile, but members may be wanted less now.
    hunt.attempt()
    try {
      await this.#playMusic(over.signal)
      return found
    } finally {
      this.#fifos.hunts.delete(hunt)
      this.#signal.removeEventListener('abort', stop)
    }
  }

  async #playMusic(signal: AbortSignal): Promise<void> {
    const { music } = this.#options
    const channel = this.#channel
    if (music && !signal.aborted) {
      const listening = channel.signals.on('digit', () => {
        if (channel.guests === 0) channel.digits.flush()
      })
      try {
        await play(channel, music, { signal, loops: -1 })
      } finally {
        listening[Symbol.dispose]()
      }
    }
    if (!signal.aborted) await attendUntilAborted(channel, signal)
  }

  /** Takes whoever comes next out of his fifo. */
  #take(): Entry | undefined {
    const { variables } = this.#channel
    const wanted = variables.get('fifo_bridge_uuid')
    if (wanted) {
      const entry = this.#destined(wanted)
      if (entry) return this.#takeOut(entry)
      // The call that was meant for him has been answered by somebody else.
      if (isTrue(variables.get('fifo_bridge_uuid_required'))) return undefined
    }
    const open = this.#served.map((fifo) =>
      fifo.entries().filter((entry) => entry.isFor(this.#channel)),
    )
    const index = chooseFifo(
      this.#served.map(({ startWaiting, importance }, at) => ({
        waiting: open[at]?.length ?? 0,
        startWaiting,
        importance,
      })),
      this.#strategy,
    )
    const waiting = index === undefined ? [] : (open[index] ?? [])
    const next = chooseEntry(
      waiting.map(({ priority, isVip, channel }) => ({
        priority,
        isVip,
        skill: channel?.variables.get('fifo_skill'),
      })),
      {
        order: popOrder(variables.get('fifo_pop_order')),
        skill: variables.get('fifo_target_skill'),
      },
    )
    const entry = next === undefined ? undefined : waiting[next]
    return entry && this.#takeOut(entry)
  }

  #destined(uuid: string): Entry | undefined {
    for (const fifo of this.#served)
      for (const entry of fifo.entries())
        if (entry.channel?.uuid === uuid && entry.channel.isUp) return entry
    return undefined
  }

  #takeOut(entry: Entry): Entry | undefined {
    if (!entry.fifo.remove(entry)) return undefined
    entry.dialling?.abort('PICKED_OFF')
    entry.dialling = undefined
    entry.reservedFor = undefined
    return entry
  }

  /** From the choice to the end of the talk. False: there was none. */
  async #serve(entry: Entry): Promise<boolean> {
    const channel = this.#channel
    const { name } = this.#options
    if (!entry.channel) return this.#callOut(entry)
    const caller = entry.channel
    announceFifo(caller, name, 'caller_pop')
    announceFifo(channel, name, 'consumer_pop', { 'FIFO-Caller-UUID': caller.uuid })
    await this.#announce(caller)
    caller.variables.set('fifo_serviced_by', this.#id)
    caller.variables.set('fifo_serviced_uuid', channel.uuid)
    const gone = untilAborted(this.#signal).then(() => false)
    const isReady = await attend(channel, Promise.race([entry.serve(channel), gone]), this.#signal)
    if (this.#isOver || !isReady || !caller.isUp) return false
    await answer(caller)
    await answer(channel)
    // Bridging begins without a pause, so that neither is lost on the way.
    if (this.#isOver || !caller.isUp || entry.isGivenBack) return false
    entry.isTalking = true
    await talk(this.#fifos, channel, caller, entry.fifo, name)
    return true
  }

  get #id(): string {
    return this.#channel.variables.get('fifo_consumer_id') ?? this.#channel.uuid
  }

  /** What he hears before a talk: his own announcement, or the caller's. */
  async #announce(caller: Channel): Promise<void> {
    const sound = caller.text('fifo_override_announce') ?? this.#options.announcement
    if (sound && !this.#isOver) await play(this.#channel, sound, { signal: this.#signal })
  }

  /** A party that waits to be called (`fifo_add_outbound`). */
  async #callOut({ url = '', fifo }: Entry): Promise<boolean> {
    const channel = this.#channel
    const { name } = this.#options
    const sound = channel.text('fifo_outbound_announce')
    if (sound) await play(channel, sound, { signal: this.#signal })
    if (this.#isOver) return false
    const dialling = originate(channel.sw, {
      dialString: url,
      originator: channel,
      timeoutSeconds: ringSeconds,
    })
    const result = await attend(channel, dialling, this.#signal)
    const told = result.channel ? 'success' : `failure:${result.cause}`
    announceFifo(channel, name, 'caller_outbound', { 'FIFO-Result': told, 'Outbound-URL': url })
    if (!result.channel) {
      log.warning(`calling ${url} failed: ${result.cause}`, channel.uuid)
      return false
    }
    if (this.#isOver) {
      result.channel.hangup('ORIGINATOR_CANCEL')
      return false
    }
    announceFifo(channel, name, 'consumer_pop', { 'FIFO-Caller-UUID': result.channel.uuid })
    await talk(this.#fifos, channel, result.channel, fifo, name)
    return true
  }

  /** Work after the talk: a sound, a time, or a key that ends it. */
  async #wrapUp(): Promise<void> {
    const channel = this.#channel
    const { variables } = channel
    const key = variables.get('fifo_consumer_wrapup_key')
    const written = Number.parseInt(variables.get('fifo_consumer_wrapup_time') ?? '', 10)
    const ms = written >= 0 ? written : usualWrapUpMs
    if (ms > 0 || key) {
      this.#setStatus('WRAPUP')
      announceFifo(channel, this.#options.name, 'consumer_wrapup')
    }
    const over = new AbortController()
    const stop = () => over.abort()
    this.#signal.addEventListener('abort', stop, { once: true })
    const listening = channel.signals.on('digit', ({ digit }) => {
      if (channel.guests > 0) return
      channel.digits.flush()
      if (key?.includes(digit)) stop()
    })
    try {
      const sound = channel.text('fifo_consumer_wrapup_sound')
      if (sound && !this.#isOver) await play(channel, sound, { signal: over.signal })
      if (ms > 0) await attend(channel, delay(ms, over.signal), over.signal)
    } catch (thrown) {
      log.err(`wrap-up: ${reasonOf(thrown)}`, channel.uuid)
    } finally {
      listening[Symbol.dispose]()
      this.#signal.removeEventListener('abort', stop)
    }
  }
}
