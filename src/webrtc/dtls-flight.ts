/** The last flight of one side of a DTLS handshake (RFC 6347 section 4.2.4): packed into datagrams, and sent again until it is answered. */
import { fragmentsOf, type HandshakeMessage } from './dtls-fragments.ts'
import type { RecordWriter } from './dtls-record.ts'

export interface FlightPart {
  readonly type: number
  readonly epoch: 0 | 1
  /** A handshake message, or the octets of a change of cipher. */
  readonly message: HandshakeMessage | Buffer
}

/** Room in a datagram that every path carries (RFC 8835 section 3.4 assumes 1200). */
const datagram = 1200
const recordRoom = datagram - 13 - 24
/** Until a flight is sent again, ms, twice as long each time. */
const firstRetry = 500
const longestRetry = 4000
/** A flight that is asked for again goes out so often at most, ms. */
const repeatPause = 100

export class DtlsFlight {
  retransmissions = 0
  readonly #writer: RecordWriter
  readonly #send: (packet: Buffer) => void
  #parts: readonly FlightPart[] = []
  #retryMs = firstRetry
  #sentAt = Number.NEGATIVE_INFINITY

  constructor(writer: RecordWriter, send: (packet: Buffer) => void) {
    this.#writer = writer
    this.#send = send
  }

  /** The flight that follows, in place of the one before. */
  send(parts: readonly FlightPart[], now: number): void {
    this.#parts = parts
    this.#retryMs = firstRetry
    this.#transmit(now)
  }

  /** Called a few times a second while an answer is awaited. */
  tick(now: number): void {
    if (now < this.#sentAt + this.#retryMs || this.#parts.length === 0) return
    this.#retryMs = Math.min(this.#retryMs * 2, longestRetry)
    this.retransmissions++
    this.#transmit(now)
  }

  /** The other side has shown that it did not get it. */
  repeat(now: number): void {
    if (this.#parts.length === 0 || now - this.#sentAt < repeatPause) return
    this.retransmissions++
    this.#transmit(now)
  }

  forget(): void {
    this.#parts = []
  }

  /** As many records in a datagram as fit. */
  #transmit(now: number): void {
    this.#sentAt = now
    let packet: Buffer[] = []
    let length = 0
    const flush = () => {
      if (packet.length > 0) this.#send(Buffer.concat(packet))
      packet = []
      length = 0
    }
    for (const { type, epoch, message } of this.#parts) {
      const pieces = Buffer.isBuffer(message) ? [message] : fragmentsOf(message, recordRoom)
      for (const piece of pieces) {
        const record = this.#writer.write(type, epoch, piece)
        if (length + record.length > datagram) flush()
        packet.push(record)
        length += record.length
      }
    }
    flush()
  }
}
