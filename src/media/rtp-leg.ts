/**
 * A leg with sockets: what a packet of its party means is looked up in a table and done at once. What follows from sound, events
 * and reports has files of its own; this one is long because the way of a packet through it stays in one piece.
 */
import { isIP } from 'node:net'
import { reasonOf } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import {
  headerLength,
  isRtcp,
  isRtp,
  payloadTypeOf,
  sequenceOf,
  ssrcOf,
  timestampOf,
} from '../rtp/packet.ts'
import { Reception, verdict } from '../rtp/reception.ts'
import type { IceWay } from '../webrtc/ice-terms.ts'
import { Bundle } from './bundle.ts'
import type { BundledRelay } from './bundled-relay.ts'
import { DigitSender, type DigitWay } from './digit-sender.ts'
import type { Encoder } from './encoder.ts'
import type {
  JitterHabits,
  LegCodec,
  LegSettings,
  LegStats,
  TurnOutcome,
  TurnServer,
  WebRtcDescription,
} from './engine.ts'
import type { IceTcpListener } from './ice-tcp-listener.ts'
import { IceTcpWay } from './ice-tcp-way.ts'
import { IncomingEvents } from './incoming-events.ts'
import { IncomingSound } from './incoming-sound.ts'
import { Latch } from './latch.ts'
import { Leg } from './leg.ts'
import { cryptoFor, withKeys } from './leg-crypto.ts'
import { LegDrops } from './leg-drops.ts'
import type { LegHost } from './leg-host.ts'
import { type Input, inputsOf, setRelay } from './leg-input.ts'
import { LegReports } from './leg-reports.ts'
import { legStats } from './leg-stats.ts'
import { LegTcp } from './leg-tcp.ts'
import { LegTurn } from './leg-turn.ts'
import { LegWire } from './leg-wire.ts'
import type { Source } from './media-socket.ts'
import { OutgoingSound } from './outgoing-sound.ts'
import { PacketTime, withPacketTime } from './packet-time.ts'
import { tracePacket } from './packet-trace.ts'
import { Passed } from './relay.ts'
import type { RtcpSession } from './rtcp-session.ts'
import { SecureWire } from './secure-wire.ts'
import { Sender } from './sender.ts'
import { SilenceTimer } from './silence-timer.ts'
import type { PacketOwner, SocketPair, SocketPool } from './sockets.ts'
import type { PairLender } from './stream-relay.ts'
import { TurnWay } from './turn-way.ts'

const log = logger('media/leg')

export class RtpLeg extends Leg implements PacketOwner, PairLender {
  readonly sender: Sender
  readonly reception = new Reception()
  readonly reports: LegReports
  readonly latch = new Latch()
  settings: LegSettings | undefined
  firstPacketAt = -1
  lastPacketAt: number | null = null
  /** Octets in, with headers and of payload alone; packets by what was in them. */
  rawBytes = 0
  mediaBytes = 0
  mediaPackets = 0
  noisePackets = 0
  readonly drops: LegDrops
  readonly openedAt = performance.now()
  /** Of what was dropped last: a payload type that was not agreed, and another source than the party's. */
  strangeType: number | null = null
  strangeAddress = ''
  strangePort = 0
  readonly incoming: IncomingSound
  readonly events: IncomingEvents
  /** What shares our port, ICE and keys; undefined: nothing ever did. */
  bundle: Bundle | undefined
  /** What passed through our ports while they were lent. */
  readonly passed = new Passed()
  /** Ends whatever has borrowed our ports. */
  #endLoan: (() => void) | undefined
  readonly #pool: SocketPool
  #pair: SocketPair | undefined
  #inputs: (Input | undefined)[] = []
  /** The way through a TURN server; undefined: none was asked. */
  #turn: TurnWay | undefined
  /** The way by TCP connections; undefined: nobody may connect. */
  #tcp: IceTcpWay | undefined
  /** ICE and DTLS; undefined: neither was ever agreed on. */
  #wire: SecureWire | undefined
  /** False while ICE has lost the party: it must not be sent anything. */
  #hasConsent = true
  readonly #digits: DigitSender
  readonly #outgoing: OutgoingSound
  /** The kind of sound that came last. */
  lastInput: Input | undefined
  #isNewRun = false
  /** Whether each packet that comes is told in the log. */
  #isTraced = false
  readonly #silence = new SilenceTimer()
  readonly #packetTime = new PacketTime()
  #now = 0

