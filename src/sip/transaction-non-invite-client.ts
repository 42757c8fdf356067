/** The client transaction of all methods but INVITE and ACK (RFC 3261 §17.1.2, figure 6). */
import type { Table } from './table.ts'
import type { ClientEffect, ClientEvent, ClientState } from './transaction-terms.ts'

export const nonInviteClient: Table<ClientState, ClientEvent, ClientEffect> = {
  // biome-ignore format: a table
  trying: {
    'timer E':         ['trying',     'resend', 'start E'],                                          // §17.1.2.2
    'timer F':         ['terminated', 'stop E', 'tell timeout', 'end'],
    'transport error': ['terminated', 'stop E', 'stop F', 'tell transport error', 'end'],
    '1xx':             ['proceeding', 'tell'],
    '2xx':             ['completed',  'stop E', 'stop F', 'tell', 'start K'],
    '3xx-6xx':         ['completed',  'stop E', 'stop F', 'tell', 'start K'],
  },
  // biome-ignore format: a table
  proceeding: {
    'timer E':         ['proceeding', 'resend', 'start E slow'],                                     // §17.1.2.2: at T2 from now on
    'timer F':         ['terminated', 'stop E', 'tell timeout', 'end'],
    'transport error': ['terminated', 'stop E', 'stop F', 'tell transport error', 'end'],
    '1xx':             ['proceeding', 'tell'],
    '2xx':             ['completed',  'stop E', 'stop F', 'tell', 'start K'],
    '3xx-6xx':         ['completed',  'stop E', 'stop F', 'tell', 'start K'],
  },
  // biome-ignore format: a table
  completed: {
    'timer K':         ['terminated', 'end'],
  },
  calling: {},
  accepted: {},
  terminated: {},
}
