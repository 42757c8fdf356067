/**
 * ICE and DTLS on the RTP port of a leg or stream: everything on it that is neither RTP nor RTCP comes here, told apart by its
 * first octet (RFC 7983). Who has neither has no such object, and pays nothing.
 */
import { isIP } from 'node:net'
import { logger } from '../base/log.ts'
import { isLoopback } from '../net/address-octets.ts'
import { isStun } from '../net/stun-message.ts'
import { DtlsClient } from '../webrtc/dtls-client.ts'
import type { DtlsIdentity } from '../webrtc/dtls-identity.ts'
import { isDtlsPacket } from '../webrtc/dtls-record.ts'
import { DtlsServer } from '../webrtc/dtls-server.ts'
import type { DtlsEvents } from '../webrtc/dtls-session.ts'
import type { DtlsSrtpKeys } from '../webrtc/dtls-srtp.ts'
import { IceAgent } from '../webrtc/ice-agent.ts'
import type { IceWay } from '../webrtc/ice-terms.ts'
import type {
  DtlsDescription,
  IceDescription,
  IcePair,
  LegCrypto,
  LegDtls,
  LegIce,
  WebRtcDescription,
} from './engine.ts'
import type { IceTcpWay } from './ice-tcp-way.ts'
import type { MediaSocket, Source } from './media-socket.ts'
import type { WebRtcNews, WebRtcPort } from './protocol.ts'
import type { TurnWay } from './turn-way.ts'

const log = logger('media/webrtc')

/** Whoever has the port. */
export interface WireOwner {
  readonly uuid: string
  readonly identity: DtlsIdentity
  /** How it is called in what is told of it. */
  readonly webRtcPort: WebRtcPort
  /** `ip:port` of ours. */
  readonly here: string
  /** Its way through a TURN server, where one was asked. */
  readonly turn?: TurnWay | undefined
  /** Its way by TCP connections, where its profile has a port for them. */
  readonly tcp?: IceTcpWay | undefined
  tell(news: WebRtcNews): void
  drop(reason: string): void
  /** The party is there and reached by that way, by ICE. */
  settled(address: string, port: number, way: IceWay): void
  /** Whether anything may be sent: not while ICE has lost the other side (RFC 7675). */
  consent(isGiven: boolean): void
  /** Keys of SRTP for both directions. */
  secured(keys: LegCrypto): void
}

/** ms in which strangers' handshakes are passed over, where there is no ICE to tell them from the other side. */
const strangersMs = 30_000
/** Each costs as much as a party does. */
const mostStrangers = 10

export class SecureWire {
  readonly #owner: WireOwner
  readonly #socket: MediaSocket
  #ice: IceAgent | undefined
  #dtls: DtlsClient | DtlsServer | undefined
  #wanted: LegDtls | undefined
  /** Where signalling says that the other side is, and until when handshakes of others may come to nothing. */
  #told = ''
  #strangersUntil = 0
  #strangers = 0
  /** Where DTLS goes: the pair of ICE, else what signalling said, else where it comes from. */
  #address = ''
  #port = 0
  #way: IceWay = 'direct'

  constructor(owner: WireOwner, socket: MediaSocket) {
    this.#owner = owner
    this.#socket = socket
  }

