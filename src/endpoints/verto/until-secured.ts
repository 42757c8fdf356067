/** Waits for the keys of a browser's sound. */
import type { MediaLeg } from '../../media/engine.ts'

/** ms that a browser has for ICE and DTLS after the answer. */
const secureMs = 30_000

/** Resolves with undefined when there are keys, or with why there are none; at once when that is known. */
export function untilSecured(
  { near: leg, isSecured }: { readonly near: MediaLeg | undefined; readonly isSecured: boolean },
  signal: AbortSignal,
): Promise<string | undefined> {
  if (!leg || isSecured) return Promise.resolve(undefined)
  return new Promise((resolve) => {
    const finish = (why: string | undefined) => {
      clearTimeout(timer)
      for (const handle of handles) handle[Symbol.dispose]()
      signal.removeEventListener('abort', onAbort)
      resolve(why)
    }
    const onAbort = () => finish('the call ended')
    const timer = setTimeout(() => finish(`no ICE and DTLS within ${secureMs / 1000} s`), secureMs)
    const handles = [
      leg.events.on('secured', () => finish(undefined)),
      leg.events.on('security failed', ({ reason }) => finish(reason)),
    ]
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  })
}
