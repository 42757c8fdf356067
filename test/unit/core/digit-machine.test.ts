/** What digits mean where bindings wait for them (`bind_digit_action`). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DigitMachine } from '../../../src/core/digit-machine.ts'
import { FakeClock } from '../../support/clock.ts'

/** A machine whose bindings are named by their text; what it said. */
function machine(...bindings: readonly string[]) {
  const clock = new FakeClock()
  const said: string[] = []
  const one = new DigitMachine<string>(
    {
      matched: (action, digits) => said.push(`${action}:${digits}`),
      failed: (digits) => said.push(`failed:${digits}`),
    },
    { digitMs: 1500, inputMs: 0 },
    clock,
  )
  for (const text of bindings) one.bind('here', text, text.startsWith('!'), text)
  return { one, said, clock, dial: (digits: string) => [...digits].map((digit) => one.feed(digit)) }
}

test('a number that cannot go on matches at once', () => {
  const { said, dial } = machine('*1', '*23')
  dial('*1*23')
  assert.deepEqual(said, ['*1:*1', '*23:*23'])
})

test('a number that may go on matches when no digit follows in time', () => {
  const { said, dial, clock } = machine('12', '123')
  dial('12')
  assert.deepEqual(said, [])
  clock.advance(1500)
  assert.deepEqual(said, ['12:12'])
  dial('123')
  assert.deepEqual(said, ['12:12', '123:123'])
})

test('digits that nothing wants are told as soon as that is sure, or at the time-out', () => {
  const { said, dial, clock } = machine('*1')
  dial('5*7')
  assert.deepEqual(said, ['failed:5', 'failed:*7'])
  dial('*')
  clock.advance(1500)
  assert.deepEqual(said.at(-1), 'failed:*')
})

test('an expression waits for more unless it is the only binding; = takes the first match', () => {
  const alone = machine('~^\\d{3}$')
  alone.dial('123')
  assert.deepEqual(alone.said, ['~^\\d{3}$:123'])
  const two = machine('~^\\d+$', '*9')
  two.dial('123')
  assert.deepEqual(two.said, [])
  two.clock.advance(1500)
  assert.deepEqual(two.said, ['~^\\d+$:123'])
  const first = machine('=~^\\d{2}$', '*9')
  first.dial('12')
  assert.deepEqual(first.said, ['=~^\\d{2}$:12'])
})

test('an expression may say what its digits become', () => {
  const { said, dial } = machine('~^\\*(\\d)(\\d)$~~$2$1')
  dial('*12')
  assert.deepEqual(said, ['~^\\*(\\d)(\\d)$~~$2$1:21'])
})

test('a terminator ends the digits', () => {
  const { one, said, dial } = machine('~^\\d+$', '*9')
  one.setTerminators('#')
  dial('456#')
  assert.deepEqual(said, ['~^\\d+$:456'])
})

test('one realm counts at a time, that of the last binding or the one that is chosen; none lets digits by', () => {
  const { one, said, dial } = machine('*1')
  one.bind('there', '*2', false, 'there')
  dial('*1')
  assert.deepEqual(said, ['failed:*1'])
  assert.equal(one.setRealm('here'), true)
  dial('*1')
  assert.equal(said.at(-1), '*1:*1')
  assert.equal(one.setRealm('nowhere'), false)
  one.setRealm('none')
  assert.deepEqual(dial('*1'), [false, false])
  one.bind('all', '*3', false, 'everywhere')
  one.setRealm('there')
  dial('*3')
  assert.equal(said.at(-1), 'everywhere:*3')
})
