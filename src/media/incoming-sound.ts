/**
 * What becomes of the sound packets of one leg: passed on as they are, or decoded for whoever hears the party, at once or
 * out of the jitter buffer when there is one.
 */
import { logger } from '../base/log.ts'
import type { JitterBuffer } from '../rtp/jitter-buffer.ts'
import { parseJitter } from '../rtp/jitter-settings.ts'
import { headerLength, payloadEnd, payloadStart, writeHeader } from '../rtp/packet.ts'
import { Decoder, type SoundTaker } from './decoder.ts'
import type { JitterHabits } from './engine.ts'
import type { PacketGate } from './leg.ts'
import { type Input, translatePayload } from './leg-input.ts'
import { NoiseVoice } from './noise-voice.ts'
import { Playout, type PlayoutOwner } from './playout.ts'
import type { RtpLeg } from './rtp-leg.ts'
import { energySum } from './sound.ts'

const log = logger('media/leg')

/** Mean amplitude below which sound counts as silence when the buffer looks for some. */
const quietLevel = 64
/** ms after the last sound until noise is heard. */
const noiseWaitMs = 30
/** Room for the longest payload that the buffer gives back. */
const maxPacket = 2048

export class IncomingSound implements SoundTaker, PlayoutOwner {
  readonly uuid: string
  /** The jitter buffer; undefined while there is none. */
  playout: Playout | undefined
  /** Packets that came after their place had been filled. */
  latePackets = 0
  /** Packets' worth of sound that was made up. */
  concealedPackets = 0
  isQuiet = false
  readonly #leg: RtpLeg
  #habits: JitterHabits = { order: '', inBridge: false, conceals: true }
  #isPaused = false
  /** Whether packets that are passed on go into somebody's ears here, too. */
  #isTapped = false
  /** Who may find by the octets of a packet that nobody needs it. */
  #gate: PacketGate | undefined
  /** Whether the jitter buffer is at work. */
  #isBuffered = false
  /** Whether the packet at hand goes on as it is. */
  #isRelaying = false
  /** The kind of sound that was decoded last: a change restarts the decoder. */
  #decoded: Input | undefined
  #isNewRun = false
  #now = 0
  /** Makes the background that the party described, and whether that filled the pause before the packet at hand. */
  #noise: NoiseVoice | undefined
  #wasNoise = false
  /** A packet that comes out of the buffer and goes on as it is. */
  #packet: Buffer | undefined
  #view: Buffer | undefined

  constructor(leg: RtpLeg) {
    this.#leg = leg
    this.uuid = leg.uuid
  }

  /** New terms: the next packet meets a fresh decoder. */
  configured(): void {
    this.#decoded = undefined
  }

  /**
   * Who hears or gets the packets has changed; `isBridged` when another party with packets of its own is bridged. `gate` is
   * asked before packets are decoded for the peer alone.
   */
  reroute(isTapped: boolean, isBridged: boolean, gate: PacketGate | undefined): void {
    this.#isTapped = isTapped
    this.#gate = gate
    const isBuffered =
      this.playout !== undefined && !this.#isPaused && (this.#habits.inBridge || !isBridged)
    if (!isBuffered) this.playout?.clear()
    this.#isBuffered = isBuffered
  }

