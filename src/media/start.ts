/** Starts the media engine: the workers, the ports and the legs as the core's side keeps them. */
import { isIP } from 'node:net'
import { SwitchError } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import { fingerprintText, makeCertificate } from '../net/certificate.ts'
import type {
  DtlsCertificate,
  IceTcpPort,
  LegOptions,
  MediaEngine,
  MediaEngineOptions,
  MediaFigures,
  MediaLeg,
  MediaRoom,
  MediaStream,
  RoomOptions,
  SoundFiles,
  StreamOptions,
} from './engine.ts'
import { PortLedger } from './port-ledger.ts'
import { RemoteLeg } from './remote-leg.ts'
import { RemoteRoom } from './remote-room.ts'
import { RemoteStream } from './remote-stream.ts'
import { SoundSupply } from './sound-supply.ts'
import { TcpPorts } from './tcp-ports.ts'
import { inlineLink, type LinkOwner, threadLink } from './worker-link.ts'
import { WorkerSlot } from './worker-slot.ts'

const log = logger('media/engine')

/** A worker that dies within this time of its start is not started anew at once, ms. */
const quickDeathMs = 1000

/** What the engine of `startMediaEngine` has beyond the interface: a way to see how it bears the loss of a worker. */
export interface StartedMediaEngine extends MediaEngine {
  /** Ends a worker's thread as a crash would; nothing happens inline. */
  killWorker(index: number): Promise<void>
}

class Engine implements StartedMediaEngine {
  readonly #options: MediaEngineOptions
  readonly #slots: WorkerSlot[] = []
  /** One ledger per local address; a slot's successor gets new stocks and the same ledgers. */
  readonly #ledgers = new Map<string, PortLedger>()
  readonly #tcpPorts = new TcpPorts()
  readonly #supply = new SoundSupply()
  readonly music = this.#supply.music
  readonly fetchers = this.#supply.fetchers
  readonly #certificate: DtlsCertificate
  readonly dtlsFingerprint: string
  readonly files: SoundFiles = {
    seconds: (path) => this.#quietest().request({ ask: 'sound length', path }),
    join: (from, to) => this.#quietest().request({ ask: 'join sounds', from, to }),
  }
  #nextLeg = 1
  #nextStream = 1
  #isClosed = false

