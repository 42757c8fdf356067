/** Plain sockets that talk to streams, and what they say. */
import { createSocket, type Socket } from 'node:dgram'
import type { StreamSettings } from '../../src/media/engine.ts'
import { patienceMs } from './until.ts'

/** A socket that keeps what arrives. */
export class Wire implements AsyncDisposable {
  readonly socket: Socket
  readonly port: number
  readonly arrived: Buffer[] = []
  #looks: (() => void)[] = []

  private constructor(socket: Socket) {
    this.socket = socket
    this.port = socket.address().port
    // A test that fails leaves it open: the file ends all the same.
    socket.unref()
    socket.on('message', (packet) => {
      this.arrived.push(packet)
      for (const look of this.#looks) look()
    })
  }

  static open(port = 0): Promise<Wire> {
    const socket = createSocket('udp4')
    return new Promise((resolve) => socket.bind(port, '127.0.0.1', () => resolve(new Wire(socket))))
  }

  send(packet: Uint8Array, port: number): Promise<void> {
    return new Promise((resolve) => this.socket.send(packet, port, '127.0.0.1', () => resolve()))
  }

  until(count: number): Promise<void> {
    if (this.arrived.length >= count) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`${this.arrived.length} of ${count} datagrams came`)),
        patienceMs,
      )
      this.#looks.push(() => {
        if (this.arrived.length < count) return
        clearTimeout(timer)
        resolve()
      })
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.close()
  }
}

/** An RTP packet without a timestamp. */
export function rtp(payloadType: number, sequence: number, text: string, ssrc = 0): Buffer {
  const packet = Buffer.alloc(12 + text.length)
  packet[0] = 0x80
  packet[1] = payloadType
  packet.writeUInt16BE(sequence, 2)
  packet.writeUInt32BE(ssrc, 8)
  packet.write(text, 12)
  return packet
}

/** Of a stream towards a port of 127.0.0.1. */
export function streamSettings(
  remotePort: number,
  more: Partial<StreamSettings> = {},
): StreamSettings {
  return {
    remoteAddress: '127.0.0.1',
    remotePort,
    remoteRtcpPort: undefined,
    rtcpMux: false,
    latch: true,
    timeoutSeconds: 0,
    payloadTypes: undefined,
    ...more,
  }
}
