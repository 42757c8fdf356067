/** A leg with sockets: what a packet of its party means is looked up in a table and done at once. */
import { isIP } from 'node:net'
import { reasonOf } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import {
  headerLength,
  isRtcp,
  isRtp,
  payloadEnd,
  payloadStart,
  payloadTypeOf,
  sequenceOf,
  ssrcOf,
  timestampOf,
} from '../rtp/packet.ts'
import { Reception, verdict } from '../rtp/reception.ts'
import { EventReceiver, eventLength, type FinishedEvent } from '../rtp/telephone-event.ts'
import { Decoder, type SoundTaker } from './decoder.ts'
import { DigitSender, type DigitWay } from './digit-sender.ts'
import { Encoder } from './encoder.ts'
import type { LegCodec, LegSettings, LegStats } from './engine.ts'
import { Latch } from './latch.ts'
import { Leg } from './leg.ts'
import type { LegHost } from './leg-host.ts'
import { type Input, inputsOf, sameCodec, setRelay, translatePayload } from './leg-input.ts'
import { legStats } from './leg-stats.ts'
import type { Source } from './media-socket.ts'
import { RtcpSession } from './rtcp-session.ts'
import { Sender } from './sender.ts'
import { SilenceTimer } from './silence-timer.ts'
import type { PacketOwner, SocketPair, SocketPool } from './sockets.ts'
import { type PairLender, Passed } from './stream-relay.ts'

const log = logger('media/leg')

