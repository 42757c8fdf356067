/** Phones behind address translation: their contact names an address that cannot be reached, so requests go where the registration came from. */
import { type DirectoryUser, userVariable } from '../../core/directory.ts'
import { hostText } from '../../sip/flow.ts'
import type { SipRequest } from '../../sip/message.ts'
import type { NameAddress } from '../../sip/name-address.ts'
import type { Profile } from './profile.ts'
import { isWebSocket } from './websocket.ts'

export interface ContactPath {
  /** The contact's URI as it is kept, with `fs_nat` and `fs_path` where it is behind NAT or a proxy. */
  readonly uri: string
  /** Where requests to it go first: a URI, or the proxies' route in angle brackets. Undefined: the contact says it. */
  readonly path: string | undefined
  /** What stands in the status after the transport: '', `-NAT`; or instead of it: `AUTO-NAT`. */
  readonly kind: '' | '-NAT' | 'AUTO-NAT' | 'AUTO-NAT-2.0'
}

/** How a contact of a REGISTER is reached. */
export function contactPath(
  profile: Profile,
  request: SipRequest,
  contact: NameAddress,
  user: DirectoryUser | undefined,
): ContactPath {
  const uri = contact.uri.toString()
  const source = sourceUri(request, contact)
  const force = user && userVariable(user, 'sip-force-contact')
  if (force === 'NDLB-connectile-dysfunction')
    return { uri: source, path: undefined, kind: 'AUTO-NAT' }
  if (force === 'NDLB-connectile-dysfunction-2.0')
    return { uri: withPath(uri, source, true), path: source, kind: 'AUTO-NAT-2.0' }
  const isNat = isBehindNat(profile, request, contact)
  const received = isNat && profile.values.boolean('NDLB-received-in-nat-reg-contact')
  const base = received ? `${uri};received=${source.slice(source.indexOf('@') + 1)}` : uri
  // RFC 3327 §5.3: a proxy on the way says that it wants to stay there.
  const paths = request.list('Path')
  if (paths.length > 0) {
    const way = paths.map(bracketed).join(',')
    return { uri: withPath(base, way, isNat), path: way, kind: isNat ? '-NAT' : '' }
  }
  if (!isNat) return { uri, path: undefined, kind: '' }
  return { uri: withPath(base, source, true), path: source, kind: '-NAT' }
}

function bracketed(path: string): string {
  return path.includes('<') ? path.slice(path.indexOf('<')) : `<${path}>`
}

/** The contact with the address that the request really came from. */
function sourceUri(request: SipRequest, contact: NameAddress): string {
  const { flow } = request
  const { user, parameters } = contact.uri
  const host = `${hostText(flow?.remoteAddress ?? '')}:${flow?.remotePort ?? 5060}`
  const protocol = flow?.protocol ?? 'udp'
  const isSocket = isWebSocket(protocol)
  // Browsers say ws for both: the way back is the one that they came.
  const kept = isSocket ? parameters.replace(/;transport=[^;]*/i, '') : parameters
  const needsTransport =
    isSocket || (protocol !== 'udp' && contact.uri.parameter('transport') === undefined)
  const transport = needsTransport ? `;transport=${protocol}` : ''
  return `sip:${user === undefined ? '' : `${user}@`}${host}${kept}${transport}`
}

function withPath(uri: string, path: string, isNat: boolean): string {
  return `${uri}${isNat ? ';fs_nat=yes' : ''};fs_path=${encodeURIComponent(path)}`
}

/**
 * Whether the phone cannot be reached where it says: `aggressive-nat-detection` compares its Via with the source, `apply-nat-acl`
 * looks for the contact's address, `tcp-always-nat` takes every connection for one. A phone in `local-network-acl` never is.
 */
function isBehindNat(profile: Profile, request: SipRequest, contact: NameAddress): boolean {
  const { flow } = request
  if (!flow) return false
  const { values, sw } = profile
  // Nobody can connect to a browser: it is reached over the connection that it made.
  if (isWebSocket(flow.protocol)) return true
  if (flow.protocol === 'tcp' && values.boolean('tcp-always-nat')) return true
  const lists = values.all('apply-nat-acl')
  const host = contact.uri.hostAddress
  const isSuspect =
    (values.boolean('aggressive-nat-detection') && isViaElsewhere(request)) ||
    (lists.length > 0 && lists.every((list) => sw.acls.check(host, list).allowed))
  if (!isSuspect) return false
  const local = values.text('local-network-acl')
  return local === '' || !sw.acls.check(flow.remoteAddress, local).allowed
}

/** Whether the topmost Via names another address than the packet came from. */
function isViaElsewhere(request: SipRequest): boolean {
  const { via, flow } = request
  if (!flow) return false
  if (via.host !== hostText(flow.remoteAddress)) return true
  return via.port !== undefined && via.port !== flow.remotePort
}
