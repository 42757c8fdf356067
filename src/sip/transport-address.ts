/** Which address we give as our own in Via, for a listener and the remote address we speak to. */
import { networkInterfaces } from 'node:os'
import { hostPort } from './flow.ts'
import type { Listener } from './transport.ts'

/** Text that does not depend on the remote side is made once for a listener. */
const fixed = new WeakMap<Listener, string>()

/** The sent-by: `host:port` as advertised, else as bound (for an unbound address: one of this machine's). */
export function viaHostOf(listener: Listener, remoteAddress: string): string {
  const known = fixed.get(listener)
  if (known !== undefined) return known
  const { advertise } = listener.spec
  const isWild = listener.address === '0.0.0.0' || listener.address === '::'
  const chosen = typeof advertise === 'function' ? advertise(remoteAddress) : advertise
  const address =
    chosen?.address ?? (isWild ? ownAddress(listener.address, remoteAddress) : listener.address)
  const text = hostPort(address, chosen?.port ?? listener.port)
  if (typeof advertise !== 'function' && !(isWild && chosen === undefined))
    fixed.set(listener, text)
  return text
}

function ownAddress(bound: string, remoteAddress: string): string {
  const isIPv6 = bound.indexOf(':') >= 0
  const loopback = isIPv6 ? '::1' : '127.0.0.1'
  if (remoteAddress === '::1' || remoteAddress.startsWith('127.')) return loopback
  for (const addresses of Object.values(networkInterfaces()))
    for (const one of addresses ?? [])
      if (!one.internal && (one.family === 'IPv6') === isIPv6 && !one.address.startsWith('fe80'))
        return one.address
  return loopback
}
