/** The line editor: what keys do to the line. */
import assert from 'node:assert/strict'
import type { Key } from 'node:readline'
import { test } from 'node:test'
import { History } from '../../../src/cli/history.ts'
import { type EditorAction, LineEditor } from '../../../src/cli/line-editor.ts'

/** `C-a`, `M-f`, `left`: a key; anything else in the list is typed. */
function press(editor: LineEditor, ...keys: string[]): EditorAction {
  let action: EditorAction = { kind: 'none' }
  for (const word of keys) {
    const named = /^(C-)?(M-)?([a-z]|[a-z]+[0-9]*)$/.exec(word)
    const isKey = named && (named[1] || named[2] || (named[3]?.length ?? 0) > 1)
    if (isKey && !word.startsWith('"')) {
      const key: Key = { ctrl: named[1] !== undefined, meta: named[2] !== undefined }
      key.name = named[3]!
      action = editor.press(undefined, key)
    } else {
      for (const character of word.replace(/^"/, '')) action = editor.press(character, {})
    }
  }
  return action
}

const shown = (editor: LineEditor) =>
  `${editor.text.slice(0, editor.cursor)}|${editor.text.slice(editor.cursor)}`

const withLines = (...lines: string[]) => new LineEditor(History.inMemory(lines))

/** Keys after `"sofia status`, and what then stands there. */
const cases: readonly [rule: string, keys: string[], result: string][] = [
  ['left and right move by one', ['left', 'left', 'right'], 'sofia statu|s'],
  ['Home and Control-A go to the start', ['C-a'], '|sofia status'],
  ['End and Control-E go to the end', ['home', 'end'], 'sofia status|'],
  ['Backspace takes the character before', ['backspace'], 'sofia statu|'],
  ['Delete takes the character under the cursor', ['home', 'delete'], '|ofia status'],
  ['Control-D deletes while there is text', ['C-a', 'C-d'], '|ofia status'],
  ['Control-W takes a word', ['C-w'], 'sofia |'],
  ['Control-W takes the blanks before the cursor with it', ['C-w', 'C-w'], '|'],
  ['Control-U takes all before the cursor', ['left', 'C-u'], '|s'],
  ['Control-K takes all after it', ['M-b', 'C-k'], 'sofia |'],
  ['Control-Y puts back what was taken', ['C-w', 'C-a', 'C-y'], 'status|sofia '],
  ['Alt-B and Control-Left go back a word', ['M-b', 'C-left'], '|sofia status'],
  ['Alt-F goes on a word', ['home', 'M-f'], 'sofia| status'],
  ['Alt-D takes the word after', ['home', 'M-d'], '| status'],
  ['Control-T exchanges two characters', ['C-t'], 'sofia stats' + 'u|'],
  ['text goes in where the cursor is', ['home', '"x '], 'x |sofia status'],
  ['moving stops at the ends', ['right', 'home', 'left'], '|sofia status'],
]

for (const [rule, keys, result] of cases) {
  test(rule, () => {
    const editor = withLines()
    press(editor, '"sofia status', ...keys)
    assert.equal(shown(editor), result)
  })
}

test('an accent that is a mark of its own moves and goes with its letter', () => {
  const editor = withLines()
  press(editor, '"e\u0301x', 'left', 'left')
  assert.equal(editor.cursor, 0)
  press(editor, 'delete')
  assert.equal(editor.text, 'x')
})

test('Enter gives the line and starts a new one', () => {
  const editor = withLines()
  assert.deepEqual(press(editor, '"status', 'return'), { kind: 'submit', line: 'status' })
  assert.equal(editor.text, '')
})

test('Control-D ends only on an empty line', () => {
  assert.deepEqual(press(withLines(), 'C-d'), { kind: 'end' })
})

test('Control-C and Control-Z interrupt, Tab completes, F5 is a function key', () => {
  const editor = withLines()
  assert.deepEqual(press(editor, 'C-c'), { kind: 'interrupt' })
  assert.deepEqual(press(editor, 'C-z'), { kind: 'interrupt' })
  assert.deepEqual(press(editor, 'tab'), { kind: 'complete' })
  assert.deepEqual(press(editor, 'f5'), { kind: 'function-key', number: 5 })
})

test('a key that means nothing leaves the line alone', () => {
  const editor = withLines()
  assert.deepEqual(press(editor, '"a', 'pageup', 'C-o', 'M-x'), { kind: 'none' })
  assert.equal(shown(editor), 'a|')
})

test('Up and Down walk through the history and come back to what was being typed', () => {
  const editor = withLines('first', 'second')
  press(editor, '"half')
  press(editor, 'up')
  assert.equal(shown(editor), 'second|')
  press(editor, 'up')
  assert.equal(shown(editor), 'first|')
  assert.equal(press(editor, 'up').kind, 'bell')
  press(editor, 'down', 'down')
  assert.equal(shown(editor), 'half|')
  assert.equal(press(editor, 'down').kind, 'bell')
})

test('a line that was run is the newest of the history, without the blanks around it', () => {
  const editor = withLines('first')
  press(editor, '"status ', 'return', 'up')
  assert.equal(editor.text, 'status')
})

test('Control-R finds the newest line with the text, again the one before', () => {
  const editor = withLines('show calls', 'status', 'show channels')
  press(editor, 'C-r', '"sho')
  assert.equal(editor.text, 'show channels')
  assert.equal(editor.searchPrompt, "(search) 'sho': ")
  press(editor, 'C-r')
  assert.equal(editor.text, 'show calls')
  assert.equal(press(editor, 'C-r').kind, 'bell')
  assert.equal(editor.text, 'show calls')
  assert.deepEqual(press(editor, 'return'), { kind: 'submit', line: 'show calls' })
})

test('a search that finds nothing says so, and Backspace widens it again', () => {
  const editor = withLines('status')
  press(editor, 'C-r', '"stx')
  assert.equal(editor.searchPrompt, "(failed search) 'stx': ")
  press(editor, 'backspace')
  assert.equal(editor.searchPrompt, "(search) 'st': ")
})

test('Control-G leaves the search with the line as it was; a movement keeps the line found', () => {
  const editor = withLines('status')
  press(editor, '"typed', 'C-r', '"sta', 'C-g')
  assert.equal(shown(editor), 'typed|')
  press(editor, 'C-r', '"sta', 'C-e')
  assert.equal(shown(editor), 'status|')
  assert.equal(editor.searchPrompt, undefined)
})
