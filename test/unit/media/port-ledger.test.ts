/** Which RTP ports are given to which worker. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PortLedger } from '../../../src/media/port-ledger.ts'

test('ports are even, their neighbours within the range, each given once', () => {
  const ledger = new PortLedger(16385, 16392)
  const ports = ledger.give(10, 0, 0).sort()
  assert.deepEqual(ports, [16386, 16388, 16390])
  assert.equal(ledger.free, 0)
  assert.deepEqual(ledger.give(1, 0, 0), [])
})

test('a port that was given back is given again', () => {
  const ledger = new PortLedger(10000, 10003)
  const [first] = ledger.give(2, 0, 0)
  ledger.back([first!])
  ledger.back([first!])
  assert.equal(ledger.free, 1)
  assert.deepEqual(ledger.give(2, 0, 0), [first])
})

test('a port that another program has is left alone for a while', () => {
  const ledger = new PortLedger(10000, 10001)
  ledger.bad(ledger.give(1, 0, 0), 0)
  assert.deepEqual(ledger.give(1, 0, 1000), [])
  assert.deepEqual(ledger.give(1, 0, 60_000), [10000])
})

test('the ports of a dead worker are free, those of others are not', () => {
  const ledger = new PortLedger(10000, 10007)
  ledger.give(2, 0, 0)
  ledger.give(2, 1, 0)
  ledger.ownerGone(0)
  assert.equal(ledger.free, 2)
})

test('a range without a pair holds none', () => {
  assert.equal(new PortLedger(10001, 10001).size, 0)
  assert.equal(new PortLedger(10000, 10000).size, 0)
})
