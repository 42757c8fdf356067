/**
 * Media sockets by io_uring, for a thread that does nothing else. Packets of all sockets come and go in batches: one call
 * into the kernel hands over all that goes out and waits for what comes, half a millisecond at the most once there is
 * something. The thread's own event loop gets its turn whenever it has something to do.
 */
import { isIPv6 } from 'node:net'
import { getSystemErrorName } from 'node:util'
import { MessageChannel } from 'node:worker_threads'
import { SwitchError } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import { type EventLoop, thisEventLoop } from '../net/native/event-loop.ts'
import { completionFlag, IoRing, multishot, operation, requestFlag } from '../net/native/io-ring.ts'
import { afInet, afInet6, type Libc, loadLibc, type Memory } from '../net/native/libc.ts'
import { addressLengths, addressTextAt, socketAddress } from '../net/native/socket-address.ts'
import { type MediaSocket, receiveBuffer, type Source } from './media-socket.ts'
import type { Drop, MediaNetwork } from './network.ts'
import type { OpenFiles } from './open-files.ts'
import { bufferGroup, RingArena } from './ring-arena.ts'

const log = logger('media/sockets')

/** A batch is gathered for so long at the most, or until it has so many packets. */
const gatherUs = 500
const batch = 64
/** ms that a wait without packets lasts at the most. */
const idleMs = 1000

/** What a completion is of, in the upper half of its user data. */
const about = { receive: 0, send: 1, loop: 2, cancel: 3 } as const

/** Results that are no fault of the socket: out of slots for a moment, and cancelled. */
const noBuffers = -105
const cancelled = -125
/** So many faults in a row without a packet between, and the socket is given up. */
const mostFaults = 16

const socketKind = 2 | 0o2000000 | 0o4000 // SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK
const sendFlags = 0x40 | 0x4000 // MSG_DONTWAIT | MSG_NOSIGNAL
const one = new Uint8Array(new Int32Array([1]).buffer)

class RingSocket implements MediaSocket {
  readonly fd: number
  readonly index: number
  readonly isSix: boolean
  readonly receive: (packet: Buffer, from: Source) => void
  faults = 0
  isClosing = false
  /** Who sent last, in the kernel's words and in ours. */
  fromWords = new Uint32Array(7)
  from: Source = { address: '', port: 0 }
  readonly #network: RingNetwork
  /** Whom the last packet went to. */
  #address = ''
  #port = 0
  #name: Uint32Array = new Uint32Array(0)

  constructor(
    network: RingNetwork,
    fd: number,
    index: number,
    isSix: boolean,
    receive: (packet: Buffer, from: Source) => void,
  ) {
    this.#network = network
    this.fd = fd
    this.index = index
    this.isSix = isSix
    this.receive = receive
  }

  send(packet: Uint8Array, port: number, address: string): void {
    if (port !== this.#port || address !== this.#address) {
      this.#address = address
      this.#port = port
      this.#name = new Uint32Array(socketAddress(address, port).buffer)
    }
    this.#network.send(this, packet, this.#name)
  }

  close(): void {
    this.#network.closeSocket(this)
  }
}

export class RingNetwork implements MediaNetwork {
  readonly #libc: Libc
  readonly #loop: EventLoop
  readonly #ring: IoRing
  readonly #arena: RingArena
  readonly #drop: Drop
  readonly #files: OpenFiles
  /** The struct msghdr that a receive is asked with: it tells the length of names only. */
  readonly #forms: Memory
  readonly #sockets: (RingSocket | undefined)[] = []
  readonly #freeIndexes: number[] = []
  #count = 0
  #isTurnDue = false
  #isLoopWatched = false
  #isLoopReady = false
  #isClosed = false
  readonly #turns = new MessageChannel()

