/** The gateways of a profile: read from its own `<gateways>` and from users of the directory, found by name, started and ended. */
import { placeText } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import type { Switch } from '../../core/switch.ts'
import type { XmlNode } from '../../xml/node.ts'
import { writeXml } from '../../xml/write.ts'
import { Gateway, type GatewayHost } from './gateway.ts'
import { readAccount } from './gateway-account.ts'
import { headerSets } from './headers.ts'
import type { Profile } from './profile.ts'
import { profilesOf } from './profiles.ts'

const log = logger('sofia/gateway')

/** A gateway by its name, or by `profile::name`. */
export function gatewayNamed(sw: Switch, name: string): Gateway | undefined {
  const colons = name.indexOf('::')
  for (const profile of profilesOf(sw)) {
    if (colons < 0) {
      const gateway = profile.gateways.get(name)
      if (gateway) return gateway
    } else if (profile.name === name.slice(0, colons)) {
      return profile.gateways.get(name.slice(colons + 2))
    }
  }
  return undefined
}

/** Starts every gateway of a profile that has just started. */
export function loadGateways(profile: Profile): void {
  for (const node of gatewayNodes(profile)) addGateway(profile, node)
}

/** After the XML was read anew: new gateways start, those that are gone end, those that changed are replaced. */
export async function rescanGateways(profile: Profile): Promise<void> {
  const nodes = new Map(gatewayNodes(profile).map((node) => [node.attributes.get('name'), node]))
  const ending: Promise<void>[] = []
  for (const gateway of [...profile.gateways.values()]) {
    const node = nodes.get(gateway.name)
    if (node && writeXml(node) === writeXml(gateway.account.node)) continue
    ending.push(removeGateway(profile, gateway))
  }
  await Promise.all(ending)
  for (const [name, node] of nodes) {
    if (name !== undefined && !profile.gateways.has(name)) addGateway(profile, node)
  }
}

/** Starts the gateway of that name out of a `<profile>` as loaded now (`_all_`: every one); those that run are left alone. */
export function startGateway(profile: Profile, profileNode: XmlNode, name: string): void {
  for (const node of gatewayNodes(profile, profileNode)) {
    const own = node.attributes.get('name') ?? ''
    if ((name === '_all_' || own === name) && !profile.gateways.has(own)) addGateway(profile, node)
  }
}

/** Ends a gateway: its registration is taken back. */
export async function removeGateway(profile: Profile, gateway: Gateway): Promise<void> {
  if (profile.gateways.get(gateway.name) === gateway) profile.gateways.delete(gateway.name)
  await gateway.stop()
  log.notice(`gateway ${gateway.name} deleted`)
  announce(profile, 'sofia::gateway_delete', gateway)
}

/** Ends all of them, as a profile stops; resolves when their registrations are taken back. */
export async function stopGateways(profile: Profile): Promise<void> {
  await Promise.all([...profile.gateways.values()].map((gateway) => gateway.stop()))
  profile.gateways.clear()
}

function addGateway(profile: Profile, node: XmlNode): void {
  const account = readAccount(node, profile.values.text('context'))
  if (!account) return
  const present = gatewayNamed(profile.sw, account.name) ?? profile.gateways.get(account.name)
  if (present) {
    log.warning(
      `${placeText(node.place)}: a gateway ${account.name} is there already, at ${placeText(present.account.node.place)}; this one is left out`,
    )
    return
  }
  const gateway = new Gateway(hostOf(profile), account)
  profile.gateways.set(gateway.name, gateway)
  log.notice(`gateway ${gateway.name} added to profile ${profile.name}`)
  announce(profile, 'sofia::gateway_add', gateway)
  gateway.start()
}

function hostOf(profile: Profile): GatewayHost {
  return {
    name: profile.name,
    sender: profile.agent,
    clock: profile.agent.clock,
    headers: headerSets(profile).brief,
    sipIp: profile.sipIp,
    externalSipIp: profile.externalSipIp,
    get sipPort() {
      return profile.sipPort
    },
    passes: (address, list) => profile.sw.acls.check(address, list).allowed,
    announce: (subclass, fill) => profile.sw.events.announce('CUSTOM', fill, subclass),
  }
}

function announce(profile: Profile, subclass: string, gateway: Gateway): void {
  profile.sw.events.announce(
    'CUSTOM',
    (event) => {
      event.add('profile-name', profile.name)
      event.add('Gateway', gateway.name)
    },
    subclass,
  )
}

/** The profile's own, then those of users whose domain the profile parses (`<domain name="…" parse="true"/>`). */
function gatewayNodes(profile: Profile, profileNode = profile.node): XmlNode[] {
  const nodes = within(profileNode)
  const { directory } = profile.sw
  for (const { name, parse } of profile.domains) {
    if (!parse) continue
    for (const domain of name === 'all' ? directory.domains() : [name]) {
      for (const user of directory.users(domain)) nodes.push(...within(user.node))
    }
  }
  return nodes
}

function within(node: XmlNode): XmlNode[] {
  return node.children
    .filter((child) => child.name === 'gateways')
    .flatMap((list) => list.children.filter((child) => child.name === 'gateway'))
}
