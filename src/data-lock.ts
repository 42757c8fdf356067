/** One server to a data folder: two would overwrite each other's registrations and console password. */
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { SwitchError } from './base/errors.ts'

/** Kept open for as long as the process lives: the system gives the lock back when it ends, however that happens. */
const held: Database.Database[] = []

/** Takes the folder. Throws SwitchError DATA_IN_USE when another server has it, or the file cannot be opened. */
export function lockData(dataDir: string): void {
  const file = join(dataDir, 'run', 'strowger.lock')
  try {
    const opened = new Database(file, { timeout: 0 })
    // Nothing is ever written, so no journal need lie about beside the file.
    opened.pragma('journal_mode = MEMORY')
    opened.exec('BEGIN EXCLUSIVE')
    held.push(opened)
  } catch (thrown) {
    const isTaken = thrown instanceof Database.SqliteError && thrown.code.startsWith('SQLITE_BUSY')
    const why = isTaken ? 'another server uses this folder' : `${file}: ${String(thrown)}`
    throw new SwitchError('DATA_IN_USE', `${dataDir}: ${why}; choose another with --data`)
  }
}
