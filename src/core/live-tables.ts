/**
 * Live tables: what an operator sees of the switch (legs, registrations, queues, the log) while it changes. Parts of the switch bring
 * sources; a source is listened to only while somebody watches. Changes are gathered and sent at most four times a second, a row
 * that changed ten times meanwhile once. A watcher that reads too slowly is sent nothing until it has caught up, and then the whole:
 * nothing is queued for it.
 */
import { type Clock, systemClock, type Timer } from '../base/clock.ts'
import { reasonOf } from '../base/errors.ts'
import { logger } from '../base/log.ts'

const log = logger('core/live-tables')

/** ms between two looks at what was touched; after a quiet time the first comes as soon as what belongs together has happened. */
const flushMs = 250
const togetherMs = 20
/** Rows in one message of a whole table. */
const rowsAPart = 500

/** A row, as JSON. */
export type LiveFields = Readonly<Record<string, unknown>>
export type LiveEntry = readonly [key: string, fields: LiveFields]

/** Where a table comes from. */
export interface LiveSource {
  /** `legs` */
  readonly name: string
  /** ms between two looks, where all rows are looked at each time. Default: 250. */
  readonly everyMs?: number
  /** Every row as it is now, in order. */
  rows(): Iterable<LiveEntry>
  /** One row as it is now; undefined: it is gone. Without this function all rows are looked at. */
  row?(key: string): LiveFields | undefined
  /** Begins to tell of changes, of one row or (without key) of any. */
  listen(touch: (key?: string) => void): Disposable
}

/** A part of a whole table, or what has changed in one since the last time. */
export interface LiveChange {
  readonly table: string
  /** What was known before is to be forgotten. */
  readonly isWhole: boolean
  readonly set: readonly LiveEntry[]
  readonly gone: readonly string[]
}

export interface LiveWatcher {
  /** What was sent last has not left yet. */
  readonly isSlow: boolean
  send(change: LiveChange): void
}

interface Watch {
  readonly watcher: LiveWatcher
  readonly tables: ReadonlySet<string>
  /** Tables that it has to be sent as a whole. */
  readonly behind: Set<string>
}

/** A source that somebody watches. */
class OpenTable {
  readonly source: LiveSource
  readonly #rows = new Map<string, { readonly text: string; readonly fields: LiveFields }>()
  readonly #touched = new Set<string>()
  readonly #listening: Disposable
  #isAllTouched = true
  #lookedAt = Number.NEGATIVE_INFINITY

