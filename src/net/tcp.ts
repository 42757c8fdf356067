/** TCP listeners and connections as plain objects: errors as SwitchErrors, every limit in the hands of the user. */
import { connect, createServer, isIPv6, type Server, type Socket } from 'node:net'
import { SwitchError } from '../base/errors.ts'
import { plainText } from './address-octets.ts'
import { addressText, netError } from './errors.ts'

/** What the owner of a connection wants to hear. */
export interface TcpEvents {
  data(chunk: Buffer): void
  /** Called once; with the reason when it was not closed in order. */
  closed(reason: Error | undefined): void
}

export class TcpConnection {
  readonly localAddress: string
  readonly localPort: number
  readonly remoteAddress: string
  readonly remotePort: number
  readonly #socket: Socket

  constructor(socket: Socket) {
    this.#socket = socket
    this.localAddress = plainText(socket.localAddress)
    this.localPort = socket.localPort ?? 0
    this.remoteAddress = plainText(socket.remoteAddress)
    this.remotePort = socket.remotePort ?? 0
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed && this.#socket.writable
  }

  /** Octets that wait to be sent because the other side does not read. */
  get waitingBytes(): number {
    return this.#socket.writableLength
  }

  /** Begins to read. */
  listen(events: TcpEvents): void {
    const socket = this.#socket
    let reason: Error | undefined
    socket.setNoDelay(true)
    socket.on('data', (chunk) => events.data(chunk as Buffer))
    socket.on('error', (error) => {
      reason = netError(error, `tcp ${addressText(this.remoteAddress, this.remotePort)}`)
    })
    socket.on('close', () => events.closed(reason))
  }

  send(data: Uint8Array, failed?: (error: Error) => void): void {
    if (!this.isOpen) {
      failed?.(
        new SwitchError(
          'NET_RESET',
          `tcp ${addressText(this.remoteAddress, this.remotePort)}: closed`,
        ),
      )
      return
    }
    if (failed === undefined) this.#socket.write(data)
    else
      this.#socket.write(data, (error) => {
        if (error)
          failed(netError(error, `tcp ${addressText(this.remoteAddress, this.remotePort)}`))
      })
  }

  /** Sends what waits, then closes. */
  end(): void {
    this.#socket.end()
  }

  /** Closes at once. */
  destroy(): void {
    this.#socket.destroy()
  }
}

export interface TcpListener {
  readonly address: string
  readonly port: number
  /** Stops taking connections; those that are open stay. */
  close(): Promise<void>
}

/** Listens; rejects with SwitchError NET_ADDRESS_IN_USE … naming the address. */
export function listenTcp(options: {
  readonly address: string
  /** 0 takes a free one. */
  readonly port: number
  readonly onConnection: (connection: TcpConnection) => void
  readonly onError?: ((error: Error) => void) | undefined
  /** Length of the kernel's queue of connections not taken yet. */
  readonly backlog?: number | undefined
}): Promise<TcpListener> {
  const what = `tcp ${addressText(options.address, options.port)}`
  return new Promise((resolve, reject) => {
    const server: Server = createServer((socket) => {
      // Gone again before we looked.
      if (socket.remoteAddress === undefined) socket.destroy()
      else options.onConnection(new TcpConnection(socket))
    })
    const refuse = (error: Error) => reject(netError(error, what))
    server.once('error', refuse)
    server.listen(
      {
        host: options.address,
        port: options.port,
        ipv6Only: isIPv6(options.address),
        backlog: options.backlog ?? 1024,
      },
      () => {
        server.off('error', refuse)
        server.on('error', (error) => options.onError?.(netError(error, what)))
        const bound = server.address()
        const port = typeof bound === 'object' && bound !== null ? bound.port : options.port
        resolve({
          address: options.address,
          port,
          close: () => new Promise((done) => void server.close(() => done())),
        })
      },
    )
  })
}

/** Connects within `timeoutMs`; rejects with SwitchError NET_REFUSED, NET_TIMEOUT …. */
export function connectTcp(options: {
  readonly address: string
  readonly port: number
  readonly timeoutMs: number
  readonly localAddress?: string | undefined
}): Promise<TcpConnection> {
  const what = `tcp ${addressText(options.address, options.port)}`
  return new Promise((resolve, reject) => {
    let socket: Socket
    try {
      socket = connect({
        host: options.address,
        port: options.port,
        ...(options.localAddress === undefined ? {} : { localAddress: options.localAddress }),
      })
    } catch (thrown) {
      reject(netError(thrown, what))
      return
    }
    const refuse = (error: Error) => {
      socket.destroy()
      reject(netError(error, what))
    }
    socket.setTimeout(options.timeoutMs, () =>
      refuse(new SwitchError('NET_TIMEOUT', `${what}: no answer within ${options.timeoutMs} ms`)),
    )
    socket.once('error', refuse)
    socket.once('connect', () => {
      socket.setTimeout(0)
      socket.off('error', refuse)
      resolve(new TcpConnection(socket))
    })
  })
}
