/** The registrar of a profile (RFC 3261 §10.3): checks who it is, stores the contacts, answers with all of them. */
import { reasonOf } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import { type DirectoryUser, userParam } from '../../core/directory.ts'
import { compilePattern } from '../../core/regex/regex.ts'
import { isTrue } from '../../core/variables.ts'
import type { HeaderLine, SipRequest } from '../../sip/message.ts'
import type { NameAddress } from '../../sip/name-address.ts'
import { flatText } from '../../sip/text.ts'
import type { ServerTransaction } from '../../sip/transaction-server.ts'
import { type AuthenticatedUser, authenticate } from './authenticate.ts'
import { expiresFor } from './expires.ts'
import { answerHeaders } from './headers.ts'
import { askOnRegister } from './message-summary.ts'
import { contactPath } from './nat.ts'
import type { Profile } from './profile.ts'
import { RegisterReport } from './register-report.ts'
import { plainUri } from './registration-request.ts'
import type { Registration } from './registrations.ts'

const log = logger('sofia/registrar')

export const registrarCounters = { registers: 0, refused: 0, overLimit: 0 }

/** Whose registration it is. */
interface Account {
  readonly user: string
  readonly domain: string
  readonly directoryUser: DirectoryUser | undefined
  readonly authUser: string
  readonly authRealm: string
}

/** Takes a REGISTER; always answers it. */
export function handleRegister(profile: Profile, transaction: ServerTransaction): boolean {
  const { request } = transaction
  registrarCounters.registers++
  const refuse = (status: number, reason?: string) => {
    registrarCounters.refused++
    transaction.respond(status, { reason, headers: answerHeaders(profile, 'REGISTER') })
    return true
  }
  if (profile.values.boolean('disable-register')) return refuse(403)
  const list = refusingList(profile, request)
  if (list !== undefined) {
    log.warning(`REGISTER from ${request.flow?.remoteAddress}: not in apply-register-acl ${list}`)
    return refuse(403)
  }
  const report = new RegisterReport(profile, request)
  const account = accountOf(profile, transaction, report)
  if (!account) return true
  if (!passesFilter(profile, account, request)) return refuse(403)
  const contacts = contactsOf(request)
  if (!contacts) return refuse(400, 'Bad Contact')
  if (isOutOfOrder(profile, account, request)) return refuse(500, 'CSeq Out Of Order')
  if (contacts === 'all') {
    removeAll(profile, account, report)
  } else {
    if (exceedsLimit(profile, account, request, contacts))
      return refuse(403, 'Maximum Registrations Exceeded')
    for (const contact of contacts) store(profile, account, request, contact, report)
  }
  answer(profile, transaction, account)
  return true
}

/** The first list of `apply-register-acl` that the source does not pass: it must pass all of them. */
function refusingList(profile: Profile, request: SipRequest): string | undefined {
  const address = request.flow?.remoteAddress ?? ''
  const { acls } = profile.sw
  return profile.values.all('apply-register-acl').find((list) => !acls.check(address, list).allowed)
}

/** Authenticates unless the profile or an access list spares it; undefined when the request was answered with a refusal. */
function accountOf(
  profile: Profile,
  transaction: ServerTransaction,
  report: RegisterReport,
): Account | undefined {
  const { request } = transaction
  const { values, sw } = profile
  const user = request.to.uri.userName
  const domain =
    values.text('force-register-db-domain') ||
    values.text('force-register-domain') ||
    request.to.uri.hostAddress
  const address = request.flow?.remoteAddress ?? ''
  const lists = values.all('apply-register-acl')
  if (values.boolean('accept-blind-reg') || lists.length > 0) {
    // A list may say whose registration it is (`cidr` of a user).
    const last = lists.at(-1)
    const token = last === undefined ? undefined : sw.acls.check(address, last).token
    const at = token?.lastIndexOf('@') ?? -1
    const own = token && at > 0 ? [token.slice(0, at), token.slice(at + 1)] : [user, domain]
    const [name = user, realm = domain] = own
    const directoryUser = sw.directory.user(name, realm)
    return { user: name, domain: realm, directoryUser, authUser: name, authRealm: realm }
  }
  const verdict = authenticate(profile, transaction, 'www', (result, username, realm) =>
    report.judged(result, username, realm),
  )
  if (verdict.outcome !== 'user') {
    if (verdict.outcome === 'refused') registrarCounters.refused++
    return undefined
  }
  if (values.boolean('inbound-reg-force-matching-username') && !isSameUser(verdict, user)) {
    log.warning(
      `REGISTER of ${user}@${domain} from ${address} authenticated as ${verdict.username}; refused`,
    )
    report.judged('FORBIDDEN', verdict.username, verdict.realm)
    transaction.respond(403, { headers: answerHeaders(profile, 'REGISTER') })
    return undefined
  }
  report.judged('RENEWED', verdict.username, verdict.realm)
  return {
    user,
    domain,
    directoryUser: verdict.user,
    authUser: verdict.username,
    authRealm: verdict.realm,
  }
}

