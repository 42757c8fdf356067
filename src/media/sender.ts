/**
 * The outgoing RTP stream of one leg. Its SSRC never changes, and its sequence and timestamps go on without a break
 * whatever the sound comes from: relayed packets are shifted into it in place, made frames are numbered by it.
 */

import { randomInt } from 'node:crypto'

import {
  headerLength,
  markerOf,
  rewriteHeader,
  sequenceGap,
  sequenceOf,
  timestampGap,
  timestampOf,
  writeHeader,
} from '../rtp/packet.ts'
import type { MediaSocket } from './media-socket.ts'
import type { WireCrypto } from './wire-crypto.ts'

/** A relayed timestamp this many seconds off from where the clock on the wall would put it starts the mapping anew. */
const maxDriftSeconds = 5

export class Sender {
  readonly ssrc: number
  /** Where to send; port 0 sends nothing. */
  address = ''
  port = 0
  /** Units of the timestamps in Hz, and the length of a usual packet in them. */
  clock = 8000
  step = 160
  packets = 0
  /** Octets of payload. */
  octets = 0
  /** Octets with headers. */
  rawOctets = 0
  mediaPackets = 0
  eventPackets = 0
  comfortPackets = 0
  /** `performance.now()` of the last packet and its timestamp, for sender reports. */
  lastSentAt = -1
  lastTimestamp = randomInt(0x100000000)
  /** By which it leaves. */
  socket: MediaSocket
  /** Seals every packet; undefined: they go in the clear. */
  crypto: WireCrypto | undefined
  /** Told of each packet before it is encrypted; undefined: nobody asked. */
  trace: ((packet: Buffer) => void) | undefined
  #sequence = randomInt(0x10000)
  /** The timestamp that follows without a gap. */
  #next = 0
  /** Whose sound went out last: another one begins a talkspurt. */
  #source: object | undefined
  #sourceSsrc = -1
  #sequenceOffset = 0
  #timestampOffset = 0
  /** The first sequence number since the source changed: older ones belong to nobody. */
  #firstSequence = 0
  /** Timestamp of the event that is passed packet by packet: as it came, and as it goes. */
  #eventIn = -1
  #eventOut = 0

  constructor(socket: MediaSocket, ssrc: number = randomInt(0x100000000)) {
    this.ssrc = ssrc
    this.socket = socket
    this.#next = this.lastTimestamp
  }

  /** Whether the last packet was of this source. */
  isSource(source: object): boolean {
    return this.#source === source
  }

  /** The next packet begins a talkspurt and a new mapping. */
  interrupt(): void {
    this.#source = undefined
  }

