/** Media sockets of Node.js's own: for systems without io_uring, and where the thread has an event loop to serve. */
import { createSocket, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { reasonOf } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import { type MediaSocket, receiveBuffer, type Source } from './media-socket.ts'
import type { Drop, MediaNetwork } from './network.ts'

const log = logger('media/sockets')

/** Addresses are always numeric here: answering at once spares dgram its DNS look-up for every packet. */
function numericLookup(
  address: string,
  options: unknown,
  done: (error: null, address: string, family: number) => void,
): void {
  done(null, address, typeof options === 'number' ? options : isIPv6(address) ? 6 : 4)
}

export class DgramNetwork implements MediaNetwork {
  readonly #failed: (error: Error) => void

  constructor(drop: Drop) {
    this.#failed = (error) => {
      drop('socket error')
      log.debug(`a media socket failed: ${reasonOf(error)}`)
    }
  }

  bind(
    address: string,
    port: number,
    receive: (packet: Buffer, from: Source) => void,
  ): Promise<MediaSocket> {
    const isSix = isIPv6(address)
    const socket: Socket = createSocket({
      type: isSix ? 'udp6' : 'udp4',
      // An IPv6 wildcard must not take the port from an IPv4 profile.
      ipv6Only: isSix,
      lookup: numericLookup,
      recvBufferSize: receiveBuffer,
    })
    return new Promise((resolve, reject) => {
      const onError = (error: Error) => {
        socket.close()
        reject(error)
      }
      socket.once('error', onError)
      socket.bind({ address, port, exclusive: true }, () => {
        socket.off('error', onError)
        socket.on('error', this.#failed)
        socket.on('message', receive)
        resolve(socket)
      })
    })
  }

  close(): void {}
}
