/** The states of a gateway and what leads from one to another. Names are FreeSWITCH's, as events and `sofia status` show them. */
import { step, type Table } from '../../sip/table.ts'

/** FreeSWITCH lists EXPIRED too and never enters it: a registration that runs out goes to UNREGED at once. */
export const gatewayStates = [
  'UNREGED',
  'TRYING',
  'REGISTER',
  'REGED',
  'UNREGISTER',
  'FAILED',
  'FAIL_WAIT',
  'EXPIRED',
  'NOREG',
  'DOWN',
  'TIMEOUT',
] as const
export type GatewayState = (typeof gatewayStates)[number]

export type GatewayEvent =
  /** Somebody asks for it: start, `sofia profile X register`. */
  | 'register'
  | 'unregister'
  /** A 2xx to REGISTER. */
  | 'accepted'
  /** Any other final answer, or none that could be sent for. */
  | 'refused'
  /** The one timer that runs in the state. */
  | 'timer'
  | 'ping failed'
  /** States that only mark a moment are left at once. */
  | 'settled'

export type GatewayEffect =
  | 'send register'
  | 'send unregister'
  | 'start timeout'
  | 'start refresh'
  | 'start retry'
  | 'stop timer'
  | 'mark up'
  | 'mark down'

const gatewayTable: Table<GatewayState, GatewayEvent, GatewayEffect> = {
  UNREGED: {
    settled: ['TRYING', 'send register', 'start timeout'],
  },
  TRYING: {
    accepted: ['REGISTER', 'stop timer'],
    refused: ['FAILED', 'stop timer'],
    timer: ['TIMEOUT'],
    register: ['UNREGED', 'stop timer'],
    unregister: ['UNREGISTER', 'stop timer'],
  },
  REGISTER: {
    settled: ['REGED', 'mark up', 'start refresh'],
  },
  REGED: {
    timer: ['UNREGED'],
    register: ['UNREGED', 'stop timer'],
    unregister: ['UNREGISTER', 'stop timer'],
    'ping failed': ['FAILED', 'stop timer'],
  },
  TIMEOUT: {
    settled: ['FAILED'],
  },
  FAILED: {
    settled: ['FAIL_WAIT', 'mark down', 'start retry'],
  },
  FAIL_WAIT: {
    timer: ['UNREGED'],
    register: ['UNREGED', 'stop timer'],
    unregister: ['UNREGISTER', 'stop timer'],
  },
  UNREGISTER: {
    settled: ['DOWN', 'mark down', 'send unregister'],
  },
  DOWN: {
    register: ['UNREGED'],
  },
  EXPIRED: {},
  NOREG: {},
}

/** Every state that an event leads through, the last one being where it stays; none when the event means nothing there. */
export function gatewayPath(state: GatewayState, event: GatewayEvent) {
  const path: { state: GatewayState; effects: readonly GatewayEffect[] }[] = []
  let row = step(gatewayTable, state, event)
  while (row) {
    const [next, ...effects] = row
    path.push({ state: next, effects })
    row = step(gatewayTable, next, 'settled')
  }
  return path
}

/** What decides how long to wait after a failure. Times in seconds. */
export interface RetryFacts {
  readonly retrySeconds: number
  /** `908-retry-seconds`; 0: not given. */
  readonly noAnswerSeconds: number
  /** The final status; 908 when there was none in time, 0 after a failed ping. */
  readonly status: number
  /** Failures in a row, this one too. */
  readonly failures: number
  /** Retry-After of the answer; 0: none. */
  readonly retryAfter: number
}

/** Seconds until the next try: a busy or silent server is asked again soon, one that says no less and less often. */
export function retryDelay(facts: RetryFacts): number {
  const { status, failures, retrySeconds, noAnswerSeconds } = facts
  if (status === 908 && noAnswerSeconds > 0) return noAnswerSeconds
  const isPassing = status === 503 || status === 908 || failures < 1
  const seconds = isPassing ? retrySeconds : retrySeconds * failures
  // RFC 3261 §20.33: the server may say when it will be there again.
  return Math.max(seconds, facts.retryAfter)
}

/** Seconds after which a registration granted for `granted` seconds is refreshed: 15 before its end, or at half time. */
export function refreshDelay(granted: number): number {
  return Math.max(1, granted > 30 ? granted - 15 : Math.floor(granted / 2))
}
