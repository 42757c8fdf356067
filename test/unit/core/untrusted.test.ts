import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CallerProfile } from '../../../src/core/caller-profile.ts'
import { expand } from '../../../src/core/expand/expand.ts'
import { plainField, withoutReferences } from '../../../src/core/untrusted.ts'
import { Variables } from '../../../src/core/variables.ts'

const baits = [
  '${run()}',
  '$${run()}',
  'a$\\{run()}',
  "$\\'{run()}",
  "$\\'\\'\\{run()}",
  '\\${run()}',
  '${${run()}}',
  '${x:${run()}}',
  '${run (',
]

test('what somebody outside has written runs nothing, however often it is expanded', () => {
  for (const bait of baits) {
    let text = withoutReferences(bait)
    for (let round = 0; round < 4; round++) {
      const next = expand(text, {
        variable: () => text,
        command: () => assert.fail(`${bait} runs something`),
      })
      assert.equal(typeof next, 'string')
      text = next as string
    }
  }
})

test('what holds no reference stays as it is', () => {
  for (const text of ['', '$5', '{a}', 'a$b{c}', 'Ke$ha', '%{x}', '$ {x}'])
    assert.equal(withoutReferences(text), text)
})

test('a field of a caller is one line', () => {
  assert.equal(plainField('Eve\r\nVia: x\0\x1b[2J'), 'Eve  Via: x  [2J')
  const profile = new CallerProfile({ caller_id_name: 'a\nb', caller_id_number: '${x}' })
  assert.equal(profile.get('caller_id_name'), 'a b')
  assert.equal(profile.get('caller_id_number'), '%{x}')
  profile.set('destination_number', '${y}\r')
  assert.equal(profile.get('destination_number'), '%{y} ')
})

test('a variable from outside may be a list, whose elements are no references either', () => {
  const variables = new Variables()
  variables.setForeign('list', ['${a}', 'b'])
  variables.setForeign('text', 'ARRAY::${a}|:b')
  for (const name of ['list', 'text']) assert.deepEqual(variables.value(name), ['%{a}', 'b'])
  variables.setForeign('sip_from_x[4000]', 'a')
  assert.equal(variables.has('sip_from_x'), false)
  variables.setForeign('list', undefined)
  assert.equal(variables.has('list'), false)
})
