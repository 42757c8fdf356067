/** The expression that add_user proposes: exactly the given numbers, in the form people know. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digitRegex } from '../../../src/cli/digit-regex.ts'

const range = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => String(first + index))

const known: readonly [about: string, numbers: readonly string[], regex: string][] = [
  ['one number stands as it is', ['3000'], '^3000$'],
  ['nine digits are listed, ten become [0-9]', range(3001, 3010), '^30(0[123456789]|10)$'],
  [
    'twenty-one extensions and one far off',
    [...range(1000, 1020), '3000'],
    '^(10(0[0-9]|1[0-9]|20)|3000)$',
  ],
  [
    'two ranges',
    [...range(1000, 1020), ...range(3000, 3010)],
    '^(10(0[0-9]|1[0-9]|20)|30(0[0-9]|10))$',
  ],
  ['a common head is written once', range(1000, 1019), '^10(0[0-9]|1[0-9])$'],
  ['a common tail is written once', ['12', '22', '32'], '^[123]2$'],
  ['a tail is shared within a tail', ['125', '225', '3245'], '^([12]2|324)5$'],
  [
    'longer alternatives stand first',
    ['15', '16', '21', '22', '23', '41', '65'],
    '^(2[123]|1[56]|41|65)$',
  ],
  ['what is missing in a shorter number is optional', ['10', '100', '1000'], '^10(00?)?$'],
]

for (const [about, numbers, regex] of known) {
  test(about, () => assert.equal(digitRegex(numbers), regex))
}

test('the order and repetition of numbers do not matter', () => {
  assert.equal(digitRegex(['20', '10', '20']), digitRegex(['10', '20']))
})

test('no numbers match nothing', () => {
  assert.doesNotMatch('', new RegExp(digitRegex([])))
  assert.doesNotMatch('1000', new RegExp(digitRegex([])))
})

test('every set of numbers is matched exactly', () => {
  // A fixed sequence (Park and Miller's) so that a failure can be repeated.
  let seed = 1
  const next = (below: number) => {
    seed = (seed * 48271) % 2147483647
    return seed % below
  }
  for (let round = 0; round < 60; round++) {
    const numbers = new Set(
      Array.from({ length: 1 + next(12) }, () => String(10 + next(10 ** (2 + next(2))))),
    )
    const regex = new RegExp(digitRegex(numbers))
    for (let number = 0; number < 1200; number++) {
      assert.equal(regex.test(String(number)), numbers.has(String(number)), `${regex} ${number}`)
    }
  }
})
