/** A request outside of any dialog, with the headers that every request must have (RFC 3261 §8.1.1). */
import { newCallId, newTag } from './identifiers.ts'
import { type HeaderLine, SipRequest } from './message.ts'

export interface RequestParts {
  /** The Request-URI. */
  readonly uri: string
  /** From and To as `"Name" <uri>`, without tags. */
  readonly from: string
  readonly to: string
  readonly fromTag?: string | undefined
  readonly callId?: string | undefined
  /** The first sequence number; 1 unless said. */
  readonly sequence?: number | undefined
  /** Preloaded Route headers: an outbound proxy, a service route. */
  readonly routes?: readonly string[] | undefined
  readonly maxForwards?: number | undefined
  /** Contact and all others, in order. Content-Length comes where it is named, else last. */
  readonly headers?: readonly HeaderLine[] | undefined
  readonly body?: string | undefined
}

export function createRequest(method: string, parts: RequestParts): SipRequest {
  const request = new SipRequest(method, parts.uri)
  for (const route of parts.routes ?? []) request.add('Route', route)
  request.add('Max-Forwards', String(parts.maxForwards ?? 70))
  request.add('From', `${parts.from};tag=${parts.fromTag ?? newTag()}`)
  request.add('To', parts.to)
  request.add('Call-ID', parts.callId ?? newCallId())
  request.add('CSeq', `${parts.sequence ?? 1} ${method}`)
  if (parts.headers !== undefined) request.addAll(parts.headers)
  if (parts.body !== undefined) request.body = parts.body
  return request
}
