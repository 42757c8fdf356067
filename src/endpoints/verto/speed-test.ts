/**
 * The speed test beside JSON: `#SPU <octets>`, blocks `#SPB …`, `#SPE`; answered with `#SPU <ms>` for the way up, then ten times as
 * much as the client said in blocks, and `#SPD <ms>` for the way down.
 */

const mostOctets = 10 * 1024 * 1024
const blockOctets = 1024
const rounds = 10

export class SpeedTest {
  /** Resolves when what was written has left, so that a slow reader is not run over. */
  readonly #write: (text: string) => Promise<void>
  #octets = 0
  #beganAt = 0
  #isAnswering = false

  constructor(write: (text: string) => Promise<void>) {
    this.#write = write
  }

  receive(text: string): void {
    if (!text.startsWith('#SP') || this.#isAnswering) return
    if (text[3] === 'U') {
      const octets = Number.parseInt(text.slice(4), 10)
      if (!(octets > 0 && octets <= mostOctets)) return
      this.#octets = octets
      this.#beganAt = performance.now()
    } else if (text[3] === 'E' && this.#octets > 0) void this.#answer()
  }

  async #answer(): Promise<void> {
    const octets = this.#octets
    this.#octets = 0
    this.#isAnswering = true
    try {
      await this.#write(`#SPU ${Math.round(performance.now() - this.#beganAt)}`)
      const block = `#SPB ${'.'.repeat(blockOctets - 5)}`
      const rest = octets % blockOctets
      const began = performance.now()
      for (let round = 0; round < rounds; round++) {
        for (let sent = 0; sent + blockOctets <= octets; sent += blockOctets)
          await this.#write(block)
        if (rest > 0) await this.#write(block.slice(0, rest))
      }
      await this.#write(`#SPD ${Math.round((performance.now() - began) / rounds)}`)
    } catch {
      // The socket is gone: nobody waits for the rest.
    } finally {
      this.#isAnswering = false
    }
  }
}
