import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SwitchError } from '../../../src/base/errors.ts'
import { PortLedger } from '../../../src/media/port-ledger.ts'
import { SocketStock } from '../../../src/media/socket-stock.ts'
import type { WorkerLink } from '../../../src/media/worker-link.ts'

/** A worker that binds whatever it is asked to and gives all back, or is gone. */
function worker(): { link: WorkerLink; die(): void } {
  let isGone = false
  const answers: Record<string, (ports: readonly number[]) => unknown> = {
    bind: (ports) => ({ bound: ports, failed: [] }),
    'give up': (ports) => ({ closed: ports }),
    wake: () => ({ ports: [] }),
  }
  const request = (question: { ask: string; ports?: readonly number[] }) =>
    isGone
      ? Promise.reject(new SwitchError('MEDIA_WORKER_GONE', 'the worker is gone'))
      : Promise.resolve(answers[question.ask]?.(question.ports ?? []))
  return {
    link: { request } as unknown as WorkerLink,
    die() {
      isGone = true
    },
  }
}

test('in a range that is used up a worker that is gone does not keep the others from giving a port', async () => {
  // Two pairs of ports.
  const ledger = new PortLedger(40000, 40003)
  const [dead, rich, poor] = [worker(), worker(), worker()]
  const stocks = [dead, rich, poor].map(
    ({ link }, index) => new SocketStock('127.0.0.1', ledger, link, index),
  )
  const [ofDead, ofRich, ofPoor] = stocks
  assert.ok(ofDead && ofRich && ofPoor)
  ofDead.rested(ledger.give(1, 0, 0))
  ofRich.rested(ledger.give(1, 1, 0))
  assert.equal(ledger.free, 0)
  dead.die()
  const port = await ofPoor.wait([ofDead, ofRich])
  assert.ok(port >= 40000 && port <= 40002, String(port))
  assert.equal(ofRich.ready, 0)
})
