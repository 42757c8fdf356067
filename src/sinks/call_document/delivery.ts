/**
 * Where records go, one after the other and never on this thread's time: to a folder, to a web server, and what that does not take
 * to a folder for such. A file is there whole or not at all.
 */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { reasonOf } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import { bodyOf, type Poster } from './poster.ts'
import type { DocumentSettings } from './settings.ts'

const log = logger('sinks/cdr')

export interface CallDocument {
  readonly text: string
  readonly uuid: string
  /** `a_`, where the A-leg is marked. */
  readonly prefix: string
  readonly file: string
  /** Undefined: not kept on disk. */
  readonly folder: string | undefined
  /** Tried in turn. */
  readonly errorFolders: readonly string[]
}

export interface DeliveryFigures {
  'files written': number
  'files failed': number
  posted: number
  'posts failed': number
  'kept for later': number
  lost: number
  waiting: number
}

export class Delivery {
  readonly figures: DeliveryFigures = {
    'files written': 0,
    'files failed': 0,
    posted: 0,
    'posts failed': 0,
    'kept for later': 0,
    lost: 0,
    waiting: 0,
  }
  readonly #settings: DocumentSettings
  readonly #poster: Poster | undefined
  readonly #queue: CallDocument[] = []
  #running: Promise<void> | undefined
  /** Overflow that goes to disk beside the queue. */
  readonly #aside = new Set<Promise<void>>()
  readonly #ending = new AbortController()
  /** The last record found no web server: the next ones try once, without waiting, until one gets through. */
  #isDown = false

  constructor(settings: DocumentSettings, poster: Poster | undefined) {
    this.#settings = settings
    this.#poster = poster
  }

  add(document: CallDocument): void {
    this.figures.waiting++
    if (this.#poster && this.#queue.length >= this.#settings.capacity) {
      if (this.#aside.size === 0)
        log.warning(
          `${this.#settings.name}: ${this.#settings.capacity} records wait to be posted; further ones go to disk`,
        )
      const kept = this.#keep(document).finally(() => {
        this.#aside.delete(kept)
        this.figures.waiting--
      })
      this.#aside.add(kept)
      return
    }
    this.#queue.push(document)
    this.#run()
  }

  /** Resolves when every record is where it goes: posts are tried once more, and then kept on disk. */
  async close(): Promise<void> {
    this.#ending.abort()
    while (this.#running) await this.#running
    await Promise.all(this.#aside)
  }

  #run(): void {
    this.#running ??= this.#drain().finally(() => {
      this.#running = undefined
      if (this.#queue.length > 0) this.#run()
    })
  }

  async #drain(): Promise<void> {
    for (let document = this.#queue.shift(); document; document = this.#queue.shift()) {
      try {
        await this.#deliver(document)
      } catch (thrown) {
        this.figures.lost++
        log.err(`${this.#settings.name} lost a record: ${reasonOf(thrown)}`, document.uuid)
      }
      this.figures.waiting--
    }
  }

  async #deliver(document: CallDocument): Promise<void> {
    const { folder } = document
    let isKept = false
    if (folder !== undefined && (!this.#poster || this.#settings.keepsWhatIsPosted))
      isKept = await this.#write(folder, document)
    if (!this.#poster) {
      if (folder !== undefined && !isKept) this.#lose(document)
      return
    }
    if (!(await this.#post(this.#poster, document))) await this.#keep(document)
  }

  /** False after the last try. */
  async #post(poster: Poster, { text, uuid, prefix }: CallDocument): Promise<boolean> {
    const { post, name } = this.#settings
    if (!post) return false
    const body = bodyOf(text, post.encoding)
    const { signal } = this.#ending
    const wasDown = this.#isDown
    const mostTries = wasDown ? 1 : post.retries + 1
    for (let tries = 1; tries <= mostTries; tries++) {
      // At the end, a server that was down a moment ago is not asked for each of a thousand records.
      if (signal.aborted && this.#isDown) break
      const { href } = poster.url
      try {
        await poster.post(body, (post.prefixesUuid ? prefix : '') + uuid, signal)
        this.figures.posted++
        this.#isDown = false
        return true
      } catch (thrown) {
        this.figures['posts failed']++
        log.err(`${name}: ${hidden(href)}: ${reasonOf(thrown)}`, uuid)
      }
      if (tries === mostTries || signal.aborted) break
      await sleep(post.delayMs, undefined, { signal, ref: false }).catch(() => {})
    }
    this.#isDown = true
    return false
  }

  /** For whoever posts it later by hand. */
  async #keep(document: CallDocument): Promise<void> {
    for (const folder of document.errorFolders) {
      if (!(await this.#write(folder, document))) continue
      this.figures['kept for later']++
      log.warning(`a record is kept as ${join(folder, document.file)}`, document.uuid)
      return
    }
    this.#lose(document)
  }

  #lose(document: CallDocument): void {
    this.figures.lost++
    log.err(`${this.#settings.name}: this call has no record`, document.uuid)
  }

  async #write(folder: string, { file, text, uuid }: CallDocument): Promise<boolean> {
    const path = join(folder, file)
    const unfinished = join(dirname(path), `.${basename(path)}.part`)
    try {
      await mkdir(dirname(path), { recursive: true })
      await writeFile(unfinished, text.endsWith('\n') ? text : `${text}\n`)
      await rename(unfinished, path)
      this.figures['files written']++
      return true
    } catch (thrown) {
      this.figures['files failed']++
      log.err(`${path} cannot be written: ${reasonOf(thrown)}`, uuid)
      await rm(unfinished, { force: true }).catch(() => {})
      return false
    }
  }
}

/** An address without the password that may stand in it. */
function hidden(href: string): string {
  return href.replace(/\/\/[^/@]*@/, '//')
}
