/** What a typed line means, what Tab makes of it, what function keys say, and how the log looks. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { palette, printable } from '../../../src/cli/colours.ts'
import {
  applyCompletion,
  completeOwnWord,
  completionCommand,
  inColumns,
  parseCompletion,
} from '../../../src/cli/completion.ts'
import { FunctionKeys, remoteKeys, serverKeys } from '../../../src/cli/function-keys.ts'
import { History, historyLength } from '../../../src/cli/history.ts'
import { LogView } from '../../../src/cli/log-view.ts'
import { expandPrompt } from '../../../src/cli/prompt.ts'
import { readLine } from '../../../src/cli/typed-line.ts'

const lines: readonly [line: string, meaning: object][] = [
  ['status', { kind: 'api', command: 'status', logLevel: undefined }],
  ['  show channels  ', { kind: 'api', command: 'show channels', logLevel: undefined }],
  ['a;;b', { kind: 'api', command: 'a;;b', logLevel: undefined }],
  ['console loglevel 4', { kind: 'api', command: 'console loglevel 4', logLevel: '4' }],
  ['', { kind: 'nothing' }],
  ['/help', { kind: 'help' }],
  ['/QUIT', { kind: 'leave' }],
  ['/exit', { kind: 'leave' }],
  ['/bye', { kind: 'leave' }],
  ['...', { kind: 'leave' }],
  ['...more', { kind: 'unknown', text: '...more' }],
  ['/log info', { kind: 'event-socket', command: 'log info' }],
  ['/nolog', { kind: 'event-socket', command: 'nolog' }],
  ['/event plain ALL', { kind: 'event-socket', command: 'event plain ALL' }],
  ['/events plain ALL', { kind: 'event-socket', command: 'events plain ALL' }],
  ['/filter Unique-ID x', { kind: 'event-socket', command: 'filter Unique-ID x' }],
  ['/logfilter sofia', { kind: 'log-filter', text: 'sofia' }],
  ['/logfilter', { kind: 'log-filter', text: '' }],
  ['/uuid  abc', { kind: 'uuid-filter', text: 'abc' }],
  ['/debug 7', { kind: 'debug', level: 7 }],
  ['/debug 8', { kind: 'debug', level: undefined }],
  ['/helpme', { kind: 'unknown', text: 'helpme' }],
  ['/', { kind: 'unknown', text: '' }],
]
for (const [line, meaning] of lines) {
  test(`'${line}' is read as ${JSON.stringify(meaning)}`, () => {
    assert.deepEqual(readLine(line), meaning)
  })
}

const row = (...names: string[]) => names.map((name) => `[${name.padStart(20)}]\t`).join('')

test('completion asks with the cursor in bytes and no further than it', () => {
  assert.equal(completionCommand('grüße x', 5), 'console_complete c=7;grüße')
})

test('several candidates with a common start lengthen the word to it', () => {
  const completion = parseCompletion(`\n\n${row('show', 'shutdown')}\n\n\nwrite=1:sh`)
  assert.deepEqual(completion.candidates, ['show', 'shutdown'])
  assert.deepEqual(applyCompletion('s', 1, completion), { text: 'sh', cursor: 2 })
  assert.equal(applyCompletion('sh', 2, parseCompletion('\n\n\n\nwrite=2:sh')), undefined)
})

test('a single candidate is written with a blank, and only one blank', () => {
  const completion = parseCompletion(`\n\n${row('status')}\n\n\nwrite=3:status `)
  assert.deepEqual(applyCompletion('sofia sta', 9, completion), {
    text: 'sofia status ',
    cursor: 13,
  })
  assert.deepEqual(applyCompletion('sta x', 3, completion), { text: 'status x', cursor: 7 })
})

test('what is erased is counted in bytes', () => {
  const completion = parseCompletion(`\n\n${row('grüße')}\n\n\nwrite=4:grüße`)
  assert.deepEqual(applyCompletion('a grü', 5, completion), { text: 'a grüße', cursor: 7 })
})

test('no candidate changes nothing, and an answer in another form is kept as it is', () => {
  assert.deepEqual(parseCompletion('\n\n\n\n'), { candidates: [], write: undefined, other: '' })
  assert.equal(parseCompletion('-ERR no\n').other, '-ERR no')
})

test("the console's own words complete without the switch", () => {
  assert.deepEqual(completeOwnWord('/he', 3)?.write, { erase: 3, text: '/help ' })
  assert.deepEqual(completeOwnWord('/log', 4)?.candidates, ['/log', '/logfilter'])
  assert.equal(completeOwnWord('/log de', 7), undefined)
  assert.equal(completeOwnWord('sta', 3), undefined)
})

test('candidates stand in columns, read downwards, within the width', () => {
  assert.equal(inColumns(['a', 'bb', 'ccc', 'd', 'e'], 14), 'a    ccc  e\nbb   d')
  assert.equal(inColumns(['alpha', 'beta'], 5), 'alpha\nbeta')
})

test("the keys are fs_cli's from outside and the switch's own inside", () => {
  assert.equal(remoteKeys.get(7), '/log console')
  assert.equal(serverKeys.get(7), 'console loglevel 0')
  for (const keys of [remoteKeys, serverKeys]) {
    assert.equal(keys.size, 12)
    assert.equal(keys.get(3), 'show channels')
  }
})

test('a toggled key says its second command at every second press', () => {
  const keys = new FunctionKeys(new Map([[1, 'on']]), new Map([[1, 'off']]))
  assert.deepEqual([keys.press(1), keys.press(1), keys.press(1)], ['on', 'off', 'on'])
  assert.equal(keys.press(2), undefined)
})

const logLine = (text: string, more: { level?: number; uuid?: string } = {}) => ({
  level: 7,
  uuid: '',
  file: '',
  line: 0,
  text,
  ...more,
})

test('log lines have the colour of their level, line by line', () => {
  const view = new LogView(palette(true), 0)
  assert.equal(view.render(logLine('a\nb\n', { level: 3 })), '\x1b[31ma\x1b[0m\n\x1b[31mb\x1b[0m\n')
  assert.equal(view.render(logLine('plain\n', { level: 0 })), 'plain\n')
  const colours = [4, 5, 6, 7].map((level) => view.render(logLine('x', { level }))?.slice(2, 4))
  assert.deepEqual(colours, ['35', '36', '32', '33'])
})

test('the uuid stands before the line when asked for', () => {
  const line = logLine('text', { uuid: 'abcdef12-3456' })
  assert.equal(new LogView(palette(false), 8).render(line), 'abcdef12 text')
  assert.equal(
    new LogView(palette(false), Number.POSITIVE_INFINITY).render(line),
    'abcdef12-3456 text',
  )
})

test('the filters leave lines of other channels and without the text out', () => {
  const view = new LogView(palette(false), 0, 'ABC')
  assert.equal(view.render(logLine('x', { uuid: 'other' })), undefined)
  assert.equal(view.render(logLine('x', { uuid: 'abc' })), 'x')
  assert.equal(view.render(logLine('of no channel')), 'of no channel')
  view.text = 'sofia'
  assert.equal(view.render(logLine('x')), undefined)
  assert.equal(view.render(logLine('sofia/x')), 'sofia/x')
  assert.equal(view.render(logLine('\n')), undefined)
})

test('text of others cannot move the cursor: colours stay, the rest becomes visible', () => {
  assert.equal(printable('a\x1b[2Jb\x1b[31mc\x07\r\nd\te\x9b'), 'a^[[2Jb\x1b[31mc^G\nd\te\ufffd')
})

test('the prompt is strowger@ and the name of the switch, or what the profile says', () => {
  const facts = { switchName: 'pbx', switchHost: 'box', host: '10.0.0.1', port: 8021, profile: 'p' }
  assert.equal(expandPrompt(undefined, facts), 'strowger@pbx> ')
  assert.equal(expandPrompt('%p:%s@%H %o:%P 100%%', facts), 'p:pbx@box 10.0.0.1:8021 100%> ')
})

test('the history keeps the newest lines in a file that only its owner reads', () => {
  const folder = mkdtempSync(join(tmpdir(), 'history-'))
  try {
    const file = join(folder, 'lines')
    const history = History.load(file)
    for (const line of ['one', 'two', 'two', ' ']) history.add(line)
    assert.equal(readFileSync(file, 'utf8'), 'one\ntwo\n')
    assert.equal(statSync(file).mode & 0o777, 0o600)
    assert.equal(History.load(file).back(0), 'two')

    const many = Array.from({ length: 2 * historyLength + 1 }, (_, index) => `line ${index}`)
    writeFileSync(file, `${many.join('\n')}\n`)
    const again = History.load(file)
    assert.equal(again.length, historyLength)
    assert.equal(again.back(0), many.at(-1))
    assert.equal(readFileSync(file, 'utf8').trimEnd().split('\n').length, historyLength)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('a history that cannot be written stays in memory', () => {
  const history = History.load('/dev/null/history')
  history.add('status')
  assert.equal(history.back(0), 'status')
})
