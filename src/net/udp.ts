/** A UDP socket as a plain object: bound when opened, errors as SwitchErrors. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { addressText, netError } from './errors.ts'

export interface UdpOptions {
  /** A numeric local address, IPv4 or IPv6. */
  readonly address: string
  /** 0 takes a free one. */
  readonly port: number
  /** Size of the kernel's queue of what was not read yet, octets. The kernel may grant less. */
  readonly receiveBufferBytes?: number | undefined
  readonly sendBufferBytes?: number | undefined
  readonly onMessage: (data: Buffer, remote: RemoteInfo) => void
  /** A fault of the socket after it was opened; it stays open. */
  readonly onError?: ((error: Error) => void) | undefined
}

export interface UdpSocket {
  readonly address: string
  readonly port: number
  readonly isOpen: boolean
  /** Sends one datagram. `failed` is told when the system refuses it; without it, `onError` is. */
  send(data: Uint8Array, port: number, address: string, failed?: (error: Error) => void): void
  /** Closes it; nothing is received afterwards. */
  close(): Promise<void>
}

/** Numeric addresses need no look-up: this answers at once, where dns.lookup takes another turn of the loop. */
function numericLookup(
  hostname: string,
  _options: unknown,
  callback: (error: Error | null, address: string, family: number) => void,
): void {
  callback(null, hostname, hostname.includes(':') ? 6 : 4)
}

class BoundUdp implements UdpSocket {
  readonly address: string
  readonly port: number
  isOpen = true
  readonly #socket: Socket

  constructor(socket: Socket, address: string, port: number) {
    this.#socket = socket
    this.address = address
    this.port = port
  }

  send(data: Uint8Array, port: number, address: string, failed?: (error: Error) => void): void {
    if (!this.isOpen) {
      failed?.(new Error('the socket is closed'))
      return
    }
    try {
      if (failed === undefined) this.#socket.send(data, port, address)
      else
        this.#socket.send(data, port, address, (error) => {
          if (error !== null) failed(netError(error, `udp ${addressText(address, port)}`))
        })
    } catch (thrown) {
      // A port or address that the system does not even take.
      failed?.(netError(thrown, `udp ${addressText(address, port)}`))
    }
  }

  close(): Promise<void> {
    if (!this.isOpen) return Promise.resolve()
    this.isOpen = false
    return new Promise((resolve) => this.#socket.close(() => resolve()))
  }
}

/** Binds a socket; rejects with SwitchError NET_ADDRESS_IN_USE, NET_ADDRESS_NOT_HERE … naming the address. */
export function openUdp(options: UdpOptions): Promise<UdpSocket> {
  const what = `udp ${addressText(options.address, options.port)}`
  return new Promise((resolve, reject) => {
    const socket = createSocket({
      type: isIPv6(options.address) ? 'udp6' : 'udp4',
      ipv6Only: isIPv6(options.address),
      lookup: numericLookup as never,
    })
    const refuse = (error: Error) => {
      socket.close()
      reject(netError(error, what))
    }
    socket.once('error', refuse)
    socket.bind({ address: options.address, port: options.port }, () => {
      socket.off('error', refuse)
      socket.on('error', (error) => options.onError?.(netError(error, what)))
      if (options.receiveBufferBytes !== undefined)
        setBuffer(socket, 'Recv', options.receiveBufferBytes)
      if (options.sendBufferBytes !== undefined) setBuffer(socket, 'Send', options.sendBufferBytes)
      socket.on('message', options.onMessage)
      resolve(new BoundUdp(socket, options.address, socket.address().port))
    })
  })
}

/** The kernel caps the size by itself; where it refuses altogether the usual size stays. */
function setBuffer(socket: Socket, which: 'Recv' | 'Send', bytes: number): void {
  try {
    if (which === 'Recv') socket.setRecvBufferSize(bytes)
    else socket.setSendBufferSize(bytes)
  } catch {
    // ENOBUFS: the default is kept.
  }
}
