/** Requests outside calls to a registered phone: pings, its lamp, text messages, and the order to fetch its configuration. */
import { randomUUID } from 'node:crypto'
import type { HeaderLine, SipRequest, SipResponse } from '../../sip/message.ts'
import { createRequest } from '../../sip/request.ts'
import { headerSets } from './headers.ts'
import type { Profile } from './profile.ts'
import type { Registration } from './registrations.ts'

/** Sends one to where the phone registered from; `done` hears the final answer (408 and 503 are made here when none came). */
export function requestToPhone(
  profile: Profile,
  registration: Registration,
  method: 'OPTIONS' | 'NOTIFY' | 'MESSAGE',
  more: { headers?: readonly HeaderLine[]; body?: string; from?: string },
  done: (response: SipResponse) => void,
): SipRequest {
  const request = createRequest(method, {
    uri: plainUri(registration.uri),
    from: more.from ?? `<${profile.url}>`,
    to: `<sip:${registration.user}@${registration.domain}>`,
    callId: `${randomUUID()}_${registration.callId}`,
    // A way that only NAT made is no proxy: the request goes there without a Route of its own.
    routes: isProxied(registration) ? [registration.path ?? ''] : [],
    headers: [
      // RFC 3428 §4: a MESSAGE has no Contact.
      ...(method === 'MESSAGE' ? [] : [['Contact', `<${profile.url}>`] as const]),
      ...headerSets(profile).brief,
      ...(more.headers ?? []),
    ],
    ...(more.body === undefined ? {} : { body: more.body }),
  })
  const { protocol, networkIp, networkPort } = registration
  const target = { protocol, address: networkIp, port: networkPort }
  const isNat = registration.path !== undefined && !isProxied(registration)
  profile.agent.request(request, { final: done }, isNat ? { target } : {})
  return request
}

/** Whether the way is the Path header of a proxy (RFC 3327), which stands in angle brackets. */
function isProxied(registration: Registration): boolean {
  return registration.path?.startsWith('<') ?? false
}

/** The contact as the phone gave it, without what is kept beside it. */
export function plainUri(uri: string): string {
  const at = uri.search(/;(received|fs_nat|fs_path)=/)
  return at < 0 ? uri : uri.slice(0, at)
}
