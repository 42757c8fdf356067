/** The kernel's form of addresses. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressTextAt, socketAddress } from '../../../../src/net/native/socket-address.ts'

const roundTrip = (address: string, port: number) => {
  const octets = socketAddress(address, port)
  const view = new DataView(octets.buffer)
  return [addressTextAt(view, 0, octets.length === 28), view.getUint16(2)]
}

test('an IPv4 address is a sockaddr_in of 16 octets, its port in network order', () => {
  assert.deepEqual(
    [...socketAddress('192.0.2.7', 5060)],
    [2, 0, 0x13, 0xc4, 192, 0, 2, 7, 0, 0, 0, 0, 0, 0, 0, 0],
  )
})

test('an IPv6 address is a sockaddr_in6 of 28 octets, a zone is left out', () => {
  const octets = socketAddress('fe80::1:2%eth0', 1)
  assert.equal(octets.length, 28)
  assert.deepEqual([...octets.subarray(0, 4)], [10, 0, 0, 1])
  assert.deepEqual(
    [...octets.subarray(8, 24)],
    [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2],
  )
})

for (const address of [
  '127.0.0.1',
  '255.0.10.3',
  '::',
  '::1',
  '2001:db8::',
  '2001:db8:0:1:1:1:1:1',
  '1:2:3:4:5:6:7:8',
  '2001:db8::1:0:0:1',
  'fe80::abcd',
])
  test(`${address} is read as it was written (RFC 5952)`, () => {
    assert.deepEqual(roundTrip(address, 40_002), [address, 40_002])
  })

test('an IPv4 address inside an IPv6 one is its last 32 bits (RFC 4291 section 2.2)', () => {
  assert.deepEqual(roundTrip('::ffff:192.0.2.1', 9), ['::ffff:c000:201', 9])
})
