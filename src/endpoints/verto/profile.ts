/** One Verto profile: where it listens, its settings, and the sockets that came to it. */
import { isIP } from 'node:net'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { placeText, reasonOf } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import { type IceServer, readIceServers } from '../../core/ice-servers.ts'
import { listenForIce } from '../../core/ice-tcp.ts'
import { stunAddress, writtenAddress } from '../../core/own-address.ts'
import { readSettings, type Values } from '../../core/settings.ts'
import type { SideProfile } from '../../core/sides/sided-leg.ts'
import { readTurnServers } from '../../core/turn-relay.ts'
import { isTrue } from '../../core/variables.ts'
import type { IceTcpPort } from '../../media/engine.ts'
import { neighbourhood } from '../../net/address-octets.ts'
import { keptCertificate } from '../../net/certificate.ts'
import {
  answerPlain,
  endWith,
  HttpServer,
  type IncomingMessage,
  plainAddress,
  type ServerResponse,
} from '../../net/http-server.ts'
import { type TlsFileNames, TlsFiles } from '../../net/tls-files.ts'
import type { XmlNode } from '../../xml/node.ts'
import { children } from '../../xml/query.ts'
import { detachCalls } from './attach.ts'
import { Connection } from './connection.ts'
import { mediaValues, profileSettings } from './settings.ts'
import type { Verto } from './verto.ts'
import { VirtualHosts } from './virtual-hosts.ts'

const log = logger('verto/profile')

/** One `bind-local`. */
export interface Binding {
  readonly address: string
  readonly port: number
  readonly isSecure: boolean
  /** Undefined when it could not be opened. */
  server: HttpServer | undefined
}

/** Sockets without a login that one address may have, and octets that each may send. */
const mostUnknown = 100
const mostUnknownOctets = 64 * 1024

export class VertoProfile {
  readonly verto: Verto
  readonly name: string
  readonly values: Values
  /** The params that are about sound, under their usual names. */
  readonly media: SideProfile
  /** Where browsers outside reach our sound: `ext-rtp-ip`, else the same as `rtpIp`. */
  externalRtpIp: string
  readonly bindings: readonly Binding[]
  /** What browsers are told to find their way with. */
  readonly iceServers: readonly IceServer[]
  /** What relays sound for us, where ICE needs it. */
  readonly turnServers: readonly IceServer[]
  /** Where browsers may reach our sound by TCP. */
  iceTcp: IceTcpPort | undefined
  readonly hosts: VirtualHosts
  readonly connections = new Set<Connection>()
  readonly #sockets: WebSocketServer
  isRunning = false