  constructor(
    id: number,
    uuid: string,
    host: LegHost,
    pool: SocketPool,
    address: string,
    port: number,
    ssrc?: number,
  ) {
    const drops = new LegDrops(host)
    super(id, uuid, drops)
    this.drops = drops
    this.#pool = pool
    this.#pair = pool.take(address, port, this)
    if (!this.#pair) throw new Error(`port ${port} of ${address} is not free`)
    this.sender = new Sender(this.#pair.rtp, ssrc)
    this.reports = new LegReports(this, `${uuid.slice(0, 8)}@${address}`)
    this.#outgoing = new OutgoingSound(this.sender)
    this.#digits = new DigitSender(this, () => this.#digitWay())
    this.incoming = new IncomingSound(this)
    this.events = new IncomingEvents(this)
  }

  get rtcpSession(): RtcpSession {
    return this.reports.session
  }

  get rate(): number {
    return this.#outgoing.encoder?.rate ?? 8000
  }

  override get soundRate(): number {
    return this.rate
  }

  override get sharedEncoder(): Encoder | undefined {
    return this.hasFloorTaken ? undefined : this.plainEncoder
  }

  override get plainEncoder(): Encoder | undefined {
    const isPlain = this.writeVolume.isPlain && this.writeBugs === undefined && this.taps.size === 0
    return isPlain ? this.#outgoing.shared : undefined
  }

  get isListening(): boolean {
    return this.#outgoing.encoder !== undefined && this.sender.port !== 0
  }

  lastOtherSound(source: object): number {
    return this.sender.isSource(source) ? -1 : this.sender.lastSentAt
  }

  configure(settings: LegSettings): void {
    const before = this.settings
    const now = performance.now()
    // Before anything changes: a key that does not fit leaves all as it was.
    this.sender.crypto = cryptoFor(this, this.sender.crypto, settings, now)
    this.settings = settings
    this.#inputs = inputsOf(settings, this.#inputs)
    this.lastInput = undefined
    this.#packetTime.restart()
    this.incoming.configured()
    const isElsewhere =
      !before ||
      before.remoteAddress !== settings.remoteAddress ||
      before.remotePort !== settings.remotePort ||
      before.latch !== settings.latch
    // What ICE found is truer than any c= line.
    if (isElsewhere && !(settings.ice && this.#wire?.isSettled))
      this.latch.expect(settings.remoteAddress, settings.remotePort, settings.latch)
    if (!before || before.receives !== settings.receives) this.#silence.restart(now)
    // What was not sent meanwhile has no sequence numbers (RFC 3550 §5.1): the numbering goes on where it stopped.
    if (before && before.sends !== settings.sends) this.sender.interrupt()
    this.#outgoing.configure(settings)
    this.#aim()
    this.#setWire(settings, now)
    this.rtcpSession.setInterval(settings.rtcpIntervalMs, now)
    const { jitter } = settings
    if (jitter && jitter.order !== before?.jitter?.order) this.jitterBuffer(jitter)
    this.rerouteAll()
  }

  /** Sets, pauses or stops the jitter buffer; a bad order is logged and changes nothing. */
  jitterBuffer(habits: JitterHabits): void {
    try {
      this.incoming.jitterBuffer(habits, this.settings?.receive[0]?.ptime ?? 20)
    } catch (thrown) {
      log.err(`jitter buffer: ${reasonOf(thrown)}`, this.uuid)
    }
    this.reroute()
  }

  /** Tells of each packet of a direction in the log. */
  tracePackets(direction: 'read' | 'write', on: boolean): void {
    if (direction === 'read') this.#isTraced = on
    else {
      const { sender, uuid } = this
      const tell = (packet: Buffer) =>
        tracePacket('write', packet, sender.address, sender.port, uuid)
      sender.trace = on ? tell : undefined
    }
  }

  /** What a payload type means. */
  inputOf(payloadType: number): Input | undefined {
    return this.#inputs[payloadType]
  }

  override reroute(): void {
    const { peer } = this
    const isTapped = this.taps.size > 0 || (peer?.taps.size ?? 0) > 0
    const isPlain = !isTapped && peer !== undefined && this.#isPlainTo(peer)
    const gate = isPlain ? peer.packetGate : undefined
    this.incoming.reroute(isTapped, peer instanceof RtpLeg && peer !== this, gate)
    for (const input of this.#inputs) if (input) this.setRelay(input)
  }

  rtp(packet: Buffer, from: Source): void {
    const settings = this.settings
    if (!isRtp(packet)) return this.#notRtp(packet, from)
    if (settings === undefined) return this.host.drop('not configured')
    if (settings.rtcpMux && isRtcp(packet)) return this.rtcp(packet, from)
    const input = this.#inputs[payloadTypeOf(packet)]
    if (input === undefined) return this.#notSound(packet, from)
    const latch = this.latch
    const isElsewhere = latch.isElsewhere(from)
    const isProven = isElsewhere && this.hasProven(from)
    if (isElsewhere && !isProven && !latch.isOpen) return this.#foreign(from)
    const now = performance.now()
    this.#now = now
    const { crypto } = this.sender
    if (crypto !== undefined) {
      // Before the latch: a forged packet must not move the stream.
      const length = crypto.open(packet, now)
      if (length < 0) return
      packet = packet.subarray(0, length)
    }
    if (isElsewhere) {
      if (!isProven && !this.#mayCome(from, input)) return this.#foreign(from)
    } else if (latch.isOpen) latch.confirm()
    if (this.#isTraced) tracePacket('read', packet, from.address, from.port, this.uuid)
    const sequence = sequenceOf(packet)
    const timestamp = timestampOf(packet)
    const result = this.reception.packet(
      sequence,
      timestamp,
      ssrcOf(packet),
      input.clock,
      now,
      input.kind === 'sound',
    )
    if (result === verdict.duplicate) return this.host.drop('duplicate')
    if (result === verdict.stray) return this.host.drop('sequence')
    if (result === verdict.restart) this.#streamBegan()
    else this.#isNewRun = false
    this.lastPacketAt = now
    this.#silence.heard()
    this.rawBytes += packet.length
    this.mediaBytes += packet.length - headerLength
    if (input.kind === 'sound') this.#sound(packet, input, sequence, timestamp)
    else {
      this.incoming.skip(sequence, timestamp, this.reception.ssrc)
      if (input.kind === 'event') {
        const last = this.lastInput
        const isRelayed = last === undefined || last.relayAs >= 0
        this.events.packet(packet, input, timestamp, isRelayed, this.#isNewRun, now)
      } else {
        this.noisePackets++
        if (settings.receives) this.incoming.noise(packet, input, this.#isNewRun, now)
      }
    }
  }

  /** Whether ICE knows that the party sends from there too. */
  hasProven(from: Source): boolean {
    return this.#wire?.hasProven(from) === true
  }

  rtcp(packet: Buffer, from: Source): void {
    this.reports.receive(packet, from)
  }

  /** Called a few times a second: what depends on time and not on packets. */
  sweep(now: number): void {
    this.#turn?.sweep(now)
    this.#wire?.sweep(now, Math.max(this.lastPacketAt ?? -1, this.bundle?.lastPacketAt ?? -1))
    this.events.expire(now)
    if (this.rtcpSession.isDue(now)) this.#report(now, false)
    const { settings } = this
    const seconds = settings ? this.#silence.over(settings, this.lastPacketAt, now) : 0
    if (seconds > 0) this.host.tell({ tell: 'timeout', leg: this.id, seconds })
  }

  get turn(): TurnWay | undefined {
    return this.#turn
  }

  /** Asks TURN servers for an address that relays to our port. */
  relayBy(servers: readonly TurnServer[], limitMs: number): Promise<TurnOutcome> | TurnOutcome {
    if (this.#turn) return this.#turn.outcome
    const pair = this.#pair
    const [first, ...others] = servers
    if (!pair || !first || this.#endLoan) return { failure: 'the leg has no port for it' }
    const owner = new LegTurn(this, () => this.#wire?.turnAllocated())
    this.#turn = new TurnWay(owner, pair, [first, ...others], limitMs, performance.now())
    pair.owner = this.#turn
    this.sender.socket = this.#turn
    return this.#turn.outcome
  }

  get tcp(): IceTcpWay | undefined {
    return this.#tcp
  }

  /** Whoever shows the password of its ICE there is connected with it. */
  takeTcp(listener: IceTcpListener): void {
    const ended = (from: Source) => this.#wire?.tcpEnded(from)
    this.#tcp = new IceTcpWay(new LegTcp(this, ended), listener)
  }

  /** What it sends goes by that way from now on. */
  sendBy(way: IceWay): void {
    const direct = this.#turn ?? this.#pair?.rtp
    const socket = way === 'tcp' ? this.#tcp : direct
    if (socket) this.sender.socket = socket
  }

  /** ICE and DTLS at this moment; undefined where neither was agreed on. */
  get webrtc(): WebRtcDescription | undefined {
    return this.#wire?.describe()
  }

  get isLent(): boolean {
    return this.#endLoan !== undefined
  }

  /** From now on the stream comes and goes by our port, under our keys. */
  shareWith(relay: BundledRelay): void {
    this.bundle ??= new Bundle(this)
    this.bundle.add(relay)
  }

  /** Sends a packet of what shares our port; false: it was dropped and counted. */
  sendBeside(packet: Buffer, isControl: boolean): boolean {
    const { crypto } = this.sender
    if (!this.#pair || this.reports.address === '') {
      this.host.drop('stream without address')
      return false
    }
    const octets =
      crypto === undefined ? packet : isControl ? crypto.sealReport(packet) : crypto.seal(packet)
    if (octets === undefined) return false
    this.sender.socket.send(octets, this.latch.port, this.reports.address)
    return true
  }

  /** Gives the ports to a stream that passes untouched; `end` is called when they are needed no longer. */
  lend(end: () => void): SocketPair | undefined {
    if (this.#endLoan || !this.#pair) return undefined
    // Whoever borrows them knows nothing of a relay.
    this.#turn?.close()
    this.#turn = undefined
    this.#tcp?.close()
    this.#tcp = undefined
    this.sender.socket = this.#pair.rtp
    this.#endLoan = end
    return this.#pair
  }

  /** The ports are ours again; what was not heard meanwhile is not counted as silence. */
  takeBack(): void {
    this.#endLoan = undefined
    if (this.#pair) this.#pair.owner = this
    this.#silence.restart(performance.now())
  }

  found(address: string, port: number): Source | undefined {
    const { settings, latch } = this
    const isOurs = settings?.remoteAddress === address && settings.remotePort === port
    return isOurs && latch.isLearned ? latch : undefined
  }

  sendDigits(digits: string, ms: number): void {
    const bad = this.#digits.add(digits, ms)
    if (bad !== '') log.warning(`${bad} cannot be sent as DTMF`, this.uuid)
  }

  override get takesTones(): boolean {
    return !this.sendsDigitsByCore && this.#digitWay().events === undefined
  }

  protected override get sendsDigitsByCore(): boolean {
    return (this.settings?.digits ?? 'media') !== 'media' && this.tonesForDigits !== 'write'
  }

  stats(): LegStats {
    return legStats(this)
  }

  protected transmit(pcm: Int16Array, rate: number, source: object, now: number): void {
    if (!this.#outgoing.write(pcm, rate, source, now)) this.host.drop('no codec')
  }

  protected transmitPause(ms: number, source: object, now: number): void {
    this.#outgoing.pause(ms, source, now)
  }

  protected release(): void {
    this.incoming.close()
    this.#endLoan?.()
    this.bundle?.close()
    if (this.rtcpSession.packets > 0 || (this.settings?.rtcpIntervalMs ?? 0) > 0)
      this.#report(performance.now(), true)
    this.#wire?.close()
    this.#turn?.close()
    this.#tcp?.close()
    if (this.#pair) {
      this.#pool.rest(this.#pair)
      // The server may want to hear once more that we go.
      if (this.#turn) this.#pair.owner = this.#turn
    }
    this.#pair = undefined
  }

  #sound(packet: Buffer, input: Input, sequence: number, timestamp: number): void {
    this.mediaPackets++
    this.lastInput = input
    const settings = this.settings!
    if (!settings.receives) return this.host.drop('on hold')
    if (this.#packetTime.left > 0 && settings.fixesTiming) {
      const { codec, clock } = input
      const ms = this.#packetTime.packet(sequence, timestamp, clock, codec.ptime)
      if (ms > 0) this.#fixTiming(codec, ms)
    }
    this.incoming.packet(packet, input, sequence, timestamp, this.#isNewRun, this.#now)
  }

  /** From now on packets of `codec` have `ms` both ways. */
  #fixTiming(codec: LegCodec, ms: number): void {
    log.warning(
      `packets of ${ms} ms come where ${codec.ptime} ms were agreed: sending such, too`,
      this.uuid,
    )
    this.configure(withPacketTime(this.settings!, codec, ms))
  }

  /** ICE asks whether we are here (RFC 8445), or DTLS wants to settle on keys; all else is nothing of ours. */
  #notRtp(packet: Buffer, from: Source): void {
    if (this.#wire) this.#wire.packet(packet, from)
    else this.host.drop('not RTP')
  }

  /** RTP that is no sound of ours: of what shares our port, or of nobody's. */
  #notSound(packet: Buffer, from: Source): void {
    const { bundle, latch } = this
    const payloadType = payloadTypeOf(packet)
    if (bundle === undefined || !bundle.knows(payloadType)) {
      this.strangeType = payloadType
      return this.host.drop('payload type')
    }
    // Where the party is, ICE or the sound has settled.
    if (latch.isElsewhere(from) && !this.hasProven(from)) return this.#foreign(from)
    const now = performance.now()
    const { crypto } = this.sender
    if (crypto !== undefined) {
      const length = crypto.open(packet, now)
      if (length < 0) return
      packet = packet.subarray(0, length)
    }
    bundle.rtp(packet, now)
  }

  #foreign(from: Source): void {
    this.strangeAddress = from.address
    this.strangePort = from.port
    this.host.drop('source')
  }

  #streamBegan(): void {
    this.#packetTime.restart()
    this.#isNewRun = true
    this.events.restart(this.#now)
    if (this.firstPacketAt >= 0) return
    this.firstPacketAt = this.#now
    this.host.tell({ tell: 'first packet', leg: this.id })
  }

  /** A packet from elsewhere than expected: whether it is used. Events and noise alone prove no source. */
  #mayCome(from: Source, input: Input): boolean {
    if (!this.latch.isOpen || input.kind === 'noise') return false
    if (!this.latch.stranger(from.address, from.port)) return true
    this.#aim()
    log.info(`the stream comes from ${from.address}:${from.port}: sending there`, this.uuid)
    this.host.tell({ tell: 'latched', leg: this.id, address: from.address, port: from.port })
    return true
  }

  #setWire({ ice, dtls, remoteAddress, remotePort }: LegSettings, now: number): void {
    const pair = this.#pair
    if (!this.#wire && (ice || dtls) && pair) {
      const owner = new LegWire(this, `${pair.address}:${pair.port}`, {
        settled: () => this.#aim(),
        consent: (isGiven) => {
          this.#hasConsent = isGiven
          this.#aim()
        },
        secured: (keys) => {
          const { sender } = this
          sender.crypto = withKeys(this, sender.crypto, keys, performance.now())
        },
      })
      this.#wire = new SecureWire(owner, pair.rtp)
    }
    this.#wire?.configure(ice, dtls, remoteAddress, remotePort, now)
    if (ice) this.#tcp?.expect(ice.ufrag, ice.password)
  }

  /** Points the sender to where the party is, or nowhere. */
  #aim(): void {
    const settings = this.settings!
    const { address, port } = this.latch
    const isAddress = isIP(address) !== 0 && address !== '0.0.0.0' && address !== '::' && port > 0
    const isUsable = isAddress && this.#hasConsent
    if (!isUsable && isIP(address) === 0) log.err(`${address} is no address to send to`, this.uuid)
    this.sender.address = address
    this.sender.port = isUsable && settings.sends && settings.send ? port : 0
    this.reports.aim(isUsable ? address : '')
  }

  /** Settles what the peer gets of packets of `input`: themselves, their octets through a table, or their sound. */
  setRelay(input: Input): void {
    const { peer } = this
    const party = peer instanceof RtpLeg && this.#mayRelay(input, peer) ? peer.settings : undefined
    setRelay(input, party)
    input.decoder?.soundAt(peer !== this ? peer?.soundRate : undefined)
  }

  #mayRelay(input: Input, peer: RtpLeg): boolean {
    if (input.kind === 'event') return peer !== this
    return this.#isPlainTo(peer)
  }

  /** Whether nothing changes what the party says on its way to the peer. */
  #isPlainTo(peer: Leg): boolean {
    if (this.readBugs !== undefined || peer.writeBugs !== undefined) return false
    return this.readVolume.isPlain && peer.writeVolume.isPlain
  }

  #digitWay(): DigitWay {
    const { settings } = this
    const payloadType = settings?.eventSend
    if (payloadType === undefined || this.tonesForDigits === 'write')
      return { events: undefined, whole: undefined }
    const { sender } = this
    return { events: { sender, payloadType, clock: settings!.eventClock }, whole: undefined }
  }

  #report(now: number, bye: boolean): void {
    const socket = this.settings?.rtcpMux ? this.sender.socket : this.#pair?.rtcp
    this.reports.send(this.#pair && socket, now, bye)
  }
}
