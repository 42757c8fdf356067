/** The server transaction of all methods but INVITE and ACK (RFC 3261 §17.2.2, figure 8). */
import type { Table } from './table.ts'
import type { ServerEffect, ServerEvent, ServerState } from './transaction-terms.ts'

export const nonInviteServer: Table<ServerState, ServerEvent, ServerEffect> = {
  // biome-ignore format: a table
  trying: {
    'send 1xx':        ['proceeding', 'send'],
    'send 2xx':        ['completed',  'send', 'start J', 'let go'],
    'send 3xx-6xx':    ['completed',  'send', 'start J', 'let go'],
  },
  // biome-ignore format: a table
  proceeding: {
    'request':         ['proceeding', 'resend'],
    'send 1xx':        ['proceeding', 'send'],
    'send 2xx':        ['completed',  'send', 'start J', 'let go'],
    'send 3xx-6xx':    ['completed',  'send', 'start J', 'let go'],
    'transport error': ['terminated', 'tell transport error', 'end'],
  },
  // biome-ignore format: a table
  completed: {
    'request':         ['completed',  'resend'],
    'timer J':         ['terminated', 'end'],
    'transport error': ['terminated', 'stop J', 'end'],
  },
  accepted: {},
  confirmed: {},
  terminated: {},
}
