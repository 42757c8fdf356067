/** Who logs in, and whether with the right password: the directory says so. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { logger } from '../../base/log.ts'
import { type DirectoryUser, userParam } from '../../core/directory.ts'
import { isTrue } from '../../core/variables.ts'
import type { Connection } from './connection.ts'
import { code, type Json, member, textOf } from './json-rpc.ts'
import { Permissions } from './permissions.ts'
import { loginVariables } from './user-variables.ts'

const log = logger('verto/login')

export interface LoginFault {
  readonly code: number
  readonly message: string
  /** Why, in a word of ours, where the code and the message (FreeSWITCH's) do not tell. */
  readonly data?: { readonly reason: 'TOO_MANY_TRIES'; readonly retryAfter: number }
}

const failed = (message: string): LoginFault => ({ code: code.authFailed, message })

/** Checks what a message says of its sender; undefined: it may. What the directory knows is then the connection's. */
export function login(connection: Connection, params: Json | undefined): LoginFault | undefined {
  if (member(params, 'login') === undefined && params === undefined) return failed('Missing params')
  const name = textOf(params, 'login')
  const password = textOf(params, 'passwd')
  if (!name) return { code: code.authRequired, message: 'Authentication Required' }
  const refuse = (message: string) => {
    announceLogin(connection, name, undefined, message)
    connection.loginFailed()
    return failed(message)
  }
  const retryAfter = connection.verto.logins.secondsLeft(connection.remoteHost)
  if (retryAfter > 0) {
    connection.verto.count('refused login rate')
    const more = connection.verto.brake.pass('login rate')
    if (more !== undefined)
      log.warning(`${connection.remoteHost} has tried too often and has to wait${more}`)
    return { ...failed('Authentication Failure'), data: { reason: 'TOO_MANY_TRIES', retryAfter } }
  }
  if (!password) return refuse('Missing passwd')
  const { profile } = connection
  const root = profile.values.text('root-password')
  if (name === 'root' && root !== '') {
    if (!isSame(password, root)) return refuse('Authentication Failure')
    connection.user = undefined
    connection.permissions = Permissions.all()
    connection.isProven = true
    return undefined
  }
  const account = accountOf(connection, name)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: lines of its own in the log are what it looks for
  if (!account || /[\0-\x1f\x7f]/.test(name)) return refuse('Missing or improper credentials')
  const user = profile.verto.sw.directory.user(account.id, account.domain)
  if (!user && !profile.values.boolean('blind-reg')) {
    log.warning(`there is no user ${account.id}@${account.domain} (${connection.name})`)
    return refuse('Login Incorrect')
  }
  if (user && !isRight(user, account.id, account.domain, password)) {
    log.warning(`wrong password for ${account.id}@${account.domain} (${connection.name})`)
    return refuse('Authentication Failure')
  }
  admit(connection, params, user, account)
  return undefined
}

/** The user and domain that a login means; undefined where it has no domain and none is set. */
function accountOf(
  connection: Connection,
  name: string,
): { id: string; domain: string } | undefined {
  const { values } = connection.profile
  const auth = values.text('userauth')
  let id = name
  let domain = auth.startsWith('@') ? auth.slice(1) : ''
  if (!auth.startsWith('@')) {
    if (!isTrue(auth)) return undefined
    const at = name.indexOf('@')
    if (values.boolean('chop-domain') && at >= 0) {
      id = name.slice(0, at)
      domain = name.slice(at + 1)
    }
  }
  domain = values.text('force-register-domain') || domain
  return id !== '' && domain !== '' ? { id, domain } : undefined
}

/** `a1-hash` beats `jsonrpc-password`, which beats `password`. */
function isRight(user: DirectoryUser, id: string, domain: string, password: string): boolean {
  const hash = userParam(user, 'a1-hash')
  if (hash) {
    const own = createHash('md5').update(`${id}:${domain}:${password}`).digest('hex')
    return isSame(own, hash.toLowerCase())
  }
  const wanted = userParam(user, 'jsonrpc-password') || userParam(user, 'password')
  return wanted !== undefined && wanted !== '' && isSame(password, wanted)
}

/** In a time that tells nothing. */
export function isSame(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(wanted))
}

function admit(
  connection: Connection,
  params: Json | undefined,
  user: DirectoryUser | undefined,
  account: { readonly id: string; readonly domain: string },
): void {
  const id = user?.id ?? account.id
  const domain = user?.domain ?? account.domain
  const uid = `${id}@${domain}`
  connection.verto.count('logins')
  log.notice(`${uid} logs in (${connection.name})`)
  connection.user = { id, domain, uid }
  connection.isProven = user !== undefined
  connection.params.clear()
  connection.variables.clear()
  connection.userVariables.clear()
  connection.loginVariables.clear()
  connection.dialplan = undefined
  connection.context = undefined
  connection.expires = undefined
  for (const [name, value] of loginVariables(member(params, 'userVariables'), user))
    connection.loginVariables.set(name, value)
  // Whoever the directory does not know may call, and nothing else.
  connection.permissions = Permissions.ofUser((name) =>
    user ? userParam(user, name) : name === 'jsonrpc-allowed-methods' ? 'verto' : undefined,
  )
  if (!user) return
  for (const [name, value] of user.params) connection.params.set(name.toLowerCase(), value)
  for (const [name, value] of user.variables) {
    connection.variables.set(name, value)
    connection.userVariables.set(name, value)
  }
  connection.dialplan = connection.params.get('verto-dialplan') || undefined
  connection.context = connection.params.get('verto-context') || undefined
  connection.expires = expiresOf(connection.variables.get('login-expires'), uid)
}

/** The variable `login-expires` is a time, seconds since the epoch. */
function expiresOf(text: string | undefined, uid: string): number | undefined {
  if (text === undefined) return undefined
  const now = Math.trunc(Date.now() / 1000)
  const wanted = Number.parseInt(text, 10)
  if (wanted > now) return wanted
  log.warning(`${uid}: login-expires=${text} is no time to come; the login lasts 300 s`)
  return now + 300
}

/** CUSTOM verto::login. */
export function announceLogin(
  connection: Connection,
  name: string | undefined,
  sessid: string | undefined,
  result: string,
): void {
  const isSuccess = result === 'Logged in'
  connection.verto.sw.events.announce(
    'CUSTOM',
    (event) => {
      event.add('verto_profile_name', connection.profile.name)
      event.add('verto_client_address', connection.name)
      if (name !== undefined) event.add('verto_login', name)
      if (isSuccess && sessid !== undefined) event.add('verto_sessid', sessid)
      event.add('verto_success', isSuccess ? '1' : '0')
      event.add('verto_result_txt', result)
    },
    'verto::login',
  )
}
