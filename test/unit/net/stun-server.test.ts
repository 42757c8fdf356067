/** Connectivity checks of ICE, answered by the lite side. */
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { readBindingResponse } from '../../../src/net/stun-client.ts'
import { isStun } from '../../../src/net/stun-message.ts'
import { answerBinding } from '../../../src/net/stun-server.ts'

/** RFC 5769 section 2.1: a request with short-term credentials, of an agent that is controlled. */
const sample = Buffer.from(
  `000100582112a442b7e7a701bc34d686fa87dfae
   802200105354554e207465737420636c69656e74
   002400046e0001ff
   80290008932ff9b151263b36
   00060009 6576746a3a68367659202020
   000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2
   80280004e57a3bcf`.replaceAll(/\s/g, ''),
  'hex',
)
const credentials = {
  ufrag: 'evtj',
  password: 'VOkJxbRl1RmTxUk/WvJxBt',
  remoteUfrag: 'h6vY',
}

function part(type: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4)
  head.writeUInt16BE(type, 0)
  head.writeUInt16BE(value.length, 2)
  return Buffer.concat([head, value, Buffer.alloc((4 - (value.length % 4)) % 4)])
}

/** A request as a controlling agent sends it, without the fingerprint. */
function request(password = credentials.password, nominates = false): Buffer {
  const parts = [part(0x0006, Buffer.from('evtj:h6vY')), part(0x802a, Buffer.alloc(8, 7))]
  if (nominates) parts.push(part(0x0025, Buffer.alloc(0)))
  const head = Buffer.from('000100002112a442000102030405060708090a0b', 'hex')
  const text = Buffer.concat([head, ...parts])
  text.writeUInt16BE(text.length - 20 + 24, 2)
  const integrity = createHmac('sha1', password).update(text).digest()
  return Buffer.concat([text, part(0x0008, integrity)])
}

const errorCode = (response: Buffer) => response[26]! * 100 + response[27]!

test('a good check is answered with where it came from, signed', () => {
  const packet = request()
  assert.ok(isStun(packet))
  const answer = answerBinding(packet, '192.0.2.7', 4321, credentials)
  assert.ok(answer?.isGood)
  assert.equal(answer.isNominated, false)
  assert.deepEqual(readBindingResponse(answer.response, packet), {
    address: '192.0.2.7',
    port: 4321,
  })
  // MESSAGE-INTEGRITY stands before the fingerprint of 8 octets.
  const before = Buffer.from(answer.response.subarray(0, -32))
  before.writeUInt16BE(before.length - 20 + 24, 2)
  const expected = createHmac('sha1', credentials.password).update(before).digest()
  assert.deepEqual(answer.response.subarray(-28, -8), expected)
})

test('IPv6 addresses are told, too', () => {
  const packet = request()
  const answer = answerBinding(packet, '2001:db8::1:2', 9, credentials)
  assert.deepEqual(readBindingResponse(answer!.response, packet), {
    address: '2001:db8:0:0:0:0:1:2',
    port: 9,
  })
})

test('USE-CANDIDATE nominates', () => {
  assert.equal(
    answerBinding(request(undefined, true), '192.0.2.7', 1, credentials)?.isNominated,
    true,
  )
})

test('a controlled agent is told of the conflict, its fingerprint and integrity being right (RFC 5769)', () => {
  const answer = answerBinding(sample, '192.0.2.1', 1000, credentials)
  assert.equal(errorCode(answer!.response), 487)
})

test('a wrong password or name is refused, and what lacks them', () => {
  assert.equal(
    errorCode(answerBinding(request('other'), '192.0.2.1', 1, credentials)!.response),
    401,
  )
  const others = { ...credentials, ufrag: 'none' }
  assert.equal(errorCode(answerBinding(request(), '192.0.2.1', 1, others)!.response), 401)
  const plain = Buffer.from('000100002112a442000102030405060708090a0b', 'hex')
  assert.equal(errorCode(answerBinding(plain, '192.0.2.1', 1, credentials)!.response), 400)
})

test('what is damaged or no request gets no answer', () => {
  const broken = Buffer.from(sample)
  broken.writeUInt8((broken[30] ?? 0) ^ 1, 30)
  assert.equal(answerBinding(broken, '192.0.2.1', 1, credentials), undefined)
  assert.equal(answerBinding(sample.subarray(0, 40), '192.0.2.1', 1, credentials), undefined)
  const response = Buffer.from(request())
  response[0] = 1
  assert.equal(answerBinding(response, '192.0.2.1', 1, credentials), undefined)
  for (let length = 0; length < sample.length; length++)
    assert.doesNotThrow(() =>
      answerBinding(sample.subarray(0, length), '192.0.2.1', 1, credentials),
    )
})
