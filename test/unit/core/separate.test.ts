/** Separating argument texts: quotes, escapes, delimiters. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { separate } from '../../../src/core/separate.ts'

test('parts stand between delimiters, and blanks at their ends go', () => {
  assert.deepEqual(separate('a, b ,c', ','), ['a', 'b', 'c'])
  assert.deepEqual(separate(',a,,b', ','), ['', 'a', '', 'b'])
})

test('a delimiter at the end makes no empty part, an empty text has none', () => {
  assert.deepEqual(separate('a,', ','), ['a'])
  assert.deepEqual(separate('', ','), [])
  assert.deepEqual(separate('', ' '), [])
})

test('a space as delimiter takes runs of spaces as one', () => {
  assert.deepEqual(separate('  100   XML  default ', ' '), ['100', 'XML', 'default'])
})

test('the last part keeps the whole rest when the limit is reached', () => {
  assert.deepEqual(separate('a,b,c,d', ',', 2), ['a', 'b,c,d'])
  assert.deepEqual(separate('a  b   c d', ' ', 2), ['a', 'b   c d'])
  assert.deepEqual(separate('a b', ' ', 1), ['a b'])
  assert.deepEqual(separate('a', ',', 0), [])
})

test('single quotes group and are dropped', () => {
  assert.deepEqual(separate("'a b' c", ' '), ['a b', 'c'])
  assert.deepEqual(separate("x='1,2',y", ','), ['x=1,2', 'y'])
  assert.deepEqual(separate("' a ',b", ','), [' a ', 'b'])
})

test('a quote without a partner is an ordinary character', () => {
  assert.deepEqual(separate("it's,b", ','), ["it's", 'b'])
})

test('a backslash takes the meaning from quote, delimiter and itself, and stays before anything else', () => {
  assert.deepEqual(separate(String.raw`a\,b,c`, ','), ['a,b', 'c'])
  assert.deepEqual(separate(String.raw`\'a,b\'`, ','), ["'a", "b'"])
  assert.deepEqual(separate(String.raw`a\\,b`, ','), ['a\\', 'b'])
  assert.deepEqual(separate(String.raw`\d+,x`, ','), [String.raw`\d+`, 'x'])
})

test(String.raw`\n \r \t and \s are newline, return, tab and space`, () => {
  assert.deepEqual(separate(String.raw`a\nb\tc\r,\s`, ','), ['a\nb\tc\r', ' '])
})

test('a backslash at the very end stays and breaks nothing', () => {
  assert.deepEqual(separate('a,b\\', ','), ['a', 'b\\'])
  assert.deepEqual(separate('a b\\', ' '), ['a', 'b\\'])
})

test('^^ and a character change the delimiter', () => {
  assert.deepEqual(separate('^^;a b;c,d', ' '), ['a b', 'c,d'])
  assert.deepEqual(separate('^^:', ','), ['^^:'])
})
