/** How long the machine, or this process, stood still: what is measured meanwhile says nothing about the switch. */

const everyMs = 20

export class Lateness implements Disposable {
  /** ms that a timer was late, at most so far. */
  most = 0
  #due = performance.now() + everyMs
  readonly #timer = setInterval(() => {
    const now = performance.now()
    this.most = Math.max(this.most, now - this.#due)
    this.#due = now + everyMs
  }, everyMs);

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}
