/** Handshake messages in pieces (RFC 6347 section 4.2): numbered, split to fit datagrams, and put together again in their order. */
import { alerts, DtlsFault, u8, u16, u24 } from './dtls-octets.ts'

export const handshakeHead = 12
/** Finished. */
const finishedType = 20
/** A chain of certificates fits; nothing else is as long. */
const longestMessage = 32 * 1024
/** So many messages may be begun ahead of the one that is waited for, of so many octets together. */
const ahead = 8
const mostBegun = 48 * 1024

export interface HandshakeMessage {
  readonly type: number
  readonly sequence: number
  readonly body: Buffer
}

/** The message as one piece with its head: what is hashed, and what is split to be sent. */
export function wholeMessage({ type, sequence, body }: HandshakeMessage): Buffer {
  return Buffer.concat([u8(type), u24(body.length), u16(sequence), u24(0), u24(body.length), body])
}

/** The message in pieces of at most `room` octets with their heads. */
export function fragmentsOf(message: HandshakeMessage, room: number): Buffer[] {
  const { type, sequence, body } = message
  if (body.length + handshakeHead <= room) return [wholeMessage(message)]
  const pieces: Buffer[] = []
  for (let at = 0; at < body.length; at += room - handshakeHead) {
    const piece = body.subarray(at, at + room - handshakeHead)
    const head = [u8(type), u24(body.length), u16(sequence), u24(at), u24(piece.length)]
    pieces.push(Buffer.concat([...head, piece]))
  }
  return pieces
}

interface Begun {
  readonly type: number
  readonly isEncrypted: boolean
  readonly body: Buffer
  /** Which octets are there. */
  readonly has: Uint8Array
  missing: number
}

export class Reassembly {
  /** The number of the message that is to come next. */
  next = 0
  readonly #begun = new Map<number, Begun>()
  #begunOctets = 0
  #isOver = false

  /** Begins anew with the message of that number, unless that is the one waited for. */
  expect(sequence: number): void {
    if (sequence === this.next) return
    this.next = sequence
    this.#clear()
  }

  /** Nothing more is expected: only what comes again is told from the rest. */
  end(): void {
    this.#isOver = true
    this.#clear()
  }

  #clear(): void {
    this.#begun.clear()
    this.#begunOctets = 0
  }

  /**
   * Takes the content of a handshake record, which may hold several pieces. True: it had one of a message that was taken
   * before, which the other side sends again when our flight did not reach it. `isEncrypted`: it came under a key, as Finished must
   * and nothing else may. Throws DtlsFault.
   */
  add(content: Buffer, isEncrypted = false): boolean {
    let isRepeated = false
    for (let at = 0; at < content.length; ) {
      if (at + handshakeHead > content.length)
        throw new DtlsFault(alerts.decodeError, 'a handshake message is cut short')
      const type = content[at] ?? 0
      const length = content.readUIntBE(at + 1, 3)
      const sequence = content.readUInt16BE(at + 4)
      const offset = content.readUIntBE(at + 6, 3)
      const count = content.readUIntBE(at + 9, 3)
      const from = at + handshakeHead
      at = from + count
      if (at > content.length || offset + count > length)
        throw new DtlsFault(alerts.decodeError, 'a piece of a handshake message does not fit it')
      if (length > longestMessage)
        throw new DtlsFault(alerts.decodeError, `a handshake message of ${length} octets`)
      if (sequence < this.next) isRepeated = true
      else if ((type === finishedType) !== isEncrypted)
        throw new DtlsFault(alerts.unexpectedMessage, 'a handshake message of the wrong epoch')
      else if (sequence < this.next + ahead && !this.#isOver) {
        const begun = this.#begin(type, length, sequence, isEncrypted)
        if (begun) fill(begun, offset, content.subarray(from, at))
      }
    }
    return isRepeated
  }

  /** The message that is next, once it is whole. */
  take(): HandshakeMessage | undefined {
    const begun = this.#begun.get(this.next)
    if (!begun || begun.missing > 0) return undefined
    this.#begun.delete(this.next)
    this.#begunOctets -= begun.body.length
    return { type: begun.type, sequence: this.next++, body: begun.body }
  }

  #begin(type: number, length: number, sequence: number, isEncrypted: boolean): Begun | undefined {
    const before = this.#begun.get(sequence)
    // Pieces that disagree are nobody's: the first one counts, unless anybody could have sent it and not the next.
    if (before && (before.isEncrypted || !isEncrypted))
      return before.type === type && before.body.length === length ? before : undefined
    const octets = this.#begunOctets - (before?.body.length ?? 0) + length
    if (octets > mostBegun) throw new DtlsFault(alerts.decodeError, 'too much of a handshake')
    this.#begunOctets = octets
    const body = Buffer.alloc(length)
    const begun = { type, isEncrypted, body, has: new Uint8Array(length), missing: length }
    this.#begun.set(sequence, begun)
    return begun
  }
}

function fill(begun: Begun, offset: number, piece: Buffer): void {
  for (let i = 0; i < piece.length; i++) {
    if (begun.has[offset + i] === 1) continue
    begun.has[offset + i] = 1
    begun.body[offset + i] = piece[i] ?? 0
    begun.missing--
  }
}