  /** `address` and `port` are those of signalling, which count where there is no ICE. */
  configure(
    ice: LegIce | undefined,
    dtls: LegDtls | undefined,
    address: string,
    port: number,
    now: number,
  ): void {
    if (!ice) {
      if (this.#ice) this.#owner.consent(true)
      this.#ice = undefined
    }
    const safe = ice && this.#withoutLoopback(ice)
    if (safe && this.#ice) this.#ice.configure(safe, now)
    else if (safe) this.#ice = this.#newIce(safe, now)
    if (!ice) this.#aim(address, port)
    this.#told = `${address}:${port}`
    if (isSame(this.#wanted, dtls)) return
    this.#dtls?.close()
    this.#wanted = dtls
    this.#dtls = dtls && this.#newDtls(dtls, ice !== undefined)
    this.#strangersUntil = now + strangersMs
    this.#strangers = 0
    if (!ice || this.#ice?.isReady) this.#start(now)
  }

  /** Whether ICE says where the party is, whatever signalling said. */
  get isSettled(): boolean {
    return this.#ice?.selected !== undefined
  }

  /**
   * Whether the party has shown by a check that it is there. It may send from any such place, before it settles on one and while it
   * changes to another (RFC 8445 section 12.2).
   */
  hasProven({ address, port }: Source): boolean {
    return this.#ice?.isKnown(address, port) ?? false
  }

  /** Takes what is neither RTP nor RTCP. */
  packet(packet: Buffer, from: Source): void {
    const now = performance.now()
    if (isStun(packet)) {
      if (this.#ice) return this.#ice.receive(packet, from.address, from.port, now, wayOf(from))
    } else if (isDtlsPacket(packet) && this.#dtls) return this.#record(packet, from, now)
    this.#owner.drop('not RTP')
  }

  /** There is an address at a TURN server. */
  turnAllocated(): void {
    const family = this.#owner.turn?.family
    if (family) this.#ice?.relayed(family, performance.now())
  }

  /** A TCP connection is no more. */
  tcpEnded({ address, port }: Source): void {
    this.#ice?.ended(address, port, performance.now())
  }

  /** `packetAt`: when sound or pictures came last. */
  sweep(now: number, packetAt: number | null): void {
    this.#ice?.sweep(now, packetAt ?? -1)
    this.#dtls?.tick(now)
  }

  close(): void {
    this.#dtls?.close()
  }

  describe(): WebRtcDescription {
    return {
      ice: this.#describeIce(),
      turn: this.#owner.turn?.describe(),
      tcp: this.#owner.tcp?.describe(),
      dtls: this.#describeDtls(),
    }
  }

  #record(packet: Buffer, from: Source, now: number): void {
    const { address, port } = from
    let dtls = this.#dtls
    if (!dtls) return
    if (this.#ice) {
      if (!this.#ice.isKnown(address, port)) return this.#owner.drop('DTLS source')
      // The other side may begin before it has settled on the pair.
      if (!this.#ice.isReady) this.#aim(address, port, wayOf(from))
    } else if (address !== this.#address || port !== this.#port) {
      // Symmetric, as RTP is: a NAT may have moved it. Once it has begun it stays where it is, unless who had begun is a
      // stranger, and the one comes who was told of.
      const isTold = `${address}:${port}` === this.#told
      if (dtls.state === 'handshake' && isTold && dtls instanceof DtlsServer) dtls = this.#anew()
      const isTooMany = !isTold && this.#strangers >= mostStrangers
      if (dtls?.state !== 'waiting' || isTooMany) return this.#owner.drop('DTLS source')
      this.#aim(address, port)
    }
    if (dtls instanceof DtlsServer) dtls.source = `${address}:${port}`
    dtls?.receive(packet, now)
  }

  /** Programs of this machine are no party, unless the port is for this machine alone. */
  #withoutLoopback(ice: LegIce): LegIce {
    const { here } = this.#owner
    const { checks } = ice
    if (!checks || isLoopback(here.slice(0, here.lastIndexOf(':')))) return ice
    const candidates = checks.candidates.filter(({ address }) => !isLoopback(address))
    if (candidates.length < checks.candidates.length) this.#owner.drop('ICE candidates')
    return { ...ice, checks: { ...checks, candidates } }
  }

  /** A stranger's handshake is nothing to us: the next may begin. */
  #anew(): DtlsClient | DtlsServer | undefined {
    this.#owner.drop('DTLS stranger')
    this.#strangers++
    this.#dtls = this.#wanted && this.#newDtls(this.#wanted, false)
    return this.#dtls
  }

  /** Whether a handshake that failed was with somebody else than signalling spoke of: anybody could end a call so. */
  #isStranger(role: LegDtls['role']): boolean {
    const isElsewhere = `${this.#address}:${this.#port}` !== this.#told
    return (
      !this.#ice && role === 'passive' && isElsewhere && performance.now() < this.#strangersUntil
    )
  }

  #aim(address: string, port: number, way: IceWay = 'direct'): void {
    this.#address = address
    this.#port = port
    this.#way = way
  }

  #send(packet: Buffer, port: number, address: string, way: IceWay): void {
    if (port === 0 || isIP(address) === 0) return this.#owner.drop('no address for DTLS or ICE')
    if (way === 'relay') this.#owner.turn?.sendByRelay(packet, port, address)
    else if (way === 'tcp') this.#owner.tcp?.send(packet, port, address)
    else this.#socket.send(packet, port, address)
  }

  #start(now: number): void {
    if (this.#dtls instanceof DtlsClient) this.#dtls.start(now)
  }

  #newIce(settings: LegIce, now: number): IceAgent {
    const owner = this.#owner
    const agent = new IceAgent(
      settings,
      {
        send: (packet, port, address, way) => this.#send(packet, port, address, way),
        selected: (address, port, way) => {
          const by = { direct: '', relay: `, by the relay ${owner.turn?.here}`, tcp: ', by TCP' }[
            way
          ]
          log.info(`ICE settled on ${address}:${port}${by}`, owner.uuid)
          this.#aim(address, port, way)
          owner.turn?.settled(address, port, way === 'relay')
          owner.tcp?.settled(address, port, way === 'tcp')
          owner.settled(address, port, way)
          this.#start(performance.now())
        },
        state: (state) => {
          if (state === 'failed') log.notice('ICE found no way to the other side', owner.uuid)
          if (state === 'disconnected')
            log.notice('ICE has lost the other side: nothing is sent to it', owner.uuid)
          if (state === 'disconnected' || state === 'connected')
            owner.consent(state === 'connected')
          const news = { state, pair: this.#selectedPair() }
          owner.tell({ tell: 'ice', ...owner.webRtcPort, news })
        },
        drop: (reason) => owner.drop(reason),
      },
      now,
    )
    const family = owner.turn?.family
    if (family) agent.relayed(family, now)
    return agent
  }

  #newDtls(settings: LegDtls, hasIce: boolean): DtlsClient | DtlsServer {
    const owner = this.#owner
    const { role, fingerprints } = settings
    const events: DtlsEvents = {
      send: (packet) => this.#send(packet, this.#port, this.#address, this.#way),
      connected: (keys) => this.#secured(keys),
      failed: (reason) => {
        if (this.#isStranger(role)) {
          log.info(`DTLS with ${this.#address}:${this.#port}: ${reason}`, owner.uuid)
          this.#anew()
          return
        }
        log.notice(`DTLS: ${reason}`, owner.uuid)
        owner.drop('DTLS failed')
        owner.tell({ tell: 'security failed', ...owner.webRtcPort, reason })
      },
      closed: () => log.info('DTLS: the other side has ended the connection', owner.uuid),
      drop: (reason) => owner.drop(reason),
    }
    const options = { identity: owner.identity, fingerprints, isSourceProven: hasIce }
    return role === 'active' ? new DtlsClient(options, events) : new DtlsServer(options, events)
  }

  #secured({ suite, client, server }: DtlsSrtpKeys): void {
    const owner = this.#owner
    const dtls = this.#dtls
    if (!dtls) return
    const [ours, theirs] = dtls.role === 'active' ? [client, server] : [server, client]
    owner.secured({ send: { suite, key: ours }, receive: { suite, key: theirs } })
    const { role } = dtls
    const ms = Math.round(dtls.ms ?? 0)
    const cipher = dtls.suite?.name ?? ''
    log.info(`DTLS (${role}) after ${ms} ms: ${cipher}, ${suite}`, owner.uuid)
    owner.tell({ tell: 'secured', ...owner.webRtcPort, news: { suite, cipher, role, ms } })
  }

  #pair(pair: IceAgent['pairs'][number]): IcePair {
    const { address, port, type, state, isNominated, way } = pair
    const { here, turn, tcp } = this.#owner
    const local = (way === 'relay' && turn?.here) || (way === 'tcp' && tcp?.here) || here
    const transport = way === 'tcp' ? 'tcp' : 'udp'
    return { local, remote: `${address}:${port}`, transport, type, state, isNominated }
  }