  /** Does what `jitterbuffer` asks; `ptime` in ms is the length of a packet. Throws SwitchError JITTER_BAD_ORDER. */
  jitterBuffer(habits: JitterHabits, ptime: number): void {
    const order = habits.order === '' ? undefined : parseJitter(habits.order, ptime)
    this.#habits = habits
    switch (order?.action) {
      case 'set':
        this.#isPaused = false
        if (this.playout) this.playout.set(order.settings)
        else this.playout = new Playout(this, this.#leg.host.ticker, order.settings)
        break
      case 'pause':
      case 'resume':
        this.#isPaused = order.action === 'pause'
        break
      case 'stop':
        this.#isBuffered = false
        this.playout?.end()
        this.playout = undefined
        break
      case 'debug':
        if (this.playout) this.playout.debug(order.path)
        else log.warning('there is no jitter buffer to tell of', this.uuid)
        break
      case 'size':
        log.notice(`${order.stream} is passed on as it comes: nothing is held back`, this.uuid)
    }
  }

  close(): void {
    this.#noise?.stop()
    this.playout?.end()
  }

  packet(
    packet: Buffer,
    input: Input,
    sequence: number,
    timestamp: number,
    isNewRun: boolean,
    now: number,
  ): void {
    const leg = this.#leg
    if (this.#noise !== undefined) this.#endNoise(this.#noise)
    if (this.#isBuffered) return this.#hold(packet, input, sequence, timestamp, isNewRun, now)
    const isRelaying = input.relayAs >= 0
    this.#now = now
    this.#isRelaying = isRelaying
    if (isRelaying ? this.#isTapped : leg.isHeard)
      this.#decode(packet, input, sequence, timestamp, isNewRun)
    if (isRelaying) this.#relay(packet, input, isNewRun)
  }

  /** The party describes its background: that goes on as it is where the peer takes it, else it is made here. */
  noise(packet: Buffer, input: Input, isNewRun: boolean, now: number): void {
    const leg = this.#leg
    const { peer } = leg
    if (input.relayAs >= 0 && peer && this.#isRelaying && !this.#isBuffered) {
      const { sender } = peer as RtpLeg
      if (peer.hasFloorTaken) return leg.host.drop('floor taken')
      if (!sender.relay(packet, leg, leg.reception.ssrc, input.relayAs, isNewRun, now))
        return leg.host.drop('late')
      sender.mediaPackets--
      sender.comfortPackets++
      return
    }
    if (!leg.isHeard) return
    const start = payloadStart(packet)
    const end = start < 0 ? -1 : payloadEnd(packet, start)
    if (end < 0) return leg.host.drop('bad header')
    this.#noise ??= new NoiseVoice(leg)
    this.#noise.describe(packet.subarray(start, end), now)
  }

  /** A number of the stream that carried something else than sound. */
  skip(sequence: number, timestamp: number, ssrc: number): void {
    if (this.#isBuffered) this.playout?.skip(sequence, timestamp, ssrc)
  }

  /** From the jitter buffer. */
  played(payload: Uint8Array, buffer: JitterBuffer, now: number): void {
    const leg = this.#leg
    const input = leg.inputOf(buffer.payloadType)
    if (input === undefined) return leg.host.drop('payload type')
    const isRelaying = input.relayAs >= 0
    this.#now = now
    this.#isRelaying = isRelaying
    if (isRelaying ? this.#isTapped : leg.isHeard) {
      const decoder = this.#decoderOf(input)
      if (decoder && !this.#isWanted(payload, 0, payload.length, input)) return
      this.#decoded = input
      const missed = this.#gate?.takeMissed()
      if (missed) decoder?.next(missed, buffer.timestamp - missed.length, true, this)
      decoder?.next(payload, buffer.timestamp, buffer.isCut, this)
    }
    if (isRelaying) {
      this.#relay(this.#packed(payload, buffer), input, this.#isNewRun)
      this.#isNewRun = false
    }
  }

  /** From the jitter buffer. */
  missed(now: number): void {
    this.#now = now
    const decoder = this.#decoded?.decoder
    if (this.#isRelaying && !this.#isTapped) return
    if (!decoder || !this.#habits.conceals) return this.idle(20, now)
    decoder.missing(this)
    this.concealedPackets++
  }

  /** From the jitter buffer. */
  idle(ms: number, now: number): void {
    if (this.#noise?.isSounding || this.#wasNoise) return
    if (this.#isRelaying) this.#tapsPause(ms)
    else this.#leg.pauseFromParty(ms, now)
  }

  /** From the decoder. */
  sound(pcm: Int16Array, rate: number): void {
    const leg = this.#leg
    // What the buffer still holds is heard before the noise that followed it.
    if (this.#noise !== undefined) this.#noise.waitUntil = this.#now + noiseWaitMs
    if (this.#isBuffered) this.isQuiet = energySum(pcm) < quietLevel * pcm.length
    if (this.#isRelaying) {
      // The packet itself goes on: only those who listen in need its sound.
      for (const tap of leg.taps) tap.said?.(pcm, rate)
      if (leg.peer && !leg.peer.hasFloorTaken)
        for (const tap of leg.peer.taps) tap.told?.(pcm, rate)
    } else leg.fromParty(pcm, rate, this.#now)
  }

  /** From the decoder. */
  pause(ms: number): void {
    this.idle(ms, this.#now)
  }

  /** The packets go on, and their pauses with them: only those who listen in are told. */
  #tapsPause(ms: number): void {
    const { peer, taps } = this.#leg
    for (const tap of taps) tap.saidPause?.(ms)
    if (peer && !peer.hasFloorTaken) for (const tap of peer.taps) tap.toldPause?.(ms)
  }

  #endNoise(noise: NoiseVoice): void {
    this.#wasNoise = noise.isSounding && !this.#isBuffered
    noise.stop()
  }

  #hold(
    packet: Buffer,
    input: Input,
    sequence: number,
    timestamp: number,
    isNewRun: boolean,
    now: number,
  ): void {
    const leg = this.#leg
    if (input.relayAs < 0 && !leg.isHeard) return
    const start = payloadStart(packet)
    const end = start < 0 ? -1 : payloadEnd(packet, start)
    if (end < 0) return leg.host.drop('bad header')
    const { codec, clock } = input
    const verdict = this.playout!.push(
      packet.subarray(start, end),
      sequence,
      timestamp,
      leg.reception.ssrc,
      codec.payloadType,
      clock,
      codec.ptime,
      now,
    )
    if (isNewRun || verdict === 'resync') this.#isNewRun = true
    if (verdict === 'late') this.#late()
  }

  #decode(
    packet: Buffer,
    input: Input,
    sequence: number,
    timestamp: number,
    isNewRun: boolean,
  ): void {
    const decoder = this.#decoderOf(input)
    if (!decoder) return
    const start = payloadStart(packet)
    const end = start < 0 ? -1 : payloadEnd(packet, start)
    if (end < 0) return this.#leg.host.drop('bad header')
    if (!this.#isWanted(packet, start, end, input)) return
    if (isNewRun || input !== this.#decoded) decoder.restart()
    this.#decoded = input
    const missed = this.#gate?.takeMissed()
    if (missed) {
      // An octet is a sample and a unit of the clock.
      const earlier = (timestamp - missed.length) >>> 0
      decoder.restart()
      decoder.packet(missed, (sequence - 1) & 0xffff, earlier, this)
    }
    const before = decoder.concealed
    if (!decoder.packet(packet.subarray(start, end), sequence, timestamp, this)) this.#late()
    this.concealedPackets += decoder.concealed - before
    this.#wasNoise = false
  }

  /** Whether somebody needs the sound of this payload. */
  #isWanted(packet: Uint8Array, start: number, end: number, input: Input): boolean {
    if (!this.#gate || !input.loudness) return true
    if (this.#gate.wants(packet, start, end, input.loudness)) return true
    // What was left out is no loss.
    this.#decoded = undefined
    return false
  }

  #decoderOf(input: Input): Decoder | undefined {
    if (input.decoder) return input.decoder
    if (!input.isUndecodable) input.decoder = Decoder.open(input.codec)
    if (input.decoder) {
      this.#leg.setRelay(input)
      return input.decoder
    }
    if (!input.isUndecodable)
      log.err(`${input.codec.name} can be passed on, not decoded`, this.uuid)
    input.isUndecodable = true
    this.#leg.host.drop('no codec')
    return undefined
  }

  #relay(packet: Buffer, input: Input, isNewRun: boolean): void {
    const leg = this.#leg
    const { peer } = leg
    if (peer === undefined) return
    if (peer.hasFloorTaken) return leg.host.drop('floor taken')
    if (input.table !== undefined && !translatePayload(packet, input.table))
      return leg.host.drop('bad header')
    const { sender } = peer as RtpLeg
    if (!sender.relay(packet, leg, leg.reception.ssrc, input.relayAs, isNewRun, this.#now))
      leg.host.drop('late')
  }

  /** What came out of the buffer as a packet again; overwritten by the next one. */
  #packed(payload: Uint8Array, buffer: JitterBuffer): Buffer {
    const length = headerLength + payload.length
    this.#packet ??= Buffer.alloc(maxPacket)
    if (length > this.#packet.length) this.#packet = Buffer.alloc(length)
    if (this.#view?.length !== length || this.#view.buffer !== this.#packet.buffer)
      this.#view = this.#packet.subarray(0, length)
    const view = this.#view
    const { payloadType, sequence, timestamp } = buffer
    writeHeader(view, false, payloadType, sequence, timestamp, this.#leg.reception.ssrc)
    view.set(payload, headerLength)
    return view
  }

  #late(): void {
    this.latePackets++
    this.#leg.host.drop('late')
  }
}
