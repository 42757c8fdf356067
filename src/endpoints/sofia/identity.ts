/** Who calls and who is called, as headers tell it: From, P-Asserted-Identity (RFC 3325), Remote-Party-ID, Privacy (RFC 3323). */
import type { CallerProfile } from '../../core/caller-profile.ts'
import type { Channel } from '../../core/channel.ts'
import { isFalse, isTrue } from '../../core/variables.ts'
import type { HeaderLine, SipMessage } from '../../sip/message.ts'
import { formatAddress, type NameAddress, parseNameAddress } from '../../sip/name-address.ts'
import { unescapeUri } from '../../sip/uri.ts'
import type { Profile } from './profile.ts'

export type CallerIdType = 'rpid' | 'pid' | 'none'

/** `caller-id-type`, `sip_cid_type`. */
export function callerIdType(text: string | undefined, otherwise: CallerIdType): CallerIdType {
  const word = text?.toLowerCase()
  if (word === 'pid' || word === 'rpid' || word === 'none') return word
  return otherwise
}

export interface Caller {
  readonly name: string
  readonly number: string
  /** Which header told it, so that answers use the same. */
  readonly type: CallerIdType | undefined
}

/** An address header that may be missing or broken. */
function addressOf(message: SipMessage, name: string): NameAddress | undefined {
  const text = message.list(name)[0]
  if (text === undefined) return undefined
  try {
    const address = parseNameAddress(text)
    address.uri
    return address
  } catch {
    return undefined
  }
}

/** The caller: From, and what a trusted header says instead; sets the variables that name those headers. */
export function readCaller(profile: Profile, channel: Channel, request: SipMessage): Caller {
  const { variables } = channel
  const { from } = request
  let number = from.uri.userName
  let name = from.display || number || 'unknown'
  let type: CallerIdType | undefined
  const take = (address: NameAddress): void => {
    if (address.uri.userName) number = address.uri.userName
    if (address.display) name = address.display
  }
  const party = addressOf(request, 'Remote-Party-ID')
  if (party) {
    if (party.uri.user) variables.setForeign('sip_Remote-Party-ID', request.get('Remote-Party-ID'))
    take(party)
    type = 'rpid'
  }
  const asserted = profile.values.boolean('p-asserted-id-parse')
    ? addressOf(request, 'P-Asserted-Identity')
    : undefined
  if (asserted) {
    if (asserted.uri.user) variables.setForeign('sip_P-Asserted-Identity', asserted.uri.userName)
    take(asserted)
    type = 'pid'
  }
  const preferred = addressOf(request, 'P-Preferred-Identity')
  if (preferred) {
    variables.setForeign('sip_P-Preferred-Identity', request.get('P-Preferred-Identity'))
    take(preferred)
    type = 'pid'
  }
  if (type) variables.set('sip_cid_type', type)
  return { name: unescapeUri(name), number, type }
}

/** What Remote-Party-ID and Privacy say of hiding. */
export function readPrivacy(channel: Channel, profile: CallerProfile, request: SipMessage): void {
  const party = addressOf(request, 'Remote-Party-ID')
  if (party) {
    const word = party.parameter('privacy')?.toLowerCase() ?? ''
    profile.hideName = word === 'yes' || word === 'full' || word === 'name'
    profile.hideNumber = word === 'yes' || word === 'full' || word === 'number'
    if (party.parameter('screen')?.toLowerCase() === 'no') profile.screen = false
  }
  const privacy = request.get('Privacy')
  if (privacy === undefined) return
  channel.variables.setForeign('sip_Privacy', privacy)
  if (privacy.split(/[;, ]+/).includes('id')) {
    profile.hideName = true
    profile.hideNumber = true
  }
}

/** Who is called, in answers to the caller (`cid-in-1xx`, `pass-callee-id`). */
export function calleeHeaders(
  profile: Profile,
  channel: Channel,
  type: CallerIdType | undefined,
): HeaderLine[] {
  const { variables } = channel
  if (!profile.values.boolean('pass-callee-id') || !profile.values.boolean('cid-in-1xx')) return []
  if (isFalse(variables.get('sip_cid_in_1xx'))) return []
  const read = (what: string) =>
    variables.get(`initial_callee_id_${what}`) ??
    variables.get(`effective_callee_id_${what}`) ??
    variables.get(`sip_callee_id_${what}`) ??
    channel.text(`callee_id_${what}`)
  const number = clean(read('number') || channel.profile.get('destination_number'))
  const name = clean(read('name') || number)
  if (number === '' || name === '' || name === '_undef_') return []
  const host = variables.get('sip_to_host') || profile.sipIp
  const agent = variables.get('sip_user_agent') ?? ''
  // Polycom phones show a whole URI; they are given the number alone.
  const uri = /poly/i.test(agent) ? number : `sip:${number}@${host}`
  const isParty = (type ?? 'rpid') === 'rpid' && !/aastra/i.test(agent)
  const address = formatAddress(name, uri)
  return isParty
    ? [['Remote-Party-ID', `${address};party=calling;privacy=off;screen=no`]]
    : [['P-Asserted-Identity', address]]
}

/** A name or number without what would break a header. */
function clean(text: string): string {
  return text.replace(/[\r\n<>]/g, '')
}

export interface CallerHeaders {
  readonly asserted: HeaderLine[]
  /** Headers that stand after Content-Length, as FreeSWITCH writes them. */
  readonly party: HeaderLine[]
}

/** The identity headers of an INVITE of ours. `domain` is the host they name. */
export function callerHeaders(channel: Channel, type: CallerIdType, domain: string): CallerHeaders {
  if (type === 'none') return { asserted: [], party: [] }
  const { profile, variables } = channel
  const name = clean(profile.get('caller_id_name'))
  const number = clean(profile.get('caller_id_number'))
  const shown = name === '_undef_' ? '' : name
  const uri = `sip:${number}@${domain}`
  if (type === 'rpid') {
    const privacy = profile.hideNumber ? 'full' : profile.hideName ? 'name' : 'off'
    const screen = profile.screen ? 'yes' : 'no'
    const value = `${formatAddress(shown, uri)};party=calling;screen=${screen};privacy=${privacy}`
    return { asserted: [], party: [['Remote-Party-ID', value]] }
  }
  const parameters = variables.get('sip_invite_pid_params')
  const address = formatAddress(shown, parameters ? `${uri};${parameters}` : uri)
  const asserted: HeaderLine[] = [
    [profile.screen ? 'P-Asserted-Identity' : 'P-Preferred-Identity', address],
  ]
  if (profile.hideNumber) asserted.unshift(['Privacy', 'id'])
  else if (!isTrue(variables.get('sip_cid_suppress_privacy_none'))) {
    asserted.unshift(['Privacy', 'none'])
  }
  return { asserted: [], party: asserted }
}

/** The far end says who it is (180, 200): the callee of the channel. True when that is news. */
export function readCallee(profile: Profile, channel: Channel, message: SipMessage): boolean {
  if (!profile.values.boolean('pass-callee-id')) return false
  const address = addressOf(message, 'P-Asserted-Identity') ?? addressOf(message, 'Remote-Party-ID')
  if (!address?.uri.user) return false
  const number = address.uri.userName
  const name = address.display || number
  const known = channel.profile
  if (known.get('callee_id_number') === number && known.get('callee_id_name') === name) return false
  known.set('callee_id_name', name)
  known.set('callee_id_number', number)
  return true
}
