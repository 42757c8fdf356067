/** Calls through gateways: what a call out is addressed with, and where a call that came in by one goes. */
import type { HangupCause } from '../../core/hangup-cause.ts'
import type { Switch } from '../../core/switch.ts'
import type { SipRequest } from '../../sip/message.ts'
import type { Gateway } from './gateway.ts'
import { gatewayNamed } from './gateways.ts'
import type { Profile } from './profile.ts'
import { profilesOf } from './profiles.ts'

/** How an INVITE through a gateway is made. */
export interface GatewayRoute {
  readonly gateway: Gateway
  readonly profile: Profile
  /** The Request-URI, and To. */
  readonly uri: string
  /** The Contact header's value. */
  readonly contact: string
  /** `<sip:account@domain>` for From; undefined: the caller's own number goes there (`caller-id-in-from`). */
  readonly from: string | undefined
  /** The first Route, `sip:host` (`outbound-proxy`). */
  readonly route: string | undefined
  /** rpid, pid or none; undefined: as the profile. */
  readonly callerIdType: string | undefined
  /** Of the new channel, unless it has them: the gateway's own, then `sip_gateway_name`, `sip_invite_domain`. */
  readonly variables: ReadonlyMap<string, string>
}

/** The variables of the calling channel that `from-domain="auto-aleg-…"` looks at. */
type Originator = { get(name: string): string | undefined }

/**
 * The way for `sofia/gateway/<name>/<number>[;uri-params]`; `destination` is what follows `gateway/`. Counts the call.
 * INVALID_URL without a number, INVALID_GATEWAY for an unknown name, GATEWAY_DOWN for one that is down.
 */
export function routeByGateway(
  sw: Switch,
  destination: string,
  originator?: Originator,
): GatewayRoute | HangupCause {
  const slash = destination.indexOf('/')
  if (slash < 0) return 'INVALID_URL'
  const gateway = gatewayNamed(sw, destination.slice(0, slash))
  const profile =
    gateway && profilesOf(sw).find((each) => each.gateways.get(gateway.name) === gateway)
  if (!gateway || !profile) return 'INVALID_GATEWAY'
  if (!gateway.isUp) {
    gateway.failedCallsOut++
    return 'GATEWAY_DOWN'
  }
  gateway.callsOut++
  const { account } = gateway
  const { number, params } = parted(destination.slice(slash + 1))
  const prefix = account.values.text('destination-prefix')
  const host = account.proxy.slice('sip:'.length)
  const target = number.includes('@') ? `sip:${prefix}${number}` : `sip:${prefix}${number}@${host}`
  const needsTransport = account.transport !== 'udp' && !/;transport=/i.test(target + params)
  return {
    gateway,
    profile,
    uri: `${target}${params}${needsTransport ? `;transport=${account.transport}` : ''}`,
    contact: `${gateway.contact}${params}`,
    from: account.values.boolean('caller-id-in-from') ? undefined : account.from,
    route: account.callRoute,
    callerIdType: account.values.maybe('cid-type'),
    variables: variablesOf(gateway, originator),
  }
}

/** The number without `sip:`, and its URI parameters from their semicolon on. */
function parted(text: string): { number: string; params: string } {
  const plain = text.replace(/^sip:/i, '')
  const semicolon = plain.indexOf(';')
  if (semicolon < 0) return { number: plain, params: '' }
  return { number: plain.slice(0, semicolon), params: plain.slice(semicolon) }
}

function variablesOf(gateway: Gateway, originator: Originator | undefined): Map<string, string> {
  const variables = new Map(gateway.account.outboundVariables)
  variables.set('sip_gateway_name', gateway.name)
  const domain = gateway.account.values.text('from-domain')
  if (domain === 'auto-aleg-full') {
    const from = originator?.get('sip_full_from')
    if (from) variables.set('sip_force_full_from', from)
  } else if (domain === 'auto-aleg-domain') {
    const host = originator?.get('sip_from_host')
    if (host) variables.set('sip_invite_domain', host)
  } else if (domain !== '') variables.set('sip_invite_domain', domain)
  return variables
}

/** Where a call goes that came in by a gateway. */
export interface GatewayArrival {
  readonly gateway: Gateway
  /** The new destination; undefined: the number stays. */
  readonly extension: string | undefined
  readonly context: string
  /** `sip_gateway` and the gateway's inbound variables. */
  readonly variables: ReadonlyMap<string, string>
}

/**
 * The gateway by whose Contact a call came: `gw+<name>` as the user of the Request-URI, or its `;gw=<name>`. Undefined when it
 * came by none. Counts the call.
 */
export function arrivalByGateway(sw: Switch, request: SipRequest): GatewayArrival | undefined {
  const user = request.uri.userName
  const named = user.startsWith('gw+') ? gatewayNamed(sw, user.slice(3)) : undefined
  const parameter = request.uri.parameter('gw')
  const gateway = named ?? (parameter ? gatewayNamed(sw, parameter) : undefined)
  if (!gateway) return undefined
  gateway.callsIn++
  const { account } = gateway
  return {
    gateway,
    extension: extensionFor(gateway, request, named !== undefined),
    context: account.context,
    variables: new Map([['sip_gateway', gateway.name], ...account.inboundVariables]),
  }
}

/** `gw+name` is no number, so another must be found; a URI that only carries `gw=` has its number already. */
function extensionFor(gateway: Gateway, request: SipRequest, isNamed: boolean): string | undefined {
  const { account } = gateway
  const called = () => request.to.uri.userName || undefined
  if (!isNamed && !account.isExtensionGiven) return undefined
  if (account.extension === 'auto_to_user') return called()
  if (account.extension === 'auto') return isNamed ? called() : undefined
  return account.extension
}