  #selectedPair(): IcePair | undefined {
    const selected = this.#ice?.selected
    return selected && this.#pair(selected)
  }

  #describeIce(): IceDescription | undefined {
    const ice = this.#ice
    if (!ice) return undefined
    const { state, isLite, isControlling, checksReceived, checksRefused, checksSent } = ice
    return {
      state,
      mode: isLite ? 'lite' : 'full',
      isControlling,
      pairs: ice.pairs.map((pair) => this.#pair(pair)),
      checksReceived,
      checksRefused,
      checksSent,
    }
  }

  #describeDtls(): DtlsDescription | undefined {
    const dtls = this.#dtls
    if (!dtls) return undefined
    return {
      state: dtls.state,
      role: dtls.role,
      cipher: dtls.suite?.name ?? '',
      suite: dtls.srtpSuite,
      ours: this.#owner.identity.fingerprint,
      announced: (this.#wanted?.fingerprints ?? []).map(
        ({ algorithm, value }) => `${algorithm} ${value}`,
      ),
      theirs: dtls.theirFingerprint,
      failure: dtls.failure,
      retransmissions: dtls.retransmissions,
      ms: dtls.ms,
    }
  }
}

function wayOf({ way }: Source): IceWay {
  return way ?? 'direct'
}

/** Whether the connection that stands is the one that is wanted: the same part, the same certificate. */
function isSame(a: LegDtls | undefined, b: LegDtls | undefined): boolean {
  const text = (dtls: LegDtls | undefined) =>
    dtls &&
    [dtls.role, ...dtls.fingerprints.map(({ algorithm, value }) => algorithm + value)]
      .join(' ')
      .toUpperCase()
  return text(a) === text(b)
}
