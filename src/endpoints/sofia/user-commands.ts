/** The commands that look a registered user up: sofia_contact, sofia_count_reg, sofia_username_of, sofia_presence_data; and sofia_gateway_data. */
import type { Command } from '../../core/interfaces.ts'
import { separate } from '../../core/separate.ts'
import type { Switch } from '../../core/switch.ts'
import { gatewayNamed } from './gateways.ts'
import { publishedBy } from './presence.ts'
import type { Profile } from './profile.ts'
import { profileNamed, profilesOf } from './profiles.ts'
import type { Published } from './publications.ts'
import { dialString } from './registration-rows.ts'
import type { Registration } from './registrations.ts'

/** `[profile/]user@domain[/prefix]` taken apart. */
interface Address {
  readonly profile: string | undefined
  readonly user: string
  readonly domain: string | undefined
  readonly prefix: string
}

export function readAddress(text: string): Address {
  const slash = text.indexOf('/')
  const profile = slash < 0 ? undefined : text.slice(0, slash)
  const rest = text.slice(slash + 1)
  const [account = '', prefix = ''] = cut(rest, '/')
  const [user = '', domain] = cut(account, '@')
  return { profile, user, domain: domain || undefined, prefix }
}

function cut(text: string, mark: string): [before: string, after?: string] {
  const at = text.indexOf(mark)
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + mark.length)]
}

/** Registrations of a user that count for a domain: its own, and every one where the profile's `presence-hosts` name it. */
function registrationsOf(profile: Profile, user: string, domain: string): Registration[] {
  if (profile.values.text('presence-hosts').includes(domain))
    return profile.registrations.ofUser(user)
  return profile.registrations.contactsOf(user, domain)
}

/** The profiles to look in: the one that profile or domain name, else all. */
function profilesFor(sw: Switch, name: string | undefined, domain: string): readonly Profile[] {
  if (name === '*') return profilesOf(sw)
  const found = (name ? profileNamed(sw, name) : undefined) ?? profileNamed(sw, domain)
  return found ? [found] : profilesOf(sw)
}

function usualDomain(sw: Switch): string {
  return sw.globals.get('domain') ?? sw.globals.get('local_ip_v4') ?? ''
}

export const sofiaContact: Command = {
  name: 'sofia_contact',
  syntax: '[profile/]<user>@<domain>',
  about: 'Sofia Contacts',
  run(args, { sw, channel }) {
    const [text = '', agent = channel?.variables.get('sip_match_user_agent')] = cut(args, '~')
    const address = readAddress(text)
    const domain = address.domain ?? usualDomain(sw)
    const excluded = channel?.variables.get('sip_exclude_contact')
    const found = new Set<string>()
    for (const profile of profilesFor(sw, address.profile, domain)) {
      const own = profile.node.attributes.get('domain')
      const wanted = own !== undefined && address.profile === profile.name ? own : domain
      for (const each of registrationsOf(profile, address.user, wanted)) {
        if (agent !== undefined && !each.userAgent.includes(agent)) continue
        if (excluded && each.contact.includes(excluded)) continue
        found.add(address.prefix + dialString(profile, each))
      }
    }
    return found.size === 0 ? 'error/user_not_registered' : [...found].join(',')
  },
}

/**
 * The profile and domain that the two commands below look in; FreeSWITCH takes the profile's name for the domain where none with a dot
 * is given.
 */
function counted(
  sw: Switch,
  args: string,
): { profile: Profile; user: string; domain: string } | undefined {
  const { profile: named, user, domain } = readAddress(args)
  const first = named ?? domain
  if (first === undefined) return undefined
  const profile = profileNamed(sw, first)
  if (profile) return { profile, user, domain: domain?.includes('.') ? domain : profile.name }
  const second = domain === undefined ? undefined : profileNamed(sw, domain)
  return second && { profile: second, user, domain: second.name }
}

export const sofiaCountReg: Command = {
  name: 'sofia_count_reg',
  syntax: '[profile/]<user>@<domain>',
  about: 'Count Sofia registration',
  run(args, { sw }) {
    const where = counted(sw, args)
    if (!where) return '-1'
    const { profile, user, domain } = where
    if (user !== '') return String(registrationsOf(profile, user, domain).length)
    const isHost = profile.values.text('presence-hosts').includes(domain)
    const all = profile.registrations.list()
    return String(all.filter((each) => isHost || each.domain === domain).length)
  },
}

export const sofiaUsernameOf: Command = {
  name: 'sofia_username_of',
  syntax: '[profile/]<user>@<domain>',
  about: 'Sofia Username Lookup',
  run(args, { sw }) {
    const where = counted(sw, args)
    if (!where) return ''
    return registrationsOf(where.profile, where.user, where.domain).at(-1)?.authUser ?? ''
  },
}

/** Status and rpid of whom nobody has published anything are `unknown`. */
const presenceColumns: Readonly<Record<string, (row: Registration, said?: Published) => string>> = {
  status: (_each, said) => (said?.isOpen === false ? 'Unregistered' : (said?.note ?? '')),
  rpid: (_each, said) => said?.activity ?? '',
  user_agent: (each) => each.userAgent,
  network_ip: (each) => each.networkIp,
  network_port: (each) => String(each.networkPort),
}

export const sofiaPresenceData: Command = {
  name: 'sofia_presence_data',
  syntax: '[list|status|rpid|user_agent] [profile/]<user>@domain',
  about: 'Sofia Presence Data',
  run(args, { sw }) {
    const [search, text] = separate(args, ' ')
    if (search === undefined || text === undefined) return ''
    const word = search.toLowerCase()
    const address = readAddress(text)
    const domain = address.domain ?? usualDomain(sw)
    const rows = profilesFor(sw, address.profile, domain).flatMap((profile) =>
      profile.registrations.ofUser(address.user).filter((each) => each.authRealm === domain),
    )
    const cell = (name: string, each: Registration) =>
      presenceColumns[name]?.(each, publishedBy(sw, `${each.user}@${each.domain}`)) || 'unknown'
    if (word === 'status' || word === 'rpid' || word === 'user_agent')
      return rows.map((each) => cell(word, each)).join('')
    const names = Object.keys(presenceColumns)
    const lines = rows.map((each) => `${names.map((name) => cell(name, each)).join('|')}\n`)
    const table = lines.length === 0 ? '' : `${names.join('|')}\n${lines.join('')}`
    return word === 'list' ? `${table}+OK\n` : table
  },
}

export const sofiaGatewayData: Command = {
  name: 'sofia_gateway_data',
  syntax: '<gateway_name> [ivar|ovar|var] <name>',
  about: 'Get data from a sofia gateway',
  run(args, { sw }) {
    if (args === '') return '-ERR Parameter missing\n'
    const [name = '', kind = '', variable = ''] = separate(args, ' ')
    const account = gatewayNamed(sw, name)?.account
    if (!account) return ''
    const inbound = account.inboundVariables.get(variable)
    const outbound = account.outboundVariables.get(variable)
    switch (kind.toLowerCase()) {
      case 'ivar':
        return inbound ?? ''
      case 'ovar':
        return outbound ?? ''
      case 'var':
        return inbound ?? outbound ?? ''
      default:
        return ''
    }
  },
}
