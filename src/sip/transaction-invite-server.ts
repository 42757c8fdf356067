/** The INVITE server transaction (RFC 3261 §17.2.1, figure 7) with the accepted state of RFC 6026 §7.1. */
import type { Table } from './table.ts'
import type { ServerEffect, ServerEvent, ServerState } from './transaction-terms.ts'

export const inviteServer: Table<ServerState, ServerEvent, ServerEffect> = {
  // biome-ignore format: a table
  proceeding: {
    'request':         ['proceeding', 'resend'],
    'timer trying':    ['proceeding', 'send 100'],                                                   // §17.2.1: within 200 ms
    'send 1xx':        ['proceeding', 'stop trying', 'send'],
    'send 2xx':        ['accepted',   'stop trying', 'send', 'start L', 'let go'],                   // RFC 6026 §7.1
    'send 3xx-6xx':    ['completed',  'stop trying', 'send', 'start G', 'start H'],
    'transport error': ['proceeding', 'tell transport error'],
  },
  // biome-ignore format: a table
  accepted: {
    'request':         ['accepted'],                                                                 // RFC 6026 §7.1: absorbed
    'send 2xx':        ['accepted',   'send'],
    'timer L':         ['terminated', 'end'],
  },
  // biome-ignore format: a table
  completed: {
    'request':         ['completed',  'resend'],
    'ACK':             ['confirmed',  'stop G', 'stop H', 'tell ACK', 'start I'],
    'timer G':         ['completed',  'resend', 'start G'],
    'timer H':         ['terminated', 'stop G', 'tell timeout', 'end'],
    'transport error': ['terminated', 'stop G', 'stop H', 'tell transport error', 'end'],
  },
  // biome-ignore format: a table
  confirmed: {
    'timer I':         ['terminated', 'end'],
  },
  trying: {},
  terminated: {},
}
