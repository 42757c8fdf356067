/** Tables in memory that are written to SQLite a moment later. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { SqlTables, type TableShape } from '../../../src/core/sql-table.ts'
import { sqliteDatabase } from '../../../src/stores/sqlite-database.ts'
import { FakeClock } from '../../support/clock.ts'

type Shoe = { name: string; soleSize: number; colour: string }

const shape: TableShape<Shoe> = {
  name: 'shoes',
  key: ['name'],
  empty: { name: '', soleSize: 42, colour: 'brown' },
}

function inFolder(use: (path: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'strowger-tables-'))
  try {
    use(join(folder, 'shoes.db'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

test('what was added, changed and removed is there after a restart, in its order', () =>
  inFolder((path) => {
    {
      using tables = new SqlTables(sqliteDatabase(path), new FakeClock())
      const shoes = tables.open(shape)
      shoes.add({ name: 'boot' })
      const slipper = shoes.add({ name: 'slipper', soleSize: 38 })
      shoes.add({ name: 'clog' })
      tables.flush()
      shoes.change(slipper, { colour: 'red' })
      shoes.remove(shoes.get('boot')!)
      shoes.add({ name: 'sandal' })
    }
    using tables = new SqlTables(sqliteDatabase(path), new FakeClock())
    assert.deepEqual(tables.open(shape).list(), [
      { name: 'slipper', soleSize: 38, colour: 'red' },
      { name: 'clog', soleSize: 42, colour: 'brown' },
      { name: 'sandal', soleSize: 42, colour: 'brown' },
    ])
  }))

test('a change is on disk a quarter of a second later without anybody asking', () =>
  inFolder((path) => {
    const clock = new FakeClock()
    using tables = new SqlTables(sqliteDatabase(path), clock)
    using reader = sqliteDatabase(path)
    const count = () => reader.get<{ n: number }>('SELECT count(*) AS n FROM shoes')?.n
    tables.open(shape).add({ name: 'boot' })
    assert.equal(count(), 0)
    clock.advance(250)
    assert.equal(count(), 1)
    assert.equal(clock.running, 0)
  }))

test('a table of an older version gets the columns it lacks; what is NULL there has its usual value', () =>
  inFolder((path) => {
    {
      using old = sqliteDatabase(path)
      old.execute(
        "CREATE TABLE shoes (name TEXT, sole_size INTEGER); INSERT INTO shoes VALUES ('boot', NULL)",
      )
    }
    using tables = new SqlTables(sqliteDatabase(path), new FakeClock())
    const shoes = tables.open(shape)
    assert.deepEqual(shoes.columns, ['name', 'sole_size', 'colour'])
    assert.deepEqual(shoes.list(), [{ name: 'boot', soleSize: 42, colour: 'brown' }])
  }))

test('of a row that was removed nothing is kept', () =>
  inFolder((path) => {
    {
      using tables = new SqlTables(sqliteDatabase(path), new FakeClock())
      const shoes = tables.open(shape)
      const boot = shoes.add({ name: 'boot' })
      shoes.remove(boot)
      shoes.change(boot, { colour: 'red' })
    }
    using tables = new SqlTables(sqliteDatabase(path), new FakeClock())
    assert.deepEqual(tables.open(shape).list(), [])
  }))
