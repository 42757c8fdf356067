/** A sound that waits for its turn on a leg that plays one at a time: it begins when it is no longer paused. */
import type { MediaLeg } from '../../core/interfaces.ts'

type Playback = ReturnType<MediaLeg['play']>
type Result = Awaited<Playback['ended']>

const unheard: Result = { ended: 'stopped', samples: 0, position: 0, rate: 8000 }

export class LaterPlayback implements Playback {
  /** It counts as begun when it waits: whether there is such a sound is known in its turn. */
  readonly started = Promise.resolve(true)
  readonly ended: Promise<Result>
  readonly #begin: () => Playback
  #end: (result: Result) => void = () => undefined
  #playback: Playback | undefined
  #isOver = false

  constructor(begin: () => Playback) {
    this.#begin = begin
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
  }

  pause(on: boolean): void {
    if (this.#playback) return this.#playback.pause(on)
    if (on || this.#isOver) return
    this.#playback = this.#begin()
    void this.#playback.ended.then((result) => this.#finish(result))
  }

  stop(): void {
    if (this.#playback) this.#playback.stop()
    else this.#finish(unheard)
  }

  seek(ms: number, relative: boolean): void {
    this.#playback?.seek(ms, relative)
  }

  adjust(change: Parameters<Playback['adjust']>[0]): void {
    this.#playback?.adjust(change)
  }

  #finish(result: Result): void {
    this.#isOver = true
    this.#end(result)
  }
}
