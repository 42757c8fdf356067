/** The commands about addresses and names of the network. */
import { lookup } from 'node:dns/promises'
import { networkInterfaces } from 'node:os'
import { leadingInteger } from '../core/expand/expand.ts'
import type { Command } from '../core/interfaces.ts'
import { separate } from '../core/separate.ts'

export const acl: Command = {
  name: 'acl',
  syntax: '<ip> <list_name>',
  about: 'Compare an ip to an acl list',
  run(args, { sw }) {
    const [address, list] = separate(args, ' ', 3)
    if (address === undefined || list === undefined) return 'false'
    return String(sw.acls.check(address, list).allowed)
  },
}

/** What counts as not reachable from outside: private, loopback, link-local, and networks that nobody had in 2006. */
const local = /^(10|127|255|0|1|2|172\.(1[6-9]|2\d|3[01])|192\.168|192\.0\.2|169\.254)\./

export const isLanAddr: Command = {
  name: 'is_lan_addr',
  syntax: '<ip>',
  about: 'See if an ip is a lan addr',
  run: (args) => String(local.test(args)),
}

/** The first address of a name; undefined when there is none. */
async function resolve(name: string, family: 0 | 4): Promise<string | undefined> {
  try {
    return (await lookup(name, { family })).address
  } catch {
    return undefined
  }
}

export const hostLookup: Command = {
  name: 'host_lookup',
  syntax: '<hostname>',
  about: 'Lookup host',
  async run(args) {
    if (args === '') return 'parameter missing\n'
    return (await resolve(args, 0)) ?? '!err!'
  },
}

export const gethost: Command = {
  name: 'gethost',
  syntax: '',
  about: 'gethostbyname',
  run: async (args) => (args && (await resolve(args, 4))) || '-ERR',
}

export const interfaceIp: Command = {
  name: 'interface_ip',
  syntax: '[auto|ipv4|ipv6] <ifname>',
  about: 'Return the primary IP of an interface',
  completions: ['auto', 'ipv4', 'ipv6'].map((word) => `${word} ::console::list_interfaces`),
  run(args) {
    const [family = '', name] = separate(args, ' ', 3)
    const word = family.toLowerCase()
    if (name === undefined || !['auto', 'ipv4', 'ipv6'].includes(word)) {
      return `USAGE: interface_ip ${interfaceIp.syntax}\n`
    }
    const entries = networkInterfaces()[name] ?? []
    return (
      entries.find((one) => word === 'auto' || one.family.toLowerCase() === word)?.address ?? ''
    )
  },
}

export const natMap: Command = {
  name: 'nat_map',
  syntax: '[status|republish|reinit] | [add|del] <port> [tcp|udp] [static]',
  about: 'Manage NAT',
  // No router is asked to map ports, so that there is nothing to manage.
  run: () => 'false',
}

export const stun: Command = {
  name: 'stun',
  syntax: '<stun_server>[:port] [<source_ip>[:<source_port]]',
  about: 'Execute STUN lookup',
  async run(args, { sw }) {
    const [server = ''] = args.split(' ')
    if (server === '') return '-STUN Failed! NO STUN SERVER\n'
    const [host = '', port = ''] = server.split(':')
    const ask = sw.options.stunBinding
    if (!ask) return '-STUN Failed! [no STUN client]\n'
    try {
      const found = await ask(host, leadingInteger(port) || 3478)
      return `${found.address}:${found.port}\n`
    } catch (thrown) {
      return `-STUN Failed! [${thrown instanceof Error ? thrown.message : String(thrown)}]\n`
    }
  },
}
