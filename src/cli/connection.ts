/** Connecting with patience: tries again each second while a server is not there (yet). */
import { delay } from '../base/clock.ts'
import { SwitchError } from '../base/errors.ts'
import { EventSocketClient, type Trace } from './event-socket-client.ts'
import type { Target } from './settings.ts'

/** How often -r and -R try. */
export const patientAttempts = 120
const pause = 1000

export interface ConnectPlan {
  /** Asked before each attempt: a server that starts anew may have another port or password. */
  readonly target: () => Target
  readonly attempts: number
  /** Milliseconds for one attempt; 0 is the client's default. */
  readonly connectTimeout: number
  readonly trace: Trace | undefined
  readonly signal: AbortSignal
  /** Told of each failure that is followed by another attempt. */
  readonly onRetry: (why: SwitchError) => void
}

/** What may be otherwise a second later. A refused password or address will not be. */
const passing: readonly string[] = [
  'EVENT_SOCKET_UNREACHABLE',
  'EVENT_SOCKET_TIMEOUT',
  'EVENT_SOCKET_CLOSED',
]

/** Throws the SwitchError of the last attempt. */
export async function connectPatiently(plan: ConnectPlan): Promise<EventSocketClient> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await EventSocketClient.connect({
        ...plan.target(),
        connectTimeout: plan.connectTimeout,
        trace: plan.trace,
        signal: plan.signal,
      })
    } catch (thrown) {
      if (!(thrown instanceof SwitchError)) throw thrown
      const isLast = attempt >= plan.attempts || plan.signal.aborted
      if (isLast || !passing.includes(thrown.code)) throw thrown
      plan.onRetry(thrown)
    }
    await delay(pause, plan.signal)
  }
}
