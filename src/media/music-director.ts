/**
 * The streams of music on hold as the main side keeps them: what there are, and where each is. Workers decode them while
 * somebody listens; this tells them what to play, so that all listeners of all workers hear the same.
 */
import { access, readdir, readFile } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import { reasonOf, SwitchError } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import { directoryRates, isReadable, secondsOf } from '../formats/index.ts'
import type { MusicControl, MusicOptions, MusicRow } from './engine.ts'
import type { ChimePlan } from './music-chime.ts'
import { musicNow } from './music-clock.ts'
import { MusicTimeline } from './music-timeline.ts'
import type { MusicPlace, MusicSettings, SoundQuestion } from './protocol.ts'

const log = logger('media/stream')

/** A worker, as far as streams go. */
export interface MusicWorker {
  send(question: SoundQuestion): void
}

class Stream {
  readonly id: number
  options: MusicOptions
  readonly timeline: MusicTimeline
  readonly began = musicNow()
  readonly listeners = new Map<MusicWorker, number>()
  #chimes: Promise<ChimePlan> | undefined

  constructor(id: number, options: MusicOptions) {
    this.id = id
    this.options = options
    this.timeline = new MusicTimeline(
      {
        files: () => filesIn(this.options.folder, this.options.name),
        seconds: (path) => lengthOf(path, this.options),
        random: Math.random,
      },
      this.began,
      options.shuffle,
    )
  }

  get count(): number {
    let count = 0
    for (const some of this.listeners.values()) count += some
    return count
  }

  async settings(): Promise<MusicSettings> {
    this.#chimes ??= this.#planChimes()
    return { volume: this.options.volume, chimes: await this.#chimes }
  }

  change(options: MusicOptions): void {
    this.options = options
    this.timeline.isShuffled = options.shuffle
    this.#chimes = undefined
  }

  async #planChimes(): Promise<ChimePlan> {
    const { chimes, chimeEverySeconds, chimeMostSeconds, rate, name } = this.options
    const plan: { path: string; seconds: number }[] = []
    for (const path of chimes) {
      const seconds = await secondsOf(path, rate).catch((thrown: unknown) => {
        log.err(`local_stream://${name}: the chime ${path} cannot be played: ${reasonOf(thrown)}`)
        return 0
      })
      const most = chimeMostSeconds > 0 ? chimeMostSeconds : Number.POSITIVE_INFINITY
      if (seconds !== 0) plan.push({ path, seconds: Math.min(seconds ?? 30, most) })
    }
    return { chimes: plan, everySeconds: chimeEverySeconds, from: this.began }
  }
}

/** In seconds; one that cannot be opened passes in a second, as it does where it is played. */
function lengthOf(path: string, { name, rate }: MusicOptions): Promise<number | undefined> {
  return secondsOf(path, rate).catch((thrown: unknown) => {
    log.warning(`local_stream://${name}: ${path}: ${reasonOf(thrown)}`)
    return 1
  })
}

/** The folder, or where it bears a rate and is not there, the one beside it of another rate: as single sounds are found. */
async function folderOf(folder: string): Promise<string> {
  const rates = directoryRates.map(String)
  if (!rates.includes(basename(folder))) return folder
  const isThere = (path: string) =>
    access(path).then(
      () => true,
      () => false,
    )
  for (const path of [folder, ...rates.map((rate) => join(dirname(folder), rate))])
    if (await isThere(path)) return path
  return folder
}

/** The sound files of a folder by name; what a `.loc` file lists stands in its place. */
async function filesIn(written: string, name: string): Promise<readonly string[]> {
  const folder = await folderOf(written)
  const entries = await readdir(folder, { withFileTypes: true }).catch((thrown: unknown) => {
    log.warning(`local_stream://${name}: ${reasonOf(thrown)}`)
    return []
  })
  const files: string[] = []
  const names = entries.filter((entry) => !entry.isDirectory()).map((entry) => entry.name)
  for (const file of names.sort()) {
    const path = join(folder, file)
    if (extname(file).toLowerCase() === '.loc') files.push(...(await linesOf(path)))
    else if (isReadable(path)) files.push(path)
  }
  return files
}

