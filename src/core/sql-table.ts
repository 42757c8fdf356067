/**
 * Tables of a few hundred rows that live in memory and are written to an SQL database a moment later: what changes with every
 * call must not wait for the disk each time. Whoever has promised that something is kept calls `flush` first.
 */
import type { Clock, Timer } from '../base/clock.ts'
import { systemClock } from '../base/clock.ts'
import { reasonOf } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import type { Database, SqlValue } from './interfaces.ts'

const log = logger('core/sql-table')

/** ms after which a change is on disk, and after which a failed try is repeated. */
const writeAfterMs = 250
const retryAfterMs = 5000

/** A row: its columns are the names in `snake_case`. */
type Columns<R> = Readonly<Record<keyof R, string | number>>

export interface TableShape<R> {
  readonly name: string
  /** What tells rows apart. */
  readonly key: readonly (keyof R & string)[]
  /** Every column with what it holds where nothing else was said. */
  readonly empty: R
}

interface Change<R> {
  readonly row: R
  readonly isGone: boolean
}

export class SqlTable<R extends Columns<R>> {
  readonly shape: TableShape<R>
  readonly #database: Database
  readonly #touched: () => void
  readonly #rows = new Map<string, R>()
  readonly #names: readonly (keyof R & string)[]
  #changes = new Map<string, Change<R>>()

  /** Makes the table, or the columns that an older one lacks, and reads it. Throws SwitchError DATABASE_FAULT. */
  constructor(database: Database, shape: TableShape<R>, touched: () => void) {
    this.shape = shape
    this.#database = database
    this.#touched = touched
    this.#names = Object.keys(shape.empty) as (keyof R & string)[]
    this.#prepare()
    for (const found of database.all<Record<string, SqlValue>>(`SELECT * FROM ${shape.name}`)) {
      const row = this.#fromDatabase(found)
      this.#rows.set(this.#keyOf(row), row)
    }
  }

  /** The columns as the database names them, in its order. */
  get columns(): readonly string[] {
    return this.#names.map(columnName)
  }

  /** In the order in which they were added. */
  list(): R[] {
    return [...this.#rows.values()]
  }

  get size(): number {
    return this.#rows.size
  }

  get(...key: readonly (string | number)[]): R | undefined {
    return this.#rows.get(key.join('\n'))
  }

  /** Adds a row; one with the same key goes. */
  add(values: Partial<R>): R {
    const row = { ...this.shape.empty, ...values }
    this.#rows.set(this.#keyOf(row), row)
    this.#note(row, false)
    return row
  }

  /** Changes a row of the table. Of one that was removed nothing is kept. */
  change(row: R, changes: Partial<R>): void {
    Object.assign(row, changes)
    if (this.#rows.get(this.#keyOf(row)) === row) this.#note(row, false)
  }

  remove(row: R): void {
    const key = this.#keyOf(row)
    if (this.#rows.get(key) !== row) return
    this.#rows.delete(key)
    this.#note(row, true)
  }

  /** Whether a row is still in the table. */
  has(row: R): boolean {
    return this.#rows.get(this.#keyOf(row)) === row
  }

  /** The values of a row in the order of `columns`. */
  values(row: R): (string | number)[] {
    return this.#names.map((name) => row[name])
  }

  /** Writes what has changed; inside a transaction. */
  write(): void {
    const { name, key } = this.shape
    const where = key.map((column) => `${columnName(column)} = ?`).join(' AND ')
    const columns = this.columns
    const update = `UPDATE ${name} SET ${columns.map((column) => `${column} = ?`).join(', ')} WHERE ${where}`
    const insert = `INSERT INTO ${name} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`
    for (const { row, isGone } of this.#changes.values()) {
      const keys = key.map((column) => row[column])
      if (isGone) this.#database.run(`DELETE FROM ${name} WHERE ${where}`, ...keys)
      else if (this.#database.run(update, ...this.values(row), ...keys) === 0)
        this.#database.run(insert, ...this.values(row))
    }
  }

  /** What `write` wrote is on disk. */
  written(): void {
    this.#changes = new Map()
  }

  #note(row: R, isGone: boolean): void {
    this.#changes.set(this.#keyOf(row), { row, isGone })
    this.#touched()
  }

  #keyOf(row: R): string {
    return this.shape.key.map((name) => row[name]).join('\n')
  }

  #prepare(): void {
    const { name, key, empty } = this.shape
    const declared = this.#names.map((column) => {
      const value = empty[column]
      const type = typeof value === 'number' ? 'INTEGER' : 'VARCHAR(255)'
      const fallback = typeof value === 'number' ? String(value) : `'${value}'`
      return { column: columnName(column), text: `${type} NOT NULL DEFAULT ${fallback}` }
    })
    const lines = declared.map(({ column, text }) => `${column} ${text}`)
    this.#database.execute(`CREATE TABLE IF NOT EXISTS ${name} (${lines.join(', ')})`)
    const present = new Set(
      this.#database
        .all<{ readonly name: string }>(`PRAGMA table_info(${name})`)
        .map((column) => column.name.toLowerCase()),
    )
    for (const { column, text } of declared)
      if (!present.has(column))
        this.#database.execute(`ALTER TABLE ${name} ADD COLUMN ${column} ${text}`)
    const keys = key.map(columnName)
    this.#database.execute(
      `CREATE INDEX IF NOT EXISTS ${name}_${keys.join('_')} ON ${name} (${keys.join(', ')})`,
    )
  }

  #fromDatabase(found: Readonly<Record<string, SqlValue>>): R {
    const row: Record<string, string | number> = {}
    for (const name of this.#names) {
      const usual = this.shape.empty[name]
      const value = found[columnName(name)]
      if (value === null || value === undefined || value instanceof Uint8Array) row[name] = usual
      else row[name] = typeof usual === 'number' ? Number(value) || 0 : String(value)
    }
    return row as R
  }
}

/** `lastBridgeEnd` is the column `last_bridge_end`. */
function columnName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/** The tables of one database, which are written together. */
export class SqlTables implements Disposable {
  readonly #database: Database
  readonly #clock: Clock
  readonly #tables: { write(): void; written(): void }[] = []
  /** Told of every change of a row. */
  onChange: (() => void) | undefined
  #timer: Timer | undefined
  #isOver = false

  constructor(database: Database, clock: Clock = systemClock) {
    this.#database = database
    this.#clock = clock
  }

  open<R extends Columns<R>>(shape: TableShape<R>): SqlTable<R> {
    const table = new SqlTable(this.#database, shape, () => {
      this.#later(writeAfterMs)
      this.onChange?.()
    })
    this.#tables.push(table)
    return table
  }

  /** Writes now; all of it is on disk when this returns. Throws SwitchError DATABASE_FAULT. */
  flush(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#database.transaction(() => {
      for (const table of this.#tables) table.write()
    })
    for (const table of this.#tables) table.written()
  }

  #later(ms: number): void {
    if (this.#isOver) return
    this.#timer ??= this.#clock.after(ms, () => {
      this.#timer = undefined
      try {
        this.flush()
      } catch (thrown) {
        log.err(`not written, to be tried again: ${reasonOf(thrown)}`)
        this.#later(retryAfterMs)
      }
    })
  }

  /** Writes what is left and closes the database. */
  [Symbol.dispose](): void {
    this.#isOver = true
    try {
      this.flush()
    } catch (thrown) {
      log.err(`not written at the end: ${reasonOf(thrown)}`)
    }
    this.#database[Symbol.dispose]()
  }
}
