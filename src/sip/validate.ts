/** What a message must have to be worked on (RFC 3261 §8.1.1, §8.2); says what is wrong and what to answer. */
import { SwitchError } from '../base/errors.ts'
import { type SipMessage, SipRequest } from './message.ts'

/** Without these five there is nobody to answer, and nothing to answer with (§8.2.6.2). */
const needed = ['Via', 'From', 'To', 'Call-ID', 'CSeq'] as const

function badHeader(name: string): SwitchError {
  return new SwitchError('SIP_BAD_HEADER', `Bad ${name} Header`, { status: 400 })
}

/** The first fault of a message, undefined when it can be worked on. */
export function findFault(message: SipMessage): SwitchError | undefined {
  for (const name of needed) {
    const value = message.get(name)
    if (value === undefined)
      return new SwitchError('SIP_MISSING_HEADER', `Missing ${name} Header`, { status: 400 })
    if (value === '') return badHeader(name)
  }
  const broken = firstBroken(message, message instanceof SipRequest)
  if (broken !== undefined) return badHeader(broken)
  return message instanceof SipRequest ? requestFault(message) : undefined
}

/** Takes apart what everybody needs anyway; the results are remembered by the message. */
function firstBroken(message: SipMessage, withContacts: boolean): string | undefined {
  let name = 'Via'
  try {
    message.via
    name = 'From'
    message.from
    name = 'To'
    message.to
    name = 'CSeq'
    message.cseq
    name = 'Contact'
    if (withContacts) message.contacts
    return undefined
  } catch (thrown) {
    if (thrown instanceof SwitchError) return name
    throw thrown
  }
}

function requestFault(request: SipRequest): SwitchError | undefined {
  // §8.1.1.5: the method of the CSeq is that of the request.
  if (request.cseq.method !== request.method)
    return new SwitchError('SIP_CSEQ_METHOD', 'Bad Request', { status: 400 })
  try {
    request.uri
  } catch (thrown) {
    if (thrown instanceof SwitchError)
      return new SwitchError(thrown.code, 'Bad Request', { status: 400 })
    throw thrown
  }
  const expires = request.get('Expires')
  if (expires !== undefined && request.number('Expires') === undefined) return badHeader('Expires')
  return undefined
}

/** Whether a faulty request holds all that its answer needs. An ACK is never answered (§17). */
export function canAnswer(request: SipRequest): boolean {
  if (request.method === 'ACK') return false
  try {
    request.via
    request.from
    request.to
    request.cseq
    return request.callId !== ''
  } catch {
    return false
  }
}
