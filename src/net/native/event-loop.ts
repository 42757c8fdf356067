/**
 * This thread's event loop from below: whether it has something to do, and when next. A thread that waits for the kernel
 * by itself (io-ring.ts) asks here how long it may.
 */
import koffi from 'koffi'
import { SwitchError } from '../../base/errors.ts'

export interface EventLoop {
  /** Readable when the loop has something to do: messages of other threads, files, sockets. */
  readonly fd: number
  /** ms until the next timer, counted from the start of this turn; 0 when something waits to run; -1 never. */
  timeout(): number
}

/** Throws SwitchError NET_NO_NATIVE when this Node.js does not show its loop. */
export function thisEventLoop(): EventLoop {
  try {
    const self = koffi.load(null)
    const getLoop = self.func('int napi_get_uv_event_loop(void*, _Out_ void**)')
    const holder: [bigint | null] = [null]
    const status = getLoop(koffi.node.env, holder) as number
    const loop = holder[0]
    if (status !== 0 || loop === null) throw new Error(`napi_get_uv_event_loop gave ${status}`)
    const backendFd = self.func('int uv_backend_fd(void*)')
    const backendTimeout = self.func('int uv_backend_timeout(void*)')
    return { fd: backendFd(loop) as number, timeout: () => backendTimeout(loop) as number }
  } catch (thrown) {
    throw new SwitchError('NET_NO_NATIVE', `the event loop cannot be seen: ${String(thrown)}`)
  }
}
