import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  endEarlyLines,
  keepEarlyLines,
  logger,
  onLog,
  setLogThreshold,
} from '../../../src/base/log.ts'

test('no line of the log gives orders to a terminal, or paints over another', () => {
  setLogThreshold(6) // the process has one, and switches of other tests set it
  const lines: string[] = []
  using _handle = onLog(({ text }) => void lines.push(text))
  const log = logger('test')
  log.info('a\x1b[2J\x9b1mb\x07\x08\x7fc\rd\0')
  log.info('one\r\ntwo\n\tthree')
  assert.deepEqual(lines, ['a?[2J?1mb???c?d?', 'one\r\ntwo\n\tthree'])
})

test('the lines of the start reach a sink that comes later, once', () => {
  const log = logger('test')
  const lines: string[] = []
  const listen = (withEarly: boolean) => onLog(({ text }) => void lines.push(text), { withEarly })
  keepEarlyLines()
  log.warning('before')
  {
    using _unaware = listen(false)
    using _console = listen(true)
    assert.deepEqual(lines, ['before'])
    log.warning('after')
    assert.deepEqual(lines, ['before', 'after', 'after'])
  }
  assert.deepEqual(endEarlyLines(), [])
  using _late = listen(true)
  assert.equal(lines.length, 3)
})

test('lines of the start that no sink has taken are given at its end', () => {
  keepEarlyLines()
  logger('test').err('nobody heard this')
  const [line] = endEarlyLines()
  assert.deepEqual([line?.level, line?.text], [3, 'nobody heard this'])
  assert.deepEqual(endEarlyLines(), [])
})
