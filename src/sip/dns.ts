/** Finding where a SIP URI leads: NAPTR, SRV, A and AAAA (RFC 3263). Numeric addresses need none of it and are answered at once. */
import { lookup, resolveNaptr, resolveSrv } from 'node:dns/promises'
import { isIP } from 'node:net'
import { SwitchError } from '../base/errors.ts'
import type { Protocol, Target } from './flow.ts'
import type { SipUri } from './uri.ts'

export interface NaptrRecord {
  readonly order: number
  readonly preference: number
  readonly flags: string
  readonly service: string
  readonly replacement: string
}

export interface SrvRecord {
  readonly priority: number
  readonly weight: number
  readonly port: number
  readonly name: string
}

/** The questions that are asked; replaced in tests. A name that has no such record gives an empty list. */
export interface Resolver {
  naptr(name: string): Promise<readonly NaptrRecord[]>
  srv(name: string): Promise<readonly SrvRecord[]>
  addresses(name: string): Promise<readonly string[]>
}

export interface ResolverOptions {
  readonly resolver?: Resolver | undefined
  /** False for `disable-naptr`. */
  readonly useNaptr?: boolean | undefined
  /** False for `disable-srv`. */
  readonly useSrv?: boolean | undefined
  /** A number in 0…1 that picks among SRV records of one priority. */
  readonly random?: (() => number) | undefined
}

/** Of these only the addresses are needed: a server that does not answer the others must not stop a call. */
async function orNothing<T>(question: Promise<T[]>): Promise<T[]> {
  try {
    return await question
  } catch {
    return []
  }
}

/** The machine's own resolver; addresses also come from its hosts file. */
const systemResolver: Resolver = {
  naptr: (name) => orNothing(resolveNaptr(name)),
  srv: (name) => orNothing(resolveSrv(name)),
  addresses: async (name) => (await lookup(name, { all: true })).map((one) => one.address),
}

/** NAPTR services (RFC 3263 §4.1). */
const services: Readonly<Record<string, Protocol>> = {
  'sip+d2u': 'udp',
  'sip+d2t': 'tcp',
  'sips+d2t': 'tls',
  'sip+d2w': 'ws',
  'sips+d2w': 'wss',
}

const protocols: readonly string[] = ['udp', 'tcp', 'tls', 'ws', 'wss']

function defaultPort(protocol: Protocol): number {
  if (protocol === 'tls') return 5061
  if (protocol === 'ws') return 80
  return protocol === 'wss' ? 443 : 5060
}

/** The protocol that the URI itself asks for; undefined when it leaves it open. */
function wantedProtocol(uri: SipUri): Protocol | undefined {
  const parameter = uri.parameter('transport')?.toLowerCase()
  const isSecure = uri.scheme === 'sips'
  if (parameter === undefined || parameter === '') return isSecure ? 'tls' : undefined
  if (!protocols.includes(parameter))
    throw new SwitchError('SIP_NO_TRANSPORT', `unknown transport ${parameter}`)
  if (isSecure && parameter === 'tcp') return 'tls'
  if (isSecure && parameter === 'ws') return 'wss'
  return parameter as Protocol
}

/**
 * The targets of a URI in the order to try them. `speaks` says which protocols we have.
 * Throws (or rejects with) SwitchError SIP_UNRESOLVED, SIP_NO_TRANSPORT or SIP_UNROUTABLE.
 */
export function locate(
  uri: SipUri,
  speaks: (protocol: Protocol) => boolean,
  options: ResolverOptions = {},
): readonly Target[] | Promise<readonly Target[]> {
  if (!uri.isSip) throw new SwitchError('SIP_UNROUTABLE', `no way to reach ${uri.text}`)
  const maddr = uri.parameter('maddr')
  const host = maddr === undefined || maddr === '' ? uri.hostAddress : maddr
  const protocol = wantedProtocol(uri)
  const family = isIP(host)
  if (family !== 0) {
    // §4.1, §4.2: numeric: nothing to look up.
    const chosen = protocol ?? firstSpoken(speaks)
    if (!speaks(chosen))
      throw new SwitchError('SIP_NO_TRANSPORT', `no ${chosen} here for ${uri.text}`)
    return [{ protocol: chosen, address: host, port: uri.port ?? defaultPort(chosen) }]
  }
  return locateName(uri, host, protocol, speaks, options)
}

/** UDP where we have it (§4.1: UDP when a sip URI says nothing). */
function firstSpoken(speaks: (protocol: Protocol) => boolean): Protocol {
  return speaks('udp') || !speaks('tcp') ? 'udp' : 'tcp'
}