function isSameUser(verdict: AuthenticatedUser, user: string): boolean {
  const wanted = user.toLowerCase()
  return (
    verdict.username.toLowerCase() === wanted ||
    verdict.user?.attributes.get('number-alias')?.toLowerCase() === wanted
  )
}

/** The contacts; `all` for `Contact: *` with Expires 0; undefined when they cannot be read or `*` stands with something else (§10.3 step 6). */
function contactsOf(request: SipRequest): readonly NameAddress[] | 'all' | undefined {
  const values = request.list('Contact')
  if (values.some((value) => value.trim() === '*')) {
    return values.length === 1 && request.get('Expires')?.trim() === '0' ? 'all' : undefined
  }
  try {
    const { contacts } = request
    for (const contact of contacts) void contact.uri
    return contacts
  } catch {
    return undefined
  }
}

/** §10.3 step 7: the same Call-ID with a lower CSeq is an old request that came late. */
function isOutOfOrder(profile: Profile, account: Account, request: SipRequest): boolean {
  return profile.registrations
    .contactsOf(account.user, account.domain)
    .some((known) => known.callId === request.callId && known.cseq > request.cseq.number)
}

/** The contact's own parameter counts before the Expires header (§10.2.1.1). */
function wantedExpires(request: SipRequest, contact: NameAddress): number | undefined {
  const text = contact.parameter('expires') ?? request.get('Expires')
  if (text === undefined) return undefined
  const seconds = Number.parseInt(text, 10)
  return seconds >= 0 ? seconds : undefined
}

/** Whether the user agent is one that the user, else the profile, allows (`user-agent-filter`, a regular expression). */
function passesFilter(profile: Profile, account: Account, request: SipRequest): boolean {
  const { directoryUser } = account
  const filter =
    (directoryUser && userParam(directoryUser, 'user-agent-filter')) ||
    profile.values.text('user-agent-filter')
  if (filter === '') return true
  const agent = request.get('User-Agent') ?? 'unknown'
  try {
    if (compilePattern(filter).exec(agent)) return true
  } catch (thrown) {
    log.err(`user-agent-filter ${filter}: ${reasonOf(thrown)}`)
  }
  log.warning(
    `REGISTER of ${account.user}@${account.domain} from ${request.flow?.remoteAddress}: user agent ${agent} does not pass user-agent-filter`,
  )
  return false
}

/** Whether there would be too many contacts; those that are only refreshed do not count as new. */
function exceedsLimit(
  profile: Profile,
  account: Account,
  request: SipRequest,
  contacts: readonly NameAddress[],
): boolean {
  const own =
    account.directoryUser && userParam(account.directoryUser, 'max-registrations-per-extension')
  const limit = Number(own ?? profile.values.number('max-registrations-per-extension'))
  if (!(limit > 0)) return false
  const { user, domain } = account
  let count = profile.registrations.contactsOf(user, domain).length
  let isAdding = false
  for (const contact of contacts) {
    const key = keyFor(profile, account, request, contact.uri.toString())
    const isKnown = profile.registrations.get(user, domain, key) !== undefined
    const isGoing = wantedExpires(request, contact) === 0
    if (isKnown && isGoing) count--
    if (isKnown || isGoing) continue
    isAdding = true
    count++
  }
  if (!isAdding || count <= limit) return false
  registrarCounters.overLimit++
  log.warning(`${user}@${domain} has ${limit} registrations already`)
  return true
}

