import assert from 'node:assert/strict'
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openSqlite } from '../../../src/stores/sqlite-file.ts'

const folder = () => mkdtempSync(join(tmpdir(), 'strowger-file-'))

function filled(path: string): void {
  const database = openSqlite(path, 'FULL')
  database.exec('CREATE TABLE t (n INTEGER, text TEXT)')
  const insert = database.prepare('INSERT INTO t VALUES (?, ?)')
  for (let n = 0; n < 500; n++) insert.run(n, 'x'.repeat(100))
  database.close()
}

test('a file that is no database is kept under another name, and a new one is begun', () => {
  const at = folder()
  const path = join(at, 'some.db')
  writeFileSync(path, 'this is a letter and no database'.repeat(100))
  const database = openSqlite(path, 'FULL')
  database.exec('CREATE TABLE t (n INTEGER)')
  database.close()
  const kept = readdirSync(at).filter((name) => /^some\.db\.damaged-\d{8}T\d{6}Z$/.test(name))
  assert.equal(kept.length, 1)
  assert.match(readFileSync(join(at, kept[0] ?? ''), 'utf8'), /^this is a letter/)
})

test('a page that is damaged within is found when the file is opened, and the file kept', () => {
  const at = folder()
  const path = join(at, 'some.db')
  filled(path)
  const file = openSync(path, 'r+')
  writeSync(file, Buffer.alloc(4096, 0xa5), 0, 4096, 4096 * 2)
  closeSync(file)
  const size = statSync(path).size
  const database = openSqlite(path, 'FULL')
  assert.deepEqual(database.prepare('SELECT name FROM sqlite_master').all(), [])
  database.close()
  const kept = readdirSync(at).find((name) => name.includes('.damaged-'))
  assert.equal(statSync(join(at, kept ?? '')).size, size)
})

test('a sound file is opened as it is; what is no file is told', () => {
  const at = folder()
  const path = join(at, 'some.db')
  filled(path)
  const database = openSqlite(path, 'FULL')
  assert.deepEqual(database.prepare('SELECT count(*) AS n FROM t').get(), { n: 500 })
  database.close()
  assert.equal(
    readdirSync(at).some((name) => name.includes('.damaged-')),
    false,
  )
  assert.throws(() => openSqlite(at, 'FULL'), { code: 'STORE_NOT_OPEN', message: /^cannot open / })
})