  constructor(verto: Verto, node: XmlNode) {
    this.verto = verto
    this.name = node.attributes.get('name') ?? ''
    this.values = readSettings(node, profileSettings)
    this.media = mediaOf(this)
    this.externalRtpIp = externalAddress(this.name, this.values) || this.rtpIp
    this.bindings = bindingsOf(node)
    this.iceServers = readIceServers(node, 'ice-server')
    this.turnServers = readTurnServers(node, this.values)
    this.hosts = new VirtualHosts(this, node)
    this.#sockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: Math.max(1024, this.values.number('max-message-bytes')),
      autoPong: false,
    })
    this.#sockets.on('wsClientError', (thrown) => {
      verto.count('refused message')
      const more = verto.brake.pass('no WebSocket')
      if (more !== undefined)
        log.info(`profile ${this.name}: no WebSocket: ${thrown.message}${more}`)
    })
  }

  get debug(): number {
    return this.values.number('debug')
  }

  get needsLogin(): boolean {
    const { values } = this
    const auth = values.text('userauth')
    return auth.startsWith('@') || isTrue(auth) || values.text('root-password') !== ''
  }

  get rtpIp(): string {
    const { values, verto } = this
    return values.all('rtp-ip')[0] || (verto.sw.globals.get('local_ip_v4') ?? '127.0.0.1')
  }

  /** Opens what it listens at. What cannot be opened is told in the log, and `verto status` shows it as DOWN. */
  async start(): Promise<void> {
    if (!this.needsLogin) {
      log.warning(`profile ${this.name}: everybody may call without a login`)
      if (this.iceServers.some(({ account }) => account))
        log.warning(`profile ${this.name}: TURN servers are told to nobody, for nobody logs in`)
    }
    const text = this.values.text('ext-rtp-ip')
    const options = { profile: this.name, param: 'ext-rtp-ip', text }
    this.externalRtpIp = (await stunAddress(this.verto.sw, options)) ?? this.externalRtpIp
    this.iceTcp = await listenForIce(this.verto.sw, this)
    for (const binding of this.bindings) {
      try {
        binding.server = await this.#listen(binding)
        log.notice(`profile ${this.name} at ${binding.server.text}`)
      } catch (thrown) {
        log.err(`profile ${this.name}: ${reasonOf(thrown)}`)
      }
    }
    this.isRunning = this.bindings.some(({ server }) => server !== undefined)
  }

  async stop(): Promise<void> {
    this.isRunning = false
    this.iceTcp?.close()
    for (const connection of [...this.connections]) connection.close('the profile stops', 1001)
    for (const binding of this.bindings) {
      await binding.server?.[Symbol.asyncDispose]()
      binding.server = undefined
    }
  }

  /** A socket is gone. */
  ended(connection: Connection): void {
    const { verto, connections } = this
    if (!connections.delete(connection)) return
    verto.subscriptions.removeAll(connection)
    verto.operators.get(connection)?.[Symbol.dispose]()
    if (verto.sessions.get(connection.sessid) === connection) {
      verto.sessions.delete(connection.sessid)
      verto.sw.eventChannels.forbid(connection.sessid)
      detachCalls(connection)
    }
    log.info(`${connection.name} is gone`)
    this.#announce('verto::client_disconnect', connection, connection.user?.uid ?? '')
  }

  async #listen(binding: Binding): Promise<HttpServer> {
    const server: HttpServer = new HttpServer({
      address: binding.address,
      port: binding.port,
      ...(binding.isSecure ? { tls: new TlsFiles(this.#certificate()) } : {}),
      handlers: {
        request: (request, response) => this.#page(request, response),
        upgrade: (request, socket, head) => this.#upgrade(request, socket, head, binding.isSecure),
        admits: (address) => this.#admits(address),
      },
    })
    await server.listen()
    return server
  }

  /** The files that the profile names, or the one that every server has, made where it is not there. */
  #certificate(): TlsFileNames {
    const { values, verto } = this
    const combined = values.text('secure-combined')
    const folder = verto.sw.globals.get('certs_dir') ?? join(verto.sw.options.dataDir, 'certs')
    const usual = join(folder, 'wss.pem')
    const certificate = values.text('secure-cert') || combined || usual
    const key = values.text('secure-key') || combined || usual
    if (certificate === usual && key === usual) {
      const host = verto.sw.globals.get('local_ip_v4') ?? ''
      const names = ['localhost', '127.0.0.1', '::1', host, verto.sw.globals.get('domain') ?? '']
      keptCertificate(usual, {
        commonName: 'localhost',
        names: [...new Set(names)].filter((name) => /^[\w.:-]+$/.test(name)),
      })
    }
    return { certificate, key, chain: values.text('secure-chain') || undefined }
  }

  /** Every list of apply-connection-acl has to let it pass. */
  #admits(address: string): boolean {
    const refusing = this.values
      .all('apply-connection-acl')
      .find((list) => !this.verto.sw.acls.check(address, list).allowed)
    if (refusing === undefined) return true
    this.verto.count('refused address')
    const more = this.verto.brake.pass('address')
    if (more !== undefined)
      log.info(`profile ${this.name}: ${address} does not pass ${refusing}${more}`)
    return false
  }

  #page(request: IncomingMessage, response: ServerResponse): void {
    if (this.hosts.isEmpty) return answerPlain(response, 400, { Connection: 'close' })
    this.hosts.serve(request, response)
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, isSecure: boolean): void {
    const host = plainAddress(request.socket)
    const isFull =
      this.connections.size >= this.values.number('max-connections') ||
      this.#unknownFrom(host) >= mostUnknown
    if (isFull) {
      this.verto.count('refused full')
      const more = this.verto.brake.pass('full')
      if (more !== undefined)
        log.warning(`profile ${this.name}: too many sockets, ${host} is refused${more}`)
      return endWith(socket, 503)
    }
    if (!this.#isWelcome(request)) {
      this.verto.count('refused origin')
      const more = this.verto.brake.pass('origin')
      if (more !== undefined)
        log.warning(
          `profile ${this.name}: a page of ${JSON.stringify(request.headers.origin)} is refused: see allowed-origins${more}`,
        )
      return endWith(socket, 403)
    }
    const port = request.socket.remotePort ?? 0
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const connection = new Connection(this, webSocket, host, port, isSecure)
      this.connections.add(connection)
      if (this.needsLogin) this.#boundUntilLogin(connection, socket)
      log.debug(`${connection.name} comes to profile ${this.name}`)
      this.#announce('verto::client_connect', connection, undefined)
    })
  }

  /**
   * Whether the page that a browser has open may use us (RFC 6455 section 10.2). Where everybody has to log in any may, unless
   * `allowed-origins` says which; else those of this host alone, or any page of the world could call from inside.
   */
  #isWelcome({ headers }: IncomingMessage): boolean {
    const { origin, host = '' } = headers
    if (origin === undefined) return true
    const allowed = this.values
      .text('allowed-origins')
      .toLowerCase()
      .split(/[\s,]+/)
    if (allowed.includes('*') || allowed.includes(origin.toLowerCase())) return true
    if (allowed.some((one) => one !== '')) return false
    return this.needsLogin || nameOf(origin.replace(/^[a-z]+:\/\//i, '')) === nameOf(host)
  }

  /** A message that is begun and never ended would be kept up to its greatest length, for everybody who connects. */
  #boundUntilLogin(connection: Connection, socket: Duplex): void {
    let octets = 0
    const count = (chunk: Buffer) => {
      octets += chunk.length
      if (!connection.isAuthed && octets <= mostUnknownOctets) return
      socket.off('data', count)
      if (connection.isAuthed) return
      this.verto.count('refused size')
      connection.close('too much before the login', 1009, 0)
    }
    socket.on('data', count)
  }

  #unknownFrom(host: string): number {
    const place = neighbourhood(host)
    let count = 0
    for (const connection of this.connections)
      if (!connection.isAuthed && connection.place === place) count++
    return count
  }

  #announce(subclass: string, connection: Connection, login: string | undefined): void {
    this.verto.sw.events.announce(
      'CUSTOM',
      (event) => {
        event.add('verto_profile_name', this.name)
        event.add('verto_client_address', connection.name)
        if (login !== undefined) event.add('verto_login', login)
      },
      subclass,
    )
  }
}

