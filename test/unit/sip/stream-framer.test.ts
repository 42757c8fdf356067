/** Messages out of a byte stream (RFC 3261 §18.3, RFC 5626 §3.5.1). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StreamFramer } from '../../../src/sip/stream-framer.ts'

const one = 'OPTIONS sip:a SIP/2.0\r\nContent-Length: 4\r\n\r\nbody'
const two = 'OPTIONS sip:b SIP/2.0\nl : 0\n\n'
const three = 'OPTIONS sip:c SIP/2.0\r\nX: no length\r\n\r\n'

function framed(pieces: readonly Buffer[]): { messages: string[]; pings: number; pongs: number } {
  const seen = { messages: [] as string[], pings: 0, pongs: 0 }
  const framer = new StreamFramer({
    message: (data) => void seen.messages.push(data.toString()),
    ping: () => void seen.pings++,
    pong: () => void seen.pongs++,
  })
  for (const piece of pieces) framer.push(piece)
  return seen
}

test('any cutting of the stream gives the same messages', () => {
  const whole = Buffer.from(one + two + three + one)
  for (const size of [1, 2, 3, 7, 20, 44, 1000]) {
    const pieces: Buffer[] = []
    for (let at = 0; at < whole.length; at += size) pieces.push(whole.subarray(at, at + size))
    assert.deepEqual(framed(pieces).messages, [one, two, three, one], `pieces of ${size}`)
  }
})

test('tells pings from pongs', () => {
  assert.equal(framed([Buffer.from(`\r\n\r\n${one}`)]).pings, 1)
  assert.equal(framed([Buffer.from(one), Buffer.from('\r\n')]).pongs, 1)
})

test('a head without end and a message beyond 64 KiB are given up', () => {
  const endless = Buffer.from(`OPTIONS sip:a SIP/2.0\r\nX: ${'x'.repeat(70_000)}`)
  assert.throws(() => framed([endless]), { code: 'SIP_TOO_LARGE' })
  const large = Buffer.from('OPTIONS sip:a SIP/2.0\r\nContent-Length: 70000\r\n\r\n')
  assert.throws(() => framed([large]), { code: 'SIP_TOO_LARGE' })
})

test('a Content-Length that is no number ends the stream after the head was handed up', () => {
  const seen: string[] = []
  const framer = new StreamFramer({
    message: (data) => void seen.push(data.toString()),
    ping: () => {},
    pong: () => {},
  })
  const head = 'OPTIONS sip:a SIP/2.0\r\nContent-Length: -1\r\n\r\n'
  assert.throws(() => framer.push(Buffer.from(head)), { code: 'SIP_BAD_LENGTH' })
  assert.deepEqual(seen, [head])
})
