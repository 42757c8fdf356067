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

/** What may be otherwise a second later, a file just being written among it. A refused address will not be. */
const passing: readonly string[] = [
  'CLI_LOCAL_SERVER',
  'EVENT_SOCKET_UNREACHABLE',
  'EVENT_SOCKET_TIMEOUT',
  'EVENT_SOCKET_CLOSED',
]

/** Throws the SwitchError of the last attempt. */
export async function connectPatiently(plan: ConnectPlan): Promise<EventSocketClient> {
  for (let attempt = 1; ; attempt++) {
    let target: Target | undefined
    try {
      target = plan.target()
      return await EventSocketClient.connect({
        ...target,
        connectTimeout: plan.connectTimeout,
        trace: plan.trace,
        signal: plan.signal,
      })
    } catch (thrown) {
      if (!(thrown instanceof SwitchError)) throw thrown
      const isLast = attempt >= plan.attempts || plan.signal.aborted
      if (isLast || !(passing.includes(thrown.code) || isOutdated(thrown, target, plan)))
        throw thrown
      plan.onRetry(thrown)
    }
    await delay(pause, plan.signal)
  }
}

/** A server that has just started may leave its new password only after it took our connection with the old one. */
function isOutdated(thrown: SwitchError, used: Target | undefined, plan: ConnectPlan): boolean {
  if (thrown.code !== 'EVENT_SOCKET_BAD_PASSWORD') return false
  const now = plan.target()
  return now.password !== used?.password || now.port !== used.port || now.host !== used.host
}
