/** Reading and writing the octets of DTLS messages: numbers, and lists with their length before them (RFC 5246 section 4). */
import { SwitchError } from '../base/errors.ts'

/** What a message that makes no sense is refused with: the alert's number and why. */
export class DtlsFault extends SwitchError {
  readonly alert: number

  constructor(alert: number, message: string) {
    super('DTLS_FAILED', message)
    this.alert = alert
  }
}

/** Alerts that are sent (RFC 5246 section 7.2). */
export const alerts = {
  closeNotify: 0,
  unexpectedMessage: 10,
  handshakeFailure: 40,
  badCertificate: 42,
  unsupportedCertificate: 43,
  illegalParameter: 47,
  decodeError: 50,
  decryptError: 51,
  protocolVersion: 70,
  internalError: 80,
} as const

const alertNames: Readonly<Record<number, string>> = {
  0: 'close_notify',
  10: 'unexpected_message',
  20: 'bad_record_mac',
  22: 'record_overflow',
  40: 'handshake_failure',
  42: 'bad_certificate',
  43: 'unsupported_certificate',
  44: 'certificate_revoked',
  45: 'certificate_expired',
  46: 'certificate_unknown',
  47: 'illegal_parameter',
  48: 'unknown_ca',
  49: 'access_denied',
  50: 'decode_error',
  51: 'decrypt_error',
  70: 'protocol_version',
  71: 'insufficient_security',
  80: 'internal_error',
  86: 'inappropriate_fallback',
  90: 'user_canceled',
  100: 'no_renegotiation',
  109: 'missing_extension',
  110: 'unsupported_extension',
  116: 'certificate_required',
}

/** `handshake_failure (40)`. */
export function alertText(alert: number): string {
  return `${alertNames[alert] ?? 'alert'} (${alert})`
}

export class Reader {
  readonly #data: Buffer
  #at = 0
  readonly #what: string

  /** `what` names the message in faults. */
  constructor(data: Buffer, what: string) {
    this.#data = data
    this.#what = what
  }

  get left(): number {
    return this.#data.length - this.#at
  }

  number(octets: 1 | 2 | 3): number {
    return this.octets(octets).readUIntBE(0, octets)
  }

  /** Views into the message: they live as long as it does. */
  octets(count: number): Buffer {
    if (count > this.left) throw new DtlsFault(alerts.decodeError, `${this.#what} is cut short`)
    this.#at += count
    return this.#data.subarray(this.#at - count, this.#at)
  }

  /** A list behind its length of so many octets. */
  list(lengthOctets: 1 | 2 | 3): Buffer {
    return this.octets(this.number(lengthOctets))
  }

  /** The numbers of two octets in a list behind its length. */
  numbers(lengthOctets: 1 | 2): number[] {
    const list = this.list(lengthOctets)
    if (list.length % 2 !== 0)
      throw new DtlsFault(alerts.decodeError, `a list in ${this.#what} has half a number`)
    return Array.from({ length: list.length / 2 }, (_, index) => list.readUInt16BE(index * 2))
  }

  end(): void {
    if (this.left > 0)
      throw new DtlsFault(alerts.decodeError, `${this.#what} has ${this.left} octets too many`)
  }
}

export function u8(value: number): Buffer {
  return Buffer.from([value])
}

export function u16(value: number): Buffer {
  return Buffer.from([(value >>> 8) & 0xff, value & 0xff])
}

export function u24(value: number): Buffer {
  return Buffer.from([(value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff])
}

/** The parts one after the other, behind their length of so many octets. */
export function list(lengthOctets: 1 | 2 | 3, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts)
  const head = lengthOctets === 1 ? u8 : lengthOctets === 2 ? u16 : u24
  return Buffer.concat([head(body.length), body])
}
