/** Where a worker's sounds get what no file holds: copies of URLs, and streams that run by themselves. */
import { SwitchError } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import type { AudioSource, SoundHost } from '../formats/format.ts'
import { openForReading } from '../formats/index.ts'
import { type MusicOwner, MusicStream } from './music-stream.ts'
import type { MusicPlace, News, SoundQuestion, Supply, Wanted } from './protocol.ts'
import type { Ticker } from './ticker.ts'

const log = logger('media/sounds')

interface Waiting {
  resolve(supply: Supply): void
  reject(reason: SwitchError): void
}

export class SoundDesk implements SoundHost, MusicOwner {
  readonly ticker: Ticker
  readonly #tell: (news: News) => void
  readonly #waiting = new Map<number, Waiting>()
  readonly #streams = new Map<number, MusicStream>()
  #nextWant = 1

  constructor(ticker: Ticker, tell: (news: News) => void) {
    this.ticker = ticker
    this.#tell = tell
  }

  async fetch(
    scheme: string,
    rest: string,
    parameters: ReadonlyMap<string, string>,
  ): Promise<string> {
    const copy = await this.#want({ kind: 'copy', scheme, rest, parameters })
    if (typeof copy === 'string') return copy
    throw new Error('a copy has a path')
  }

  async listen(name: string, rate: number): Promise<AudioSource> {
    const place = await this.#want({ kind: 'stream', name, rate })
    if (typeof place === 'string') throw new Error('a stream has a place')
    return this.#streamOf(place).listen(place.piece, place.next)
  }

  answer(question: SoundQuestion): void {
    switch (question.ask) {
      case 'supply': {
        const waiting = this.#waiting.get(question.want)
        this.#waiting.delete(question.want)
        const { supply, failure } = question
        if (supply !== undefined) waiting?.resolve(supply)
        else
          waiting?.reject(
            new SwitchError(failure?.code ?? 'FILE_BAD', failure?.message ?? 'nothing came'),
          )
        return
      }
      case 'music piece':
        return this.#streams.get(question.stream)?.piece(question.piece, question.next)
      case 'music settings':
        return this.#streams.get(question.stream)?.set(question.settings)
      case 'music end':
        this.#streams.get(question.stream)?.end()
        this.#streams.delete(question.stream)
    }
  }

  /** The files of a stream: a path or a URL, never another stream. */
  open(path: string, rate: number): Promise<AudioSource> {
    if (/^(\{[^}]*\})?local_stream:/i.test(path))
      return Promise.reject(new SwitchError('FILE_BAD', 'a stream cannot play a stream'))
    return openForReading(path, rate, undefined, this)
  }

  turned(stream: number, piece: number, startedAt: number): void {
    this.#tell({ tell: 'music turned', stream, piece, startedAt })
  }

  listeners(stream: number, count: number): void {
    // What is not heard any more is forgotten: the main side tells of its place when it is asked again.
    if (count === 0) this.#streams.delete(stream)
    this.#tell({ tell: 'music listeners', stream, count })
  }

  close(): void {
    for (const stream of this.#streams.values()) stream.end()
    this.#streams.clear()
    this.#waiting.clear()
  }

  #want(wanted: Wanted): Promise<Supply> {
    const want = this.#nextWant++
    this.#tell({ tell: 'wanted', want, wanted })
    return new Promise((resolve, reject) => this.#waiting.set(want, { resolve, reject }))
  }

  #streamOf(place: MusicPlace): MusicStream {
    let stream = this.#streams.get(place.stream)
    if (!stream) {
      log.debug(`stream ${place.stream} is heard here: ${place.piece.path}`)
      stream = new MusicStream(place.stream, place.rate, place.settings, this)
      this.#streams.set(place.stream, stream)
    }
    return stream
  }
}