async function locateName(
  uri: SipUri,
  host: string,
  protocol: Protocol | undefined,
  speaks: (protocol: Protocol) => boolean,
  options: ResolverOptions,
): Promise<readonly Target[]> {
  const resolver = options.resolver ?? systemResolver
  const random = options.random ?? Math.random
  let failure: unknown
  try {
    if (uri.port !== undefined) {
      const chosen = protocol ?? firstSpoken(speaks)
      return await addressTargets(resolver, host, uri.port, chosen, speaks)
    }
    if (options.useSrv !== false) {
      const names = await srvNames(uri, host, protocol, speaks, resolver, options)
      const targets: Target[] = []
      for (const [name, over] of names)
        for (const record of orderSrv(await resolver.srv(name), random))
          targets.push(...(await softAddresses(resolver, record, over, speaks)))
      if (targets.length > 0) return targets
    }
    const chosen = protocol ?? firstSpoken(speaks)
    return await addressTargets(resolver, host, defaultPort(chosen), chosen, speaks)
  } catch (thrown) {
    if (thrown instanceof SwitchError) throw thrown
    failure = thrown
  }
  const why = failure instanceof Error ? failure.message : String(failure)
  throw new SwitchError('SIP_UNRESOLVED', `cannot resolve ${host}: ${why}`)
}

/** One SRV target that does not resolve must not spoil the others. */
async function softAddresses(
  resolver: Resolver,
  record: SrvRecord,
  protocol: Protocol,
  speaks: (protocol: Protocol) => boolean,
): Promise<readonly Target[]> {
  try {
    return await addressTargets(resolver, record.name, record.port, protocol, speaks)
  } catch {
    return []
  }
}

/** Which SRV names to ask, best first (§4.1). */
async function srvNames(
  uri: SipUri,
  host: string,
  protocol: Protocol | undefined,
  speaks: (protocol: Protocol) => boolean,
  resolver: Resolver,
  options: ResolverOptions,
): Promise<[name: string, protocol: Protocol][]> {
  if (protocol !== undefined) return [[srvName(host, protocol), protocol]]
  if (options.useNaptr !== false) {
    const records = [...(await resolver.naptr(host))]
      .filter((record) => record.flags.toLowerCase() === 's')
      .sort((a, b) => a.order - b.order || a.preference - b.preference)
    const names: [string, Protocol][] = []
    for (const record of records) {
      const offered = services[record.service.toLowerCase()]
      if (offered === undefined || !speaks(offered)) continue
      if (uri.scheme === 'sips' && offered !== 'tls' && offered !== 'wss') continue
      names.push([record.replacement, offered])
    }
    if (names.length > 0) return names
  }
  const asked: readonly Protocol[] = ['udp', 'tcp']
  return asked.filter(speaks).map((one) => [srvName(host, one), one])
}

function srvName(host: string, protocol: Protocol): string {
  if (protocol === 'tls') return `_sips._tcp.${host}`
  return `_sip._${protocol}.${host}`
}

/** RFC 2782: lower priority first; within one, drawn by weight. */
export function orderSrv(records: readonly SrvRecord[], random: () => number): SrvRecord[] {
  const left = records
    .filter((record) => record.name !== '' && record.name !== '.')
    .sort((a, b) => a.priority - b.priority || a.weight - b.weight)
  const ordered: SrvRecord[] = []
  while (left.length > 0) {
    const priority = left[0]?.priority
    const group = left.filter((record) => record.priority === priority)
    const total = group.reduce((sum, record) => sum + record.weight, 0)
    let draw = Math.floor(random() * (total + 1))
    const chosen =
      group.find((record) => {
        draw -= record.weight
        return draw <= 0
      }) ?? group[0]
    if (chosen === undefined) break
    ordered.push(chosen)
    left.splice(left.indexOf(chosen), 1)
  }
  return ordered
}

async function addressTargets(
  resolver: Resolver,
  name: string,
  port: number,
  protocol: Protocol,
  speaks: (protocol: Protocol) => boolean,
): Promise<readonly Target[]> {
  if (!speaks(protocol))
    throw new SwitchError('SIP_NO_TRANSPORT', `no ${protocol} here for ${name}`)
  const addresses = isIP(name) === 0 ? await resolver.addresses(name) : [name]
  if (addresses.length === 0) throw new SwitchError('SIP_UNRESOLVED', `${name} has no address`)
  return addresses.map((address) => ({ protocol, address, port }))
}