  private constructor(libc: Libc, loop: EventLoop, drop: Drop, files: OpenFiles) {
    this.#libc = libc
    this.#files = files
    this.#loop = loop
    this.#drop = drop
    this.#ring = new IoRing(libc, 1024, 8192)
    files.opened(this.#ring.fd)
    this.#arena = new RingArena(libc, this.#ring)
    this.#forms = libc.map(4096)
    const words = new Uint32Array(this.#forms.buffer)
    words[2] = addressLengths.inet
    words[16 + 2] = addressLengths.inet6
    this.#turns.port2.on('message', () => undefined)
  }

  /** Throws SwitchError NET_NO_NATIVE or NET_NO_RING with the reason. */
  static open(drop: Drop, files: OpenFiles): RingNetwork {
    return new RingNetwork(files.watch(loadLibc()), thisEventLoop(), drop, files)
  }

  async bind(
    address: string,
    port: number,
    receive: (packet: Buffer, from: Source) => void,
  ): Promise<MediaSocket> {
    const isSix = isIPv6(address)
    const fd = this.#bound(address, port, isSix)
    const index = this.#freeIndexes.pop() ?? this.#sockets.length
    const socket = new RingSocket(this, fd, index, isSix, receive)
    this.#sockets[index] = socket
    this.#count++
    this.#arm(socket)
    this.#turnSoon()
    return socket
  }

  send(socket: RingSocket, packet: Uint8Array, name: Uint32Array): void {
    if (socket.isClosing) return
    if (this.#arena.isFull) this.#flush()
    const address = this.#arena.lay(packet, name)
    if (address === 0) return this.#drop('too long to send')
    const { requests } = this.#ring
    const at = this.#ring.request() * 16
    requests[at] = operation.sendMessage | (requestFlag.quietSuccess << 8)
    requests[at + 1] = socket.fd
    requests[at + 4] = address >>> 0
    requests[at + 5] = (address / 0x100000000) | 0
    requests[at + 6] = 1
    requests[at + 7] = sendFlags
    requests[at + 8] = socket.index
    requests[at + 9] = about.send
  }

  closeSocket(socket: RingSocket): void {
    if (socket.isClosing || this.#isClosed) return
    socket.isClosing = true
    const { requests } = this.#ring
    const at = this.#ring.request() * 16
    requests[at] = operation.cancel
    requests[at + 4] = socket.index // the user data of what is cancelled: its receive
    requests[at + 5] = about.receive
    requests[at + 8] = socket.index
    requests[at + 9] = about.cancel
    this.#turnSoon()
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#turns.port1.close()
    if (this.#ring.pending > 0) this.#ring.submit()
    for (const socket of this.#sockets) if (socket) this.#closed(socket)
    this.#files.closed(this.#ring.fd)
    this.#ring.close()
    this.#arena.close(this.#libc)
  }

  #bound(address: string, port: number, isSix: boolean): number {
    const libc = this.#libc
    const fd = libc.socket(isSix ? afInet6 : afInet, socketKind, 0)
    const fail = (what: string) => {
      const reason = libc.lastError()
      if (fd >= 0) libc.close(fd)
      throw new SwitchError('NET_CANNOT_BIND', `${what} ${address} port ${port}: ${reason}`)
    }
    if (fd < 0) return fail('socket for')
    // SOL_SOCKET SO_RCVBUF; the kernel may grant less. An IPv6 wildcard must not take an IPv4 profile's port.
    libc.setsockopt(fd, 1, 8, new Uint8Array(new Int32Array([receiveBuffer]).buffer), 4)
    if (isSix) libc.setsockopt(fd, 41, 26, one, 4) // IPPROTO_IPV6 IPV6_V6ONLY
    const name = socketAddress(address, port)
    if (libc.bind(fd, name, name.length) < 0) return fail('bind')
    this.#files.opened(fd)
    return fd
  }

  /** Asks for every packet of a socket, until the kernel ends it. */
  #arm(socket: RingSocket): void {
    const { requests } = this.#ring
    const at = this.#ring.request() * 16
    const form = this.#forms.address + (socket.isSix ? 64 : 0)
    requests[at] = operation.receiveMessage | (requestFlag.selectBuffer << 8) | (multishot << 16)
    requests[at + 1] = socket.fd
    requests[at + 4] = form >>> 0
    requests[at + 5] = Math.floor(form / 0x100000000)
    requests[at + 6] = 1
    requests[at + 8] = socket.index
    requests[at + 9] = about.receive
    requests[at + 10] = bufferGroup
  }

  /** The ring tells when the event loop has something to do. */
  #watchLoop(): void {
    if (this.#isLoopWatched) return
    this.#isLoopWatched = true
    const { requests } = this.#ring
    const at = this.#ring.request() * 16
    requests[at] = operation.pollAdd
    requests[at + 1] = this.#loop.fd
    requests[at + 7] = 1 // POLLIN
    requests[at + 9] = about.loop
  }

  /**
   * Takes a turn as soon as the event loop has done what is due: after messages and files, in the phase of immediates. An
   * immediate that holds the loop up would itself count as something to do when `#turn` asks; so it is one that does not,
   * and a message to ourselves, which nobody reads, keeps the loop from waiting for it.
   */
  #turnSoon(): void {
    if (this.#isTurnDue) return
    this.#isTurnDue = true
    setImmediate(this.#turn).unref()
    this.#turns.port1.postMessage(undefined)
  }

  /** Serves the sockets until the event loop has something to do. */
  readonly #turn = (): void => {
    this.#isTurnDue = false
    if (this.#isClosed) return
    const began = performance.now()
    // What the watch of an earlier turn has seen was done meanwhile.
    this.#ring.submit()
    this.#handedOver()
    this.#ring.drain(this.#completed)
    this.#isLoopReady = false
    this.#watchLoop()
    for (let left = idleMs; ; ) {
      // Asked before every wait: what a packet led to may have set a timer or an immediate.
      const timeout = this.#loop.timeout()
      if (timeout === 0) break
      if (timeout > 0) left = Math.min(idleMs, timeout - (performance.now() - began))
      if (left <= 0) break
      this.#ring.wait(batch, gatherUs, left)
      this.#handedOver()
      this.#ring.drain(this.#completed)
      if (this.#isLoopReady) break
    }
    this.#flush()
    if (this.#count > 0) this.#turnSoon()
  }

  /** Hands over all that waits, and tells what that completed. */
  #flush(): void {
    if (this.#ring.pending > 0) this.#ring.submit()
    this.#handedOver()
  }

  #handedOver(): void {
    this.#arena.sent()
    this.#arena.recycle()
  }

  readonly #completed = (low: number, high: number, result: number, flags: number): void => {
    if (high === about.receive) return this.#received(low, result, flags)
    if (high === about.loop) {
      this.#isLoopWatched = false
      this.#isLoopReady = true
    } else if (high === about.send) {
      this.#drop('send failed')
      log.debug(`a packet could not be sent: ${getSystemErrorName(result)}`)
    } else if (high === about.cancel && result < 0) {
      // There was no receive to cancel: the socket had been given up.
      const socket = this.#sockets[low]
      if (socket?.isClosing) this.#closed(socket)
    }
  }

  #received(index: number, result: number, flags: number): void {
    const socket = this.#sockets[index]
    if ((flags & completionFlag.buffer) !== 0) {
      const slot = flags >>> 16
      if (socket && result >= 0 && !socket.isClosing) this.#deliver(socket, slot)
      this.#arena.done(slot)
    }
    if ((flags & completionFlag.more) !== 0 || !socket) return
    // The kernel ended it: closed by us, out of slots, or a fault of the socket.
    if (socket.isClosing) return this.#closed(socket)
    if (result < 0 && result !== noBuffers && result !== cancelled) {
      this.#drop('socket error')
      if (++socket.faults > mostFaults)
        return log.err(`a media socket is given up: ${getSystemErrorName(result)}`)
    }
    this.#arm(socket)
  }

  #deliver(socket: RingSocket, slot: number): void {
    const nameLength = socket.isSix ? addressLengths.inet6 : addressLengths.inet
    const packet = this.#arena.packet(slot, nameLength)
    if (!packet) return this.#drop('too long')
    socket.faults = 0
    const at = this.#arena.nameAt(slot)
    const { view } = this.#arena
    const words = socket.fromWords
    const count = nameLength >> 2
    let isSame = true
    for (let i = 0; i < count; i++) {
      const word = view.getUint32(at + i * 4, true)
      if (words[i] === word) continue
      words[i] = word
      isSame = false
    }
    if (!isSame)
      socket.from = {
        address: addressTextAt(view, at, socket.isSix),
        port: view.getUint16(at + 2),
      }
    socket.receive(packet, socket.from)
  }

  #closed(socket: RingSocket): void {
    this.#libc.close(socket.fd)
    this.#files.closed(socket.fd)
    this.#sockets[socket.index] = undefined
    this.#freeIndexes.push(socket.index)
    this.#count--
  }
}
