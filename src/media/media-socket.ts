/** A bound UDP socket as the media path sees it, whatever the system's way to it is. */

/** Where a packet came from. */
export interface Source {
  readonly address: string
  readonly port: number
  /** A TURN server has brought it from there, or a TCP connection; undefined: it is a datagram. */
  readonly way?: 'relay' | 'tcp'
}

export interface MediaSocket {
  /** Sends a datagram to a numeric address. The octets are taken before it returns; what fails is counted, not thrown. */
  send(packet: Uint8Array, port: number, address: string): void
  close(): void
}

/** Octets asked for as receive buffer: a second's worth of packets while the thread is busy elsewhere. */
export const receiveBuffer = 512 * 1024
