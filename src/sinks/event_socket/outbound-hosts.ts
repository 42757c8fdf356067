/** Where the application `socket` goes: `host[:port][/path]`, several with `|` between them, and the way there. */
import { connect, type Socket } from 'node:net'

export interface OutboundHost {
  readonly host: string
  readonly port: number
  /** What stands after the slash, for the variable `socket_path`. */
  readonly path: string | undefined
}

const usualPort = 8084

/** How long one host may take to accept the connection, ms. */
const connectLimitMs = 10_000

/**
 * The hosts in their order; a port holds for those after it, too, as with FreeSWITCH. An IPv6 address with a port stands in
 * brackets. What is no host, or has no port between 1 and 65535, comes as the text it was.
 */
export function parseHosts(text: string): (OutboundHost | string)[] {
  let before = usualPort
  return text.split('|').map((part) => {
    const written = part.trim()
    const slash = written.indexOf('/')
    const place = slash < 0 ? written : written.slice(0, slash)
    const [, bracketed, plain = '', digits] =
      /^(?:\[([^\]]+)\]|([^:[\]]+|[^[\]]*:[^[\]]*:[^[\]]*))(?::(\d+))?$/.exec(place) ?? []
    const host = bracketed ?? plain
    const port = digits === undefined ? before : Number(digits)
    if (host === '' || port < 1 || port > 65535) return written
    before = port
    return { host, port, path: slash < 0 ? undefined : written.slice(slash + 1) }
  })
}

/** Connects, or throws what stood in the way; also when the signal aborts or the host takes too long. */
export function connectTo({ host, port }: OutboundHost, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port })
    const give = (act: () => void) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      socket.removeListener('error', onError)
      act()
    }
    const fail = (why: Error) =>
      give(() => {
        socket.on('error', () => undefined)
        socket.destroy()
        reject(why)
      })
    const onAbort = () => fail(new Error('the call has ended'))
    const onError = (thrown: Error) => fail(thrown)
    const timer = setTimeout(
      () => fail(new Error(`no answer within ${connectLimitMs / 1000} s`)),
      connectLimitMs,
    )
    signal.addEventListener('abort', onAbort, { once: true })
    socket.once('error', onError)
    socket.once('connect', () => give(() => resolve(socket)))
    if (signal.aborted) onAbort()
  })
}
