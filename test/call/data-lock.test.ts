/** A data folder and the one server that may use it. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { lockData } from '../../src/data-lock.ts'

test('a data folder is given to one server only', () => {
  const folder = mkdtempSync(join(tmpdir(), 'strowger-lock-'))
  try {
    mkdirSync(join(folder, 'run'))
    lockData(folder)
    assert.throws(() => lockData(folder), { code: 'DATA_IN_USE', message: /another server/ })
    assert.deepEqual(readdirSync(join(folder, 'run')), ['strowger.lock'])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('a folder that cannot be locked is named with the reason', () => {
  assert.throws(() => lockData('/nowhere/at/all'), {
    code: 'DATA_IN_USE',
    message: /\/nowhere\/at\/all/,
  })
})
