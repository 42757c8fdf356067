/** How the media sockets of a worker reach the system: by io_uring where there is one, else by dgram. */
import { reasonOf } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import { DgramNetwork } from './dgram-network.ts'
import type { MediaIo } from './engine.ts'
import type { MediaSocket, Source } from './media-socket.ts'
import type { OpenFiles } from './open-files.ts'
import { RingNetwork } from './ring-network.ts'

const log = logger('media/network')

/** What a network tells of faults that have no caller. */
export type Drop = (reason: string) => void

export interface MediaNetwork {
  /**
   * Binds a UDP socket to a numeric address. `receive` gets every datagram; the packet is only lent: its memory is used
   * again as soon as the call is over. Rejects when the port is taken.
   */
  bind(
    address: string,
    port: number,
    receive: (packet: Buffer, from: Source) => void,
  ): Promise<MediaSocket>
  close(): void
}

/** For a thread of its own, which may wait in the kernel; a thread that has more to do takes dgram. */
export function openNetwork(io: MediaIo, drop: Drop, files: OpenFiles): MediaNetwork {
  if (io === 'dgram') return new DgramNetwork(drop)
  try {
    const network = RingNetwork.open(drop, files)
    log.info('media sockets by io_uring')
    return network
  } catch (thrown) {
    const level = io === 'io_uring' ? 'warning' : 'info'
    log[level](`media sockets by dgram: no io_uring here (${reasonOf(thrown)})`)
    return new DgramNetwork(drop)
  }
}