async function linesOf(path: string): Promise<string[]> {
  const text = await readFile(path, 'utf8').catch((thrown: unknown) => {
    log.err(`cannot read ${path}: ${reasonOf(thrown)}`)
    return ''
  })
  return text.split(/\r?\n/).filter((line) => line.trim() !== '')
}

export class MusicDirector implements MusicControl {
  /** Those that can be asked for, by name; and all that are heard. */
  readonly #byName = new Map<string, Stream>()
  readonly #byId = new Map<number, Stream>()
  #nextId = 1

  start(options: MusicOptions): void {
    const before = this.#byName.get(options.name)
    if (before && before.count > 0 && before.options.rate === options.rate) {
      before.change(options)
      void this.#tellSettings(before)
      void this.#jump(before)
      return
    }
    // Whoever listens to one of another rate hears it to the end.
    if (before && before.count === 0) this.#byId.delete(before.id)
    const stream = new Stream(this.#nextId++, options)
    this.#byName.set(options.name, stream)
    this.#byId.set(stream.id, stream)
  }

  stop(name: string): boolean {
    const stream = this.#byName.get(name)
    if (!stream) return false
    this.#byName.delete(name)
    this.#byId.delete(stream.id)
    for (const worker of stream.listeners.keys())
      worker.send({ ask: 'music end', stream: stream.id })
    return true
  }

  next(name: string): boolean {
    const stream = this.#byName.get(name)
    if (stream) void this.#jump(stream)
    return stream !== undefined
  }

  setVolume(name: string, volume: number): boolean {
    const stream = this.#byName.get(name)
    if (!stream) return false
    stream.change({ ...stream.options, volume })
    void this.#tellSettings(stream)
    return true
  }

  rows(): readonly MusicRow[] {
    return [...this.#byName.values()].map((stream) => ({
      ...stream.options,
      listeners: stream.count,
    }))
  }

  /** Where the stream is that this name means to a listener at that rate. Throws SwitchError FILE_NOT_FOUND. */
  async find(name: string, rate: number): Promise<MusicPlace> {
    const wishes = [`${name}/${rate}`, name]
    if (!name.toLowerCase().includes('default')) wishes.push(`default/${rate}`, 'default')
    for (const wish of wishes) {
      const stream = this.#byName.get(wish)
      if (!stream) continue
      if (wish.startsWith('default') && !name.startsWith('default'))
        log.warning(`there is no local_stream://${name}: local_stream://${wish} is played`)
      const place = await stream.timeline.at(musicNow(), stream.count > 0)
      if (!place) {
        log.warning(`local_stream://${wish}: there is no sound file in ${stream.options.folder}`)
        continue
      }
      const settings = await stream.settings()
      return { stream: stream.id, rate: stream.options.rate, settings, ...place }
    }
    throw new SwitchError('FILE_NOT_FOUND', `there is no local_stream://${name}`)
  }

  async turned(worker: MusicWorker, id: number, piece: number, startedAt: number): Promise<void> {
    const place = await this.#byId.get(id)?.timeline.turned(piece, startedAt)
    if (place) worker.send({ ask: 'music piece', stream: id, ...place })
  }

  listeners(worker: MusicWorker, id: number, count: number): void {
    const stream = this.#byId.get(id)
    if (!stream) return
    if (count > 0) stream.listeners.set(worker, count)
    else stream.listeners.delete(worker)
    if (stream.count === 0 && this.#byName.get(stream.options.name) !== stream)
      this.#byId.delete(id)
  }

  /** A worker is gone with its listeners. */
  lost(worker: MusicWorker): void {
    for (const id of [...this.#byId.keys()]) this.listeners(worker, id, 0)
  }

  async #jump(stream: Stream): Promise<void> {
    const place = await stream.timeline.jump(musicNow())
    if (!place) return
    for (const worker of stream.listeners.keys())
      worker.send({ ask: 'music piece', stream: stream.id, ...place })
  }

  async #tellSettings(stream: Stream): Promise<void> {
    const settings = await stream.settings()
    for (const worker of stream.listeners.keys())
      worker.send({ ask: 'music settings', stream: stream.id, settings })
  }
}
