import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { logger } from '../../../src/base/log.ts'
import { liveLog } from '../../../src/core/live-log.ts'

describe('the live table of the log', () => {
  const log = logger('test/live-log')

  it('shows the last 500 lines in their order, to whoever comes later too', () => {
    using table = liveLog()
    assert.deepEqual([...table.rows()], [])
    for (let i = 1; i <= 3; i++) log.info(`line ${i}`)
    assert.deepEqual(
      [...table.rows()].map(([key, { text }]) => [key, text]),
      [
        ['1', 'line 1'],
        ['2', 'line 2'],
        ['3', 'line 3'],
      ],
    )
    for (let i = 4; i <= 1234; i++) log.info(`line ${i}`)
    const rows = [...table.rows()]
    assert.deepEqual(
      rows.map(([key, { text }]) => `${key} ${text}`),
      Array.from({ length: 500 }, (_, at) => `${at + 735} line ${at + 735}`),
    )
    assert.equal(table.row?.('734'), undefined)
    assert.equal(table.row?.('735')?.['text'], 'line 735')
    assert.equal(table.row?.('1235'), undefined)
  })

  it('tells who listens of the line that came and of the one that went for it', () => {
    using table = liveLog()
    const told: (string | undefined)[] = []
    for (let i = 0; i < 499; i++) log.info('before')
    using listening = table.listen((key) => told.push(key))
    assert.ok(listening)
    log.info('the last that has a place')
    log.info('one more')
    assert.deepEqual(told, ['500', '501', '1'])
  })
})
