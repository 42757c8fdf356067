/** The words of the four transaction tables (RFC 3261 §17): states, what may happen, and what is done then. */
import type { TimerName } from './timers.ts'

export type ClientState =
  | 'calling'
  | 'trying'
  | 'proceeding'
  | 'accepted'
  | 'completed'
  | 'terminated'

export type ClientEvent = '1xx' | '2xx' | '3xx-6xx' | 'transport error' | `timer ${TimerName}`

export type ClientEffect =
  | 'resend'
  | 'ack'
  | 'tell'
  | 'tell timeout'
  | 'tell transport error'
  | 'end'
  | 'start E slow'
  | `start ${TimerName}`
  | `stop ${TimerName}`

export type ServerState =
  | 'trying'
  | 'proceeding'
  | 'accepted'
  | 'completed'
  | 'confirmed'
  | 'terminated'

export type ServerEvent =
  | 'request'
  | 'ACK'
  | 'send 1xx'
  | 'send 2xx'
  | 'send 3xx-6xx'
  | 'transport error'
  | `timer ${TimerName}`

export type ServerEffect =
  | 'send'
  | 'send 100'
  | 'resend'
  | 'tell ACK'
  | 'tell timeout'
  | 'tell transport error'
  | 'let go'
  | 'end'
  | `start ${TimerName}`
  | `stop ${TimerName}`
