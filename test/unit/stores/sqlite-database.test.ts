import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { sqliteDatabase } from '../../../src/stores/sqlite-database.ts'

const file = () => join(mkdtempSync(join(tmpdir(), 'strowger-database-')), 'some.db')

test('what was written is there when the file is opened again', () => {
  const path = file()
  {
    using database = sqliteDatabase(path)
    database.execute('CREATE TABLE t (name TEXT, n INTEGER)')
    assert.equal(database.run('INSERT INTO t VALUES (?, ?)', 'a', 1), 1)
  }
  using again = sqliteDatabase(path)
  assert.deepEqual(again.get('SELECT name, n FROM t WHERE n = ?', 1), { name: 'a', n: 1 })
})

test('a transaction that throws leaves nothing', () => {
  using database = sqliteDatabase(file())
  database.execute('CREATE TABLE t (n INTEGER)')
  assert.throws(() =>
    database.transaction(() => {
      database.run('INSERT INTO t VALUES (1)')
      throw new Error('no')
    }),
  )
  assert.deepEqual(database.all('SELECT n FROM t'), [])
})

test('a wrong statement is told with the file and the statement', () => {
  using database = sqliteDatabase(file())
  assert.throws(() => database.run('INSERT INTO nowhere VALUES (1)'), {
    code: 'DATABASE_FAULT',
    message: /some\.db: no such table: nowhere: INSERT INTO nowhere/,
  })
})

test('a folder that is not there is told', () => {
  assert.throws(() => sqliteDatabase('/nowhere/at/all.db'), { code: 'STORE_NOT_OPEN' })
})
