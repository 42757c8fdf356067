/** Digits from event packets: each once, whatever the network does to them (RFC 4733). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EventReceiver, eventOf, writeEvent } from '../../../src/rtp/telephone-event.ts'

interface Sent {
  readonly digit: string
  readonly timestamp: number
  readonly duration: number
  readonly end: boolean
}

function digitPackets(digit: string, timestamp: number, ms = 100, clock = 8000): Sent[] {
  const step = (20 * clock) / 1000
  const packets: Sent[] = []
  for (let at = 20; at <= ms; at += 20)
    packets.push({ digit, timestamp, duration: (at / 20) * step, end: false })
  const last = { digit, timestamp, duration: (ms / 20) * step, end: true }
  return [...packets, last, last, last]
}

function receive(packets: readonly Sent[], clock = 8000, receiver = new EventReceiver()) {
  const payload = new Uint8Array(4)
  return packets.flatMap((packet, index) => {
    writeEvent(payload, 0, eventOf(packet.digit), packet.end, 10, packet.duration)
    return receiver.packet(payload, 0, packet.timestamp, clock, index * 20)
  })
}

test('three end packets give one digit (RFC 4733 2.5.1.4)', () => {
  assert.deepEqual(receive(digitPackets('5', 1000)), [{ digit: '5', duration: 800 }])
})

test('the same digit twice is two digits when the timestamp moved on', () => {
  const digits = receive([...digitPackets('7', 1000), ...digitPackets('7', 3000)])
  assert.deepEqual(
    digits.map(({ digit }) => digit),
    ['7', '7'],
  )
})

test('a digit whose end packets were all lost ends when the next begins', () => {
  const first = digitPackets('1', 1000).filter(({ end }) => !end)
  const digits = receive([...first, ...digitPackets('2', 3000)])
  assert.deepEqual(digits, [
    { digit: '1', duration: 800 },
    { digit: '2', duration: 800 },
  ])
})

test('a digit whose end was lost and that nothing follows ends after a while', () => {
  const receiver = new EventReceiver()
  receive(
    digitPackets('9', 1000).filter(({ end }) => !end),
    8000,
    receiver,
  )
  assert.equal(receiver.expire(100), undefined)
  assert.deepEqual(receiver.expire(400), { digit: '9', duration: 800 })
  assert.equal(receiver.expire(900), undefined)
})

test('packets of a digit that come behind the next one give no third digit', () => {
  const [late, ...rest] = digitPackets('1', 1000)
  const digits = receive([...rest, ...digitPackets('2', 3000), late!])
  assert.deepEqual(
    digits.map(({ digit }) => digit),
    ['1', '2'],
  )
})

test('only the end packet arrives: the digit counts', () => {
  assert.deepEqual(receive(digitPackets('#', 1000).slice(-1)), [{ digit: '#', duration: 800 }])
})

test('durations are counted in 8 kHz samples whatever the clock', () => {
  assert.deepEqual(receive(digitPackets('A', 1000, 100, 48000), 48000), [
    { digit: 'A', duration: 800 },
  ])
})

test('a digit longer than one segment is one digit (RFC 4733 2.5.1.3)', () => {
  const first = { digit: '3', timestamp: 1000, duration: 0xffa0, end: false }
  const second = { digit: '3', timestamp: 1000 + 0xffa0, duration: 800, end: true }
  assert.deepEqual(receive([first, second]), [{ digit: '3', duration: 0xffa0 + 800 }])
})

test('timestamps may start anywhere after the stream began anew', () => {
  const receiver = new EventReceiver()
  assert.equal(receive(digitPackets('4', 0xf0000000), 8000, receiver).length, 1)
  receiver.restart()
  assert.equal(receive(digitPackets('6', 20), 8000, receiver).length, 1)
})

test('timestamps that wrap do not hide a digit', () => {
  const digits = receive([...digitPackets('1', 0xffffff00), ...digitPackets('2', 0x700)])
  assert.equal(digits.length, 2)
})

test('events that are no digits give nothing', () => {
  const receiver = new EventReceiver()
  const payload = Uint8Array.of(200, 0x8a, 3, 32)
  assert.deepEqual(receiver.packet(payload, 0, 1000, 8000, 0), [])
})
