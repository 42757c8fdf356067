/** ICE on the ports of a leg: checks are answered, and the address that the other side settles on is believed. */
import { logger } from '../base/log.ts'
import { answerBinding, isStun } from '../net/stun-server.ts'
import type { MediaSocket, Source } from './media-socket.ts'
import type { RtpLeg } from './rtp-leg.ts'

const log = logger('media/leg')

/** Takes a packet that is no RTP. True: the leg's party is elsewhere than before. */
export function answerIce(
  leg: RtpLeg,
  socket: MediaSocket,
  packet: Buffer,
  { address, port }: Source,
): boolean {
  const { host, latch } = leg
  const ice = leg.settings?.ice
  if (!ice || !isStun(packet)) {
    host.drop('not RTP')
    return false
  }
  const answer = answerBinding(packet, address, port, ice)
  if (answer) socket.send(answer.response, port, address)
  if (!answer?.isGood) {
    host.drop(answer ? 'STUN refused' : 'bad STUN')
    return false
  }
  if (!answer.isNominated || !latch.nominate(address, port)) return false
  log.info(`ICE settled on ${address}:${port}`, leg.uuid)
  host.tell({ tell: 'latched', leg: leg.id, address, port })
  return true
}
