/** Every arrow of the four transaction figures, one line each (RFC 3261 §17, RFC 6026). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { step } from '../../../src/sip/table.ts'
import { inviteClient } from '../../../src/sip/transaction-invite-client.ts'
import { inviteServer } from '../../../src/sip/transaction-invite-server.ts'
import { nonInviteClient } from '../../../src/sip/transaction-non-invite-client.ts'
import { nonInviteServer } from '../../../src/sip/transaction-non-invite-server.ts'

type Line = readonly [state: string, event: string, expected: string | undefined]

function arrows(name: string, table: never, lines: readonly Line[]): void {
  for (const [state, event, expected] of lines)
    test(`${name}: ${state} + ${event} → ${expected ?? 'ignored'}`, () => {
      const row = step(table, state as never, event as never) as readonly string[] | undefined
      assert.equal(row?.join(', '), expected)
    })
}

arrows('INVITE client', inviteClient as never, [
  ['calling', 'timer A', 'calling, resend, start A'],
  ['calling', 'timer B', 'terminated, stop A, tell timeout, end'],
  ['calling', 'transport error', 'terminated, stop A, stop B, tell transport error, end'],
  ['calling', '1xx', 'proceeding, stop A, stop B, tell'],
  ['calling', '2xx', 'accepted, stop A, stop B, tell, start M'],
  ['calling', '3xx-6xx', 'completed, stop A, stop B, ack, tell, start D'],
  ['proceeding', '1xx', 'proceeding, tell'],
  ['proceeding', '2xx', 'accepted, stop cancel, tell, start M'],
  ['proceeding', '3xx-6xx', 'completed, stop cancel, ack, tell, start D'],
  ['proceeding', 'timer cancel', 'terminated, tell timeout, end'],
  ['proceeding', 'timer A', undefined],
  ['accepted', '2xx', 'accepted, tell'],
  ['accepted', '1xx', undefined],
  ['accepted', '3xx-6xx', undefined],
  ['accepted', 'timer M', 'terminated, end'],
  ['completed', '3xx-6xx', 'completed, ack'],
  ['completed', '1xx', undefined],
  ['completed', '2xx', undefined],
  ['completed', 'timer D', 'terminated, end'],
  ['completed', 'transport error', 'terminated, stop D, end'],
  ['terminated', '2xx', undefined],
])

arrows('non-INVITE client', nonInviteClient as never, [
  ['trying', 'timer E', 'trying, resend, start E'],
  ['trying', 'timer F', 'terminated, stop E, tell timeout, end'],
  ['trying', 'transport error', 'terminated, stop E, stop F, tell transport error, end'],
  ['trying', '1xx', 'proceeding, tell'],
  ['trying', '2xx', 'completed, stop E, stop F, tell, start K'],
  ['trying', '3xx-6xx', 'completed, stop E, stop F, tell, start K'],
  ['proceeding', 'timer E', 'proceeding, resend, start E slow'],
  ['proceeding', 'timer F', 'terminated, stop E, tell timeout, end'],
  ['proceeding', 'transport error', 'terminated, stop E, stop F, tell transport error, end'],
  ['proceeding', '1xx', 'proceeding, tell'],
  ['proceeding', '2xx', 'completed, stop E, stop F, tell, start K'],
  ['proceeding', '3xx-6xx', 'completed, stop E, stop F, tell, start K'],
  ['completed', '2xx', undefined],
  ['completed', '1xx', undefined],
  ['completed', 'timer K', 'terminated, end'],
])

arrows('INVITE server', inviteServer as never, [
  ['proceeding', 'request', 'proceeding, resend'],
  ['proceeding', 'timer trying', 'proceeding, send 100'],
  ['proceeding', 'send 1xx', 'proceeding, stop trying, send'],
  ['proceeding', 'send 2xx', 'accepted, stop trying, send, start L, let go'],
  ['proceeding', 'send 3xx-6xx', 'completed, stop trying, send, start G, start H'],
  ['proceeding', 'ACK', undefined],
  ['accepted', 'request', 'accepted'],
  ['accepted', 'send 2xx', 'accepted, send'],
  ['accepted', 'send 3xx-6xx', undefined],
  ['accepted', 'timer L', 'terminated, end'],
  ['completed', 'request', 'completed, resend'],
  ['completed', 'ACK', 'confirmed, stop G, stop H, tell ACK, start I'],
  ['completed', 'timer G', 'completed, resend, start G'],
  ['completed', 'timer H', 'terminated, stop G, tell timeout, end'],
  ['completed', 'transport error', 'terminated, stop G, stop H, tell transport error, end'],
  ['completed', 'send 2xx', undefined],
  ['confirmed', 'ACK', undefined],
  ['confirmed', 'request', undefined],
  ['confirmed', 'timer I', 'terminated, end'],
])

arrows('non-INVITE server', nonInviteServer as never, [
  ['trying', 'request', undefined],
  ['trying', 'send 1xx', 'proceeding, send'],
  ['trying', 'send 2xx', 'completed, send, start J, let go'],
  ['trying', 'send 3xx-6xx', 'completed, send, start J, let go'],
  ['proceeding', 'request', 'proceeding, resend'],
  ['proceeding', 'send 1xx', 'proceeding, send'],
  ['proceeding', 'send 2xx', 'completed, send, start J, let go'],
  ['proceeding', 'send 3xx-6xx', 'completed, send, start J, let go'],
  ['proceeding', 'transport error', 'terminated, tell transport error, end'],
  ['completed', 'request', 'completed, resend'],
  ['completed', 'send 2xx', undefined],
  ['completed', 'timer J', 'terminated, end'],
  ['completed', 'transport error', 'terminated, stop J, end'],
])
