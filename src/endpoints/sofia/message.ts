/** MESSAGE outside of calls (RFC 3428): a text from a user, checked and handed to the core, which knows the ways to whom it is for. */
import { reasonOf } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import { LogBrake } from '../../base/log-brake.ts'
import { longestChat, submitChat, userProtocols } from '../../core/chat.ts'
import { ChatMessage } from '../../core/chat-message.ts'
import type { HeaderLine, SipRequest } from '../../sip/message.ts'
import type { ServerTransaction } from '../../sip/transaction-server.ts'
import { type AuthenticatedUser, authenticate } from './authenticate.ts'
import { chatAddress } from './chat-address.ts'
import { customHeaders } from './extra-headers.ts'
import { headerSets } from './headers.ts'
import { messageAllowance } from './message-allowance.ts'
import type { Profile } from './profile.ts'

const log = logger('sofia/message')

export const messageCounters = {
  received: 0,
  composing: 0,
  'refused body': 0,
  'refused sender': 0,
  'refused recipient': 0,
  'refused rate': 0,
  'refused loop': 0,
}

/** Refusals that anybody can cause. */
const brake = new LogBrake()

type Refusal = 'body' | 'sender' | 'recipient' | 'rate' | 'loop'

/** Marks what we sent ourselves: it must not come back. */
export const loopHeader = 'X-FS-Sending-Message'

/** Takes a MESSAGE; always answers it. */
export function receiveMessage(profile: Profile, transaction: ServerTransaction): boolean {
  const { request } = transaction
  const from = `${request.from.uri.userName}@${request.from.uri.hostAddress}`
  const refuse = (
    what: Refusal,
    status: number,
    why: string,
    headers: readonly HeaderLine[] = [],
  ) => {
    messageCounters[`refused ${what}`]++
    const more = brake.pass(what)
    const address = request.flow?.remoteAddress ?? '?'
    if (more !== undefined)
      log.warning(`MESSAGE of ${from} (${address}) refused with ${status}: ${why}${more}`)
    transaction.respond(status, { headers: [...headerSets(profile).brief, ...headers] })
    return true
  }
  if (!profile.values.boolean('enable-chat'))
    return refuse('recipient', 403, 'the profile takes no messages (enable-chat)')
  let sender: AuthenticatedUser | undefined
  if (profile.values.boolean('auth-messages')) {
    const verdict = authenticate(profile, transaction, 'proxy')
    if (verdict.outcome !== 'user') return true
    sender = verdict
    if (!isFrom(verdict, request))
      return refuse('sender', 403, `it was authenticated as ${verdict.username}`)
  }
  if (request.get(loopHeader) === profile.sw.coreUuid)
    return refuse('loop', 503, 'it was sent by this server')
  const fault = bodyFault(request)
  if (fault) return refuse('body', fault.status, fault.why, fault.headers)
  const account = sender ? `${sender.username}@${sender.realm}` : request.flow?.remoteAddress
  if (!messageAllowance(profile).take(account ?? ''))
    return refuse('rate', 480, 'too many at a time', [['Retry-After', '1']])
  const target = targetOf(profile, request)
  if (typeof target === 'string') return refuse('recipient', target === '' ? 404 : 403, target)
  messageCounters.received++
  transaction.respond(acceptedStatus(profile), { headers: headerSets(profile).brief })
  // RFC 3994: that somebody is typing is no message.
  if (request.contentType.includes('composing')) {
    messageCounters.composing++
    return true
  }
  pass(profile, request, target)
  return true
}

export function acceptedStatus(profile: Profile): number {
  return profile.values.boolean('sip-messages-respond-200-ok') ? 200 : 202
}

/** Whether From names who has authenticated: the name under a message is what people go by. */
export function isFrom({ username, user }: AuthenticatedUser, request: SipRequest): boolean {
  const name = request.from.uri.userName.toLowerCase()
  const names = [username, user?.id, user?.attributes.get('number-alias')]
  return names.some((each) => each?.toLowerCase() === name)
}

interface Target {
  /** By which way, where To says so (`conf+3000`). */
  readonly named: string | undefined
  readonly to: string
}

