/** The `cond` command. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { conditional } from '../../../src/core/dialplan/conditional.ts'

function cases(list: Record<string, string>): void {
  for (const [text, expected] of Object.entries(list))
    assert.equal(conditional(text), expected, text)
}

test('numbers are compared as numbers', () => {
  cases({
    '5 == 5.0 ? y : n': 'y',
    '9 < 10 ? y : n': 'y',
    '-1 >= 0 ? y : n': 'n',
    '3 != 3 ? y : n': 'n',
    '1 <= 1 ? y : n': 'y',
  })
})

test('words are equal or not, and by length otherwise', () => {
  cases({
    'red == red ? y : n': 'y',
    'red != blue ? y : n': 'y',
    'zz > aaa ? y : n': 'n',
    'abc <= xyz ? y : n': 'y',
    '3 == abc ? y : n': 'y',
  })
})

test('what stands in quotes may hold blanks and is never a number', () => {
  cases({
    "'a b' == 'a b' ? y : n": 'y',
    "'1' == '1.0' ? y : n": 'n',
    "'' == '' ? y : n": 'y',
    "'a' == 'b": '-ERR',
    "'a'== 'a' ? y : n": '-ERR',
  })
})

test('the answers lose the blanks around them; the second may be missing or empty', () => {
  cases({
    '1 == 1 ? yes sir : no sir': 'yes sir',
    '1 == 2 ? yes : no: really': 'no: really',
    '1 == 2 ? yes': '',
    '1 == 1 ?  : n': '',
    "1 == 1 ? 'a:b' : c": 'a:b',
  })
})

test('blanks around the operator are needed, and a whole condition too', () => {
  cases({
    '': '-ERR',
    '1==1 ? y : n': '-ERR',
    '1 = 1 ? y : n': '-ERR',
    '1 == 1': '-ERR',
    '1 ==': '-ERR',
    '1 == 1 x y': '-ERR',
    foo: '-ERR',
  })
  cases({ '1 === 1 ? y : n': 'y' })
})
