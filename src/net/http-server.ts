/**
 * One HTTP listener (RFC 9110, RFC 9112), with TLS or without: pages and sockets are what its owner makes of requests and
 * upgrades; limits, time-outs, headers that every answer has, and the counting of what is refused are here.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { reasonOf } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import { neighbourhood, plainText } from './address-octets.ts'
import { addressText, netError } from './errors.ts'
import type { TlsFiles } from './tls-files.ts'

const log = logger('net/http')

export type { IncomingMessage, ServerResponse }

/** What an owner of a listener does. */
export interface HttpHandlers {
  /** A request with no body, or one whose body is within the limit and still to be read. */
  request(request: IncomingMessage, response: ServerResponse): void
  /** `Upgrade:`; without it such requests are answered with 400. */
  upgrade?(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Whether an address may connect at all. Default: everyone. */
  admits?(address: string): boolean
}

export interface HttpOptions {
  readonly address: string
  /** 0 takes any that is free. */
  readonly port: number
  readonly tls?: TlsFiles
  readonly handlers: HttpHandlers
  /** Sockets at a time; further ones are closed at once. Default 5000. */
  readonly maxConnections?: number
  /** Sockets of one address (of IPv6, of one customer). Default half of all, so that nobody keeps out all others. */
  readonly maxPerAddress?: number
  /** ms in which a socket with a request has to move: who reads no answer must not keep one. Default 60 s. */
  readonly idleMs?: number
}

/** Octets of a request's line and headers. */
const headerLimit = 16 * 1024
/** Octets of a body; more is answered with 413. */
const bodyLimit = 10 * 1024 * 1024
/** ms that a client has for the headers, for the whole request, and until its next one. */
const headersMs = 10_000
const requestMs = 30_000
const keepAliveMs = 5_000

export class HttpServer {
  readonly address: string
  readonly isSecure: boolean
  readonly #server: Server
  readonly #options: HttpOptions
  readonly #sockets = new Set<Socket>()
  readonly #perAddress = new Map<string, number>()
  #port: number
  #watch: Disposable | undefined
  /** What was refused, by why; and how much was served. */
  readonly counters: Record<string, number> = {
    connections: 0,
    requests: 0,
    upgrades: 0,
    'refused address': 0,
    'refused full': 0,
    'refused crowd': 0,
    'refused malformed': 0,
    'refused too large': 0,
    'refused slow': 0,
    'refused tls': 0,
  }

