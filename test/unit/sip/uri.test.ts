/** URIs: parsing, escapes, comparison (RFC 3261 §19.1). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SwitchError } from '../../../src/base/errors.ts'
import { escapeUser, isSameUri, parseUri, SipUri } from '../../../src/sip/uri.ts'

test('takes a full sip URI apart', () => {
  const uri = parseUri(
    'sip:al%69ce;x=1:secret@Example.COM:5070;transport=TCP;lr?Subject=a%20b&to=x',
  )
  assert.equal(uri.scheme, 'sip')
  assert.equal(uri.user, 'al%69ce;x=1')
  assert.equal(uri.userName, 'alice')
  assert.equal(uri.password, 'secret')
  assert.equal(uri.host, 'example.com')
  assert.equal(uri.port, 5070)
  assert.equal(uri.parameter('transport'), 'TCP')
  assert.equal(uri.parameter('lr'), '')
  assert.equal(uri.parameter('maddr'), undefined)
  assert.equal(uri.header('SUBJECT'), 'a b')
})

test('reads IPv6 hosts with and without port', () => {
  assert.equal(parseUri('sip:[2001:db8::1]:5070').hostAddress, '2001:db8::1')
  assert.equal(parseUri('sip:[2001:db8::1]').port, undefined)
  assert.equal(parseUri('sip:a@[::1];lr').host, '[::1]')
})

test('reads tel URIs and keeps other schemes as they came', () => {
  assert.equal(parseUri('tel:+1-201-555-0123;phone-context=x').user, '+1-201-555-0123')
  assert.equal(parseUri('mailto:a@b').text, 'mailto:a@b')
  assert.equal(parseUri('SIP:a@b').scheme, 'sip')
})

for (const bad of [
  'sip:',
  'sip:@b',
  'sip:a@',
  'sip:a@b:99999',
  'sip:a@b:x',
  'sip:a@b c',
  'sip:a@[::1',
  'sip:a@[zz]',
  'sip:a@[::1]x',
  'sip:a@b@c',
  'sip:a@<b>',
  'tel:',
  's ip:a@b',
])
  test(`refuses ${bad}`, () => {
    assert.throws(
      () => parseUri(bad),
      (thrown) =>
        thrown instanceof SwitchError && thrown.code === 'SIP_BAD_URI' && thrown.status === 400,
    )
  })

// The lists of RFC 3261 §19.1.4.
const same: [string, string][] = [
  ['sip:%61lice@atlanta.com;transport=TCP', 'sip:alice@AtLanTa.CoM;Transport=tcp'],
  ['sip:carol@chicago.com', 'sip:carol@chicago.com;newparam=5'],
  ['sip:carol@chicago.com', 'sip:carol@chicago.com;security=on'],
  ['sip:carol@chicago.com;newparam=5', 'sip:carol@chicago.com;security=on'],
  [
    'sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com',
    'sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com',
  ],
  [
    'sip:alice@atlanta.com?subject=project%20x&priority=urgent',
    'sip:alice@atlanta.com?priority=urgent&subject=project%20x',
  ],
  ['tel:+1-201-555-0123', 'tel:+1(201)5550123'],
]
const different: [string, string][] = [
  ['SIP:ALICE@AtLanTa.CoM;Transport=udp', 'sip:alice@AtLanTa.CoM;Transport=UDP'],
  ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:5060'],
  ['sip:bob@biloxi.com', 'sip:bob@biloxi.com;transport=udp'],
  ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:6000;transport=tcp'],
  ['sip:carol@chicago.com', 'sip:carol@chicago.com?Subject=next%20meeting'],
  ['sip:bob@phone21.boxesbybob.com', 'sip:bob@192.0.2.4'],
  ['sip:carol@chicago.com;security=on', 'sip:carol@chicago.com;security=off'],
  ['sip:a@b', 'sips:a@b'],
  ['sip:a:x@b', 'sip:a@b'],
  ['sip:b', 'sip:a@b'],
  ['tel:+12015550123', 'tel:+12015550124'],
]
for (const [a, b] of same)
  test(`${a} equals ${b}`, () => {
    assert.equal(isSameUri(parseUri(a), parseUri(b)), true)
    assert.equal(isSameUri(parseUri(b), parseUri(a)), true)
  })
for (const [a, b] of different)
  test(`${a} differs from ${b}`, () => {
    assert.equal(isSameUri(parseUri(a), parseUri(b)), false)
    assert.equal(isSameUri(parseUri(b), parseUri(a)), false)
  })

test('builds text from parts and escapes users', () => {
  const uri = new SipUri({ scheme: 'sip', user: escapeUser('a b@c'), host: 'h', port: 5062 })
  assert.equal(uri.text, 'sip:a%20b%40c@h:5062')
  assert.equal(parseUri(uri.text).userName, 'a b@c')
  assert.equal(escapeUser('+1;x=#'), '+1;x=%23')
})
