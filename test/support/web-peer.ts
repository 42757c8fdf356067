/** A browser's transport without the browser: ICE that decides, DTLS and SRTP on one socket of 127.0.0.1, or by TCP. */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { connect, type Socket as TcpSocket } from 'node:net'
import type { SrtpSuiteName } from '../../src/rtp/srtp-suite.ts'
import { DtlsClient } from '../../src/webrtc/dtls-client.ts'
import type { DtlsIdentity } from '../../src/webrtc/dtls-identity.ts'
import { IceAgent } from '../../src/webrtc/ice-agent.ts'
import { framed, TcpFrames } from '../../src/webrtc/tcp-frames.ts'
import { fingerprintsOf } from './dtls.ts'
import type { PeerCipher } from './rtp-peer.ts'
import { peerCipher } from './srtp.ts'

/** What each side has to know of the other. */
export interface WebAddress {
  readonly port: number
  readonly ufrag: string
  readonly password: string
  readonly fingerprints: readonly { readonly algorithm: string; readonly value: string }[]
}

let count = 0

export class WebPeer {
  readonly here: WebAddress
  readonly socket: Socket
  readonly #identity: DtlsIdentity
  #ice: IceAgent | undefined
  #dtls: DtlsClient | undefined
  cipher: PeerCipher | undefined
  suite: SrtpSuiteName | undefined
  /** ms from `connect` to the keys. */
  setupMs = 0
  #target = 0
  #host = '127.0.0.1'
  /** The connection that takes the place of the UDP socket. */
  tcp: TcpSocket | undefined
  /** Gets plain RTP. */
  packet: ((packet: Buffer) => void) | undefined

  private constructor(socket: Socket, identity: DtlsIdentity) {
    this.socket = socket
    this.#identity = identity
    // A test that fails leaves it open: the file ends all the same.
    socket.unref()
    const text = String(++count).padStart(6, '0')
    this.here = {
      port: socket.address().port,
      ufrag: `peer${text}`,
      password: `password-of-peer-${text}`,
      fingerprints: fingerprintsOf(identity),
    }
    socket.on('message', (packet, { address, port }) => this.#arrived(packet, address, port))
  }

  static async open(identity: DtlsIdentity): Promise<WebPeer> {
    const socket = createSocket({
      type: 'udp4',
      lookup: (address, _options, done) => done(null, address, 4),
    })
    await new Promise<void>((done) => socket.bind(0, '127.0.0.1', done))
    return new WebPeer(socket, identity)
  }

  /** Makes for a leg; resolves when there are keys, rejects with why there are none. */
  connect(there: WebAddress): Promise<void> {
    const began = performance.now()
    this.#target = there.port
    const send = (packet: Buffer) => this.#transmit(packet)
    return new Promise((resolve, reject) => {
      const timer = setInterval(() => this.#tick(), 100).unref()
      const dtls = new DtlsClient(
        { identity: this.#identity, fingerprints: there.fingerprints, isSourceProven: true },
        {
          send,
          connected: ({ suite, client, server }) => {
            this.setupMs = performance.now() - began
            this.suite = suite
            this.cipher = peerCipher({ suite, key: client }, { suite, key: server })
            resolve()
          },
          failed: (reason) => reject(new Error(reason)),
          closed: () => undefined,
          drop: () => undefined,
        },
      )
      this.#dtls = dtls
      const candidate = {
        address: this.#host,
        port: there.port,
        priority: 1,
        type: 'host',
      } as const
      this.#ice = new IceAgent(
        {
          ufrag: this.here.ufrag,
          password: this.here.password,
          remoteUfrag: there.ufrag,
          checks: { remotePassword: there.password, isControlling: true, candidates: [candidate] },
        },
        {
          send,
          selected: () => dtls.start(performance.now()),
          state: () => undefined,
          drop: () => undefined,
        },
        performance.now(),
      )
      this.socket.once('close', () => clearInterval(timer))
    })
  }

  /** Connects by TCP, as the active side of RFC 6544: what `connect` makes, or has made, goes by that from now on. */
  async dial(port: number, host = '127.0.0.1'): Promise<TcpSocket> {
    this.tcp?.destroy()
    const tcp = connect({ host, port, noDelay: true })
    const frames = new TcpFrames()
    this.tcp = tcp
    this.#host = host
    tcp.on('data', (chunk: Buffer) =>
      frames.push(chunk, (packet) => {
        // For ICE it comes from where the UDP port is, the only one that it knows.
        this.#arrived(packet, this.#host, this.#target)
        return true
      }),
    )
    tcp.on('error', () => tcp.destroy())
    await once(tcp, 'connect')
    return tcp
  }

  /** Seals and sends a packet. */
  send(packet: Uint8Array): void {
    if (this.cipher) this.#transmit(this.cipher.seal(packet))
  }

  close(): void {
    this.#dtls?.close()
    this.tcp?.destroy()
    this.socket.close()
  }

  #transmit(packet: Uint8Array): void {
    if (!this.tcp) this.socket.send(packet, this.#target, this.#host)
    else if (!this.tcp.destroyed) this.tcp.write(framed(packet))
  }

  #tick(): void {
    const now = performance.now()
    this.#ice?.sweep(now)
    this.#dtls?.tick(now)
  }

  #arrived(packet: Buffer, address: string, port: number): void {
    const first = packet[0] ?? 0
    const now = performance.now()
    if (first < 4) this.#ice?.receive(packet, address, port, now)
    else if (first >= 20 && first < 64) this.#dtls?.receive(packet, now)
    else if (first >= 128) {
      const plain = this.cipher?.open(packet)
      if (plain) this.packet?.(plain)
    }
  }
}
