/**
 * The embedded store: one SQLite file below the data directory. Reads come from memory; writes are gathered for a
 * moment and written in one transaction, so that a thousand registrations a second cost one disk write.
 */
import type { Database } from 'better-sqlite3'
import { reasonOf, SwitchError } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import type { Store } from '../core/interfaces.ts'
import { memoryStore } from './memory.ts'
import { openSqlite } from './sqlite-file.ts'

const log = logger('stores/sqlite')

/** How long a change may wait for others before it is on disk, ms. */
const gatherMs = 100
/** Changes of one transaction: some 3 ms, during which nothing else is served. */
const chunkSize = 400
/** Between two transactions, when more than that wait, ms. */
const pauseMs = 5

interface Row {
  readonly realm: string
  readonly key: string
  readonly value: string
  readonly expires: number
}

/** A row to write, or without a value one to remove. */
type Change = Row | { readonly realm: string; readonly key: string; readonly value: undefined }

/** Opens or makes the file. Throws SwitchError STORE_NOT_OPEN with the path and why. */
export function sqliteStore(path: string): Store {
  const database = open(path)
  const memory = memoryStore()
  for (const row of database
    .prepare('SELECT realm, key, value, expires FROM store')
    .all() as Row[]) {
    if (row.expires === 0 || row.expires > Date.now())
      memory.put(row.realm, row.key, row.value, row.expires)
  }
  const upsert = database.prepare(
    'INSERT INTO store (realm, key, value, expires) VALUES (?, ?, ?, ?) ' +
      'ON CONFLICT (realm, key) DO UPDATE SET value = excluded.value, expires = excluded.expires',
  )
  const remove = database.prepare('DELETE FROM store WHERE realm = ? AND key = ?')
  /** By realm and key, the oldest first. */
  const pending = new Map<string, Change>()
  let timer: NodeJS.Timeout | undefined

  /** Writes the oldest changes, `limit` at most; false when it could not. */
  const write = (limit: number): boolean => {
    const rows: Change[] = []
    for (const row of pending.values()) {
      if (rows.length >= limit) break
      rows.push(row)
    }
    try {
      database.transaction(() => {
        for (const row of rows) {
          if (row.value === undefined) remove.run(row.realm, row.key)
          else upsert.run(row.realm, row.key, row.value, row.expires)
        }
      })()
      for (const row of rows) pending.delete(idOf(row.realm, row.key))
      return true
    } catch (thrown) {
      // Nothing is lost while the process lives: what was not written waits for the next try.
      log.err(
        `${path}: ${rows.length} changes could not be written: ${reasonOf(thrown)}; trying again`,
      )
      return false
    }
  }
  const flush = () => {
    const isWritten = write(chunkSize)
    timer = pending.size === 0 ? undefined : setTimeout(flush, isWritten ? pauseMs : 1000)
  }
  const note = (row: Change) => {
    pending.set(idOf(row.realm, row.key), row)
    timer ??= setTimeout(flush, gatherMs)
  }

  return {
    name: 'sqlite',
    get: memory.get,
    list: memory.list,
    put(realm, key, value, expires = 0) {
      memory.put(realm, key, value, expires)
      note({ realm, key, value, expires })
    },
    delete(realm, key) {
      const was = memory.delete(realm, key)
      if (was) note({ realm, key, value: undefined })
      return was
    },
    [Symbol.dispose]() {
      clearTimeout(timer)
      if (pending.size > 0) write(pending.size)
      database.close()
    },
  }
}

function idOf(realm: string, key: string): string {
  return `${realm}\0${key}`
}

function open(path: string): Database {
  const database = openSqlite(path, 'NORMAL')
  try {
    database.exec(
      'CREATE TABLE IF NOT EXISTS store (realm TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, ' +
        'expires INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (realm, key)) WITHOUT ROWID',
    )
    database.prepare('DELETE FROM store WHERE expires > 0 AND expires <= ?').run(Date.now())
    return database
  } catch (thrown) {
    throw new SwitchError('STORE_NOT_OPEN', `cannot open ${path}: ${reasonOf(thrown)}`)
  }
}
