/**
 * Copies on disk of what URLs name. Each is fetched once however many ask for it, kept as long as the server says, and asked
 * about again (RFC 9111 section 4.3) before it is fetched anew. The ones longest unused go when there are too many.
 */
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { reasonOf, SwitchError } from '../../base/errors.ts'
import { isThere } from '../../base/is-there.ts'
import { logger } from '../../base/log.ts'
import { download, type HttpLimits, type HttpReply } from './download.ts'
import { extensionOf, freshSeconds } from './freshness.ts'

const log = logger('core/http_cache')

export interface HttpCacheOptions extends HttpLimits {
  readonly folder: string
  readonly mostUrls: number
  /** Octets of all copies. */
  readonly mostTotal: number
  /** Seconds that a copy is fresh where the server says nothing. */
  readonly maxAge: number
  readonly prefetchesAtOnce: number
  readonly prefetchQueue: number
}

/** As it stands beside the copy. */
interface Entry {
  readonly url: string
  readonly file: string
  readonly octets: number
  readonly etag?: string
  readonly lastModified?: string
  /** ms since the epoch. */
  readonly freshUntil: number
}

export class HttpCache {
  readonly #options: HttpCacheOptions
  /** The one used last stands last. */
  readonly #entries = new Map<string, Entry>()
  readonly #loading = new Map<string, Promise<string>>()
  readonly #queue: string[] = []
  #prefetching = 0
  #total = 0
  #parts = 0
  #isClosed = false
  readonly #ready: Promise<void>

  constructor(options: HttpCacheOptions) {
    this.#options = options
    this.#ready = this.#load()
  }

  /** Copies, and their octets. */
  get figures(): { readonly urls: number; readonly octets: number } {
    return { urls: this.#entries.size, octets: this.#total }
  }

  /**
   * The path of a copy, fetched when there is no fresh one. `refresh` fetches it in any case.
   * Throws SwitchError FILE_NOT_FOUND when the server has no such thing, FILE_BAD for all that goes wrong.
   */
  async get(url: string, refresh = false): Promise<string> {
    await this.#ready
    const key = keyOf(url)
    const fresh = refresh ? undefined : this.#fresh(key)
    if (fresh && (await isThere(fresh.file))) return fresh.file
    const running = this.#loading.get(key)
    if (running) return running
    const loading = this.#fetch(key, refresh).finally(() => this.#loading.delete(key))
    this.#loading.set(key, loading)
    return loading
  }

  /** The path of a fresh copy that is there already. */
  async lookUp(url: string): Promise<string | undefined> {
    await this.#ready
    const fresh = this.#fresh(keyOf(url))
    return fresh && (await isThere(fresh.file)) ? fresh.file : undefined
  }

  /** Fetches later; false when too many wait already. */
  prefetch(url: string): boolean {
    if (this.#queue.length >= this.#options.prefetchQueue) return false
    this.#queue.push(url)
    this.#prefetchMore()
    return true
  }

  async remove(url: string): Promise<void> {
    await this.#ready
    await this.#drop(keyOf(url))
  }

  async clear(): Promise<void> {
    await this.#ready
    for (const key of [...this.#entries.keys()]) await this.#drop(key)
  }

  /** Nothing waits for it any more. */
  close(): void {
    this.#isClosed = true
    this.#queue.length = 0
  }

  #fresh(key: string): Entry | undefined {
    const entry = this.#entries.get(key)
    if (!entry || entry.freshUntil <= Date.now()) return undefined
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    return entry
  }

  async #fetch(url: string, refresh: boolean): Promise<string> {
    const { folder, maxAge } = this.#options
    const entry = this.#entries.get(url)
    const old = entry && !refresh && (await isThere(entry.file)) ? entry : undefined
    const hash = createHash('sha256').update(url).digest('hex').slice(0, 40)
    const part = join(folder, hash.slice(0, 2), `${hash}.${++this.#parts}.part`)
    try {
      await mkdir(dirname(part), { recursive: true })
      const reply = await download(url, part, conditions(old), this.#options)
      const freshUntil = Date.now() + 1000 * freshSeconds(reply.headers, maxAge, Date.now())
      if (reply.status === 304 && old) {
        await this.#keep(url, { ...old, freshUntil })
        return old.file
      }
      if (reply.status < 200 || reply.status > 299) throw refusal(url, reply)
      const file = join(dirname(part), hash + extensionOf(url, reply.headers))
      if (entry && entry.file !== file) await rm(entry.file, { force: true })
      await rename(part, file)
      const { etag, 'last-modified': lastModified } = reply.headers
      await this.#keep(url, {
        url,
        file,
        octets: reply.octets,
        freshUntil,
        ...(etag === undefined ? {} : { etag }),
        ...(lastModified === undefined ? {} : { lastModified }),
      })
      return file
    } catch (thrown) {
      await rm(part, { force: true })
      if (thrown instanceof SwitchError && thrown.code === 'FILE_NOT_FOUND') {
        await this.#drop(url)
        throw thrown
      }
      if (old) {
        log.warning(`${url}: ${reasonOf(thrown)}; the copy from before is used`)
        return old.file
      }
      if (thrown instanceof SwitchError) throw thrown
      throw new SwitchError('FILE_BAD', `${url}: ${reasonOf(thrown)}`)
    }
  }

  async #keep(url: string, entry: Entry): Promise<void> {
    this.#total -= this.#entries.get(url)?.octets ?? 0
    this.#entries.delete(url)
    this.#entries.set(url, entry)
    this.#total += entry.octets
    await writeFile(metaOf(entry.file), JSON.stringify(entry))
    const { mostUrls, mostTotal } = this.#options
    for (const [oldest] of this.#entries) {
      if (this.#entries.size <= mostUrls && this.#total <= mostTotal) break
      if (oldest === url) break
      await this.#drop(oldest)
    }
  }

  async #drop(url: string): Promise<void> {
    const entry = this.#entries.get(url)
    if (!entry) return
    this.#entries.delete(url)
    this.#total -= entry.octets
    // Whoever plays it has it open: it is gone when he is done.
    await rm(entry.file, { force: true })
    await rm(metaOf(entry.file), { force: true })
  }