  /**
   * Sends on a packet that came from elsewhere, its loss and order kept. `isNewRun` when its numbering began anew.
   * False when it came too late to have a number.
   */
  relay(
    packet: Buffer,
    source: object,
    ssrc: number,
    payloadType: number,
    isNewRun: boolean,
    now: number,
  ): boolean {
    const sequence = sequenceOf(packet)
    const timestamp = timestampOf(packet)
    let marker = markerOf(packet)
    if (source !== this.#source || ssrc !== this.#sourceSsrc || isNewRun) {
      this.#begin(source, ssrc, now)
      this.#mapFrom(sequence, timestamp)
      marker = true
    }
    const outSequence = (sequence + this.#sequenceOffset) & 0xffff
    let outTimestamp = (timestamp + this.#timestampOffset) >>> 0
    const ahead = sequenceGap(outSequence, this.#sequence)
    if (ahead > 0) {
      const gap = timestampGap(outTimestamp, this.lastTimestamp)
      if (Math.abs(gap) > maxDriftSeconds * this.clock && this.#isOff(gap, now)) {
        // The sender moved its clock but not its sequence: the listener need not notice.
        this.#next = this.#resumed(now)
        this.#timestampOffset = (this.#next - timestamp) | 0
        outTimestamp = this.#next
        marker = true
      }
      this.#sequence = outSequence
      this.lastTimestamp = outTimestamp
      this.#next = (outTimestamp + this.step) >>> 0
    } else if (sequenceGap(outSequence, this.#firstSequence) < 0) return false
    rewriteHeader(packet, marker, payloadType, outSequence, outTimestamp, this.ssrc)
    this.#send(packet, now)
    this.mediaPackets++
    return true
  }

  /**
   * Sends a frame that was made here: `packet` has its payload behind 12 free octets. `samples` is its length in units of
   * the clock.
   */
  frame(packet: Buffer, source: object, payloadType: number, samples: number, now: number): void {
    const marker = source !== this.#source
    if (marker) this.#begin(source, -1, now)
    this.#sourceSsrc = -1 // packets relayed after this need a new mapping
    this.#sequence = (this.#sequence + 1) & 0xffff
    this.lastTimestamp = this.#next
    writeHeader(packet, marker, payloadType, this.#sequence, this.#next, this.ssrc)
    this.#next = (this.#next + samples) >>> 0
    this.#send(packet, now)
    this.mediaPackets++
  }

  /** Leaves a gap of so many units of the clock in the timestamps: nothing was said meanwhile. */
  skip(units: number): void {
    this.#next = (this.#next + units) >>> 0
  }

  /** Where an event that begins now stands in time. */
  eventTimestamp(now: number): number {
    if (this.#source !== this) this.#begin(this, -1, now)
    return this.#next
  }

  /** Sends a packet of an event of our own; `timestamp` from `eventTimestamp` (RFC 4733 section 2.5.1.2). */
  event(
    packet: Buffer,
    payloadType: number,
    marker: boolean,
    timestamp: number,
    now: number,
  ): void {
    this.#source = this
    this.#sequence = (this.#sequence + 1) & 0xffff
    this.lastTimestamp = timestamp
    writeHeader(packet, marker, payloadType, this.#sequence, timestamp, this.ssrc)
    this.#send(packet, now)
    this.eventPackets++
  }

  /** The event took so many units of the clock: what follows stands behind it. */
  eventOver(timestamp: number, duration: number): void {
    this.#next = (timestamp + duration) >>> 0
    this.interrupt()
  }

  /**
   * Sends on an event packet of another leg. Within a relayed stream it keeps its place in it; beside a transcoded one
   * it gets a place of ours, the same for all packets of one event.
   */
  relayEvent(
    packet: Buffer,
    source: object,
    ssrc: number,
    payloadType: number,
    isRelayed: boolean,
    isNewRun: boolean,
    now: number,
  ): boolean {
    if (isRelayed) {
      if (!this.relay(packet, source, ssrc, payloadType, isNewRun, now)) return false
      this.mediaPackets--
      this.eventPackets++
      return true
    }
    this.eventPackets++
    const timestamp = timestampOf(packet)
    if (timestamp !== this.#eventIn) {
      this.#eventIn = timestamp
      this.#eventOut = this.#next
    }
    this.#sourceSsrc = -1
    this.#sequence = (this.#sequence + 1) & 0xffff
    rewriteHeader(packet, markerOf(packet), payloadType, this.#sequence, this.#eventOut, this.ssrc)
    this.#send(packet, now)
    return true
  }

  #begin(source: object, ssrc: number, now: number): void {
    this.#source = source
    this.#sourceSsrc = ssrc
    this.#next = this.#resumed(now)
  }

  #mapFrom(sequence: number, timestamp: number): void {
    this.#firstSequence = (this.#sequence + 1) & 0xffff
    this.#sequenceOffset = (this.#firstSequence - sequence) & 0xffff
    this.#timestampOffset = (this.#next - timestamp) | 0
  }

  /** The timestamp for something that begins now: as far on as the time that went by, and never backwards. */
  #resumed(now: number): number {
    if (this.lastSentAt < 0) return this.#next
    const elapsed = Math.round(((now - this.lastSentAt) * this.clock) / 1000)
    const byClock = (this.lastTimestamp + elapsed) >>> 0
    return timestampGap(byClock, this.#next) > 0 ? byClock : this.#next
  }

  #isOff(gap: number, now: number): boolean {
    const elapsed = ((now - this.lastSentAt) * this.clock) / 1000
    return this.lastSentAt >= 0 && Math.abs(gap - elapsed) > maxDriftSeconds * this.clock
  }

  #send(packet: Buffer, now: number): void {
    this.lastSentAt = now
    if (this.port === 0) return
    this.packets++
    this.octets += packet.length - headerLength
    if (this.trace !== undefined) this.trace(packet)
    const octets = this.crypto === undefined ? packet : this.crypto.seal(packet)
    if (octets === undefined) return
    this.rawOctets += octets.length
    this.socket.send(octets, this.port, this.address)
  }
}
