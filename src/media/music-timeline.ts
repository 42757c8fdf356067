/**
 * Where a stream of music on hold is: which of its files plays since when. It goes by the clock alone, so that nothing
 * runs while nobody listens; whoever begins to listen is told where the stream would be by now.
 */
import type { MusicPiece } from './protocol.ts'

export interface TimelineSource {
  /** The stream's files as they are now, in their order. */
  files(): Promise<readonly string[]>
  /** How long a file is, in seconds; undefined when that cannot be told. */
  seconds(path: string): Promise<number | undefined>
  /** 0 … 1. */
  random(): number
}

export interface Place {
  readonly piece: MusicPiece
  /** What plays after it. */
  readonly next: string
}

/** A file whose length nobody knows counts as so long while nobody listens, seconds. */
const usualSeconds = 180
/** Shorter ones count as so long: a folder of empty files must not be run through for ever. */
const leastSeconds = 0.1

export class MusicTimeline {
  readonly #source: TimelineSource
  readonly #epoch: number
  /** The files of the round in the order in which they play, and which of them comes next. */
  #round: string[] = []
  #index = 0
  #place: Place | undefined
  #lengths = new Map<string, number>()
  #work: Promise<unknown> = Promise.resolve()
  isShuffled: boolean

  /** The stream began at `epoch` (ms). */
  constructor(source: TimelineSource, epoch: number, isShuffled: boolean) {
    this.#source = source
    this.#epoch = epoch
    this.isShuffled = isShuffled
  }

  /** Where it is at a time; undefined when it has no files. `isRunning`: someone plays it and tells of every turn. */
  at(now: number, isRunning: boolean): Promise<Place | undefined> {
    return this.#inTurn(async () => {
      if (this.#place && isRunning) return this.#place
      this.#place ??= await this.#first()
      if (!this.#place) return undefined
      await this.#skipRounds(now)
      for (let place: Place | undefined = this.#place; place; ) {
        const end = place.piece.startedAt + 1000 * (await this.#seconds(place.piece.path))
        if (end > now) return place
        place = await this.#turn(end)
      }
      return undefined
    })
  }

  /** A player went on to a piece at that time: what comes after it. Undefined when that is not the piece to go on to. */
  turned(number: number, startedAt: number): Promise<Place | undefined> {
    return this.#inTurn(async () => {
      if (this.#place && number === this.#place.piece.number + 1) return this.#turn(startedAt)
      return this.#place
    })
  }

  /** Goes on to the next file at once. */
  jump(now: number): Promise<Place | undefined> {
    return this.#inTurn(async () => (this.#place ? this.#turn(now) : undefined))
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#work.then(work)
    this.#work = done.catch(() => undefined)
    return done
  }

  async #first(): Promise<Place | undefined> {
    const path = await this.#draw('')
    if (path === undefined) return undefined
    const next = (await this.#draw(path)) ?? path
    return { piece: { number: 1, path, startedAt: this.#epoch }, next }
  }

  async #turn(startedAt: number): Promise<Place | undefined> {
    const before = this.#place
    if (!before) return undefined
    const path = before.next
    const next = (await this.#draw(path)) ?? path
    this.#place = { piece: { number: before.piece.number + 1, path, startedAt }, next }
    return this.#place
  }

  /** Whole rounds that nobody heard are left out in one step. */
  async #skipRounds(now: number): Promise<void> {
    const place = this.#place
    if (!place || now - place.piece.startedAt < 60_000) return
    const files = await this.#source.files()
    let round = 0
    for (const path of files) round += 1000 * (await this.#seconds(path))
    const left = now - place.piece.startedAt
    if (round === 0 || left < 2 * round) return
    const startedAt = place.piece.startedAt + Math.floor(left / round) * round
    this.#place = { ...place, piece: { ...place.piece, startedAt } }
  }

  /** The file that comes next; the folder is read anew for each round. */
  async #draw(last: string): Promise<string | undefined> {
    if (this.#index >= this.#round.length) {
      this.#lengths.clear()
      this.#round = [...(await this.#source.files())]
      this.#index = 0
      if (this.isShuffled) this.#shuffle(last)
    }
    return this.#round[this.#index++]
  }

  #shuffle(last: string): void {
    const round = this.#round
    for (let i = round.length - 1; i > 0; i--) {
      const other = Math.min(i, Math.floor(this.#source.random() * (i + 1)))
      ;[round[i], round[other]] = [round[other] as string, round[i] as string]
    }
    // Never the same twice in a row.
    if (round.length > 1 && round[0] === last) round.push(round.shift() as string)
  }

  async #seconds(path: string): Promise<number> {
    let seconds = this.#lengths.get(path)
    if (seconds === undefined) {
      seconds = (await this.#source.seconds(path)) ?? usualSeconds
      seconds = Math.max(leastSeconds, seconds)
      this.#lengths.set(path, seconds)
    }
    return seconds
  }
}
