/** `fifo <name> in`: the caller waits with music and chimes until a consumer has him, a key or the time leads elsewhere, or he goes. */
import { systemClock } from '../../base/clock.ts'
import { reasonOf } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import { answer } from '../../core/answer.ts'
import { attendUntilAborted } from '../../core/attend.ts'
import type { Channel } from '../../core/channel.ts'
import { play } from '../../core/play.ts'
import { playMusic } from '../../core/play-music.ts'
import { separate } from '../../core/separate.ts'
import { localStamp } from '../../core/time/times.ts'
import { transfer } from '../../core/transfer.ts'
import { isTrue } from '../../core/variables.ts'
import { Entry, type EntryEnd } from './entry.ts'
import { type Fifo, priorityOf } from './fifo.ts'
import { type Fifos, fifosOf } from './fifos.ts'
import { announceFifo } from './info-event.ts'

const log = logger('applications/fifo')

export interface CallerOptions {
  /** As it stands in the dialplan. */
  readonly name: string
  /** To him, before the talk. */
  readonly announcement: string | undefined
  readonly music: string | undefined
  readonly answers: boolean
}

const usualChimeSeconds = 30
const usualOrbitSeconds = 60

/** Where a caller goes who has waited for so many seconds. */
interface Orbit {
  readonly extension: string
  readonly seconds: number
}

export async function waitInFifo(
  channel: Channel,
  fifo: Fifo,
  options: CallerOptions,
  signal: AbortSignal,
): Promise<void> {
  if (options.answers) await answer(channel)
  if (signal.aborted || !channel.isUp) return
  const fifos = fifosOf(channel.sw)
  const { variables } = channel
  const written = variables.get('fifo_priority')
  const entry = new Entry(fifo, priorityOf(written), channel)
  variables.unset('fifo_serviced_uuid')
  variables.unset('fifo_serviced_by')
  announceFifo(channel, options.name, 'push', { 'FIFO-Slot': entry.priority })
  if (written === undefined) variables.set('fifo_priority', String(entry.priority))
  const stamp = localStamp(Date.now())
  variables.set('fifo_status', 'WAITING')
  variables.set('fifo_timestamp', stamp)
  variables.set('fifo_push_timestamp', stamp)
  variables.set('fifo_role', 'caller')
  fifos.figures.pushed++
  const orbit = orbitOf(channel)
  const waiting = new WaitingCaller(channel, fifos, entry, options)
  const end = await waiting.run(orbit, signal)
  if (end === 'talking') return
  await leave(channel, fifos, entry, options, end, orbit)
}

class WaitingCaller {
  readonly #channel: Channel
  readonly #fifos: Fifos
  readonly #entry: Entry
  readonly #options: CallerOptions
  #chime = 0
  #isLate = false

  constructor(channel: Channel, fifos: Fifos, entry: Entry, options: CallerOptions) {
    this.#channel = channel
    this.#fifos = fifos
    this.#entry = entry
    this.#options = options
  }

  async run(
    orbit: Orbit | undefined,
    signal: AbortSignal,
  ): Promise<Exclude<EntryEnd['kind'], 'served'> | 'talking'> {
    const entry = this.#entry
    const late = () => {
      this.#isLate = true
      entry.end({ kind: 'orbit' })
    }
    const timer = orbit ? systemClock.after(orbit.seconds * 1000, late) : undefined
    const gone = () => entry.end({ kind: 'gone' })
    signal.addEventListener('abort', gone, { once: true })
    let isBack = false
    try {
      for (;;) {
        const end = await this.#wait(isBack, signal)
        if (end.kind !== 'served') return end.kind
        if (await this.#meet(end.consumer, signal)) return 'talking'
        if (signal.aborted) return 'gone'
        isBack = true
        log.warning(
          `${end.consumer.name} went away before they could talk; the caller is first again`,
          this.#channel.uuid,
        )
        this.#channel.variables.set('fifo_vip', 'true')
      }
    } finally {
      timer?.cancel()
      signal.removeEventListener('abort', gone)
      entry.fifo.remove(entry)
      entry.ready(false)
    }
  }

  async #wait(isBack: boolean, signal: AbortSignal): Promise<EntryEnd> {
    const channel = this.#channel
    const entry = this.#entry
    const coming = entry.wait()
    if (signal.aborted) entry.end({ kind: 'gone' })
    else if (this.#isLate) entry.end({ kind: 'orbit' })
    const over = new AbortController()
    const music = this.#playMusic(over.signal).catch((thrown: unknown) =>
      log.err(`no music: ${reasonOf(thrown)}`, channel.uuid),
    )
    const listening = channel.signals.on('digit', ({ digit }) => {
      if (channel.guests > 0) return
      channel.digits.flush()
      if (!channel.text('fifo_caller_exit_key')?.includes(digit)) return
      channel.variables.set('fifo_caller_exit_key', digit)
      entry.end({ kind: 'key' })
    })
    this.#fifos.push(entry, isBack)
    entry.fifo.announcePresence()
    const end = await coming
    listening[Symbol.dispose]()
    over.abort()
    channel.queue.clear()
    if (channel.guests > 0) channel.break()
    await music
    return end
  }

