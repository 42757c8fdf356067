/** STUN binding requests and what is read from their answers (RFC 5389). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeBindingRequest, readBindingResponse } from '../../../src/net/stun-client.ts'

function response(
  request: Buffer,
  type: number,
  ...attributes: [type: number, value: Buffer][]
): Buffer {
  const body = Buffer.concat(
    attributes.map(([kind, value]) => {
      const head = Buffer.alloc(4)
      head.writeUInt16BE(kind, 0)
      head.writeUInt16BE(value.length, 2)
      return Buffer.concat([head, value, Buffer.alloc((4 - (value.length % 4)) % 4)])
    }),
  )
  const head = Buffer.from(request)
  head.writeUInt16BE(type, 0)
  head.writeUInt16BE(body.length, 2)
  return Buffer.concat([head, body])
}

const plain = Buffer.from([0, 1, 0x13, 0x88, 192, 0, 2, 1])

function xored(request: Buffer, value: Buffer): Buffer {
  const out = Buffer.from(value)
  for (let at = 0; at < 2; at++) out[at + 2]! ^= request[4 + at]!
  for (let at = 0; at < value.length - 4; at++) out[at + 4]! ^= request[4 + at]!
  return out
}

test('a request has the magic cookie, no body and a fresh transaction id (RFC 5389 §6)', () => {
  const request = makeBindingRequest()
  assert.equal(request.toString('hex', 0, 8), '000100002112a442')
  assert.notDeepEqual(request, makeBindingRequest())
})

test('XOR-MAPPED-ADDRESS wins over MAPPED-ADDRESS (RFC 5389 §15.2)', () => {
  const request = makeBindingRequest()
  const other = Buffer.from([0, 1, 0, 1, 10, 0, 0, 1])
  const answer = response(
    request,
    0x0101,
    [0x8022, Buffer.from('abcde')],
    [1, other],
    [0x20, xored(request, plain)],
  )
  assert.deepEqual(readBindingResponse(answer, request), { address: '192.0.2.1', port: 5000 })
})

test('an old server with MAPPED-ADDRESS alone is understood', () => {
  const request = makeBindingRequest()
  assert.deepEqual(readBindingResponse(response(request, 0x0101, [1, plain]), request), {
    address: '192.0.2.1',
    port: 5000,
  })
})

test('IPv6 addresses are read', () => {
  const request = makeBindingRequest()
  const six = Buffer.concat([
    Buffer.from([0, 2, 0, 9]),
    Buffer.from('20010db8000000000000000000000001', 'hex'),
  ])
  assert.deepEqual(
    readBindingResponse(response(request, 0x0101, [0x20, xored(request, six)]), request),
    {
      address: '2001:db8:0:0:0:0:0:1',
      port: 9,
    },
  )
})

test('answers to others, errors and stumps give nothing', () => {
  const request = makeBindingRequest()
  const answer = response(request, 0x0101, [1, plain])
  assert.equal(readBindingResponse(answer, makeBindingRequest()), undefined)
  assert.equal(readBindingResponse(response(request, 0x0111, [1, plain]), request), undefined)
  for (let length = 0; length < answer.length; length++) {
    assert.equal(readBindingResponse(answer.subarray(0, length), request), undefined)
  }
})
