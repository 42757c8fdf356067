/**
 * Symmetric RTP: whom a leg believes. The address of the SDP is taken at its word until the stream shows that it comes
 * from elsewhere, as it does from behind a NAT; once settled, nobody else can take the stream over.
 */

/** A leg listens to other sources during its first packets only, and so many from one of them move it there. */
const windowPackets = 20
const threshold = 10

export class Latch {
  address = ''
  port = 0
  /** Whether the source was learned from the stream. */
  isLearned = false
  #window = 0
  #candidateAddress = ''
  #candidatePort = 0
  #candidatePackets = 0

  /** What the SDP says; `follows` opens the window in which another source is believed. */
  expect(address: string, port: number, follows: boolean): void {
    this.address = address
    this.port = port
    this.isLearned = false
    this.#window = follows ? windowPackets : 0
    this.#candidatePackets = 0
  }

  /** Whether a packet from elsewhere than `address` and `port` may be used at all. */
  get isOpen(): boolean {
    return this.#window > 0
  }

  /** Whether a packet came from another place than the one that is believed. */
  isElsewhere(from: { readonly address: string; readonly port: number }): boolean {
    return from.port !== this.port || from.address !== this.address
  }

  /** A good packet came from where it should: the question is settled. */
  confirm(): void {
    this.#window = 0
  }

  /** The other side has settled on where it is: nothing else is believed. True when it was elsewhere before. */
  nominate(address: string, port: number): boolean {
    this.#window = 0
    if (address === this.address && port === this.port) return false
    this.address = address
    this.port = port
    this.isLearned = true
    return true
  }

  /** A good packet came from elsewhere while open; true when this moves the leg there. */
  stranger(address: string, port: number): boolean {
    this.#window--
    if (address !== this.#candidateAddress || port !== this.#candidatePort) {
      this.#candidateAddress = address
      this.#candidatePort = port
      this.#candidatePackets = 0
    }
    if (++this.#candidatePackets < threshold) return false
    this.address = address
    this.port = port
    this.isLearned = true
    this.#window = 0
    return true
  }
}
