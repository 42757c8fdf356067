/** The chat protocol `sip`: MESSAGE (RFC 3428) to every phone of a user, or to an address elsewhere. */
import { randomUUID } from 'node:crypto'
import { logger } from '../../base/log.ts'
import type { ChatMessage } from '../../core/chat-message.ts'
import type { ChatProtocol } from '../../core/interfaces.ts'
import type { Switch } from '../../core/switch.ts'
import { isTrue } from '../../core/variables.ts'
import type { HeaderLine, SipResponse } from '../../sip/message.ts'
import { createRequest } from '../../sip/request.ts'
import { isToken } from '../../sip/text.ts'
import { type ChatContact, chatContacts, isLocalHost } from './chat-address.ts'
import { headerSets } from './headers.ts'
import { loopHeader } from './message.ts'
import type { Profile } from './profile.ts'
import { profileNamed, profilesOf } from './profiles.ts'
import { requestToPhone } from './registration-request.ts'

const log = logger('sofia/chat')

export const chatCounters = { sent: 0, taken: 0, 'not taken': 0, 'nobody there': 0, 'not ours': 0 }

export const sipChat: ChatProtocol = {
  name: 'sip',
  reaches: (to, sw) => chatContacts(sw, bareAddress(to)).length > 0,
  async send(message, sw) {
    const { to } = message
    // `internal/1001@example.com` names the profile.
    const slash = /^([^/@:]+)\/(.+)$/.exec(to)
    const address = bareAddress(to)
    const host = hostOf(address)
    const named = slash?.[1] ?? message.get('sip_profile')
    const profile = profileNamed(sw, named ?? host) ?? (named ? undefined : profilesOf(sw)[0])
    if (!profile) {
      log.err(`message ${message.from} → ${to}: there is no profile ${named ?? host}`)
      return false
    }
    const contacts = chatContacts(sw, address, profile)
    const isHere = isLocalHost(sw, host || profile.sipIp)
    if (contacts.length === 0 && (isHere || !mayLeave(message)))
      return nobodyThere(sw, profile, message, isHere)
    const outcomes =
      contacts.length > 0
        ? contacts.map((contact) => toPhone(contact, message))
        : [elsewhere(profile, address, message)]
    chatCounters.sent += outcomes.length
    const statuses = Promise.all(outcomes.map(async (each) => judge(message, await each)))
    if (!isTrue(message.get('blocking'))) return true
    const all = await statuses
    const best = Math.min(...all)
    message.set('Delivery-Result-Code', String(best))
    return best < 300
  },
}

/** Elsewhere goes what the console or the plan for messages sends: users alone could send to any host, in our name. */
function mayLeave(message: ChatMessage): boolean {
  return isTrue(message.get('skip_global_process'))
}

/** Without scheme, profile and parameters. */
function bareAddress(to: string): string {
  return to
    .replace(/^[^/@:]+\//, '')
    .replace(/^<?sips?:/i, '')
    .replace(/[;?>].*$/, '')
}

function hostOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1).replace(/:\d+$/, '')
}

/** The final status; it is counted, and a refusal told. */
function judge(message: ChatMessage, { status, reason }: SipResponse): number {
  if (status < 300) chatCounters.taken++
  else {
    chatCounters['not taken']++
    log.info(`message ${message.from} → ${message.to}: not taken: ${status} ${reason}`)
  }
  return status
}

function toPhone({ profile, registration }: ChatContact, message: ChatMessage) {
  const parts = { headers: headersOf(profile.sw, message), body: message.body }
  const from = senderOf(profile, message)
  return new Promise<SipResponse>((resolve) => {
    requestToPhone(profile, registration, 'MESSAGE', { ...parts, from }, resolve)
  })
}

function elsewhere(profile: Profile, address: string, message: ChatMessage) {
  const uri = `sip:${address}`
  const proxy = profile.values.text('outbound-proxy')
  const request = createRequest('MESSAGE', {
    uri,
    from: senderOf(profile, message),
    to: `<${uri}>`,
    callId: randomUUID(),
    routes: proxy === '' ? [] : [`<${/^sips?:/i.test(proxy) ? proxy : `sip:${proxy}`};lr>`],
    headers: [...headerSets(profile).brief, ...headersOf(profile.sw, message)],
    body: message.body,
  })
  return new Promise<SipResponse>((resolve) => {
    profile.agent.request(request, { final: resolve })
  })
}

function headersOf(sw: Switch, message: ChatMessage): HeaderLine[] {
  const headers: HeaderLine[] = [[loopHeader, sw.coreUuid]]
  for (const [name, value] of message.headers) {
    const header = /^sip_h_(.+)$/i.exec(name)?.[1]
    if (header !== undefined && isToken(header)) headers.push([header, value])
  }
  if (message.body !== '') headers.push(['Content-Type', message.contentType ?? 'text/html'])
  return headers
}

/** What a name in From cannot have. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for
const noName = /[\s"\\<>\0-\x1f\x7f]/g

/**
 * From of what is sent: as the sender wrote it where he speaks SIP; else made of his name, with the protocol before it, so that an
 * answer finds back (`conf+3000`).
 */
function senderOf(profile: Profile, message: ChatMessage): string {
  const { protocol } = message
  const written = message.get('from_full')
  if (protocol === 'sip' && written !== undefined) return written.replace(/;tag=[^;>]*/i, '')
  const at = message.from.lastIndexOf('@')
  const user = (at < 0 ? message.from : message.from.slice(0, at)).replace(noName, '')
  const host = (at < 0 ? '' : message.from.slice(at + 1)).replace(noName, '')
  const isOwn = /global/i.test(protocol)
  const prefix = message.get('from_proto') ?? (isOwn ? 'sip' : protocol)
  const name = prefix === 'sip' ? user : `${prefix}+${user}`
  return `"${user}" <sip:${name}@${host || hostOf(message.to) || profile.sipIp}>`
}

function nobodyThere(sw: Switch, profile: Profile, message: ChatMessage, isHere: boolean): boolean {
  chatCounters[isHere ? 'nobody there' : 'not ours']++
  const why = isHere ? 'nobody of that name is registered' : 'only a chatplan sends to other hosts'
  log.info(`message ${message.from} → ${message.to}: ${why}`)
  sw.events.announce(
    'CUSTOM',
    (event) => {
      event.add('Error-Type', 'chat')
      event.add('Error-Reason', 'no recipient')
      event.add('Chat-Send-To', message.to)
      event.add('Chat-Send-From', message.get('from_full') ?? message.from)
      event.add('Chat-Send-Profile', profile.name)
      event.body = message.body
    },
    'sofia::error',
  )
  return false
}
