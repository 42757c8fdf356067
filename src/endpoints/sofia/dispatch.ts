/** Requests that belong to no dialog: each method goes to whoever serves it, and none stays without an answer. */
import { isTrue } from '../../core/variables.ts'
import type { SipRequest } from '../../sip/message.ts'
import type { ServerTransaction } from '../../sip/transaction-server.ts'
import { conferencePackage } from './conference-package.ts'
import { headerSets } from './headers.ts'
import { receiveInvite } from './inbound.ts'
import { receiveMessage } from './message.ts'
import { messageSummary } from './message-summary.ts'
import { presencePackage } from './presence.ts'
import type { Profile } from './profile.ts'
import { receivePublish } from './publish.ts'
import { receiveStrayRefer } from './refer.ts'
import { handleRegister } from './registrar.ts'
import type { EventPackage } from './subscriptions.ts'

type Handler = (profile: Profile, transaction: ServerTransaction) => boolean

const handlers: Readonly<Record<string, Handler>> = {
  INVITE: receiveInvite,
  REGISTER: handleRegister,
  OPTIONS: answerOptions,
  INFO: answerInfo,
  MESSAGE: receiveMessage,
  SUBSCRIBE: subscribe,
  PUBLISH: receivePublish,
  NOTIFY: (profile, transaction) => respond(profile, transaction, 481),
  REFER: receiveStrayRefer,
  UPDATE: (profile, transaction) => respond(profile, transaction, 481),
  PRACK: (profile, transaction) => respond(profile, transaction, 481),
  BYE: (profile, transaction) => respond(profile, transaction, 481),
}

/** Has a profile take its requests. */
export function serveRequests(profile: Profile): void {
  profile.agent.onRequest((transaction) => dispatch(profile, transaction))
}

function dispatch(profile: Profile, transaction: ServerTransaction): boolean {
  const { request } = transaction
  if (!checkRequirements(profile, transaction)) return true
  // §12.2.2: a request for a dialog that is not here.
  if (request.toTag !== undefined && request.method !== 'NOTIFY' && request.method !== 'INFO') {
    return respond(profile, transaction, 481)
  }
  const handler = handlers[request.method]
  if (!handler) return respond(profile, transaction, 501)
  return handler(profile, transaction)
}

/** RFC 3261 §8.2.2.3: extensions that a request requires and we do not have are refused by name. */
export function checkRequirements(profile: Profile, transaction: ServerTransaction): boolean {
  const { request } = transaction
  if (!request.has('Require')) return true
  const unknown = unsupported(profile, request)
  if (unknown.length === 0) return true
  const headers = headerSets(profile).full
  transaction.respond(420, { headers: [...headers, ['Unsupported', unknown.join(', ')]] })
  return false
}

function unsupported(profile: Profile, request: SipRequest): string[] {
  const known = headerSets(profile).supported.split(', ')
  return request.list('Require').filter((tag) => !known.includes(tag.toLowerCase()))
}

/** Answers with the headers that every final answer outside a call has. */
export function respond(
  profile: Profile,
  transaction: ServerTransaction,
  status: number,
  headers: readonly (readonly [string, string])[] = [],
): boolean {
  const sets = headerSets(profile)
  transaction.respond(status, { headers: [...sets.full, ...headers] })
  return true
}

/** RFC 3261 §11: what we can do; nobody in particular is asked, so the answer is the same for every user. */
function answerOptions(profile: Profile, transaction: ServerTransaction): boolean {
  transaction.respond(200, {
    headers: [['Contact', `<sip:${profile.hostPort}>`], ...headerSets(profile).full],
  })
  return true
}

/** An INFO of no call: heard and dropped. */
function answerInfo(profile: Profile, transaction: ServerTransaction): boolean {
  transaction.respond(200, { headers: headerSets(profile).brief })
  return true
}

/** What can be subscribed to. */
const packages: readonly EventPackage[] = [messageSummary, conferencePackage]
/** The same where the profile tells how its users are (`manage-presence`). */
const presencePackages: readonly EventPackage[] = [...packages, presencePackage]

function subscribe(profile: Profile, transaction: ServerTransaction): boolean {
  const manages = isTrue(profile.values.text('manage-presence'))
  profile.subscriptions.receive(transaction, manages ? presencePackages : packages)
  return true
}
