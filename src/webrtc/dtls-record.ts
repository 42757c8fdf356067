/** The record layer of DTLS 1.2 (RFC 6347 section 4.1) with AEAD ciphers (RFC 5288): datagrams in, contents out, and back. */
import { createCipheriv, createDecipheriv } from 'node:crypto'

export const contentType = { changeCipher: 20, alert: 21, handshake: 22, data: 23 } as const

export const versions = { dtls10: 0xfeff, dtls12: 0xfefd } as const

export const recordHead = 13
/** Octets of AES-GCM around a record's content: the explicit part of the nonce, and the tag. */
const nonceOctets = 8
const tagOctets = 16

export interface DtlsRecord {
  readonly type: number
  readonly epoch: number
  /** Of its epoch, below 2^48. */
  readonly sequence: number
  readonly head: Buffer
  readonly content: Buffer
}

/** Whether the first octet of a datagram is one of DTLS (RFC 7983). */
export function isDtlsPacket(packet: Uint8Array): boolean {
  const first = packet[0] ?? 0
  return first >= 20 && first <= 63
}

/** The records of a datagram. What is cut short or of another version ends the list; `malformed` is told once. */
export function readRecords(packet: Buffer, malformed: () => void): DtlsRecord[] {
  const records: DtlsRecord[] = []
  for (let at = 0; at < packet.length; ) {
    const length = at + recordHead <= packet.length ? packet.readUInt16BE(at + 11) : -1
    const end = at + recordHead + length
    // 0xfe is the major version of all DTLS.
    if (length < 0 || end > packet.length || packet[at + 1] !== 0xfe) {
      malformed()
      break
    }
    records.push({
      type: packet[at] ?? 0,
      epoch: packet.readUInt16BE(at + 3),
      sequence: packet.readUIntBE(at + 5, 6),
      head: packet.subarray(at, at + recordHead),
      content: packet.subarray(at + recordHead, end),
    })
    at = end
  }
  return records
}

/** One direction of a connection with keys. */
export interface RecordKey {
  readonly key: Buffer
  /** The four octets of the nonce that are not sent. */
  readonly salt: Buffer
}

function associated(head: Buffer, length: number): Buffer {
  // Epoch and sequence stand for the sequence number of TLS; the length is that of the content (RFC 5246 section 6.2.3.3).
  const data = Buffer.alloc(13)
  head.copy(data, 0, 3, 11)
  head.copy(data, 8, 0, 3)
  data.writeUInt16BE(length, 11)
  return data
}

function cipherName({ key }: RecordKey): 'aes-128-gcm' | 'aes-256-gcm' {
  return key.length === 32 ? 'aes-256-gcm' : 'aes-128-gcm'
}

/** The content of an encrypted record; undefined where the key did not make it. */
export function openRecord({ head, content }: DtlsRecord, key: RecordKey): Buffer | undefined {
  const length = content.length - nonceOctets - tagOctets
  if (length < 0) return undefined
  const nonce = Buffer.concat([key.salt, content.subarray(0, nonceOctets)])
  const decipher = createDecipheriv(cipherName(key), key.key, nonce)
  decipher.setAAD(associated(head, length))
  decipher.setAuthTag(content.subarray(nonceOctets + length))
  const plain = decipher.update(content.subarray(nonceOctets, nonceOctets + length))
  try {
    return Buffer.concat([plain, decipher.final()])
  } catch {
    return undefined
  }
}

/** Numbers the records that go out, and encrypts them from epoch 1 on. */
export class RecordWriter {
  readonly #sequences = [0, 0]
  key: RecordKey | undefined

  write(type: number, epoch: 0 | 1, content: Buffer, version: number = versions.dtls12): Buffer {
    const sequence = this.#sequences[epoch] ?? 0
    this.#sequences[epoch] = sequence + 1
    const head = Buffer.alloc(recordHead)
    head[0] = type
    head.writeUInt16BE(version, 1)
    head.writeUInt16BE(epoch, 3)
    head.writeUIntBE(sequence, 5, 6)
    const body = epoch === 0 ? content : this.#seal(head, content)
    head.writeUInt16BE(body.length, 11)
    return Buffer.concat([head, body])
  }

  #seal(head: Buffer, content: Buffer): Buffer {
    const { key } = this
    if (!key) throw new Error('no key to encrypt a record with')
    // Epoch and sequence never come twice under one key.
    const explicit = head.subarray(3, 11)
    const cipher = createCipheriv(cipherName(key), key.key, Buffer.concat([key.salt, explicit]))
    cipher.setAAD(associated(head, content.length))
    const sealed = cipher.update(content)
    return Buffer.concat([explicit, sealed, cipher.final(), cipher.getAuthTag()])
  }
}
