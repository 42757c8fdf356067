/** Opening SQLite files. A damaged one is set aside and a new one begun: a switch that takes calls is worth more than one that does not start. */
import { existsSync, renameSync } from 'node:fs'
import Sqlite from 'better-sqlite3'
import { reasonOf, SwitchError } from '../base/errors.ts'
import { logger } from '../base/log.ts'

const log = logger('stores/sqlite')

/** Opens or makes the file. `synchronous` as SQLite has it. Throws SwitchError STORE_NOT_OPEN with the path and why. */
export function openSqlite(path: string, synchronous: 'FULL' | 'NORMAL'): Sqlite.Database {
  try {
    return sound(path, synchronous)
  } catch (thrown) {
    if (!isDamage(thrown)) throw notOpen(path, thrown)
    log.err(`${path} is damaged (${reasonOf(thrown)}): kept as ${setAside(path)}, begun anew`)
  }
  try {
    return sound(path, synchronous)
  } catch (thrown) {
    throw notOpen(path, thrown)
  }
}

function sound(path: string, synchronous: string): Sqlite.Database {
  const database = new Sqlite(path)
  try {
    database.pragma('journal_mode = WAL')
    database.pragma(`synchronous = ${synchronous}`)
    const fault = database.pragma('quick_check(1)', { simple: true })
    if (fault !== 'ok') throw new Sqlite.SqliteError(String(fault), 'SQLITE_CORRUPT')
    return database
  } catch (thrown) {
    database.close()
    throw thrown
  }
}

/** Damage of the file itself: not a full disk, a lock or a missing right. */
function isDamage(thrown: unknown): boolean {
  return thrown instanceof Sqlite.SqliteError && /^SQLITE_(CORRUPT|NOTADB)/.test(thrown.code)
}

/** Gives the file and what belongs to it another name: the one that is returned. Throws SwitchError STORE_NOT_OPEN. */
function setAside(path: string): string {
  const kept = `${path}.damaged-${new Date().toISOString().replace(/[-:]|\.\d+/g, '')}`
  try {
    renameSync(path, kept)
    for (const part of ['-wal', '-shm'])
      if (existsSync(path + part)) renameSync(path + part, kept + part)
  } catch (thrown) {
    throw notOpen(path, thrown)
  }
  return kept
}

function notOpen(path: string, thrown: unknown): SwitchError {
  return new SwitchError('STORE_NOT_OPEN', `cannot open ${path}: ${reasonOf(thrown)}`)
}
