/** Who sends a request: digest authentication against the directory (RFC 3261 §22). */
import { logger } from '../../base/log.ts'
import { type DirectoryUser, userParam } from '../../core/directory.ts'
import { isTrue } from '../../core/variables.ts'
import { authorizationFor, type Secret, verifyDigest } from '../../sip/digest.ts'
import type { Authorization } from '../../sip/digest-header.ts'
import type { HeaderLine, SipRequest } from '../../sip/message.ts'
import type { ServerTransaction } from '../../sip/transaction-server.ts'
import { answerHeaders } from './headers.ts'
import type { Profile } from './profile.ts'

const log = logger('sofia/authenticate')

export const authCounters = { challenged: 0, accepted: 0, refused: 0, stale: 0 }

export interface AuthenticatedUser {
  readonly outcome: 'user'
  /** Undefined when the profile takes anybody (`accept-blind-auth`). */
  readonly user: DirectoryUser | undefined
  readonly username: string
  readonly realm: string
}

export type Authentication =
  | AuthenticatedUser
  | { readonly outcome: 'challenged' | 'refused' | 'stale' }

/** How the verdict was reached, for events: FreeSWITCH's words. */
export type AuthResult = 'SUCCESS' | 'FORBIDDEN' | 'STALE' | 'RENEWED' | 'CHALLENGE'

/**
 * Looks at the credentials; a request without good ones is answered here (401 or 407, 403), and the outcome says so.
 * `decide` hears how it went before the answer is sent.
 */
export function authenticate(
  profile: Profile,
  transaction: ServerTransaction,
  kind: 'proxy' | 'www',
  decide?: (result: AuthResult, username: string, realm: string) => void,
): Authentication {
  const { request } = transaction
  const values = request.lines(kind === 'proxy' ? 'Proxy-Authorization' : 'Authorization')
  const authorization = values.length > 0 ? authorizationFor(values, undefined) : undefined
  if (!authorization) {
    decide?.('CHALLENGE', '', '')
    return challenge(profile, transaction, kind, false)
  }
  const { username, realm } = authorization
  const state = profile.nonces.check(authorization.nonce, authorization.nc)
  if (state !== 'good') {
    authCounters.stale++
    decide?.('STALE', username, realm)
    challenge(profile, transaction, kind, true)
    return { outcome: 'stale' }
  }
  const domain = domainOf(profile, request, realm)
  const user = profile.sw.directory.user(username, domain)
  const why = profile.values.boolean('accept-blind-auth')
    ? undefined
    : refusal(profile, authorization, request, user, kind)
  if (why === undefined) {
    profile.nonces.use(authorization.nonce, authorization.nc)
    authCounters.accepted++
    return { outcome: 'user', user, username, realm }
  }
  authCounters.refused++
  decide?.('FORBIDDEN', username, realm)
  const from = transaction.flow
  // The beginning is what intrusion filters look for in such a log.
  const level = profile.values.boolean('log-auth-failures') ? 4 : 6
  log.at(
    level,
    `SIP auth failure (${request.method}) on sofia profile '${profile.name}' for [${username}@${domain}] from ip ${from?.remoteAddress} port ${from?.remotePort}: ${why}`,
  )
  transaction.respond(403, { headers: answerHeaders(profile, request.method) })
  return { outcome: 'refused' }
}

/** The directory domain in which the user is looked up: the profile's, else the one that the request names. */
function domainOf(profile: Profile, request: SipRequest, realm: string): string {
  const forced = profile.values.text('force-register-domain')
  if (forced) return forced
  const { directory } = profile.sw
  const from = request.from.uri.hostAddress
  if (directory.domain(from)) return from
  return directory.domain(realm) ? realm : from
}

/** Why the credentials are not good; undefined when they are. */
function refusal(
  profile: Profile,
  authorization: Authorization,
  request: SipRequest,
  user: DirectoryUser | undefined,
  kind: 'proxy' | 'www',
): string | undefined {
  if (!user) return 'there is no such user'
  const secret = secretOf(user)
  if (!secret) {
    return isTrue(userParam(user, 'allow-empty-password')) ? undefined : 'the user has no password'
  }
  if (authorization.qop !== '' && authorization.qop !== 'auth')
    return `qop ${authorization.qop} was not offered`
  if (!isOffered(profile, authorization.algorithm))
    return `algorithm ${authorization.algorithm || 'MD5'} was not offered`
  if (!verifyDigest(authorization, request.method, secret, undefined)) return 'wrong password'
  const acl = userParam(user, 'auth-acl')
  const address = request.flow?.remoteAddress ?? ''
  if (acl && !profile.sw.acls.check(address, acl).allowed)
    return `the address does not pass auth-acl ${acl}`
  if (kind === 'www' && isTrue(userParam(user, 'sip-forbid-register')))
    return 'the user may not register'
  return undefined
}

function secretOf(user: DirectoryUser): Secret | undefined {
  const a1Hash = userParam(user, 'a1-hash')
  if (a1Hash) return { a1Hash }
  const password = userParam(user, 'password')
  return password ? { password } : undefined
}

/** 401 or 407 with a fresh nonce, one header for each algorithm offered, the first preferred (RFC 8760 §2.4). */
function challenge(
  profile: Profile,
  transaction: ServerTransaction,
  kind: 'proxy' | 'www',
  isStale: boolean,
): Authentication {
  authCounters.challenged++
  const { request } = transaction
  const nonce = profile.nonces.issue()
  const realm = realmFor(profile, request)
  const name = kind === 'proxy' ? 'Proxy-Authenticate' : 'WWW-Authenticate'
  const headers: HeaderLine[] = [...answerHeaders(profile, request.method)]
  for (const algorithm of algorithmsOf(profile)) {
    const stale = isStale ? ' stale=true,' : ''
    headers.push([
      name,
      `Digest realm="${realm}", nonce="${nonce}",${stale} algorithm=${algorithm}, qop="auth"`,
    ])
  }
  transaction.respond(kind === 'proxy' ? 407 : 401, { headers })
  return { outcome: 'challenged' }
}

function realmFor(profile: Profile, request: SipRequest): string {
  const word = profile.values.text('challenge-realm')
  if (word === 'auto_from') return request.from.uri.hostAddress
  if (word === 'auto_to' || word === '') return request.to.uri.hostAddress
  return word
}

/** Spellings that are met, by the name of the algorithm. */
const spellings: Readonly<Record<string, string>> = {
  md5: 'MD5',
  'md-5': 'MD5',
  'sha-256': 'SHA-256',
  sha256: 'SHA-256',
  'sha-512-256': 'SHA-512-256',
  'sha512-256': 'SHA-512-256',
  'sha-512': 'SHA-512-256',
  sha512: 'SHA-512-256',
}

/** The algorithms offered, best first (`rfc8760-auth-algorithms`); MD5 when none of those named is known. */
function algorithmsOf(profile: Profile): readonly string[] {
  const text = profile.values.text('rfc8760-auth-algorithms')
  const present = algorithms.get(text)
  if (present) return present
  const words = text.toLowerCase().split(/[, ]+/)
  const named = words.map((word) => spellings[word]).filter((name) => name !== undefined)
  const made = named.length > 0 ? [...new Set(named)] : ['MD5']
  algorithms.set(text, made)
  return made
}

const algorithms = new Map<string, readonly string[]>()

/** A weaker algorithm than those offered would let a stranger choose the weakest. */
function isOffered(profile: Profile, algorithm: string): boolean {
  const name = (algorithm || 'MD5').replace(/-sess$/i, '').toUpperCase()
  return algorithmsOf(profile).includes(name)
}
