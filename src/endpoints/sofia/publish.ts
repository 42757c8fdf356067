/** PUBLISH (RFC 3903): a phone says how its user is. Programs hear it as PRESENCE_IN, watchers by NOTIFY. */
import { logger } from '../../base/log.ts'
import { LogBrake } from '../../base/log-brake.ts'
import type { HeaderLine, SipRequest } from '../../sip/message.ts'
import type { ServerTransaction } from '../../sip/transaction-server.ts'
import { authenticate } from './authenticate.ts'
import { chatAddress } from './chat-address.ts'
import { grantedExpiry, leastSeconds } from './granted-expiry.ts'
import { headerSets } from './headers.ts'
import { isFrom } from './message.ts'
import { pidfType, readPidf } from './pidf.ts'
import type { Profile } from './profile.ts'
import type { Published } from './publications.ts'

const log = logger('sofia/publish')

export const publishCounters = { taken: 0, refused: 0 }
const brake = new LogBrake()

const longestBody = 16_384

/** Takes a PUBLISH; always answers it. */
export function receivePublish(profile: Profile, transaction: ServerTransaction): boolean {
  const { request } = transaction
  const refuse = (status: number, why: string, headers: readonly HeaderLine[] = []) => {
    publishCounters.refused++
    const more = brake.pass(String(status))
    if (more !== undefined)
      log.info(`PUBLISH of ${request.from.uri.userName} refused with ${status}: ${why}${more}`)
    transaction.respond(status, { headers: [...headerSets(profile).brief, ...headers] })
    return true
  }
  const event = request.get('Event')?.split(';', 1)[0]?.trim().toLowerCase()
  if (event !== 'presence') return refuse(489, `event ${event}`, [['Allow-Events', 'presence']])
  const tag = request.get('SIP-If-Match')?.trim()
  // Says nothing and changes nothing: whoever it is, FreeSWITCH and we thank him for it.
  const isEmpty = !request.hasBody && tag === undefined
  if (!isEmpty) {
    const verdict = authenticate(profile, transaction, 'proxy')
    if (verdict.outcome !== 'user') return true
    if (!isFrom(verdict, request)) return refuse(403, `it was authenticated as ${verdict.username}`)
  }
  const seconds = grantedExpiry(request)
  if (seconds === 'too brief')
    return refuse(423, `${request.get('Expires')} s`, [['Min-Expires', String(leastSeconds)]])
  const state = request.hasBody ? stateOf(request) : undefined
  if (typeof state === 'number') {
    const headers: HeaderLine[] = state === 415 ? [['Accept', pidfType]] : []
    return refuse(state, 'no presence document that can be read', headers)
  }
  const address = chatAddress(profile, request.from.uri.userName, request.from.uri.hostAddress)
  const outcome = profile.publications.publish(address, tag, state, isEmpty ? 0 : seconds)
  if (outcome === 'unknown tag') return refuse(412, 'there is nothing with that SIP-If-Match')
  if (outcome === 'too many') return refuse(403, 'too many publications')
  publishCounters.taken++
  transaction.respond(200, {
    headers: [
      ['Expires', String(seconds)],
      ['SIP-ETag', outcome.tag],
      ...headerSets(profile).brief,
    ],
  })
  return true
}

/** What the body says; a status that refuses it. */
function stateOf(request: SipRequest): Published | 413 | 415 | 400 {
  if (request.bodyBytes.length > longestBody) return 413
  if (request.contentType !== pidfType || request.has('Content-Encoding')) return 415
  const presence = readPidf(request.body)
  if (!presence) return 400
  return {
    ...presence,
    userAgent: request.get('User-Agent') ?? '',
    networkIp: request.flow?.remoteAddress ?? '',
    networkPort: request.flow?.remotePort ?? 0,
  }
}
