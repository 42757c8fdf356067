/** How a web server is told who posts: Basic (RFC 7617) and Digest (RFC 7616, MD5 and SHA-256). */
import { createHash, randomBytes } from 'node:crypto'
import { logger } from '../../base/log.ts'

const log = logger('sinks/cdr')

export type AuthScheme = 'basic' | 'digest'

export interface Credentials {
  readonly user: string
  readonly password: string
}

/** `basic` is always among them, as there, unless a `=` stands before the word. */
export function readAuthSchemes(text: string, name: string): ReadonlySet<AuthScheme> {
  const only = text.startsWith('=')
  const word = (only ? text.slice(1) : text).toLowerCase()
  if (word === 'digest') return new Set(only ? ['digest'] : ['basic', 'digest'])
  if (word === 'any') return new Set(['basic', 'digest'])
  if (word !== 'basic' && word !== '')
    log.err(`${name}: auth-scheme="${text}" is not supported; basic is used`)
  return new Set(['basic'])
}

export function basic({ user, password }: Credentials): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}

/** The answer to what a 401 asks for; undefined: none of what may be used is asked for. */
export function answerChallenge(
  challenges: readonly string[],
  schemes: ReadonlySet<AuthScheme>,
  credentials: Credentials,
  method: string,
  uri: string,
): string | undefined {
  if (schemes.has('digest')) {
    const asked = challenges.find((one) => /^digest\s/i.test(one))
    const answer = asked === undefined ? undefined : digest(asked, credentials, method, uri)
    if (answer) return answer
  }
  if (schemes.has('basic') && challenges.some((one) => /^basic\b/i.test(one)))
    return basic(credentials)
  return undefined
}

function digest(
  challenge: string,
  { user, password }: Credentials,
  method: string,
  uri: string,
): string | undefined {
  const params = new Map<string, string>()
  for (const [, key = '', quoted, bare] of challenge.matchAll(/([\w-]+)=(?:"([^"]*)"|([^\s,]+))/g))
    params.set(key.toLowerCase(), quoted ?? bare ?? '')
  const algorithm = params.get('algorithm') ?? 'MD5'
  const kind = { md5: 'md5', 'sha-256': 'sha256' }[algorithm.toLowerCase()]
  const nonce = params.get('nonce')
  if (kind === undefined || nonce === undefined) return undefined
  const hash = (text: string) => createHash(kind).update(text).digest('hex')
  const realm = params.get('realm') ?? ''
  const qop = params
    .get('qop')
    ?.split(',')
    .some((word) => word.trim() === 'auth')
  const cnonce = randomBytes(8).toString('hex')
  const ha1 = hash(`${user}:${realm}:${password}`)
  const ha2 = hash(`${method}:${uri}`)
  const response = qop
    ? hash(`${ha1}:${nonce}:00000001:${cnonce}:auth:${ha2}`)
    : hash(`${ha1}:${nonce}:${ha2}`)
  const opaque = params.get('opaque')
  return (
    `Digest username="${user}", realm="${realm}", nonce="${nonce}", uri="${uri}", ` +
    `response="${response}", algorithm=${algorithm}` +
    (qop ? `, qop=auth, nc=00000001, cnonce="${cnonce}"` : '') +
    (opaque === undefined ? '' : `, opaque="${opaque}"`)
  )
}
