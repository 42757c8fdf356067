/** What the system says of sockets, as SwitchErrors that name the address. */
import { SwitchError } from '../base/errors.ts'

const codes: Readonly<Record<string, readonly [code: string, words: string]>> = {
  EADDRINUSE: ['NET_ADDRESS_IN_USE', 'the address is in use'],
  EADDRNOTAVAIL: ['NET_ADDRESS_NOT_HERE', 'this machine does not have the address'],
  EACCES: ['NET_NOT_PERMITTED', 'not permitted (ports below 1024 need privileges)'],
  EINVAL: ['NET_BAD_ADDRESS', 'no usable address'],
  ENOTFOUND: ['NET_BAD_ADDRESS', 'no such address'],
  EAFNOSUPPORT: ['NET_BAD_ADDRESS', 'this machine does not speak that kind of address'],
  ECONNREFUSED: ['NET_REFUSED', 'connection refused'],
  ECONNRESET: ['NET_RESET', 'connection reset'],
  EPIPE: ['NET_RESET', 'connection closed by the other side'],
  ETIMEDOUT: ['NET_TIMEOUT', 'no answer in time'],
  EHOSTUNREACH: ['NET_UNREACHABLE', 'host unreachable'],
  ENETUNREACH: ['NET_UNREACHABLE', 'network unreachable'],
  EMSGSIZE: ['NET_TOO_LARGE', 'too large for a datagram'],
  EMFILE: ['NET_NO_FILES', 'too many open files'],
}

/** The SwitchError for what was thrown about `what` (`udp 127.0.0.1:5060`). */
export function netError(thrown: unknown, what: string): SwitchError {
  if (thrown instanceof SwitchError) return thrown
  const system = thrown instanceof Error ? (thrown as NodeJS.ErrnoException).code : undefined
  const known = system === undefined ? undefined : codes[system]
  if (known !== undefined) return new SwitchError(known[0], `${what}: ${known[1]}`)
  const words = thrown instanceof Error ? thrown.message : String(thrown)
  return new SwitchError('NET_FAILED', `${what}: ${words}`)
}

/** `1.2.3.4:5060` or `[::1]:5060`, for texts. */
export function addressText(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}
