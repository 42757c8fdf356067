/** The worker's side of the engine: holds the legs and does what the core's side asks. */
import { reasonOf, SwitchError } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import { type DtlsIdentity, dtlsIdentity } from '../webrtc/dtls-identity.ts'
import { type Asked, nothingRunning } from './ask.ts'
import { askBugs } from './ask-bugs.ts'
import { askDigits } from './ask-digits.ts'
import { askFiles } from './ask-files.ts'
import { askLeg } from './ask-leg.ts'
import { askMixer, openRoom } from './ask-mixer.ts'
import { askPackets } from './ask-packets.ts'
import { askPlay } from './ask-play.ts'
import { askRecord } from './ask-record.ts'
import { Streams } from './ask-stream.ts'
import { Batch, type Post } from './batch.ts'
import type { DtlsCertificate, TurnOutcome } from './engine.ts'
import { IceTcpPorts } from './ice-tcp-ports.ts'
import type { Leg } from './leg.ts'
import { describeLeg } from './leg-description.ts'
import type { LegHost } from './leg-host.ts'
import { noStats } from './leg-stats.ts'
import { LoopLeg } from './loop-leg.ts'
import type { Drop, MediaNetwork } from './network.ts'
import type { FromWorker, News, Question, QuestionToLeg, ToWorker } from './protocol.ts'
import { RtpLeg } from './rtp-leg.ts'
import { SocketPool } from './sockets.ts'
import { SoundDesk } from './sound-desk.ts'
import { Ticker } from './ticker.ts'

const log = logger('media/worker')

/** ms between looks at time-outs, reports and resting sockets. */
const sweepMs = 100

/** Every question to a leg, by its word. */
const askTables = {
  ...askLeg,
  ...askPackets,
  ...askDigits,
  ...askPlay,
  ...askRecord,
  ...askBugs,
  ...askMixer,
}

type AnyAsk = (asked: Asked, question: QuestionToLeg) => void

export class WorkerEngine implements LegHost {
  readonly ticker = new Ticker()
  readonly sounds = new SoundDesk(this.ticker, (news) => this.tell(news))
  readonly #outbox: Batch<FromWorker>
  readonly #network: MediaNetwork
  readonly #sockets: SocketPool
  readonly #iceTcp: IceTcpPorts
  readonly #legs = new Map<number, Leg>()
  readonly #asked = new Map<number, Asked>()
  readonly #streams: Streams
  readonly #dropped: Record<string, number> = {}
  readonly #certificate: DtlsCertificate
  #identity: DtlsIdentity | undefined
  #sweeper: NodeJS.Timeout | undefined

  /** `open` makes the network that the sockets are of. */
  constructor(post: Post, open: (drop: Drop) => MediaNetwork, certificate: DtlsCertificate) {
    this.#certificate = certificate
    this.#outbox = new Batch(post)
    const drop: Drop = (reason) => this.drop(reason)
    this.#network = open(drop)
    this.#sockets = new SocketPool(this.#network, drop)
    this.#iceTcp = new IceTcpPorts(drop)
    this.#streams = new Streams(this, this.#sockets, (leg) => this.#legs.get(leg))
  }

  tell(news: News): void {
    this.#outbox.add({ kind: 'notification', news })
  }

  get identity(): DtlsIdentity {
    this.#identity ??= dtlsIdentity(this.#certificate)
    return this.#identity
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
    this.#streams.closeAll()
    for (const leg of this.#legs.values()) {
      try {
        leg.close()
      } catch (thrown) {
        log.warning(`closing failed: ${reasonOf(thrown)}`, leg.uuid)
      }
    }
    this.#legs.clear()
    this.sounds.close()
    this.ticker.close()
    clearInterval(this.#sweeper)
    this.#iceTcp.closeAll()
    this.#sockets.closeAll()
    this.#network.close()
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
        const { leg, uuid, address, port, ssrc, tcpPort } = question
        const made = new RtpLeg(leg, uuid, this, this.#sockets, address, port, ssrc)
        const listener = this.#iceTcp.at(address, tcpPort)
        if (listener) made.takeTcp(listener)
        this.#add(made)
        return undefined
      }
      case 'listen tcp':
        return this.#iceTcp.open(question.address, question.port)
      case 'close tcp':
        return this.#iceTcp.close(question.address, question.port)
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
      case 'supply':
      case 'music piece':
      case 'music settings':
      case 'music end':
        return this.sounds.answer(question)
      case 'sound length':
      case 'join sounds':
        return askFiles(question)
      case 'open room':
        this.#add(openRoom(question, this))
        return undefined
      case 'figures':
        return { legs: this.#legs.size, dropped: { ...this.#dropped } }
      case 'stats':
        return this.#legs.get(question.leg)?.stats() ?? noStats
      case 'describe':
        return describeLeg(this.#legs.get(question.leg))
      case 'turn':
        return this.#relayBy(question)
      case 'close':
        return this.#closeLeg(question.leg)
      case 'open stream':
      case 'lend stream':
      case 'bundle stream':
      case 'configure stream':
      case 'join streams':
      case 'part stream':
      case 'ask for picture':
      case 'stream stats':
      case 'close stream':
        this.#startSweeping()
        return this.#streams.answer(question)
      default: {
        const asked = this.#asked.get(question.leg)
        // Each handler takes its own question, which a look-up by `ask` cannot express.
        const handler = askTables[question.ask] as AnyAsk
        // The core may speak of a leg that has just closed.
        if (asked) handler(asked, question)
        return undefined
      }
    }
  }

  #add(leg: Leg): void {
    this.#legs.set(leg.id, leg)
    const find = (other: number) => this.#legs.get(other)
    const add = (other: Leg) => this.#add(other)
    this.#asked.set(leg.id, { leg, running: nothingRunning(), host: this, find, add })
    this.#startSweeping()
  }

  #relayBy(question: Extract<Question, { ask: 'turn' }>): Promise<TurnOutcome> | TurnOutcome {
    const leg = this.#legs.get(question.leg)
    if (!(leg instanceof RtpLeg)) return { failure: 'the leg was closed' }
    return leg.relayBy(question.servers, question.limitMs)
  }

  #closeLeg(id: number): unknown {
    const leg = this.#legs.get(id)
    if (!leg) return noStats
    this.#legs.delete(id)
    this.#asked.delete(id)
    this.#startSweeping()
    return leg.close()
  }

  #startSweeping(): void {
    // A thread that stood still reads what came meanwhile before anybody says that nothing came.
    this.#sweeper ??= setInterval(() => setImmediate(this.#sweep), sweepMs)
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
    this.#streams.sweep(now)
    for (const [address, ports] of this.#sockets.wake(now))
      this.tell({ tell: 'rested', address, ports })
    if (this.#legs.size > 0 || this.#streams.count > 0 || this.#sockets.hasResting) return
    clearInterval(this.#sweeper)
    this.#sweeper = undefined
  }
}
