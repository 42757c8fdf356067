/** The check that an agent sends (RFC 8445 section 7.2.2). */
import { attribute, messageType, stunAttribute, writeStun } from '../net/stun-message.ts'
import type { IceWay } from './ice-terms.ts'

/**
 * What a check from our own port, through a relay, and by TCP says that its source is worth if nobody spoke of it: peer reflexive,
 * by TCP less than any way of UDP but a relay (RFC 6544 section 4.2).
 */
const checkPriority = {
  direct: 110 * 2 ** 24 + 65535 * 2 ** 8 + 255,
  relay: 110 * 2 ** 24 + 255,
  tcp: 80 * 2 ** 24 + (4 * 2 ** 13 + 8191) * 2 ** 8 + 255,
} as const
export interface IceCheck {
  readonly ufrag: string
  readonly remoteUfrag: string
  /** Theirs, which signs it. */
  readonly password: string
  readonly transaction: Buffer
  readonly way: IceWay
  readonly isControlling: boolean
  /** Eight octets. */
  readonly tieBreaker: Buffer
  /** It settles on the pair, if we decide. */
  readonly nominates: boolean
}

export function iceCheck(check: IceCheck): Buffer {
  const { ufrag, remoteUfrag, isControlling } = check
  const priority = Buffer.alloc(4)
  priority.writeUInt32BE(checkPriority[check.way], 0)
  const role = isControlling ? attribute.iceControlling : attribute.iceControlled
  const parts = [
    stunAttribute(attribute.userName, Buffer.from(`${remoteUfrag}:${ufrag}`)),
    stunAttribute(attribute.priority, priority),
    stunAttribute(role, check.tieBreaker),
  ]
  if (isControlling && check.nominates)
    parts.push(stunAttribute(attribute.useCandidate, Buffer.alloc(0)))
  return writeStun(messageType.bindingRequest, check.transaction, parts, check.password)
}
