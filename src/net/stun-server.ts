/**
 * Answers connectivity checks of ICE on a port that belongs to something else (RFC 8445 with ICE-lite, RFC 5389): binding
 * requests whose integrity the password shows.
 */
import {
  attribute,
  errorCode,
  isAuthentic,
  messageType,
  readStun,
  type StunMessage,
  writeStun,
  xorAddress,
} from './stun-message.ts'

/** What both sides told each other in their descriptions. */
export interface IceCredentials {
  readonly ufrag: string
  readonly password: string
  /** Theirs; undefined accepts any. */
  readonly remoteUfrag?: string | undefined
}

/** Our part where both sides make checks (RFC 8445 section 7.3.1.1). */
export interface IceRole {
  readonly isControlling: boolean
  readonly tieBreaker: bigint
}

export interface BindingAnswer {
  /** To be sent back to where the request came from. */
  readonly response: Buffer
  /** The check was good. */
  readonly isGood: boolean
  /** The other side settles on this pair of addresses. */
  readonly isNominated: boolean
  /** Both sides took the same part, and it is for us to change ours. */
  readonly isOurConflict: boolean
  /** The priority that the address has if nobody spoke of it before. */
  readonly priority: number
}

/** What to answer a packet from `address` and `port`; undefined: nothing (it is no request, or makes no sense). Without `role` we are lite. */
export function answerBinding(
  packet: Buffer,
  address: string,
  port: number,
  credentials: IceCredentials,
  role?: IceRole,
): BindingAnswer | undefined {
  const message = readStun(packet)
  if (message?.type !== messageType.bindingRequest) return undefined
  const { values, transaction } = message
  const refuse = (code: number, reason: string, key?: string): BindingAnswer => ({
    response: writeStun(messageType.bindingError, transaction, [errorCode(code, reason)], key),
    isGood: false,
    isNominated: false,
    isOurConflict: false,
    priority: 0,
  })
  const name = values.get(attribute.userName)?.toString()
  if (name === undefined || !values.has(attribute.integrity)) return refuse(400, 'Bad Request')
  const [ours, theirs] = name.split(':')
  const isKnown =
    ours === credentials.ufrag &&
    (credentials.remoteUfrag === undefined || theirs === credentials.remoteUfrag)
  if (!isKnown || !isAuthentic(message, credentials.password)) return refuse(401, 'Unauthorized')
  const conflict = conflictOf(message, role)
  // Who asked is known: the answer is signed, and only so it is believed (RFC 5389 section 10.1.2).
  if (conflict === 'theirs') return refuse(487, 'Role Conflict', credentials.password)
  const mapped = xorAddress(attribute.xorMappedAddress, address, port, transaction)
  return {
    response: writeStun(messageType.bindingSuccess, transaction, [mapped], credentials.password),
    isGood: true,
    isNominated: values.has(attribute.useCandidate),
    isOurConflict: conflict === 'ours',
    priority: numberOf(values.get(attribute.priority)),
  }
}

function numberOf(value: Buffer | undefined): number {
  return value?.length === 4 ? value.readUInt32BE(0) : 0
}

/** Who has to change where both sides decide, or neither. The lite side never decides (RFC 8445 section 6.1.1). */
function conflictOf({ values }: StunMessage, role: IceRole | undefined) {
  const isTheirsControlled = values.has(attribute.iceControlled)
  if (!role) return isTheirsControlled ? 'theirs' : undefined
  const value = values.get(role.isControlling ? attribute.iceControlling : attribute.iceControlled)
  if (value?.length !== 8) return undefined
  const isOursHigher = role.tieBreaker >= value.readBigUInt64BE(0)
  // The higher one decides: section 7.3.1.1.
  return isOursHigher === role.isControlling ? 'theirs' : 'ours'
}
