/** What opens and seals the packets of a stream. */
import type { CryptoStats } from './engine.ts'

export interface WireCrypto {
  readonly figures: CryptoStats | undefined
  /** Opens an RTP packet in place. The plain packet is its first so many octets; -1: it was refused and counted. */
  open(packet: Buffer, now: number): number
  openReport(packet: Buffer, now: number): number
  /** The RTP packet as it goes out, valid until the next; undefined: it was refused and counted. */
  seal(packet: Uint8Array): Buffer | undefined
  sealReport(packet: Uint8Array): Buffer | undefined
}

/** Stands where keys are to come: until then nothing goes out, and nothing that comes counts. */
export class KeysToCome implements WireCrypto {
  readonly figures = undefined
  readonly #drop: (reason: string) => void

  constructor(drop: (reason: string) => void) {
    this.#drop = drop
  }

  open(): number {
    this.#drop('before keys')
    return -1
  }

  openReport(): number {
    this.#drop('before keys')
    return -1
  }

  seal(): undefined {
    this.#drop('send before keys')
  }

  sealReport(): undefined {
    this.#drop('send before keys')
  }
}
