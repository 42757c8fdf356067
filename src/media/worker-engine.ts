/** The worker's side of the engine: holds the legs and does what the core's side asks. */
import { reasonOf, SwitchError } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import { Batch, type Post } from './batch.ts'
import { DelayedEcho } from './echo.ts'
import { Filler } from './filler.ts'
import type { Leg } from './leg.ts'
import type { LegHost } from './leg-host.ts'
import { noStats } from './leg-stats.ts'
import { LoopLeg } from './loop-leg.ts'
import { PipeLeg } from './pipe-leg.ts'
import { Player } from './player.ts'
import type { FromWorker, News, Question, ToWorker } from './protocol.ts'
import { Recorder } from './recorder.ts'
import { RtpLeg } from './rtp-leg.ts'
import { SilenceWatch } from './silence-watch.ts'
import { SocketPool } from './sockets.ts'
import { Ticker } from './ticker.ts'

const log = logger('media/worker')

/** ms between looks at time-outs, reports and resting sockets. */
const sweepMs = 100

/** What a leg has running that later requests name. */
interface Running {
  player: Player | undefined
  echo: DelayedEcho | undefined
  filler: Filler | undefined
  readonly recorders: Map<number, Recorder>
  readonly watches: Map<number, SilenceWatch>
}

export class WorkerEngine implements LegHost {
  readonly ticker = new Ticker()
  readonly #outbox: Batch<FromWorker>
  readonly #sockets = new SocketPool((reason) => this.drop(reason))
  readonly #legs = new Map<number, Leg>()
  readonly #running = new Map<Leg, Running>()
  readonly #dropped: Record<string, number> = {}
  #sweeper: NodeJS.Timeout | undefined

  constructor(post: Post) {
    this.#outbox = new Batch(post)
  }

  tell(news: News): void {
    this.#outbox.add({ kind: 'notification', news })
  }

  drop(reason: string): void {
    this.#dropped[reason] = (this.#dropped[reason] ?? 0) + 1
  }

  /** Sends a line of this thread's log over. */
  log(level: number, area: string, text: string, uuid: string | undefined): void {
    this.#outbox.add({ kind: 'log', level, area, text, uuid })
  }

  /** All that the other side said in one turn. */
  receive(batch: readonly ToWorker[]): void {
    for (const message of batch) {
      const { id, question } = message
      try {
        const answer = this.#do(question)
        if (answer instanceof Promise)
          answer.then(
            (value) => this.#answer(id, value),
            (thrown) => this.#refuse(id, question, thrown),
          )
        else if (id > 0) this.#answer(id, answer)
      } catch (thrown) {
        this.#refuse(id, question, thrown)
      }
    }
  }

  /** Frees everything; nothing is told any more. */
  close(): void {
    this.#outbox.close()
    for (const leg of this.#legs.values()) {
      try {
        leg.close()
      } catch (thrown) {
        log.warning(`closing failed: ${reasonOf(thrown)}`, leg.uuid)
      }
    }
    this.#legs.clear()
    this.ticker.close()
    clearInterval(this.#sweeper)
    this.#sockets.closeAll()
  }

  #answer(id: number, value: unknown): void {
    if (id > 0) this.#outbox.add({ kind: 'response', id, value })
  }

