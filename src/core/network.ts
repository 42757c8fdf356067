/** IP networks: parsing `10.0.0.0/8`, membership, and the lists that need no configuration. */
import { BlockList, isIPv4, isIPv6 } from 'node:net'

export interface Network {
  readonly bits: number
  readonly block: BlockList
}

/** `a.b.c.d/n`, `x::/n` or a single address; undefined when it is none. */
export function parseNetwork(text: string): Network | undefined {
  const [address = '', length] = text.split('/')
  const family = isIPv4(address) ? 'ipv4' : isIPv6(address) ? 'ipv6' : undefined
  if (!family) return undefined
  const most = family === 'ipv4' ? 32 : 128
  const bits = length === undefined ? most : Number(length)
  if (!Number.isInteger(bits) || bits < 0 || bits > most) return undefined
  const block = new BlockList()
  block.addSubnet(address, bits, family)
  return { bits, block }
}

/** `10.0.0.0` with `255.0.0.0`. */
export function parseNetworkWithMask(host: string, mask: string): Network | undefined {
  const octets = mask.split('.').map(Number)
  if (octets.length !== 4 || octets.some((octet) => !(octet >= 0 && octet <= 255))) return undefined
  const binary = octets.map((octet) => octet.toString(2).padStart(8, '0')).join('')
  if (!/^1*0*$/.test(binary)) return undefined
  return parseNetwork(`${host}/${binary.indexOf('0') < 0 ? 32 : binary.indexOf('0')}`)
}

export function contains(network: Network, address: string): boolean {
  if (isIPv4(address)) return network.block.check(address, 'ipv4')
  return isIPv6(address) && network.block.check(address, 'ipv6')
}

interface AutoList {
  readonly rules: readonly {
    readonly network: Network
    readonly allow: boolean
    readonly token: undefined
  }[]
  readonly allowsByDefault: boolean
}

const privateNetworks = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16']
const localNetworks = ['127.0.0.0/8', '::1/128']
const linkNetworks = ['169.254.0.0/16', 'fe80::/10', 'fc00::/7']

function list(
  allow: boolean,
  networks: readonly string[],
  except: readonly string[] = [],
): AutoList {
  const rule = (text: string, allowed: boolean) => {
    const network = parseNetwork(text)
    return network ? [{ network, allow: allowed, token: undefined }] : []
  }
  return {
    rules: [
      ...networks.flatMap((text) => rule(text, allow)),
      ...except.flatMap((text) => rule(text, !allow)),
    ],
    allowsByDefault: !allow,
  }
}

const cache = new Map<string, ReadonlyMap<string, AutoList>>()

/** The lists that are always there. `localAddress` is this machine's, whose /24 counts as the local net. */
export function autoLists(localAddress: string | undefined): ReadonlyMap<string, AutoList> {
  const key = localAddress ?? ''
  const present = cache.get(key)
  if (present) return present
  const localNet = localAddress && isIPv4(localAddress) ? [`${localAddress}/24`] : []
  const lists = new Map<string, AutoList>([
    ['rfc1918.auto', list(true, privateNetworks)],
    ['rfc6598.auto', list(true, ['100.64.0.0/10'])],
    [
      'wan.auto',
      list(false, [...privateNetworks, '100.64.0.0/10', ...localNetworks, ...linkNetworks]),
    ],
    [
      'wan_v4.auto',
      list(false, [...privateNetworks, '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '::/0']),
    ],
    ['wan_v6.auto', list(false, ['0.0.0.0/0', '::1/128', 'fe80::/10', 'fc00::/7'])],
    ['any_v4.auto', list(true, ['0.0.0.0/0'])],
    ['any_v6.auto', list(true, ['::/0'])],
    ['nat.auto', list(true, privateNetworks, localNet)],
    ['localnet.auto', list(true, localNet)],
    ['loopback.auto', list(true, localNetworks)],
  ])
  cache.set(key, lists)
  return lists
}