  constructor(options: MediaEngineOptions) {
    this.#options = options
    this.#certificate = options.dtlsCertificate ?? makeCertificate({ commonName: 'strowger' })
    this.dtlsFingerprint = fingerprintText(this.#certificate.certificate)
    for (let index = 0; index < Math.max(1, options.workers); index++) this.#startSlot(index)
  }

  async openLeg(options: LegOptions): Promise<MediaLeg> {
    const { uuid, address, near, ssrc, iceTcp } = options
    const { slot, port } = await this.#takePort(address, near)
    const tcpPort = iceTcp?.address === address ? slot.tcpPort(iceTcp) : 0
    const leg = new RemoteLeg(this.#nextLeg++, uuid, address, port, slot, tcpPort)
    slot.add(leg)
    slot.send({ ask: 'open', leg: leg.id, uuid, address, port, ssrc, tcpPort })
    return leg
  }

  async listenTcp(address: string, port: number): Promise<IceTcpPort> {
    if (this.#isClosed) throw new SwitchError('MEDIA_CLOSED', 'the media engine is closed')
    return this.#tcpPorts.open(address, port, this.#slots)
  }

  async openStream(options: StreamOptions): Promise<MediaStream> {
    const { uuid, address, near, within } = options
    if (within) return this.#openWithin(uuid, within)
    const { slot, port } = await this.#takePort(address, near)
    const stream = new RemoteStream(this.#nextStream++, uuid, address, port, slot, false)
    slot.addStream(stream)
    slot.send({ ask: 'open stream', stream: stream.id, uuid, address, port })
    return stream
  }

  #openWithin(uuid: string, leg: MediaLeg): MediaStream {
    if (this.#isClosed) throw new SwitchError('MEDIA_CLOSED', 'the media engine is closed')
    if (leg instanceof RemoteLeg) {
      const stream = new RemoteStream(this.#nextStream++, uuid, '', 0, leg.slot, true)
      if (stream.share(leg)) return stream
    }
    throw new SwitchError('MEDIA_NO_LEG', 'the leg whose port is to be shared has closed')
  }

  lendStream(leg: MediaLeg): MediaStream | undefined {
    if (!(leg instanceof RemoteLeg) || leg.isClosed || leg.localPort === 0) return undefined
    const { uuid, localAddress, localPort, slot } = leg
    const stream = new RemoteStream(this.#nextStream++, uuid, localAddress, localPort, slot, true)
    slot.addStream(stream)
    slot.send({ ask: 'lend stream', stream: stream.id, leg: leg.id })
    return stream
  }

  openLoop(uuidA: string, uuidB: string): [MediaLeg, MediaLeg] {
    const slot = this.#quietest()
    const left = new RemoteLeg(this.#nextLeg++, uuidA, '', 0, slot)
    const right = new RemoteLeg(this.#nextLeg++, uuidB, '', 0, slot)
    slot.add(left)
    slot.add(right)
    slot.send({ ask: 'loop', legs: [left.id, right.id], uuids: [uuidA, uuidB] })
    return [left, right]
  }

  openRoom(uuid: string, options: RoomOptions, near?: MediaLeg): MediaRoom {
    if (this.#isClosed) throw new SwitchError('MEDIA_CLOSED', 'the media engine is closed')
    const { rate } = options
    if (!(rate >= 8000 && rate <= 48_000 && rate % 50 === 0))
      throw new SwitchError('MEDIA_BAD_RATE', `a room cannot run at ${rate} Hz`)
    const slot = near instanceof RemoteLeg && !near.isClosed ? near.slot : this.#quietest()
    return new RemoteRoom(uuid, options, slot, () => this.#nextLeg++)
  }

  async figures(): Promise<MediaFigures> {
    const dropped: Record<string, number> = {}
    const answers = await Promise.all(
      this.#slots.map((slot) => slot.request({ ask: 'figures' }).catch(() => undefined)), // one that just died
    )
    for (const answer of answers)
      for (const [reason, count] of Object.entries(answer?.dropped ?? {}))
        dropped[reason] = (dropped[reason] ?? 0) + count
    const sum = (value: (slot: WorkerSlot) => number) =>
      this.#slots.reduce((total, slot) => total + value(slot), 0)
    const portsInUse = sum((slot) => slot.portsInUse)
    const { rtpStartPort, rtpEndPort } = this.#options
    const addresses = Math.max(1, this.#ledgers.size)
    const size = new PortLedger(rtpStartPort, rtpEndPort).size * addresses
    return {
      workers: this.#options.workers,
      legs: sum((slot) => slot.legs.size),
      streams: sum((slot) => slot.streams.size),
      portsInUse,
      portsFree: size - portsInUse,
      dropped,
    }
  }

  /** Resolves when every worker has answered. Throws SwitchError MEDIA_WORKER_GONE when one cannot run. */
  async ready(): Promise<void> {
    const slots = [...this.#slots]
    await Promise.all(
      slots.map((slot) =>
        slot.request({ ask: 'figures' }).catch(() => {
          const reason = slot.death ?? 'no reason is known'
          throw new SwitchError('MEDIA_WORKER_GONE', `a media worker cannot run: ${reason}`)
        }),
      ),
    )
  }

  async killWorker(index: number): Promise<void> {
    await this.#slots[index]?.link.kill()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await Promise.all(this.#slots.map((slot) => slot.link.close()))
    for (const slot of this.#slots) slot.lose()
  }

  /** The worker that `near` lives in, else the quietest, and a port of it. */
  async #takePort(
    address: string,
    near: MediaLeg | MediaStream | undefined,
  ): Promise<{ slot: WorkerSlot; port: number }> {
    if (this.#isClosed) throw new SwitchError('MEDIA_CLOSED', 'the media engine is closed')
    if (isIP(address) === 0)
      throw new SwitchError('MEDIA_BAD_ADDRESS', `${address} is no IP address to bind to`)
    const isOurs = near instanceof RemoteLeg || near instanceof RemoteStream
    const slot = isOurs && !near.isClosed ? near.slot : this.#quietest()
    const ledger = this.#ledgerFor(address)
    const stock = slot.stock(address, ledger)
    const port = stock.take() ?? (await stock.wait(this.#stocksBut(slot, address, ledger)))
    return { slot, port }
  }

  #startSlot(index: number): void {
    const { workers, io = 'auto' } = this.#options
    const connect = (owner: LinkOwner) =>
      workers === 0
        ? inlineLink(owner, this.#certificate)
        : threadLink(owner, io, this.#certificate)
    const slot = new WorkerSlot(index, connect, this.#supply, (dead) => this.#replace(dead))
    this.#slots[index] = slot
    this.#tcpPorts.begun(slot)
  }

  #replace(dead: WorkerSlot): void {
    // The dead thread's sockets were closed behind it: its ports are free again.
    for (const ledger of this.#ledgers.values()) ledger.ownerGone(dead.index)
    if (this.#isClosed) return
    const restart = () => {
      if (this.#isClosed) return
      log.notice(`starting media worker ${dead.index} anew`)
      this.#startSlot(dead.index)
    }
    // One that dies as soon as it runs would otherwise be started without end.
    if (performance.now() - dead.startedAt > quickDeathMs) restart()
    else setTimeout(restart, quickDeathMs).unref()
  }

  #quietest(): WorkerSlot {
    const living = this.#slots.filter((slot) => slot.death === undefined)
    const [first, ...others] = living
    if (!first) throw new SwitchError('MEDIA_WORKER_GONE', 'no media worker runs', { status: 503 })
    return others.reduce((best, slot) => (slot.legs.size < best.legs.size ? slot : best), first)
  }

  #ledgerFor(address: string): PortLedger {
    let ledger = this.#ledgers.get(address)
    if (!ledger) {
      ledger = new PortLedger(this.#options.rtpStartPort, this.#options.rtpEndPort)
      this.#ledgers.set(address, ledger)
    }
    return ledger
  }

  #stocksBut(slot: WorkerSlot, address: string, ledger: PortLedger) {
    return this.#slots
      .filter((other) => other !== slot)
      .map((other) => other.stock(address, ledger))
  }
}

/** Starts the workers. Throws SwitchError MEDIA_BAD_RANGE when the range of ports holds no pair. */
export async function startMediaEngine(options: MediaEngineOptions): Promise<StartedMediaEngine> {
  const { rtpStartPort, rtpEndPort, workers } = options
  const isRange =
    Number.isInteger(rtpStartPort) &&
    Number.isInteger(rtpEndPort) &&
    rtpStartPort > 0 &&
    rtpEndPort < 65536 &&
    new PortLedger(rtpStartPort, rtpEndPort).size > 0
  if (!isRange)
    throw new SwitchError(
      'MEDIA_BAD_RANGE',
      `no pair of RTP ports lies between ${rtpStartPort} and ${rtpEndPort}`,
    )
  if (!Number.isInteger(workers) || workers < 0)
    throw new SwitchError('MEDIA_BAD_WORKERS', `${workers} is no number of media workers`)
  const engine = new Engine(options)
  try {
    await engine.ready()
  } catch (thrown) {
    await engine[Symbol.asyncDispose]()
    throw thrown
  }
  return engine
}