  constructor(options: HttpOptions) {
    const { address, port, tls, handlers, idleMs = 60_000 } = options
    this.address = address
    this.#port = port
    this.isSecure = tls !== undefined
    this.#options = options
    const limits = {
      maxHeaderSize: headerLimit,
      headersTimeout: headersMs,
      requestTimeout: requestMs,
      keepAliveTimeout: keepAliveMs,
      connectionsCheckingInterval: 2000,
      noDelay: true,
    }
    this.#server = tls
      ? createSecureServer({ ...limits, ...tls.read(), handshakeTimeout: headersMs })
      : createServer(limits)
    this.#server.on('request', (request, response) => this.#serve(request, response))
    this.#server.on('connection', (socket: Socket) => this.#admit(socket))
    this.#server.on('clientError', (fault: NodeJS.ErrnoException, socket: Duplex) =>
      this.#refuse(fault, socket),
    )
    // Sockets that were upgraded are their owner's, and have no such bound.
    this.#server.timeout = idleMs
    this.#server.on('timeout', (socket: Socket) => {
      this.#count('refused slow')
      socket.destroy()
    })
    this.#server.on('tlsClientError', () => this.#count('refused tls'))
    this.#server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on('error', (thrown) => log.debug(`${this.text}: ${thrown.message}`))
      this.#count('upgrades')
      if (handlers.upgrade) handlers.upgrade(request, socket, head)
      else endWith(socket, 400)
    })
    if (tls) {
      this.#watch = tls.watch((context) => {
        // Connections that are up keep what they agreed on; new ones get the new certificate.
        ;(this.#server as unknown as { setSecureContext(context: object): void }).setSecureContext(
          context,
        )
      })
    }
  }

  get port(): number {
    return this.#port
  }

  /** `https://127.0.0.1:8082`, for the log. */
  get text(): string {
    return `${this.isSecure ? 'https' : 'http'}://${addressText(this.address, this.#port)}`
  }

  /** Throws SwitchError NET_ADDRESS_IN_USE and its like. */
  async listen(): Promise<void> {
    const server = this.#server
    await new Promise<void>((resolve, reject) => {
      server.once('error', (thrown) => reject(netError(thrown, this.text)))
      server.listen({ host: this.address, port: this.#port }, () => {
        server.removeAllListeners('error')
        server.on('error', (thrown) => log.err(`${this.text}: ${reasonOf(thrown)}`))
        resolve()
      })
    })
    const bound = server.address()
    if (typeof bound === 'object' && bound) this.#port = bound.port
  }

  /** Closes the listener and every socket. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#watch?.[Symbol.dispose]()
    const closed = new Promise((resolve) => this.#server.close(resolve))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  #count(what: string): void {
    this.counters[what] = (this.counters[what] ?? 0) + 1
  }

  #admit(socket: Socket): void {
    const { handlers, maxConnections = 5000 } = this.#options
    const { maxPerAddress = Math.ceil(maxConnections / 2) } = this.#options
    this.#count('connections')
    const place = neighbourhood(plainAddress(socket))
    const count = this.#perAddress.get(place) ?? 0
    const why =
      this.#sockets.size >= maxConnections
        ? 'refused full'
        : count >= maxPerAddress
          ? 'refused crowd'
          : undefined
    const refusal =
      why ?? (handlers.admits?.(plainAddress(socket)) === false ? 'refused address' : '')
    if (refusal !== '') {
      this.#count(refusal)
      log.debug(`${this.text}: ${plainAddress(socket)} ${refusal}`)
      socket.on('error', () => undefined)
      socket.destroy()
      return
    }
    socket.setKeepAlive(true, 30_000)
    this.#sockets.add(socket)
    this.#perAddress.set(place, count + 1)
    socket.on('close', () => {
      this.#sockets.delete(socket)
      const left = (this.#perAddress.get(place) ?? 1) - 1
      if (left > 0) this.#perAddress.set(place, left)
      else this.#perAddress.delete(place)
    })
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    this.#count('requests')
    for (const [name, value] of Object.entries(safeHeaders)) response.setHeader(name, value)
    response.on('error', (thrown) => log.debug(`${this.text}: ${thrown.message}`))
    request.on('error', (thrown) => log.debug(`${this.text}: ${thrown.message}`))
    if (Number(request.headers['content-length'] ?? 0) >= bodyLimit) {
      this.#count('refused too large')
      return answerPlain(response, 413, { Connection: 'close' })
    }
    let octets = 0
    request.on('data', (chunk: Buffer) => {
      octets += chunk.length
      if (octets < bodyLimit || response.writableEnded) return
      this.#count('refused too large')
      if (response.headersSent) request.destroy()
      else answerPlain(response, 413, { Connection: 'close' })
    })
    // Nobody listens yet: the body must not run away before the owner reads it.
    request.pause()
    try {
      this.#options.handlers.request(request, response)
    } catch (thrown) {
      log.err(`${this.text} ${request.url}: ${reasonOf(thrown)}`)
      if (response.headersSent) response.destroy()
      else answerPlain(response, 500, { Connection: 'close' })
    }
    // Whoever does not read it lets it go by.
    if (request.listenerCount('end') === 0) request.resume()
  }

  /** What is no HTTP, or comes too slowly. */
  #refuse(fault: NodeJS.ErrnoException, socket: Duplex): void {
    const status =
      fault.code === 'HPE_HEADER_OVERFLOW'
        ? 431
        : fault.code === 'ERR_HTTP_REQUEST_TIMEOUT'
          ? 408
          : 400
    if (fault.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
    this.#count(
      status === 431 ? 'refused too large' : status === 408 ? 'refused slow' : 'refused malformed',
    )
    endWith(socket, status)
  }
}

const reasons: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  413: 'Content Too Large',
  426: 'Upgrade Required',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}

/**
 * What every answer carries: nothing of ours is to be framed, sniffed or fed by others. The pages' own scripts, their sockets to
 * this server and the microphone are what a phone needs.
 */
const safeHeaders: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(self), microphone=(self), geolocation=()',
  'Content-Security-Policy':
    "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; media-src 'self' blob: mediastream:; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
}

/** Answers with a status and its words. */
export function answerPlain(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): void {
  const words = `${reasons[status] ?? 'Error'}\n`
  response.writeHead(status, reasons[status] ?? '', {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': Buffer.byteLength(words),
    ...headers,
  })
  response.end(words)
}

/** The same where there is a socket only; it is closed. */
export function endWith(socket: Duplex, status: number): void {
  const head = `HTTP/1.1 ${status} ${reasons[status] ?? 'Error'}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`
  socket.end(head, () => socket.destroy())
}

/** The address of the other side as access lists know it. */
export function plainAddress(socket: Socket): string {
  return plainText(socket.remoteAddress)
}
