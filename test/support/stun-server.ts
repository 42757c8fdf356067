/** A STUN server that tells everybody the same address. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { attribute, messageType, writeStun, xorAddress } from '../../src/net/stun-message.ts'

export interface StunServer extends Disposable {
  /** `stun:127.0.0.1:…` */
  readonly url: string
}

export async function stunServer(mapped: string): Promise<StunServer> {
  const server = createSocket('udp4')
  server.bind(0, '127.0.0.1')
  await once(server, 'listening')
  server.on('message', (packet, { port }) => {
    const transaction = packet.subarray(4, 20)
    const found = xorAddress(attribute.xorMappedAddress, mapped, 5, transaction)
    server.send(writeStun(messageType.bindingSuccess, transaction, [found]), port, '127.0.0.1')
  })
  return {
    url: `stun:127.0.0.1:${server.address().port}`,
    [Symbol.dispose]: () => void server.close(),
  }
}