function removeAll(profile: Profile, account: Account, report: RegisterReport): void {
  for (const registration of profile.registrations.contactsOf(account.user, account.domain)) {
    profile.registrations.remove(registration, 'unregistered')
    report.unregistered(registration, account.directoryUser)
  }
}

function store(
  profile: Profile,
  account: Account,
  request: SipRequest,
  contact: NameAddress,
  report: RegisterReport,
): void {
  const seconds = expiresFor(profile, account.directoryUser, wantedExpires(request, contact))
  const plain = contact.uri.toString()
  const key = keyFor(profile, account, request, plain)
  if (seconds === 0) {
    const gone = profile.registrations.get(account.user, account.domain, key)
    if (!gone) return
    profile.registrations.remove(gone, 'unregistered')
    report.unregistered(gone, account.directoryUser)
    return
  }
  const flow = request.flow
  const { uri, path, kind } = contactPath(profile, request, contact, account.directoryUser)
  const protocol = flow?.protocol ?? 'udp'
  // What is kept for the registration's time must not keep the message it was cut from.
  const registration: Registration = {
    callId: flatText(request.callId),
    user: flatText(account.user),
    domain: flatText(account.domain),
    contact: flatText(`"${contact.display || request.to.display}" <${uri}>`),
    uri: flatText(uri),
    path: path === undefined ? undefined : flatText(path),
    status: `Registered(${kind.startsWith('AUTO') ? kind : protocol.toUpperCase() + kind})`,
    expires: Math.trunc(Date.now() / 1000) + seconds,
    userAgent: flatText(request.get('User-Agent') ?? ''),
    networkIp: flow?.remoteAddress ?? '',
    networkPort: flow?.remotePort ?? 0,
    protocol,
    authUser: flatText(account.authUser),
    authRealm: flatText(account.authRealm),
    mwiAccount:
      (account.directoryUser && userParam(account.directoryUser, 'mwi-account')) ||
      `${account.user}@${account.domain}`,
    cseq: request.cseq.number,
    q: Number(contact.parameter('q') ?? 1) || 0,
  }
  const outcome = profile.registrations.put(key, registration)
  report.registered(registration, seconds, account.directoryUser, outcome === 'refreshed')
  const { length } = profile.registrations.contactsOf(account.user, account.domain)
  const isFirst = outcome === 'new' && length === 1
  askOnRegister(profile, registration, account.directoryUser, isFirst)
}

/** What counts as the same registration (`multiple-registrations`). */
function keyFor(profile: Profile, account: Account, request: SipRequest, uri: string): string {
  const own =
    account.directoryUser && userParam(account.directoryUser, 'sip-allow-multiple-registrations')
  const mode =
    own === undefined
      ? profile.values.text('multiple-registrations')
      : isTrue(own)
        ? 'contact'
        : 'false'
  if (mode === 'call-id') return request.callId
  return mode === 'contact' || isTrue(mode) ? uri : ''
}

/** 200 with every contact of the user and what is left of its time (§10.3 step 8). */
function answer(profile: Profile, transaction: ServerTransaction, account: Account): void {
  const now = Math.trunc(Date.now() / 1000)
  const headers: HeaderLine[] = profile.registrations
    .contactsOf(account.user, account.domain)
    .map((known) => [
      'Contact',
      `<${plainUri(known.uri)}>;expires=${Math.max(0, known.expires - now)}`,
    ])
  // RFC 3327 §5.3: the phone sees by which proxies it will be reached.
  for (const path of transaction.request.lines('Path')) headers.push(['Path', path])
  headers.push(['Date', dateText()], ...answerHeaders(profile, 'REGISTER'))
  transaction.respond(200, { headers })
}

let dateSecond = 0
let date = ''

/** The Date header's value, made once a second. */
function dateText(): string {
  const second = Math.trunc(Date.now() / 1000)
  if (second !== dateSecond) {
    dateSecond = second
    date = new Date(second * 1000).toUTCString()
  }
  return date
}
