/** Names as keys, and who is found by them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Entry,
  entryOf,
  keysOf,
  search,
} from '../../../../src/applications/directory/search.ts'
import { Directory } from '../../../../src/core/directory.ts'
import { parseXml } from '../../../../src/xml/parse.ts'

const section = parseXml(
  `<section name="directory"><domain name="d"><groups><group name="g"><users>
<user id="1"><variables><variable name="effective_caller_id_name" value="Ada King Lovelace"/></variables></user>
<user id="2" number-alias="22"><variables><variable name="effective_caller_id_name" value="x"/>
  <variable name="directory_full_name" value="Zoë Müller"/></variables></user>
<user id="3"><params><param name="directory-visible" value="false"/></params>
  <variables><variable name="effective_caller_id_name" value="Ada Hidden"/></variables></user>
<user id="4"><params><param name="directory-exten-visible" value="false"/></params>
  <variables><variable name="effective_caller_id_name" value="Adam"/></variables></user>
<user id="5"/>
</users></group></groups></domain></section>`,
  'test.xml',
)
const users = new Directory(() => section)

const entries = (usesAlias = false): Entry[] =>
  users
    .users('d')
    .map((user) => entryOf(user, usesAlias))
    .filter((entry): entry is Entry => entry !== undefined)

const extensions = (digits: string, order: Parameters<typeof search>[2]) =>
  search(entries(), digits, order).map(({ extension }) => extension)

test('a letter is the key that bears it (ITU-T E.161); accents and what is no letter do not count', () => {
  assert.equal(keysOf('abc def ghi jkl mno pqrs tuv wxyz'), '22233344455566677778889999')
  assert.equal(keysOf("Müller-O'Neill 7"), '6855376634557')
})

test('the last word is the last name; a single one is both', () => {
  assert.deepEqual(
    entries().map(({ firstName, lastName }) => [firstName, lastName]),
    [
      ['Ada King', 'Lovelace'],
      ['Zoë', 'Müller'],
      ['Adam', 'Adam'],
    ],
  )
})

test('directory_full_name goes before effective_caller_id_name; without a name nobody is found', () => {
  assert.equal(entries()[1]?.fullName, 'Zoë Müller')
  assert.equal(
    entries().some(({ extension }) => extension === '5'),
    false,
  )
})

test('directory-visible and directory-exten-visible hide a user, or its number', () => {
  assert.equal(
    entries().some(({ extension }) => extension === '3'),
    false,
  )
  assert.equal(entries().find(({ extension }) => extension === '4')?.isNumberVisible, false)
})

test('use-number-alias calls a user by its alias', () => {
  assert.deepEqual(
    entries(true).map(({ extension }) => extension),
    ['1', '22', '4'],
  )
})

test('the order says which name the keys begin; full_name finds them anywhere', () => {
  assert.deepEqual(extensions('568', 'last_name'), ['1'])
  assert.deepEqual(extensions('232', 'last_name'), ['4'])
  assert.deepEqual(extensions('232', 'first_name'), ['4', '1'])
  assert.deepEqual(extensions('963', 'first_and_last_name'), ['2'])
  assert.deepEqual(extensions('546', 'full_name'), ['1'])
  assert.deepEqual(extensions('999', 'full_name'), [])
})

test('matches come by last name and then first name', () => {
  assert.deepEqual(extensions('', 'last_name'), ['4', '1', '2'])
})
