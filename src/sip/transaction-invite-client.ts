/** The INVITE client transaction (RFC 3261 §17.1.1, figure 5) with the accepted state of RFC 6026 §7.2. */
import type { Table } from './table.ts'
import type { ClientEffect, ClientEvent, ClientState } from './transaction-terms.ts'

export const inviteClient: Table<ClientState, ClientEvent, ClientEffect> = {
  // biome-ignore format: a table
  calling: {
    'timer A':         ['calling',    'resend', 'start A'],                                          // §17.1.1.2
    'timer B':         ['terminated', 'stop A', 'tell timeout', 'end'],
    'transport error': ['terminated', 'stop A', 'stop B', 'tell transport error', 'end'],            // §17.1.4
    '1xx':             ['proceeding', 'stop A', 'stop B', 'tell'],
    '2xx':             ['accepted',   'stop A', 'stop B', 'tell', 'start M'],                        // RFC 6026 §7.2
    '3xx-6xx':         ['completed',  'stop A', 'stop B', 'ack', 'tell', 'start D'],
  },
  // biome-ignore format: a table
  proceeding: {
    '1xx':             ['proceeding', 'tell'],
    '2xx':             ['accepted',   'stop cancel', 'tell', 'start M'],
    '3xx-6xx':         ['completed',  'stop cancel', 'ack', 'tell', 'start D'],
    'timer cancel':    ['terminated', 'tell timeout', 'end'],                                        // §9.1: no answer to a cancelled INVITE
    'transport error': ['proceeding'],
  },
  // biome-ignore format: a table
  accepted: {
    '2xx':             ['accepted',   'tell'],                                                       // RFC 6026 §7.2: each 2xx goes up
    'timer M':         ['terminated', 'end'],
  },
  // biome-ignore format: a table
  completed: {
    '3xx-6xx':         ['completed',  'ack'],
    'timer D':         ['terminated', 'end'],
    'transport error': ['terminated', 'stop D', 'end'],
  },
  trying: {},
  terminated: {},
}