  #refuse(id: number, question: Question, thrown: unknown): void {
    const code = thrown instanceof SwitchError ? thrown.code : 'MEDIA_FAILED'
    const message = reasonOf(thrown)
    if (id > 0) return this.#outbox.add({ kind: 'response', id, failure: { code, message } })
    const uuid = 'leg' in question ? this.#legs.get(question.leg)?.uuid : undefined
    log.err(`${question.ask} failed: ${message}`, uuid)
  }

  /** What needs no leg. */
  #do(question: Question): unknown {
    switch (question.ask) {
      case 'bind':
        return this.#sockets.bind(question.address, question.ports)
      case 'give up':
        return { closed: this.#sockets.giveUp(question.address, question.ports) }
      case 'wake':
        return { ports: this.#sockets.wake(0, question.address).get(question.address) ?? [] }
      case 'open': {
        const { leg, uuid, address, port, ssrc } = question
        this.#add(new RtpLeg(leg, uuid, this, this.#sockets, address, port, ssrc))
        return undefined
      }
      case 'loop': {
        const [left, right] = [0, 1].map(
          (end) => new LoopLeg(question.legs[end]!, question.uuids[end]!, this),
        ) as [LoopLeg, LoopLeg]
        left.twin = right
        right.twin = left
        this.#add(left)
        this.#add(right)
        return undefined
      }
      case 'figures':
        return { legs: this.#legs.size, dropped: { ...this.#dropped } }
      case 'stats':
        return this.#legs.get(question.leg)?.stats() ?? noStats
      case 'close':
        return this.#closeLeg(question.leg)
      default: {
        const leg = this.#legs.get(question.leg)
        // The core may speak of a leg that has just closed.
        if (leg) this.#doFor(leg, question)
        return undefined
      }
    }
  }

  #doFor(leg: Leg, question: Question): void {
    const running = this.#running.get(leg)!
    switch (question.ask) {
      case 'configure':
        return leg.configure(question.settings)
      case 'bridge': {
        const other = this.#legs.get(question.other)
        this.#stopEcho(leg, running)
        if (other) leg.bridge(other)
        return
      }
      case 'pipe':
        this.#stopEcho(leg, running)
        leg.unbridge()
        new PipeLeg(leg, question.pipe, this)
        return
      case 'unbridge':
        if (leg.peer !== leg) leg.unbridge()
        return
      case 'pass dtmf':
        leg.passesDtmf = question.on
        return
      case 'echo':
        leg.unbridge()
        this.#stopEcho(leg, running)
        if (question.delayMs > 0) running.echo = new DelayedEcho(leg, question.delayMs)
        else leg.bridge(leg)
        return
      case 'stop echo':
        return this.#stopEcho(leg, running)
      case 'send dtmf':
        return leg.sendDigits(question.digits, question.ms)
      case 'send silence':
        running.filler?.legClosed()
        running.filler = question.level === 0 ? undefined : new Filler(leg, question.level)
        return
      case 'mute':
        ;(question.direction === 'read' ? leg.readVolume : leg.writeVolume).isMuted = question.on
        return leg.rerouteAll()
      case 'gain':
        ;(question.direction === 'read' ? leg.readVolume : leg.writeVolume).setGain(question.db)
        return leg.rerouteAll()
      default:
        this.#doRunning(leg, running, question)
    }
  }

  /** Plays, recordings and watches. */
  #doRunning(leg: Leg, running: Running, question: Question): void {
    switch (question.ask) {
      case 'play':
        running.player?.stop()
        running.player = new Player(leg, question.play, question.request)
        return
      case 'stop play':
        return playerOf(running, question.play)?.stop()
      case 'pause play':
        return playerOf(running, question.play)?.pause(question.on)
      case 'seek play':
        return playerOf(running, question.play)?.seek(question.ms, question.relative)
      case 'record':
        running.recorders.set(
          question.recording,
          new Recorder(leg, question.recording, question.request),
        )
        return
      case 'stop record':
        running.recorders.get(question.recording)?.stop()
        running.recorders.delete(question.recording)
        return
      case 'pause record':
        return running.recorders.get(question.recording)?.pause(question.on)
      case 'mask record':
        return running.recorders.get(question.recording)?.mask(question.on)
      case 'watch silence':
        running.watches.set(question.watch, new SilenceWatch(leg, question.watch, question))
        return
      case 'stop watch':
        running.watches.get(question.watch)?.end(false)
        running.watches.delete(question.watch)
        return
      default:
        throw new Error('is not known')
    }
  }

  #stopEcho(leg: Leg, running: Running): void {
    running.echo?.legClosed()
    running.echo = undefined
    if (leg.peer === leg) leg.unbridge()
  }

  #add(leg: Leg): void {
    this.#legs.set(leg.id, leg)
    this.#running.set(leg, {
      player: undefined,
      echo: undefined,
      filler: undefined,
      recorders: new Map(),
      watches: new Map(),
    })
    this.#sweeper ??= setInterval(this.#sweep, sweepMs)
  }

  #closeLeg(id: number): unknown {
    const leg = this.#legs.get(id)
    if (!leg) return noStats
    this.#legs.delete(id)
    this.#running.delete(leg)
    this.#sweeper ??= setInterval(this.#sweep, sweepMs)
    return leg.close()
  }

  readonly #sweep = (): void => {
    const now = performance.now()
    for (const leg of this.#legs.values()) {
      if (!(leg instanceof RtpLeg)) continue
      try {
        leg.sweep(now)
      } catch (thrown) {
        log.err(`a time-out failed: ${reasonOf(thrown)}`, leg.uuid)
      }
    }
    for (const [address, ports] of this.#sockets.wake(now))
      this.tell({ tell: 'rested', address, ports })
    if (this.#legs.size > 0 || this.#sockets.hasResting) return
    clearInterval(this.#sweeper)
    this.#sweeper = undefined
  }
}

function playerOf(running: Running, play: number): Player | undefined {
  return running.player?.number === play ? running.player : undefined
}
