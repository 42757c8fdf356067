import assert from 'node:assert/strict'
import { describe, it, mock } from 'node:test'
import { LineBatch } from '../../../src/base/line-batch.ts'

const debug = 7

function batch() {
  const written: string[] = []
  return { written, lines: new LineBatch((text) => written.push(text)) }
}

describe('lines in a batch', () => {
  it('go together, 20 ms after the first', () => {
    mock.timers.enable({ apis: ['setTimeout'] })
    try {
      const { written, lines } = batch()
      lines.add('a\n', debug)
      mock.timers.tick(19)
      lines.add('b\n', debug)
      assert.deepEqual(written, [])
      mock.timers.tick(1)
      assert.deepEqual(written, ['a\nb\n'])
      mock.timers.tick(100)
      assert.deepEqual(written, ['a\nb\n'])
    } finally {
      mock.timers.reset()
    }
  })

  it('go at once with a line of level err or worse', () => {
    const { written, lines } = batch()
    lines.add('a\n', debug)
    lines.add('b\n', 3)
    assert.deepEqual(written, ['a\nb\n'])
  })

  it('go at once when there are too many', () => {
    const { written, lines } = batch()
    const line = `${'.'.repeat(999)}\n`
    for (let count = 0; count < 100; count++) lines.add(line, debug)
    assert.deepEqual(
      written.map((text) => text.length),
      [66_000],
    )
    lines.flush()
    assert.equal(written.join(''), line.repeat(100))
  })

  it('go when asked to, and nothing is written where nothing waits', () => {
    const { written, lines } = batch()
    lines.flush()
    lines.add('a\n', debug)
    lines.flush()
    lines.flush()
    assert.deepEqual(written, ['a\n'])
  })
})
