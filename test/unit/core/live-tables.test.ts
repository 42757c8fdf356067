/** Live tables: what watchers are sent, and when. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type LiveChange, type LiveFields, LiveTables } from '../../../src/core/live-tables.ts'
import { FakeClock } from '../../support/clock.ts'

function table(name = 'legs', isByRow = true) {
  const rows = new Map<string, LiveFields>()
  const state = { listeners: 0, looks: 0, touch: (_key?: string): void => undefined }
  const source = {
    name,
    rows() {
      state.looks++
      return rows
    },
    ...(isByRow ? { row: (key: string) => rows.get(key) } : {}),
    listen(touch: (key?: string) => void) {
      state.listeners++
      state.touch = touch
      return { [Symbol.dispose]: () => void state.listeners-- }
    },
  }
  return { rows, state, source }
}

function watcher() {
  const seen: LiveChange[] = []
  const self = {
    seen,
    isSlow: false,
    send: (change: LiveChange) => void seen.push(change),
    take: () => seen.splice(0),
  }
  return self
}

describe('live tables', () => {
  it('send the whole first, and nothing while nothing changes', () => {
    const clock = new FakeClock()
    const tables = new LiveTables(clock)
    const { rows, source } = table()
    rows.set('a', { state: 'RINGING' })
    tables.add(source)
    const one = watcher()
    using _ = tables.watch(['legs', 'nothing'], one)
    assert.deepEqual(one.take(), [
      { table: 'legs', isWhole: true, set: [['a', { state: 'RINGING' }]], gone: [] },
    ])
    clock.advance(10_000)
    assert.deepEqual(one.take(), [])
  })

  it('gather what changes for a quarter of a second, a row that changed often once', () => {
    const clock = new FakeClock()
    const tables = new LiveTables(clock)
    const { rows, state, source } = table()
    rows.set('a', { n: 0 })
    rows.set('b', { n: 0 })
    tables.add(source)
    const one = watcher()
    using _ = tables.watch(['legs'], one)
    one.take()
    for (let n = 1; n <= 100; n++) {
      rows.set('a', { n })
      state.touch('a')
    }
    rows.delete('b')
    state.touch('b')
    rows.set('c', { n: 7 })
    state.touch('c')
    // What comes and goes meanwhile is never seen, nor is what is the same as before.
    state.touch('d')
    clock.advance(249)
    assert.deepEqual(one.take(), [])
    clock.advance(1)
    assert.deepEqual(one.take(), [
      {
        table: 'legs',
        isWhole: false,
        set: [
          ['a', { n: 100 }],
          ['c', { n: 7 }],
        ],
        gone: ['b'],
      },
    ])
    state.touch('a')
    clock.advance(1000)
    assert.deepEqual(one.take(), [])
    assert.equal(state.looks, 1)
  })

  it('send the first change after a quiet time at once', () => {
    const clock = new FakeClock()
    const tables = new LiveTables(clock)
    const { rows, state, source } = table()
    tables.add(source)
    const one = watcher()
    using _ = tables.watch(['legs'], one)
    clock.advance(5000)
    one.take()
    for (const [key, ms] of [
      ['a', 20],
      ['b', 250],
    ] as const) {
      rows.set(key, { n: 1 })
      state.touch(key)
      clock.advance(ms - 1)
      assert.deepEqual(one.take(), [])
      clock.advance(1)
      assert.deepEqual(one.take()[0]?.set, [[key, { n: 1 }]])
    }
  })

  it('look at all rows of a source that knows no single ones, as seldom as it asks', () => {
    const clock = new FakeClock()
    const tables = new LiveTables(clock)
    const { rows, state, source } = table('queues', false)
    rows.set('a', { n: 0 })
    tables.add({ ...source, everyMs: 1000 })
    const one = watcher()
    using _ = tables.watch(['queues'], one)
    one.take()
    rows.set('b', { n: 1 })
    rows.delete('a')
    state.touch('b')
    clock.advance(750)
    assert.deepEqual(one.take(), [])
    clock.advance(500)
    assert.deepEqual(one.take(), [
      { table: 'queues', isWhole: false, set: [['b', { n: 1 }]], gone: ['a'] },
    ])
  })

  it('listen to a source only while somebody watches it', () => {
    const clock = new FakeClock()
    const tables = new LiveTables(clock)
    const { source, state } = table()
    tables.add(source)
    const first = tables.watch(['legs'], watcher())
    const second = tables.watch(['legs'], watcher())
    assert.equal(state.listeners, 1)
    first[Symbol.dispose]()
    assert.equal(state.listeners, 1)
    second[Symbol.dispose]()
    assert.equal(state.listeners, 0)
    assert.equal(tables.kept, 0)
  })

  it('send a slow reader nothing until it reads again, and then the whole', () => {
    const clock = new FakeClock()
    const tables = new LiveTables(clock)
    const { rows, state, source } = table()
    rows.set('a', { n: 0 })
    tables.add(source)
    const slow = watcher()
    const quick = watcher()
    using _ = tables.watch(['legs'], slow)
    using __ = tables.watch(['legs'], quick)
    slow.take()
    quick.take()
    slow.isSlow = true
    for (let n = 1; n <= 20; n++) {
      rows.set('a', { n })
      state.touch('a')
      clock.advance(250)
    }
    assert.equal(quick.take().length, 20)
    assert.deepEqual(slow.take(), [])
    assert.equal(tables.figures['skipped for slow readers'], 1)
    slow.isSlow = false
    clock.advance(250)
    assert.deepEqual(slow.take(), [
      { table: 'legs', isWhole: true, set: [['a', { n: 20 }]], gone: [] },
    ])
    rows.set('a', { n: 21 })
    state.touch('a')
    clock.advance(250)
    assert.equal(slow.take()[0]?.isWhole, false)
  })

  it('send thousands of rows in parts, of which the first says that the rest is to be forgotten', () => {
    const tables = new LiveTables(new FakeClock())
    const { rows, source } = table()
    for (let n = 0; n < 1200; n++) rows.set(String(n), { n })
    tables.add(source)
    const one = watcher()
    using _ = tables.watch(['legs'], one)
    assert.deepEqual(
      one.seen.map(({ isWhole, set }) => [isWhole, set.length]),
      [
        [true, 500],
        [false, 500],
        [false, 200],
      ],
    )
  })

  it('show a table empty whose source is gone', () => {
    const tables = new LiveTables(new FakeClock())
    const { rows, source } = table()
    rows.set('a', { n: 0 })
    const handle = tables.add(source)
    const one = watcher()
    using _ = tables.watch(['legs'], one)
    one.take()
    handle[Symbol.dispose]()
    assert.deepEqual(one.take(), [{ table: 'legs', isWhole: true, set: [], gone: [] }])
  })
})
