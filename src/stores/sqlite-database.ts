/** The SQL databases of modules: one SQLite file each. Statements are prepared once and kept. */
import Sqlite from 'better-sqlite3'
import { SwitchError } from '../base/errors.ts'
import type { Database, SqlValue } from '../core/interfaces.ts'
import { openSqlite } from './sqlite-file.ts'

/** Opens or makes the file. What is committed survives a crash of the machine. Throws SwitchError STORE_NOT_OPEN. */
export function sqliteDatabase(path: string): Database {
  // Whoever was told that his message is kept must find it after a loss of power.
  const database = openSqlite(path, 'FULL')
  const prepared = new Map<string, Sqlite.Statement<SqlValue[]>>()
  const prepare = (sql: string) => {
    const known = prepared.get(sql)
    if (known) return known
    const made = database.prepare<SqlValue[]>(sql)
    prepared.set(sql, made)
    return made
  }
  const guard = <T>(sql: string, work: () => T): T => {
    try {
      return work()
    } catch (thrown) {
      if (!(thrown instanceof Sqlite.SqliteError)) throw thrown
      throw new SwitchError('DATABASE_FAULT', `${path}: ${thrown.message}: ${sql}`)
    }
  }
  return {
    execute: (sql) => guard(sql, () => void database.exec(sql)),
    run: (sql, ...values) => guard(sql, () => prepare(sql).run(...values).changes),
    get: <Row>(sql: string, ...values: readonly SqlValue[]) =>
      guard(sql, () => prepare(sql).get(...values) as Row | undefined),
    all: <Row>(sql: string, ...values: readonly SqlValue[]) =>
      guard(sql, () => prepare(sql).all(...values) as Row[]),
    transaction: (work) => guard('transaction', () => database.transaction(work)()),
    [Symbol.dispose]: () => database.close(),
  }
}
