/**
 * STUN and TURN servers as profiles name them (RFC 7064, RFC 7065), and the accounts for them: fixed ones, or such that are made
 * for each user with a secret that the server shares with us.
 */
import { createHmac } from 'node:crypto'
import { isIPv6 } from 'node:net'
import { placeText } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import type { XmlNode } from '../xml/node.ts'
import { paramsOf } from './settings.ts'

const log = logger('core/ice-servers')

export type IceScheme = 'stun' | 'stuns' | 'turn' | 'turns'

/** The name and password that everybody uses, or the secret of which they are made, good for `lifetime` seconds. */
export type IceAccount =
  | { readonly username: string; readonly password: string }
  | { readonly secret: string; readonly lifetime: number }

export interface IceServer {
  /** As browsers take it. */
  readonly url: string
  readonly scheme: IceScheme
  readonly host: string
  readonly port: number
  readonly transport: 'udp' | 'tcp'
  /** Of TURN servers; those of STUN ask for none. */
  readonly account: IceAccount | undefined
}

export interface IceCredentials {
  readonly username: string
  readonly password: string
}

/** Seconds that a name and password are good for, where nothing is said. */
const usualLifetime = 86_400
const shortestLifetime = 60

/**
 * The servers that params of that name give, each with `username` and `password`, or `secret` and perhaps `lifetime`, as further
 * attributes. What is wrong, also by `complaint`, is told in the log with its place, and left out.
 */
export function readIceServers(
  node: XmlNode,
  param: string,
  complaint: (server: IceServer) => string | undefined = () => undefined,
): readonly IceServer[] {
  return paramsOf(node).flatMap(({ attributes, place }) => {
    if (attributes.get('name')?.toLowerCase() !== param) return []
    const url = (attributes.get('value') ?? '').trim()
    const read = serverOf(url, attributes)
    const made = typeof read === 'string' ? read : (complaint(read) ?? read)
    if (typeof made !== 'string') return [made]
    // Somebody may have put a password before an @.
    const shown = url.replace(/:.*@/, ':…@')
    log.err(`${placeText(place)}: ${param}="${shown}" ${made}; it is left out`)
    return []
  })
}

/** The server, or what is wrong with it. */
function serverOf(url: string, attributes: ReadonlyMap<string, string>): IceServer | string {
  const [, word = '', bracketed, plain, digits, query] =
    /^(stuns?|turns?):(?:\[([\da-f:.]+)\]|([\w.-]+))(?::(\d+))?(?:\?transport=(\w+))?$/i.exec(
      url,
    ) ?? []
  const scheme = word.toLowerCase() as IceScheme
  const host = bracketed ?? plain ?? ''
  if (host === '' || (bracketed !== undefined && !isIPv6(bracketed)))
    return 'is no stun:host:port or turn:host:port?transport=udp'
  const isSecure = scheme.endsWith('s')
  const port = Number(digits ?? (isSecure ? 5349 : 3478))
  if (port < 1 || port > 65_535) return 'has no port between 1 and 65535'
  const isTurn = scheme.startsWith('turn')
  const wanted = query?.toLowerCase()
  if (wanted !== undefined && !isTurn) return 'names a transport, which only turn and turns have'
  if (wanted !== undefined && wanted !== 'udp' && wanted !== 'tcp')
    return 'has a transport that is neither udp nor tcp'
  const account = accountOf(attributes)
  if (typeof account === 'string') return account
  if (isTurn && !account) return 'needs username and password, or secret'
  if (!isTurn && account) return 'is a STUN server, which asks for no password'
  // Browsers want the scheme in small letters.
  const plainUrl = scheme + url.slice(word.length)
  return {
    url: plainUrl,
    scheme,
    host,
    port,
    transport: wanted ?? (isSecure ? 'tcp' : 'udp'),
    account,
  }
}

function accountOf(attributes: ReadonlyMap<string, string>): IceAccount | string | undefined {
  const [username, password, secret, lifetime] = ['username', 'password', 'secret', 'lifetime'].map(
    (name) => attributes.get(name) || undefined,
  )
  if (secret !== undefined) {
    if (username !== undefined || password !== undefined)
      return 'has a secret and a username or password, which exclude each other'
    const seconds = Number(lifetime ?? usualLifetime)
    if (!Number.isInteger(seconds) || seconds < shortestLifetime)
      return `has lifetime="${lifetime}", which is no number of seconds from ${shortestLifetime} on`
    return { secret, lifetime: seconds }
  }
  if (lifetime !== undefined) return 'has a lifetime without a secret'
  if (username === undefined && password === undefined) return undefined
  if (username === undefined || password === undefined) return 'needs username and password'
  return { username, password }
}

/**
 * What to show the server for a user, from `now` on (ms). With a secret: the name is the time of its end and the user's, the
 * password its HMAC (draft-uberti-behave-turn-rest-00, what coturn calls use-auth-secret).
 */
export function credentialsFor(account: IceAccount, user: string, now: number): IceCredentials {
  if (!('secret' in account)) return account
  const username = `${Math.floor(now / 1000) + account.lifetime}:${user}`
  const password = createHmac('sha1', account.secret).update(username).digest('base64')
  return { username, password }
}