/** What candidates can have, which is no name. */
function externalAddress(profile: string, values: Values): string {
  const text = writtenAddress(values.text('ext-rtp-ip'))
  if (text === '' || isIP(text) !== 0) return text
  const words = 'is neither an address nor stun:host:port; the local one is used'
  log.err(`profile ${profile}: ext-rtp-ip="${text}" ${words}`)
  return ''
}

/** A host without its port. */
function nameOf(host: string): string {
  return host.replace(/:\d+$/, '').toLowerCase()
}

/** `1.2.3.4:8081`, `[::1]:8082`; what is neither is told in the log. */
function bindingsOf(node: XmlNode): Binding[] {
  return children(node, 'param').flatMap(({ attributes, place }) => {
    if (attributes.get('name')?.toLowerCase() !== 'bind-local') return []
    const value = attributes.get('value') ?? ''
    const [, bracketed, plain, port] =
      /^(?:\[([^\]]*)\]|([^:[\]]*)):(\d+)$/.exec(value.trim()) ?? []
    const address = bracketed ?? plain ?? ''
    if (address === '') {
      const words = 'is no address with a port and is left out'
      log.notice(`${placeText(place)}: bind-local="${value}" ${words}`)
      return []
    }
    const isSecure = isTrue(attributes.get('secure'))
    return [{ address, port: Number(port), isSecure, server: undefined }]
  })
}

function mediaOf(profile: VertoProfile): SideProfile {
  return {
    values: mediaValues(profile.values),
    get rtpIp() {
      return profile.rtpIp
    },
    get turnServers() {
      return profile.turnServers
    },
    get iceTcp() {
      return profile.iceTcp
    },
    get externalRtpIp() {
      return profile.externalRtpIp
    },
  }
}
