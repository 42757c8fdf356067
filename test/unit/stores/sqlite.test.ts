import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { SwitchError } from '../../../src/base/errors.ts'
import { sqliteStore } from '../../../src/stores/sqlite.ts'

function folder() {
  const path = mkdtempSync(join(tmpdir(), 'strowger-store-'))
  return {
    file: join(path, 'store.db'),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  }
}

test('what was put is there when the file is opened again, even if it is closed at once', () => {
  using at = folder()
  const store = sqliteStore(at.file)
  // More than one transaction takes.
  for (let i = 0; i < 1500; i++) store.put('realm', `key ${i}`, `value ${i}`)
  store.put('realm', 'key 0', 'newer')
  store.delete('realm', 'key 1')
  store[Symbol.dispose]()
  using again = sqliteStore(at.file)
  assert.equal([...again.list('realm')].length, 1499)
  assert.equal(again.get('realm', 'key 0'), 'newer')
  assert.equal(again.get('realm', 'key 1'), undefined)
  assert.equal(again.get('realm', 'key 1499'), 'value 1499')
})

test('what has expired is not read again', () => {
  using at = folder()
  const store = sqliteStore(at.file)
  store.put('realm', 'old', 'x', Date.now() - 1)
  store.put('realm', 'new', 'x', Date.now() + 60_000)
  assert.deepEqual(
    [...store.list('realm')].map(([key]) => key),
    ['new'],
  )
  store[Symbol.dispose]()
  using again = sqliteStore(at.file)
  assert.equal(again.get('realm', 'old'), undefined)
  assert.equal(again.get('realm', 'new'), 'x')
})

test('a file that cannot be opened is named in the error', () => {
  assert.throws(
    () => sqliteStore('/nowhere/at/all.db'),
    (thrown) => thrown instanceof SwitchError && thrown.code === 'STORE_NOT_OPEN',
  )
})
