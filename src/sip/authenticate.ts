/** Requests that answer a challenge: the same again with credentials (RFC 3261 §22.2, §22.3). */
import type { DigestClient } from './digest.ts'
import { SipRequest, type SipResponse } from './message.ts'
import type { ClientHandlers, ClientTransaction, RequestOptions } from './transaction-client.ts'

/**
 * The request again with credentials for the challenge in `response`, and with the next sequence number: the same Call-ID, From and To.
 * Undefined when the challenge cannot be answered, or was answered wrongly before.
 */
export function retryWithCredentials(
  request: SipRequest,
  response: SipResponse,
  digest: DigestClient,
): SipRequest | undefined {
  const isProxy = response.status === 407
  if (!isProxy && response.status !== 401) return undefined
  const challenges = response.lines(isProxy ? 'Proxy-Authenticate' : 'WWW-Authenticate')
  if (!digest.take(challenges)) return undefined
  const name = isProxy ? 'Proxy-Authorization' : 'Authorization'
  const value = digest.authorize(request.method, request.uriText, request.bodyBytes)
  if (value === undefined) return undefined
  const again = new SipRequest(request.method, request.uriText)
  for (let at = 0; at < request.names.length; at++) {
    const header = request.names[at] ?? ''
    // Credentials for one hop stay when another asks for its own.
    if (header !== 'Via' && header !== name) again.add(header, request.values[at] ?? '')
  }
  again.set('CSeq', `${request.cseq.number + 1} ${request.method}`)
  again.add(name, value)
  again.setBodyBytes(request.bodyBytes)
  return again
}

/** What can send requests: an agent or a dialog. */
export interface RequestSender {
  request(
    request: SipRequest,
    handlers: ClientHandlers,
    options?: RequestOptions,
  ): ClientTransaction
}

/**
 * Sends a request and answers challenges with `digest`; `final` hears only of the outcome. `retried` gets the request that went out
 * instead, so that the caller can go on from its sequence number.
 */
export function requestAuthenticated(
  sender: RequestSender,
  request: SipRequest,
  digest: DigestClient,
  handlers: ClientHandlers & { retried?(request: SipRequest): void },
  options: RequestOptions = {},
): ClientTransaction {
  return sender.request(
    request,
    {
      provisional: (response, transaction) => handlers.provisional?.(response, transaction),
      final: (response, transaction) => {
        const again = retryWithCredentials(request, response, digest)
        if (again === undefined) {
          if (response.status < 300) digest.accepted()
          handlers.final(response, transaction)
          return
        }
        handlers.retried?.(again)
        requestAuthenticated(sender, again, digest, handlers, options)
      },
    },
    options,
  )
}
