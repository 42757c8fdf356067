/** Responses that are made here: to a request that came (RFC 3261 §8.2.6), and in place of one that nobody sent (§8.1.3.1). */
import { type SipRequest, SipResponse } from './message.ts'

/** Methods whose 101–2xx responses carry the route set back (§12.1.1, RFC 6665 §4.2.1, RFC 3515). */
const dialogMethods: readonly string[] = ['INVITE', 'SUBSCRIBE', 'REFER', 'NOTIFY', 'UPDATE']

/**
 * A response with what it takes over from its request (§8.2.6.2): all Vias, From, To, Call-ID, CSeq; Record-Route where a dialog
 * comes of it; Timestamp in a 100. `toTag` goes into the To of all but 100 when the request has none.
 */
export function responseTo(
  request: SipRequest,
  status: number,
  reason?: string,
  toTag?: string,
): SipResponse {
  const response = new SipResponse(status, reason)
  response.charset = request.charset
  for (const via of request.lines('Via')) response.add('Via', via)
  if (status > 100 && status < 300 && dialogMethods.includes(request.method))
    for (const route of request.lines('Record-Route')) response.add('Record-Route', route)
  response.add('From', request.get('From') ?? '')
  let to = request.get('To') ?? ''
  if (toTag !== undefined && status > 100 && request.to.tag === undefined) to += `;tag=${toTag}`
  response.add('To', to)
  response.add('Call-ID', request.callId)
  response.add('CSeq', request.get('CSeq') ?? '')
  if (status === 100) {
    const stamp = request.get('Timestamp')
    if (stamp !== undefined) response.add('Timestamp', stamp)
  }
  return response
}

/** The final response to a request of ours that nobody sent, shaped as if it had come; `reason` where more is known than the status. */
export function responseInstead(
  request: SipRequest,
  status: number,
  why: 'timeout' | 'transport',
  reason?: string,
): SipResponse {
  const response = new SipResponse(status, reason)
  response.local = why
  for (const name of ['From', 'To', 'Call-ID', 'CSeq']) response.add(name, request.get(name) ?? '')
  return response
}
