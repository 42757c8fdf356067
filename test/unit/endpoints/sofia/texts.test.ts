/** Small texts of the SIP commands. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventFor } from '../../../../src/endpoints/sofia/check-sync.ts'
import { jsonText } from '../../../../src/endpoints/sofia/json-text.ts'
import { isPinged, shareOf } from '../../../../src/endpoints/sofia/reachability.ts'
import type { Registration } from '../../../../src/endpoints/sofia/registrations.ts'
import { readAddress } from '../../../../src/endpoints/sofia/user-commands.ts'

test('JSON has a member a line, tabs in front and after the colon, lists on one line', () => {
  assert.equal(
    jsonText({ a: { b: ['x', 1], c: {} }, d: 'q"' }),
    '{\n\t"a":\t{\n\t\t"b":\t["x", 1],\n\t\t"c":\t{\n\t\t}\n\t},\n\t"d":\t"q\\""\n}',
  )
})

test('an address is [profile/]user@domain[/prefix]', () => {
  assert.deepEqual(readAddress('internal/1000@example.test/{a=b}'), {
    profile: 'internal',
    user: '1000',
    domain: 'example.test',
    prefix: '{a=b}',
  })
  assert.deepEqual(readAddress('1000'), {
    profile: undefined,
    user: '1000',
    domain: undefined,
    prefix: '',
  })
})

test('each maker of phones has its own word for restarting', () => {
  assert.equal(eventFor('Yealink SIP-T46S'), 'check-sync;reboot=true')
  assert.equal(eventFor('Linksys/SPA8000-6.1'), 'check-sync')
  assert.equal(eventFor('Cisco-CP7960G/8.0'), 'check-sync')
  assert.equal(eventFor('Cisco/SPA504G'), 'reboot')
  assert.equal(eventFor('Zoiper'), 'check-sync')
})

test('pings are spread over the interval', () => {
  assert.equal(shareOf(1000, 30), 34)
  assert.equal(shareOf(1, 30), 1)
  assert.equal(shareOf(5, 0), 5)
})

test('which phones are pinged', () => {
  const phone = (status: string, uri = 'sip:1@x') => ({ status, uri }) as Registration
  assert.ok(isPinged('all', phone('Registered(UDP)')))
  assert.ok(!isPinged('nat', phone('Registered(UDP)')))
  assert.ok(isPinged('nat', phone('Registered(TCP-NAT)')))
  assert.ok(isPinged('nat', phone('Registered(UDP)', 'sip:1@x;fs_nat=yes')))
  assert.ok(!isPinged('udp-nat', phone('Registered(TCP-NAT)')))
  assert.ok(!isPinged('none', phone('Registered(UDP-NAT)')))
})
