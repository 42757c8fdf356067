/** One worker's place in the engine: its link, its legs, its stocks of sockets, and what still waits for it. */

import type { Emitter } from '../base/emitter.ts'
import { reasonOf } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import type { EavesdropSides, IceTcpPort, WebRtcEvents } from './engine.ts'
import { Pipe } from './pipe.ts'
import type { PortLedger } from './port-ledger.ts'
import type { AnswerTo, Asked, News, Question, WebRtcPort } from './protocol.ts'
import type { PendingBug } from './remote-bug.ts'
import type { PendingPlay, RemoteLeg } from './remote-leg.ts'
import type { PendingRecording } from './remote-recording.ts'
import type { RemoteRoom } from './remote-room.ts'
import type { RemoteStream } from './remote-stream.ts'
import { SocketStock } from './socket-stock.ts'
import type { SoundSupply } from './sound-supply.ts'
import type { LinkOwner, WorkerLink } from './worker-link.ts'

const log = logger('media/engine')

export class WorkerSlot implements LinkOwner {
  readonly index: number
  readonly link: WorkerLink
  readonly legs = new Map<number, RemoteLeg>()
  readonly streams = new Map<number, RemoteStream>()
  readonly plays = new Map<number, PendingPlay>()
  readonly recordings = new Map<number, PendingRecording>()
  readonly rooms = new Map<number, RemoteRoom>()
  readonly bugs = new Map<number, PendingBug>()
  /** Legs and streams with sockets of their own. */
  portsInUse = 0
  /** When it was started, `performance.now()`. */
  readonly startedAt = performance.now()
  /** Why the worker is gone; undefined while it lives. */
  death: string | undefined
  /** Of listeners of TCP for ICE that stand. */
  readonly #tcpPorts = new Set<string>()
  readonly #stocks = new Map<string, SocketStock>()
  readonly #supply: SoundSupply
  readonly #onDeath: (slot: WorkerSlot) => void

  constructor(
    index: number,
    connect: (owner: LinkOwner) => WorkerLink,
    supply: SoundSupply,
    onDeath: (slot: WorkerSlot) => void,
  ) {
    this.index = index
    this.#supply = supply
    this.#onDeath = onDeath
    this.link = connect(this)
  }

  send(question: Question): void {
    this.link.send(question)
  }

  request<Q extends Asked>(question: Q): Promise<AnswerTo<Q>> {
    return this.link.request(question)
  }

  stock(address: string, ledger: PortLedger): SocketStock {
    let stock = this.#stocks.get(address)
    if (!stock) {
      stock = new SocketStock(address, ledger, this.link, this.index)
      this.#stocks.set(address, stock)
    }
    return stock
  }

  /** Has the worker listen for TCP connections of ICE; undefined, or why it cannot. */
  async listenTcp(address: string, firstPort: number): Promise<string | undefined> {
    const port = firstPort + this.index
    try {
      await this.request({ ask: 'listen tcp', address, port })
      this.#tcpPorts.add(`${address} ${port}`)
      return undefined
    } catch (thrown) {
      return reasonOf(thrown)
    }
  }

  closeTcp(address: string, firstPort: number): void {
    const port = firstPort + this.index
    this.#tcpPorts.delete(`${address} ${port}`)
    this.send({ ask: 'close tcp', address, port })
  }

  /** Where the worker listens for TCP connections of ICE; 0: nowhere. */
  tcpPort({ address, port }: IceTcpPort): number {
    const own = port + this.index
    return this.#tcpPorts.has(`${address} ${own}`) ? own : 0
  }

  add(leg: RemoteLeg): void {
    this.legs.set(leg.id, leg)
    if (leg.localPort > 0) this.portsInUse++
  }

  closed(leg: RemoteLeg): void {
    if (this.legs.delete(leg.id) && leg.localPort > 0) this.portsInUse--
  }

  addStream(stream: RemoteStream): void {
    this.streams.set(stream.id, stream)
    if (!stream.isLent) this.portsInUse++
  }

  /** The stream shares the leg's ports from now on, whether it had others until now or is new. */
  movedInto(stream: RemoteStream, leg: RemoteLeg): void {
    if (!this.streams.has(stream.id)) this.streams.set(stream.id, stream)
    else if (!stream.isLent) this.portsInUse--
    this.send({ ask: 'bundle stream', stream: stream.id, leg: leg.id })
  }

  streamClosed(stream: RemoteStream): void {
    if (this.streams.delete(stream.id) && !stream.isLent) this.portsInUse--
  }

