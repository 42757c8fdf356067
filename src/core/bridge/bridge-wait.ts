/** Before two channels are joined: the called one may only ring yet, and the caller hears its ringback meanwhile. */
import type { Channel } from '../channel.ts'
import { Ringback } from '../originate/originate-ringback.ts'
import { defaultTimeoutSeconds } from '../originate/originate-settings.ts'

/**
 * Resolves true when `b` is answered or early; false when the caller's `call_timeout` ran out. When either went away, true as
 * well: the caller of this looks.
 */
export function untilReached(a: Channel, b: Channel): Promise<boolean> {
  if (b.isAnswered || b.isEarly) return Promise.resolve(true)
  const own = Number.parseInt(a.variables.get('call_timeout') ?? '', 10)
  const seconds = own > 0 ? own : defaultTimeoutSeconds
  const ringback = new Ringback(a)
  ringback.ring(b)
  return new Promise((resolve) => {
    const finish = (reached: boolean) => {
      clearTimeout(timer)
      ringback.stop()
      for (const handle of handles) handle[Symbol.dispose]()
      resolve(reached)
    }
    const timer = setTimeout(finish, seconds * 1000, false)
    const handles = [
      a.signals.on('state', () => finish(true)),
      b.signals.on('hangup', () => finish(true)),
      b.signals.on('answered', () => finish(true)),
      b.signals.on('progress', () => finish(true)),
    ]
  })
}