/** Whom it is for; a text: why it is for nobody, '' when To names no user. */
function targetOf(profile: Profile, request: SipRequest): Target | string {
  const { uri } = request.to
  const user = uri.userName
  if (user === '') return ''
  const plus = user.indexOf('+')
  const word = plus > 0 ? user.slice(0, plus).toLowerCase() : ''
  if (word === '' || !profile.sw.chats.get(word))
    return { named: undefined, to: chatAddress(profile, user, uri.hostAddress) }
  // `api` would run a command.
  if (!userProtocols.includes(word)) return `messages go by ${userProtocols.join(', ')} alone`
  const [name = '', domain] = user.slice(plus + 1).split('+', 2)
  return { named: word, to: chatAddress(profile, name, domain ?? uri.hostAddress) }
}

interface BodyFault {
  readonly status: number
  readonly why: string
  readonly headers: readonly HeaderLine[]
}

const texts = /^(text|message)\/|^multipart\/(mixed|alternative|related)$|[/+](xml|json|cpim)$/
const utf8 = new TextDecoder('utf-8', { fatal: true })

/** What is no text cannot be handed on as one (RFC 3261 §8.2.3, RFC 3428 §5). */
export function bodyFault(request: SipRequest): BodyFault | undefined {
  const body = request.bodyBytes
  if (body.length === 0) return undefined
  if (body.length > longestChat)
    return { status: 413, why: `${body.length} octets, ${longestChat} are the most`, headers: [] }
  const encoding = request.get('Content-Encoding')?.trim().toLowerCase()
  if (encoding !== undefined && encoding !== 'identity') {
    const headers: HeaderLine[] = [['Accept-Encoding', 'identity']]
    return { status: 415, why: `Content-Encoding ${encoding}`, headers }
  }
  const accept: HeaderLine[] = [['Accept', 'text/plain, text/*, message/cpim, application/xml']]
  const type = request.contentType
  if (type !== '' && !texts.test(type))
    return { status: 415, why: `Content-Type ${type}`, headers: accept }
  try {
    utf8.decode(body)
  } catch {
    return { status: 415, why: 'the body is not UTF-8', headers: accept }
  }
  return undefined
}

function pass(profile: Profile, request: SipRequest, { named, to }: Target): void {
  const message = messageOf(profile, request, named ?? 'sip', to)
  if (profile.values.boolean('fire-message-events')) {
    profile.sw.events.announce('RECV_MESSAGE', (event) => {
      for (const [name, value] of message.headers) event.add(name, value)
      event.body = message.body
    })
  }
  submitChat(profile.sw, message, 'sip', named).catch((thrown: unknown) =>
    log.err(`MESSAGE ${message.from} → ${to}: ${reasonOf(thrown)}`),
  )
}

/** The message under the names that plans and events know. */
function messageOf(
  profile: Profile,
  request: SipRequest,
  protocol: string,
  to: string,
): ChatMessage {
  const { from, to: toHeader, flow } = request
  const history = request.lines('History-Info')
  return new ChatMessage(
    [
      ['login', profile.url],
      ['proto', 'sip'],
      ['to_proto', protocol],
      ['from', `${from.uri.userName}@${from.uri.hostAddress}`],
      ['from_user', from.uri.userName],
      ['from_host', from.uri.hostAddress],
      ['to_user', toHeader.uri.userName],
      ['to_host', toHeader.uri.hostAddress],
      ['from_sip_ip', flow?.remoteAddress],
      ['from_sip_port', String(flow?.remotePort ?? '')],
      ['to', to],
      ['subject', 'SIMPLE MESSAGE'],
      ['context', profile.values.text('context')],
      ['type', request.contentType || 'text/plain'],
      ['from_full', request.get('From')],
      ['sip_profile', profile.name],
      ['sip_call_info', request.get('Call-Info')],
      ['sip_h_Diversion', request.get('Diversion')],
      ['sip_history_info', history.length > 0 ? history.join(', ') : undefined],
      ['sip_geolocation', request.get('Geolocation')],
      ['sip_geolocation_error', request.get('Geolocation-Error')],
      ...customHeaders(request, 'sip_h_').filter(([name]) => name !== `sip_h_${loopHeader}`),
    ],
    request.body,
  )
}
