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
import { patienceMs } from './until.ts'

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

/** What a sender that was held up makes up for at once, ms: the rest comes late, for nobody has room for a second of sound at once. */
const mostMadeUpMs = 300
/** A hold-up that is told, ms. */
const leastHoldUpMs = 40

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
  /** How long this side stood still in all while it spoke, ms: a busy machine's doing. */
  stoodStillMs = 0
  #sent = 0
  #drain: (() => void) | undefined
  readonly #waiting: { count: number; done: () => void }[] = []

  private constructor(socket: Socket) {
    this.socket = socket
    this.port = socket.address().port
    // A test that fails leaves it open: the file ends all the same.
    socket.unref()
    socket.on('message', (received, from) => {
      if (from.port === this.port) {
        this.#drain?.()
        return
      }
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
  async tone(
    frequency: number,
    count: number,
    codec = 'PCMU',
    paceMs = 20,
    payloadType?: number,
    isOver = () => false,
  ) {
    const found = findCodec(codec)!
    const coder = found.open('')
    const samples = found.sampleRate / 50
    const octets = new Uint8Array(4000)
    const wait = this.#pacer(paceMs)
    for (let i = 0; i < count && !isOver(); i++) {
      const pcm = toneFrom(this.#sent, frequency, found.sampleRate, samples)
      this.#sent += samples
      const length = coder.encode(pcm, octets)
      const type = payloadType ?? found.payloadType ?? 96
      await this.packet(octets.subarray(0, length), type, found.clockRate / 50, i === 0)
      await wait()
    }
  }

  /** Paces a sender: resolves when the next packet is due. */
  #pacer(paceMs: number): () => Promise<void> {
    let due = performance.now()
    let before = due
    return async () => {
      if (paceMs === 0) return
      due += paceMs
      due = Math.max(due, performance.now() - mostMadeUpMs)
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())))
      const now = performance.now()
      const holdUp = now - before - paceMs
      if (holdUp > leastHoldUpMs) this.stoodStillMs += holdUp
      before = now
    }
  }

  /** Says a tone in PCMU until it is told to end. */
  speak(frequency: number): { end(): Promise<void> } {
    let isOver = false
    const done = this.tone(frequency, 10_000, 'PCMU', 20, undefined, () => isOver)
    return {
      end() {
        isOver = true
        return done
      },
    }
  }

  /** Any sound of 8 kHz as PCMU, 20 ms a packet, one every `paceMs`. */
  async sound(pcm: Int16Array, paceMs = 20): Promise<void> {
    const coder = findCodec('PCMU')!.open('')
    const octets = new Uint8Array(160)
    const wait = this.#pacer(paceMs)
    for (let at = 0; at + 160 <= pcm.length; at += 160) {
      coder.encode(pcm.subarray(at, at + 160), octets)
      await this.packet(octets, 0, 160, at === 0)
      await wait()
    }
  }

  /** One packet of an event; the sequence moves on, the timestamp does not. */
  async event(event: number, end: boolean, duration: number, payloadType = 101, marker = false) {
    const payload = Buffer.alloc(4)
    writeEvent(payload, 0, event, end, 10, duration)
    await this.packet(payload, payloadType, 0, marker)
  }

  /** Resolves when so many RTP packets in all have arrived; rejects after `ms`. */
  async until(count: number, ms = patienceMs): Promise<void> {
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

  /** Resolves when all that had come to this side's port before has been read: a busy machine reads late. */
  async drained(): Promise<void> {
    const own = () => this.socket.send('drain', this.port, '127.0.0.1')
    await new Promise<void>((resolve, reject) => {
      // The first may have found the port's memory full.
      const again = setInterval(own, 500)
      const limit = setTimeout(() => end(new Error('nothing more is read')), patienceMs)
      const end = (fault?: Error) => {
        clearInterval(again)
        clearTimeout(limit)
        this.#drain = undefined
        if (fault) reject(fault)
        else resolve()
      }
      this.#drain = end
      own()
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