  /** Bridges a leg of this worker with one of any. */
  bridge(leg: RemoteLeg, other: RemoteLeg): void {
    if (other.slot === this) return this.send({ ask: 'bridge', leg: leg.id, other: other.id })
    const [outgoing, incoming] = [Pipe.buffer(), Pipe.buffer()]
    this.send({ ask: 'pipe', leg: leg.id, pipe: { outgoing, incoming } })
    other.slot.send({
      ask: 'pipe',
      leg: other.id,
      pipe: { outgoing: incoming, incoming: outgoing },
    })
  }

  /** Lets `spy`, a leg of any worker, hear a leg of this one. */
  eavesdrop(
    leg: RemoteLeg,
    spy: RemoteLeg,
    bug: number,
    hears: EavesdropSides,
    whispers: EavesdropSides,
  ): void {
    const question = { ask: 'eavesdrop', leg: leg.id, bug, hears, whispers } as const
    if (spy.slot === this) return this.send({ ...question, spy: spy.id })
    const [outgoing, incoming] = [Pipe.buffer(), Pipe.buffer()]
    this.send({ ...question, spy: { outgoing, incoming } })
    spy.slot.send({
      ask: 'pipe',
      leg: spy.id,
      pipe: { outgoing: incoming, incoming: outgoing },
    })
  }

  news(news: News): void {
    switch (news.tell) {
      case 'dtmf':
        return this.legs.get(news.leg)?.events.emit('dtmf', news.digit)
      case 'digits to send': {
        const { digits, ms } = news
        return this.legs.get(news.leg)?.events.emit('digits to send', { digits, ms })
      }
      case 'timeout':
        return this.legs.get(news.leg)?.events.emit('timeout', { seconds: news.seconds })
      case 'latched': {
        const { address, port } = news
        return this.legs.get(news.leg)?.events.emit('latched', { address, port })
      }
      case 'first packet':
        return this.legs.get(news.leg)?.events.emit('first packet', undefined)
      case 'ice':
        return this.#port(news)?.emit('ice', news.news)
      case 'secured':
        return this.#port(news)?.emit('secured', news.news)
      case 'security failed':
        return this.#port(news)?.emit('security failed', { reason: news.reason })
      case 'rtcp':
        return this.legs.get(news.leg)?.events.emit('rtcp', news.report)
      case 'play started':
        return this.plays.get(news.play)?.started(true)
      case 'play ended':
        this.plays.get(news.play)?.ended(news.result)
        this.plays.delete(news.play)
        return
      case 'record started':
        return this.recordings.get(news.recording)?.started(true)
      case 'record ended':
        this.recordings.get(news.recording)?.ended(news.result)
        this.recordings.delete(news.recording)
        return
      case 'bug started':
        return this.bugs.get(news.bug)?.begun()
      case 'bug report':
        return this.bugs.get(news.bug)?.report(news.report)
      case 'bug ended':
        return this.bugs.get(news.bug)?.finish(news.result)
      case 'stream timeout':
        return this.streams.get(news.stream)?.events.emit('timeout', { seconds: news.seconds })
      case 'room talking':
      case 'room floor':
      case 'room left':
        return this.rooms.get(news.room)?.news(news)
      case 'rested':
        this.#stocks.get(news.address)?.rested(news.ports)
        return
      default:
        this.#supply.news(this, news)
    }
  }

  /** The events of the leg or stream that news of ICE and DTLS are of. */
  #port({ leg = 0, stream = 0 }: WebRtcPort): Pick<Emitter<WebRtcEvents>, 'emit'> | undefined {
    return (this.legs.get(leg) ?? this.streams.get(stream))?.events
  }

  died(reason: string): void {
    this.death = reason
    log.crit(`media worker ${this.index} died with ${this.legs.size} legs: ${reason}`)
    // The successor stands before the legs' owners hear of it, who may open new ones at once.
    this.#onDeath(this)
    this.lose()
  }

  /** Ends everything that hangs on the worker. */
  lose(): void {
    for (const table of [this.plays, this.recordings, this.bugs])
      for (const pending of table.values()) pending.lost()
    this.#supply.music.lost(this)
    this.plays.clear()
    this.recordings.clear()
    this.bugs.clear()
    const legs = [...this.legs.values()]
    this.legs.clear()
    for (const stream of this.streams.values()) stream.lost()
    this.streams.clear()
    this.portsInUse = 0
    for (const leg of legs) leg.lost()
  }
}