  constructor(source: LiveSource, onTouch: () => void) {
    this.source = source
    this.#listening = source.listen((key) => {
      if (key === undefined || !source.row) this.#isAllTouched = true
      else this.#touched.add(key)
      onTouch()
    })
  }

  get size(): number {
    return this.#rows.size
  }

  get isTouched(): boolean {
    return this.#isAllTouched || this.#touched.size > 0
  }

  close(): void {
    this.#listening[Symbol.dispose]()
  }

  /** Whether it is time to look again. */
  isDue(now: number): boolean {
    return this.isTouched && now - this.#lookedAt >= (this.source.everyMs ?? 0)
  }

  /** What has changed since the last look. */
  look(now: number): LiveChange {
    this.#lookedAt = now
    const set: LiveEntry[] = []
    const gone: string[] = []
    if (this.#isAllTouched) this.#lookAtAll(set, gone)
    else {
      for (const key of this.#touched) {
        const fields = this.source.row?.(key)
        if (fields) this.#put(key, fields, set)
        else if (this.#rows.delete(key)) gone.push(key)
      }
    }
    this.#isAllTouched = false
    this.#touched.clear()
    return { table: this.source.name, isWhole: false, set, gone }
  }

  #lookAtAll(set: LiveEntry[], gone: string[]): void {
    const seen = new Set<string>()
    for (const [key, fields] of this.source.rows()) {
      seen.add(key)
      this.#put(key, fields, set)
    }
    for (const key of this.#rows.keys()) if (!seen.has(key)) gone.push(key)
    for (const key of gone) this.#rows.delete(key)
  }

  #put(key: string, fields: LiveFields, set: LiveEntry[]): void {
    const text = JSON.stringify(fields)
    if (this.#rows.get(key)?.text === text) return
    this.#rows.set(key, { text, fields })
    set.push([key, fields])
  }

  /** The whole as it was at the last look, in parts. */
  *whole(): Iterable<LiveChange> {
    const table = this.source.name
    let isWhole = true
    let set: LiveEntry[] = []
    for (const [key, { fields }] of this.#rows) {
      set.push([key, fields])
      if (set.length < rowsAPart) continue
      yield { table, isWhole, set, gone: [] }
      isWhole = false
      set = []
    }
    if (isWhole || set.length > 0) yield { table, isWhole, set, gone: [] }
  }
}

export class LiveTables {
  readonly figures = { changes: 0, rows: 0, wholes: 0, 'skipped for slow readers': 0 }
  readonly #clock: Clock
  readonly #sources = new Map<string, LiveSource>()
  readonly #open = new Map<string, OpenTable>()
  readonly #watches = new Set<Watch>()
  #flushedAt = 0
  #timer: Timer | undefined

  constructor(clock: Clock = systemClock) {
    this.#clock = clock
  }

  /** Adds a source; one of the same name is replaced. Who watches a source that is disposed sees it empty. */
  add(source: LiveSource): Disposable {
    this.#sources.set(source.name, source)
    return {
      [Symbol.dispose]: () => {
        if (this.#sources.get(source.name) !== source) return
        this.#sources.delete(source.name)
        this.#close(source.name)
        const empty = { table: source.name, isWhole: true, set: [], gone: [] }
        for (const watch of this.#watches)
          if (watch.tables.has(source.name)) this.#send(watch, empty)
      },
    }
  }

  get names(): string[] {
    return [...this.#sources.keys()]
  }

  /** Every row of a table as it is now, whoever watches; none when there is no such table. */
  rows(table: string): Iterable<LiveEntry> {
    return this.#sources.get(table)?.rows() ?? []
  }

  /** One of them. */
  row(table: string, key: string): LiveFields | undefined {
    const source = this.#sources.get(table)
    if (source?.row) return source.row(key)
    for (const [own, fields] of this.rows(table)) if (own === key) return fields
    return undefined
  }

  get watchers(): number {
    return this.#watches.size
  }

  /** Rows that are kept because somebody watches them. */
  get kept(): number {
    let sum = 0
    for (const table of this.#open.values()) sum += table.size
    return sum
  }

  /** Sends the tables as they are, and from then on what changes, until disposed. Names that there are not mean nothing. */
  watch(names: Iterable<string>, watcher: LiveWatcher): Disposable {
    const tables = new Set([...names].filter((name) => this.#sources.has(name)))
    const watch: Watch = { watcher, tables, behind: new Set(tables) }
    for (const name of tables) {
      const source = this.#sources.get(name)
      if (source && !this.#open.has(name))
        this.#open.set(name, new OpenTable(source, () => this.#wake()))
    }
    this.#watches.add(watch)
    this.#flush()
    return {
      [Symbol.dispose]: () => {
        if (!this.#watches.delete(watch)) return
        for (const name of tables)
          if (![...this.#watches].some((other) => other.tables.has(name))) this.#close(name)
        if (this.#watches.size > 0) return
        this.#timer?.cancel()
        this.#timer = undefined
      },
    }
  }

  #close(name: string): void {
    this.#open.get(name)?.close()
    this.#open.delete(name)
  }

  #wake(): void {
    if (this.#watches.size === 0) return
    const wait = Math.max(togetherMs, this.#flushedAt + flushMs - this.#clock.now())
    this.#timer ??= this.#clock.after(Math.min(wait, flushMs), () => {
      this.#timer = undefined
      this.#flush()
    })
  }

  #flush(): void {
    const now = this.#clock.now()
    this.#flushedAt = now
    const changes: LiveChange[] = []
    for (const table of this.#open.values()) {
      if (!table.isDue(now)) continue
      try {
        const change = table.look(now)
        if (change.set.length + change.gone.length > 0) changes.push(change)
      } catch (thrown) {
        log.err(`the live table ${table.source.name} cannot be read: ${reasonOf(thrown)}`)
      }
    }
    for (const watch of this.#watches) {
      for (const change of changes) this.#tell(watch, change)
      this.#catchUp(watch)
    }
    const isUnfinished =
      [...this.#open.values()].some((table) => table.isTouched) ||
      [...this.#watches].some(({ behind }) => behind.size > 0)
    if (isUnfinished) this.#wake()
  }

  #tell(watch: Watch, change: LiveChange): void {
    const { behind, tables, watcher } = watch
    if (!tables.has(change.table) || behind.has(change.table)) return
    if (!watcher.isSlow) return this.#send(watch, change)
    this.figures['skipped for slow readers']++
    behind.add(change.table)
  }

  /** Sends what it has missed as a whole, as soon as it reads again. */
  #catchUp(watch: Watch): void {
    for (const name of watch.behind) {
      if (watch.watcher.isSlow) return
      watch.behind.delete(name)
      const table = this.#open.get(name)
      if (!table) continue
      this.figures.wholes++
      for (const part of table.whole()) this.#send(watch, part)
    }
  }

  #send({ watcher }: Watch, change: LiveChange): void {
    this.figures.changes++
    this.figures.rows += change.set.length + change.gone.length
    try {
      watcher.send(change)
    } catch (thrown) {
      log.err(`a watcher of live tables failed: ${reasonOf(thrown)}`)
    }
  }
}
