/** A way to one remote address: a connection, or a UDP socket with the address to send to (RFC 5626 §2 calls it a flow). */

/** What SIP runs over, as the `transport` parameter spells it. */
export type Protocol = 'udp' | 'tcp' | 'tls' | 'ws' | 'wss'

export interface Flow {
  readonly protocol: Protocol
  /** Whether the transport itself cares for loss: all but UDP. */
  readonly isReliable: boolean
  readonly remoteAddress: string
  readonly remotePort: number
  readonly localAddress: string
  readonly localPort: number
  /** Whether it can still send. A UDP flow is open as long as its socket. */
  readonly isOpen: boolean
  /** What stands in the sent-by of requests that go out here: `host:port`. */
  readonly viaHost: string
  /** Sends a whole message. `failed` is called at most once, and only when it could not be sent. */
  send(data: Buffer, failed?: (reason: Error) => void): void
}

/** Where a request is to go: one result of RFC 3263, or a flow that is already there. */
export interface Target {
  readonly protocol: Protocol
  /** A numeric address, without brackets. */
  readonly address: string
  readonly port: number
  /** Used as long as it is open; then a new way to address and port is made. */
  readonly flow?: Flow | undefined
}

/** `1.2.3.4:5060` or `[::1]:5060`. */
export function hostPort(address: string, port: number): string {
  return address.indexOf(':') >= 0 ? `[${address}]:${port}` : `${address}:${port}`
}

/** An address as Via and URIs write it: IPv6 in brackets. */
export function hostText(address: string): string {
  return address.indexOf(':') >= 0 ? `[${address}]` : address
}
