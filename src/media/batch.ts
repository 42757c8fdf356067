/** Gathers what is said in one turn of the event loop and posts it as one array. */

/** What messages travel through: a MessagePort, a Worker, or the worker's own parent port. */
export interface Post {
  postMessage(value: unknown): void
}

export class Batch<Message> {
  readonly #post: Post
  #waiting: Message[] = []
  #isClosed = false

  constructor(post: Post) {
    this.#post = post
  }

  /** Goes out at the end of this turn. */
  add(message: Message): void {
    if (this.#isClosed) return
    if (this.#waiting.push(message) === 1) setImmediate(this.#flush)
  }

  /** Nothing is sent from now on. */
  close(): void {
    this.#isClosed = true
    this.#waiting = []
  }

  readonly #flush = (): void => {
    if (this.#waiting.length === 0) return
    const batch = this.#waiting
    this.#waiting = []
    this.#post.postMessage(batch)
  }
}