export class RtpLeg extends Leg implements PacketOwner, SoundTaker, PairLender {
  readonly sender: Sender
  readonly reception = new Reception()
  readonly rtcpSession: RtcpSession
  readonly latch = new Latch()
  settings: LegSettings | undefined
  firstPacketAt = -1
  lastPacketAt: number | null = null
  /** Octets in, with headers and of payload alone; packets by what was in them. */
  rawBytes = 0
  mediaBytes = 0
  mediaPackets = 0
  eventPackets = 0
  noisePackets = 0
  latePackets = 0
  /** What passed through our ports while they were lent. */
  readonly passed = new Passed()
  /** Ends whatever has borrowed our ports. */
  #endLoan: (() => void) | undefined
  readonly #pool: SocketPool
  #pair: SocketPair | undefined
  #inputs: (Input | undefined)[] = []
  readonly #events = new EventReceiver()
  readonly #digits: DigitSender
  #encoder: Encoder | undefined
  #encoderFor: LegCodec | undefined
  /** The kind of sound that came last, and that was decoded last: a change restarts the decoder. */
  #lastInput: Input | undefined
  #decoded: Input | undefined
  /** Whether the packets of the event under way are passed on, so that the digit itself is not. */
  #isEventPassed = false
  #isNewRun = false
  /** Whether packets carry on into somebody's ears here: set by `reroute`. */
  #isTapped = false
  /** Whether the packet at hand goes on as it is. */
  #isRelaying = false
  #rtcpPort = 0
  #rtcpAddress = ''
  readonly #silence = new SilenceTimer()
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
    super(id, uuid, host)
    this.#pool = pool
    this.#pair = pool.take(address, port, this)
    if (!this.#pair) throw new Error(`port ${port} of ${address} is not free`)
    this.sender = new Sender(this.#pair.rtp, ssrc)
    this.rtcpSession = new RtcpSession(`${uuid.slice(0, 8)}@${address}`)
    this.#digits = new DigitSender(this, () => this.#digitWay())
  }

  get rate(): number {
    return this.#encoder?.rate ?? 8000
  }

  get isListening(): boolean {
    return this.#encoder !== undefined && this.sender.port !== 0
  }

  lastOtherSound(source: object): number {
    return this.sender.isSource(source) ? -1 : this.sender.lastSentAt
  }

  configure(settings: LegSettings): void {
    const before = this.settings
    const now = performance.now()
    this.settings = settings
    this.#inputs = inputsOf(settings, this.#inputs)
    this.#lastInput = undefined
    this.#decoded = undefined
    if (
      !before ||
      before.remoteAddress !== settings.remoteAddress ||
      before.remotePort !== settings.remotePort ||
      before.latch !== settings.latch
    )
      this.latch.expect(settings.remoteAddress, settings.remotePort, settings.latch)
    if (!before || before.receives !== settings.receives) this.#silence.restart(now)
    // What was not sent meanwhile has no sequence numbers (RFC 3550 §5.1): the numbering goes on where it stopped.
    if (before && before.sends !== settings.sends) this.sender.interrupt()
    const { send } = settings
    if (!sameCodec(send, this.#encoderFor) || send?.ptime !== this.#encoderFor?.ptime) {
      this.#encoder = send && Encoder.open(send, this.sender)
      this.#encoderFor = send
      this.sender.interrupt()
    }
    if (send) {
      this.sender.clock = send.clockRate
      this.sender.step = Math.round((send.clockRate * send.ptime) / 1000)
    }
    this.#aim()
    this.rtcpSession.setInterval(settings.rtcpIntervalMs, now)
    this.rerouteAll()
  }

  override reroute(): void {
    this.#isTapped = this.taps.size > 0 || (this.peer?.taps.size ?? 0) > 0
    for (const input of this.#inputs) if (input) this.#setRelay(input)
  }

  rtp(packet: Buffer, from: Source): void {
    const settings = this.settings
    if (!isRtp(packet)) return this.host.drop('not RTP')
    if (settings === undefined) return this.host.drop('not configured')
    if (settings.rtcpMux && isRtcp(packet)) return this.rtcp(packet, from)
    const input = this.#inputs[payloadTypeOf(packet)]
    if (input === undefined) return this.host.drop('payload type')
    const latch = this.latch
    if (from.port !== latch.port || from.address !== latch.address) {
      if (!this.#mayCome(from, input)) return this.host.drop('source')
    } else if (latch.isOpen) latch.confirm()
    const now = performance.now()
    this.#now = now
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
    else if (input.kind === 'event') this.#event(packet, input, timestamp)
    else this.noisePackets++
  }

  rtcp(packet: Buffer, from: Source): void {
    // Reports are believed from the host that the sound comes from; the port may be any, NATs move it.
    if (from.address !== this.latch.address) return this.host.drop('RTCP source')
    if (!this.rtcpSession.receive(packet, this.sender, performance.now()))
      return this.host.drop('not RTCP')
    if (this.settings?.latch && !this.settings.rtcpMux) this.#rtcpPort = from.port
  }

  /** Called a few times a second: what depends on time and not on packets. */
  sweep(now: number): void {
    if (this.#events.isBusy) this.#finished(this.#events.expire(now))
    if (this.rtcpSession.isDue(now)) this.#report(now, false)
    const { settings } = this
    const seconds = settings ? this.#silence.over(settings, this.lastPacketAt, now) : 0
    if (seconds > 0) this.host.tell({ tell: 'timeout', leg: this.id, seconds })
  }

  /** Gives the ports to a stream that passes untouched; `end` is called when they are needed no longer. */
  lend(end: () => void): SocketPair | undefined {
    if (this.#endLoan || !this.#pair) return undefined
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

  stats(): LegStats {
    return legStats(this)
  }

  /** From the decoder. */
  sound(pcm: Int16Array, rate: number): void {
    if (this.#isRelaying) {
      // The packet itself went on already: only those who listen in need its sound.
      for (const tap of this.taps) tap.said?.(pcm, rate)
      if (this.peer && !this.peer.hasFloorTaken)
        for (const tap of this.peer.taps) tap.told?.(pcm, rate)
    } else this.fromParty(pcm, rate, this.#now)
  }

  /** From the decoder. */
  pause(ms: number): void {
    if (!this.#isRelaying) this.pauseFromParty(ms, this.#now)
  }

  protected transmit(pcm: Int16Array, rate: number, source: object, now: number): void {
    if (this.#encoder) this.#encoder.write(pcm, rate, source, now)
    else this.host.drop('no codec')
  }

  protected transmitPause(ms: number, source: object, now: number): void {
    this.#encoder?.pause(ms, source, now)
  }

  protected release(): void {
    this.#endLoan?.()
    if (this.rtcpSession.packets > 0 || (this.settings?.rtcpIntervalMs ?? 0) > 0)
      this.#report(performance.now(), true)
    if (this.#pair) this.#pool.rest(this.#pair)
    this.#pair = undefined
  }

  #sound(packet: Buffer, input: Input, sequence: number, timestamp: number): void {
    this.mediaPackets++
    this.#lastInput = input
    if (!this.settings!.receives) return this.host.drop('on hold')
    const peer = this.peer
    const isRelaying = input.relayAs >= 0
    this.#isRelaying = isRelaying
    if (isRelaying ? this.#isTapped : this.isHeard) this.#decode(packet, input, sequence, timestamp)
    if (!isRelaying || peer === undefined) return
    if (peer.hasFloorTaken) return this.host.drop('floor taken')
    if (input.table !== undefined && !translatePayload(packet, input.table))
      return this.host.drop('bad header')
    const { sender } = peer as RtpLeg
    if (!sender.relay(packet, this, this.reception.ssrc, input.relayAs, this.#isNewRun, this.#now))
      this.host.drop('late')
  }

  #decode(packet: Buffer, input: Input, sequence: number, timestamp: number): void {
    if (!input.decoder) {
      if (!input.isUndecodable) input.decoder = Decoder.open(input.codec)
      if (input.decoder) this.#setRelay(input)
      else {
        if (!input.isUndecodable)
          log.err(`${input.codec.name} can be passed on, not decoded`, this.uuid)
        input.isUndecodable = true
        return this.host.drop('no codec')
      }
    }
    if (this.#isNewRun || input !== this.#decoded) input.decoder.restart()
    this.#decoded = input
    const start = payloadStart(packet)
    const end = start < 0 ? -1 : payloadEnd(packet, start)
    if (end < 0) return this.host.drop('bad header')
    if (!input.decoder.packet(packet.subarray(start, end), sequence, timestamp, this)) {
      this.latePackets++
      this.host.drop('late')
    }
  }

  #event(packet: Buffer, input: Input, timestamp: number): void {
    this.eventPackets++
    const start = payloadStart(packet)
    if (start < 0 || start + eventLength > packet.length) return this.host.drop('bad header')
    const wasBusy = this.#events.isBusy
    const finished = this.#events.packet(packet, start, timestamp, input.clock, this.#now)
    // Whether an event's packets pass on is settled by its first packet.
    if ((!wasBusy && this.#events.isBusy) || finished.length > 1)
      this.#isEventPassed = this.#mayPassEvent(input)
    for (const event of finished) this.#finished(event)
    if (!this.#isEventPassed || !this.#mayPassEvent(input)) return
    const { sender } = this.peer as RtpLeg
    const isRelayed = this.#lastInput === undefined || this.#lastInput.relayAs >= 0
    sender.relayEvent(
      packet,
      this,
      this.reception.ssrc,
      input.relayAs,
      isRelayed,
      this.#isNewRun,
      this.#now,
    )
  }

  #finished(event: FinishedEvent | undefined): void {
    if (event) this.digitFromParty({ ...event, source: 'RTP' }, this.#isEventPassed)
  }

  #mayPassEvent(input: Input): boolean {
    return this.passesDtmf && input.relayAs >= 0 && this.peer?.hasFloorTaken === false
  }

  #streamBegan(): void {
    this.#isNewRun = true
    this.#finished(this.#events.restart())
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

  /** Points the sender to where the party is, or nowhere. */
  #aim(): void {
    const settings = this.settings!
    const { address, port } = this.latch
    const isUsable = isIP(address) !== 0 && address !== '0.0.0.0' && address !== '::' && port > 0
    if (!isUsable && isIP(address) === 0) log.err(`${address} is no address to send to`, this.uuid)
    this.sender.address = address
    this.sender.port = isUsable && settings.sends && settings.send ? port : 0
    this.#rtcpAddress = isUsable ? address : ''
    this.#rtcpPort = settings.rtcpMux
      ? port
      : this.latch.isLearned
        ? port + 1
        : (settings.remoteRtcpPort ?? port + 1)
  }

  /** Settles what the peer gets of packets of `input`: themselves, their octets through a table, or their sound. */
  #setRelay(input: Input): void {
    const { peer } = this
    const party = peer instanceof RtpLeg && this.#mayRelay(input, peer) ? peer.settings : undefined
    setRelay(input, party)
    // A listener with sockets has one rate; the others pass on what they get.
    input.decoder?.soundAt(peer !== this && peer instanceof RtpLeg ? peer.rate : undefined)
  }

  #mayRelay(input: Input, peer: RtpLeg): boolean {
    if (input.kind === 'event') return peer !== this
    return this.readVolume.isPlain && peer.writeVolume.isPlain
  }

  #digitWay(): DigitWay {
    const { settings } = this
    const payloadType = settings?.eventSend
    if (payloadType === undefined) return { events: undefined, whole: undefined }
    const { sender } = this
    return { events: { sender, payloadType, clock: settings!.eventClock }, whole: undefined }
  }

  #report(now: number, bye: boolean): void {
    const { settings } = this
    if (!settings || !this.#pair || this.#rtcpAddress === '' || this.#rtcpPort === 0) return
    const clock = this.#lastInput?.clock ?? settings.receive[0]?.clockRate ?? 8000
    const packet = this.rtcpSession.report(this.sender, this.reception, clock, now, bye)
    const socket = settings.rtcpMux ? this.#pair.rtp : this.#pair.rtcp
    try {
      socket.send(packet, this.#rtcpPort, this.#rtcpAddress)
    } catch (thrown) {
      log.warning(`a report could not be sent: ${reasonOf(thrown)}`, this.uuid)
    }
  }
}
