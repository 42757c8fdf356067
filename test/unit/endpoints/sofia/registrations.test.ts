import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Switch } from '../../../../src/core/switch.ts'
import { callIdOrAccount } from '../../../../src/endpoints/sofia/registration-rows.ts'
import { type Registration, Registrations } from '../../../../src/endpoints/sofia/registrations.ts'
import { memoryStore } from '../../../../src/stores/memory.ts'

const now = Math.trunc(Date.now() / 1000)

const one = (more: Partial<Registration> = {}): Registration => ({
  callId: 'c1',
  user: '1000',
  domain: 'example.test',
  contact: '"" <sip:1000@192.0.2.7:5060>',
  uri: 'sip:1000@192.0.2.7:5060',
  path: undefined,
  status: 'Registered(UDP)',
  expires: now + 100,
  userAgent: 'test',
  networkIp: '192.0.2.7',
  networkPort: 5060,
  protocol: 'udp',
  authUser: '1000',
  authRealm: 'example.test',
  mwiAccount: '1000@example.test',
  cseq: 1,
  q: 1,
  ...more,
})

const open = (store = memoryStore(), late = 60) =>
  new Registrations({ options: { store } } as unknown as Switch, 'internal', late)

test('users and domains compare without case, keys with', () => {
  const kept = open()
  assert.equal(kept.put('a', one({ user: 'Joe' })), 'new')
  assert.equal(kept.put('a', one({ user: 'joe', domain: 'EXAMPLE.test' })), 'refreshed')
  assert.equal(kept.put('A', one({ user: 'joe' })), 'new')
  assert.equal(kept.contactsOf('JOE', 'example.TEST').length, 2)
  assert.equal(kept.count, 2)
})

test('a refreshed contact keeps its place', () => {
  const kept = open()
  kept.put('a', one({ uri: 'sip:a@x' }))
  kept.put('b', one({ uri: 'sip:b@x' }))
  kept.put('a', one({ uri: 'sip:a@x', expires: now + 500 }))
  assert.deepEqual(
    kept.contactsOf('1000', 'example.test').map((each) => each.uri),
    ['sip:a@x', 'sip:b@x'],
  )
})

test('one expires when its time and the late margin are over, a refreshed one does not', () => {
  const kept = open()
  const ended: string[] = []
  kept.onEnd = (registration, why) => ended.push(`${registration.uri} ${why}`)
  kept.put('a', one({ uri: 'sip:a@x' }))
  kept.put('b', one({ uri: 'sip:b@x' }))
  kept.put('b', one({ uri: 'sip:b@x', expires: now + 1000 }))
  kept.expire(now + 159)
  assert.deepEqual(ended, [])
  kept.expire(now + 160)
  assert.deepEqual(ended, ['sip:a@x expired'])
  assert.equal(kept.count, 1)
})

test('registrations survive in the store, with their key', () => {
  const store = memoryStore()
  const before = open(store)
  before.put('a', one())
  before.put('b', one({ user: '1001' }))
  before.remove(before.contactsOf('1001', 'example.test')[0]!, 'unregistered')
  const after = open(store)
  assert.deepEqual(after.list(), [JSON.parse(JSON.stringify(one()))])
  assert.equal(after.put('a', one()), 'refreshed')
})

test('a row of the store that cannot be read is forgotten', () => {
  const store = memoryStore()
  store.put('sofia.registrations.internal', '1000@example.test\na', '{broken')
  assert.equal(open(store).count, 0)
  assert.equal(store.get('sofia.registrations.internal', '1000@example.test\na'), undefined)
})

test('flushing takes a Call-ID, a user, or a domain', () => {
  const kept = open()
  kept.put('a', one())
  kept.put('b', one({ user: '1001', callId: 'c2' }))
  kept.put('c', one({ user: '1002', callId: 'c3', domain: 'other.test' }))
  assert.equal(kept.flush(callIdOrAccount('c2')).length, 1)
  assert.equal(kept.flush(callIdOrAccount('1000@other.test')).length, 0)
  assert.equal(kept.flush(callIdOrAccount('1000@example.test')).length, 1)
  assert.equal(kept.flush(callIdOrAccount('other.test')).length, 1)
  assert.equal(kept.count, 0)
})

test('one that was refreshed since is not the one to remove', () => {
  const kept = open()
  const old = one()
  kept.put('a', old)
  kept.put('a', one())
  assert.equal(kept.has(old), false)
  assert.equal(kept.remove(old, 'expired'), false)
  assert.equal(kept.count, 1)
})