  /** Hears what he is to hear, and waits for the bridge. False: the consumer has gone. */
  async #meet(consumer: Channel, signal: AbortSignal): Promise<boolean> {
    const channel = this.#channel
    const entry = this.#entry
    const { announcement } = this.#options
    if (announcement && !signal.aborted) await play(channel, announcement, { signal })
    if (signal.aborted) return false
    // In the other direction nothing is played: a consumer who is not there any more cannot take him.
    if (!consumer.isUp || entry.isGivenBack) return false
    const back = new AbortController()
    const stop = () => back.abort()
    signal.addEventListener('abort', stop, { once: true })
    entry.onGivenBack(stop)
    entry.ready(true)
    await attendUntilAborted(channel, back.signal)
    entry.onGivenBack(undefined)
    signal.removeEventListener('abort', stop)
    return entry.isTalking
  }

  async #playMusic(signal: AbortSignal): Promise<void> {
    const channel = this.#channel
    const chimes = separate(channel.text('fifo_chime_list') ?? '', ',')
    const own = Number.parseInt(channel.text('fifo_chime_freq') ?? '', 10)
    const every = (own > 0 ? own : usualChimeSeconds) * 1000
    let { music } = this.#options
    while (!signal.aborted) {
      const part = new AbortController()
      const stop = () => part.abort()
      signal.addEventListener('abort', stop, { once: true })
      const timer = chimes.length > 0 ? systemClock.after(every, stop) : undefined
      if (music) {
        if (!(await playMusic(channel, music, part.signal))) music = undefined
      } else await attendUntilAborted(channel, part.signal)
      timer?.cancel()
      signal.removeEventListener('abort', stop)
      if (signal.aborted || !part.signal.aborted) continue
      const chime = chimes[this.#chime++ % chimes.length]
      if (chime) await play(channel, chime, { signal })
    }
  }
}

/** `fifo_orbit_exten`: `extension[:seconds]`. */
function orbitOf(channel: Channel): Orbit | undefined {
  const text = channel.text('fifo_orbit_exten')
  if (!text) return undefined
  const colon = text.indexOf(':')
  const seconds = colon < 0 ? Number.NaN : Number.parseInt(text.slice(colon + 1), 10)
  return {
    extension: colon < 0 ? text : text.slice(0, colon),
    seconds: seconds >= 0 ? seconds : usualOrbitSeconds,
  }
}

async function leave(
  channel: Channel,
  fifos: Fifos,
  entry: Entry,
  options: CallerOptions,
  end: 'orbit' | 'key' | 'gone',
  orbit: Orbit | undefined,
): Promise<void> {
  const { variables } = channel
  const isLate = end === 'orbit'
  variables.set('fifo_status', isLate ? 'TIMEOUT' : 'ABORTED')
  variables.set('fifo_timestamp', localStamp(Date.now()))
  fifos.figures.aborted++
  announceFifo(channel, options.name, isLate ? 'timeout' : 'abort')
  entry.dialling?.abort('ORIGINATOR_CANCEL')
  entry.fifo.announcePresence()
  fifos.cancelNeedless(entry.fifo)
  if (!orbit || !channel.isUp || end === 'gone') return
  if (!isLate && !isTrue(variables.get('fifo_caller_exit_to_orbit'))) return
  const announcement = channel.text('fifo_orbit_announce')
  if (announcement) await play(channel, announcement, { signal: channel.signal })
  if (orbit.extension === '_continue_') return
  transfer(channel, {
    extension: orbit.extension,
    dialplan: channel.text('fifo_orbit_dialplan'),
    context: channel.text('fifo_orbit_context'),
  })
}
