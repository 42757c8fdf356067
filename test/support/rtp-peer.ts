/** A phone's RTP half on 127.0.0.1: sends tones and events as told, keeps all that arrives. */
import { createSocket, type Socket } from 'node:dgram'
import { findCodec } from '../../src/codecs/index.ts'
import {
  isRtp,
  markerOf,
  payloadTypeOf,
  sequenceOf,
  ssrcOf,
  timestampOf,
  writeHeader,
} from '../../src/rtp/packet.ts'
import { writeEvent } from '../../src/rtp/telephone-event.ts'
import { toneFrom } from './tone.ts'

export interface Arrived {
  readonly payloadType: number
  readonly marker: boolean
  readonly sequence: number
  readonly timestamp: number
  readonly ssrc: number
  readonly payload: Buffer
  /** `performance.now()`. */
  readonly at: number
  readonly fromPort: number
}

/** RTP and RTCP packets alike. */
export interface PeerCipher {
  seal(packet: Uint8Array): Uint8Array
  open(packet: Buffer): Buffer | undefined
}

export class RtpPeer implements AsyncDisposable {
  readonly socket: Socket
  readonly port: number
  readonly arrived: Arrived[] = []
  /** Datagrams that were no RTP. */
  readonly others: Buffer[] = []
  ssrc = 0x1000
  sequence = 100
  timestamp = 5000
  /** Where it sends. */
  target = 0
  /** SRTP: what goes is sealed, what comes is opened; what cannot be opened counts as unreadable. */
  cipher: PeerCipher | undefined
  unreadable = 0
  #sent = 0
  readonly #waiting: { count: number; done: () => void }[] = []

  private constructor(socket: Socket) {
    this.socket = socket
    this.port = socket.address().port
    socket.on('message', (received, from) => {
      const packet = this.cipher ? this.cipher.open(received) : received
      if (packet === undefined) {
        this.unreadable++
        return
      }
      if (!isRtp(packet) || (packet[1]! >= 192 && packet[1]! < 224)) {
        this.others.push(packet)
        return
      }
      this.arrived.push({
        payloadType: payloadTypeOf(packet),
        marker: markerOf(packet),
        sequence: sequenceOf(packet),
        timestamp: timestampOf(packet),
        ssrc: ssrcOf(packet),
        payload: packet.subarray(12),
        at: performance.now(),
        fromPort: from.port,
      })
      for (const waiting of this.#waiting) if (this.arrived.length >= waiting.count) waiting.done()
    })
  }

  static open(port = 0): Promise<RtpPeer> {
    const socket = createSocket('udp4')
    return new Promise((resolve) =>
      socket.bind(port, '127.0.0.1', () => resolve(new RtpPeer(socket))),
    )
  }

  send(packet: Uint8Array): Promise<void> {
    return this.sendRaw(this.cipher ? this.cipher.seal(packet) : packet)
  }

  /** A packet as it stands, sealed or not. */
  sendRaw(packet: Uint8Array): Promise<void> {
    return new Promise((resolve) =>
      this.socket.send(packet, this.target, '127.0.0.1', () => resolve()),
    )
  }

  /** The next packet of the stream with this payload. */
  async packet(
    payload: Uint8Array,
    payloadType: number,
    step: number,
    marker = false,
  ): Promise<void> {
    const packet = Buffer.alloc(12 + payload.length)
    writeHeader(packet, marker, payloadType, this.sequence, this.timestamp, this.ssrc)
    packet.set(payload, 12)
    this.sequence = (this.sequence + 1) & 0xffff
    this.timestamp = (this.timestamp + step) >>> 0
    await this.send(packet)
  }

  /** `count` packets of 20 ms with a tone, as fast as `paceMs` says; 0 sends them at once. */
  async tone(frequency: number, count: number, codec = 'PCMU', paceMs = 20, payloadType?: number) {
    const found = findCodec(codec)!
    const coder = found.open('')
    const samples = found.sampleRate / 50
    const octets = new Uint8Array(4000)
    const begin = performance.now()
    for (let i = 0; i < count; i++) {
      const pcm = toneFrom(this.#sent, frequency, found.sampleRate, samples)
      this.#sent += samples
      const length = coder.encode(pcm, octets)
      const type = payloadType ?? found.payloadType ?? 96
      await this.packet(octets.subarray(0, length), type, found.clockRate / 50, i === 0)
      if (paceMs > 0) {
        const due = begin + (i + 1) * paceMs - performance.now()
        await new Promise((resolve) => setTimeout(resolve, Math.max(0, due)))
      }
    }
  }

  /** Any sound of 8 kHz as PCMU, 20 ms a packet, one every `paceMs`. */
  async sound(pcm: Int16Array, paceMs = 20): Promise<void> {
    const coder = findCodec('PCMU')!.open('')
    const octets = new Uint8Array(160)
    const begin = performance.now()
    for (let at = 0, i = 1; at + 160 <= pcm.length; at += 160, i++) {
      coder.encode(pcm.subarray(at, at + 160), octets)
      await this.packet(octets, 0, 160, at === 0)
      const due = begin + i * paceMs - performance.now()
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, due)))
    }
  }

  /** One packet of an event; the sequence moves on, the timestamp does not. */
  async event(event: number, end: boolean, duration: number, payloadType = 101, marker = false) {
    const payload = Buffer.alloc(4)
    writeEvent(payload, 0, event, end, 10, duration)
    await this.packet(payload, payloadType, 0, marker)
  }

  /** Resolves when so many RTP packets in all have arrived; rejects after `ms`. */
  async until(count: number, ms = 3000): Promise<void> {
    if (this.arrived.length >= count) return
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`${this.arrived.length} of ${count} packets came in ${ms} ms`)),
        ms,
      )
      this.#waiting.push({
        count,
        done: () => {
          clearTimeout(timer)
          resolve()
        },
      })
    })
  }

  /** The sound of what arrived under a payload type, in order of arrival. */
  heard(codec = 'PCMU', payloadType?: number, from = 0): Int16Array {
    const found = findCodec(codec)!
    const coder = found.open('')
    const type = payloadType ?? found.payloadType
    const pcm: number[] = []
    const frame = new Int16Array(6000)
    for (const packet of this.arrived.slice(from)) {
      if (packet.payloadType !== type) continue
      const count = coder.decode(packet.payload, frame)
      pcm.push(...frame.subarray(0, count))
    }
    return Int16Array.from(pcm)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return new Promise((resolve) => this.socket.close(() => resolve()))
  }
}