  #prefetchMore(): void {
    while (this.#prefetching < this.#options.prefetchesAtOnce && !this.#isClosed) {
      const url = this.#queue.shift()
      if (url === undefined) return
      this.#prefetching++
      this.get(url)
        .catch((thrown: unknown) => log.warning(`prefetch: ${reasonOf(thrown)}`))
        .finally(() => {
          this.#prefetching--
          this.#prefetchMore()
        })
    }
  }

  /** What earlier runs left. */
  async #load(): Promise<void> {
    const { folder } = this.#options
    const names = await readdir(folder, { recursive: true }).catch(() => [])
    for (const name of names) {
      const path = join(folder, name)
      if (name.endsWith('.part')) await rm(path, { force: true })
      if (!name.endsWith('.json')) continue
      const entry = await readEntry(path)
      if (!entry) continue
      this.#entries.set(entry.url, entry)
      this.#total += entry.octets
    }
  }
}

async function readEntry(path: string): Promise<Entry | undefined> {
  try {
    const entry = JSON.parse(await readFile(path, 'utf8')) as Entry
    const { size } = await stat(entry.file)
    if (typeof entry.url === 'string' && size === entry.octets) return entry
  } catch {
    // One that was cut off, or whose copy is gone: it is fetched anew when it is wanted.
  }
  return undefined
}

/** One spelling of each URL. Throws FILE_BAD when it is none. */
function keyOf(url: string): string {
  try {
    const parsed = new URL(url)
    parsed.hash = ''
    return parsed.href
  } catch {
    throw new SwitchError('FILE_BAD', `"${url}" is no URL`)
  }
}

function metaOf(file: string): string {
  return `${file}.json`
}

function conditions(entry: Entry | undefined): Record<string, string> {
  const headers: Record<string, string> = { 'user-agent': 'strowger' }
  if (entry?.etag !== undefined) headers['if-none-match'] = entry.etag
  if (entry?.lastModified !== undefined) headers['if-modified-since'] = entry.lastModified
  return headers
}

function refusal(url: string, { status }: HttpReply): SwitchError {
  const isGone = status === 404 || status === 410
  return new SwitchError(isGone ? 'FILE_NOT_FOUND' : 'FILE_BAD', `${url}: status ${status}`)
}
