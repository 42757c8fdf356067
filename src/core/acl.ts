/** Access lists of acl.conf.xml and the lists that every switch has (`loopback.auto`, `rfc1918.auto`…). */
import { placeText } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import type { XmlNode } from '../xml/node.ts'
import type { Network } from './network.ts'
import { autoLists, contains, parseNetwork, parseNetworkWithMask } from './network.ts'
import type { Switch } from './switch.ts'

const log = logger('core/acl')

interface Rule {
  readonly network: Network
  readonly allow: boolean
  /** `user@domain` whose calls the rule lets in without a password. */
  readonly token: string | undefined
}

interface AccessList {
  readonly rules: readonly Rule[]
  readonly allowsByDefault: boolean
}

export interface AclVerdict {
  readonly allowed: boolean
  /** The directory user that the deciding rule stands for. */
  readonly token: string | undefined
}

/** Verdicts given before, by list and address: the same phones come again and again. A list that is read anew begins without. */
const verdicts = new WeakMap<AccessList, Map<string, AclVerdict>>()
const verdictLimit = 4096

function verdictOf(list: AccessList, address: string): AclVerdict {
  let known = verdicts.get(list)
  if (known === undefined) {
    known = new Map()
    verdicts.set(list, known)
  }
  let verdict = known.get(address)
  if (verdict === undefined) {
    if (known.size >= verdictLimit) known.clear()
    verdict = judge(list, address)
    // A copy: the address may have been cut out of a whole message.
    known.set(` ${address}`.slice(1), verdict)
  }
  return verdict
}

/** The narrowest network that holds the address decides; of equal ones the first. */
function judge(list: AccessList, address: string): AclVerdict {
  let best: Rule | undefined
  for (const rule of list.rules) {
    if (!contains(rule.network, address)) continue
    if (!best || rule.network.bits > best.network.bits) best = rule
  }
  return { allowed: best?.allow ?? list.allowsByDefault, token: best?.token }
}

export class Acls {
  readonly #sw: Switch
  #lists: Map<string, AccessList> | undefined

  constructor(sw: Switch) {
    this.#sw = sw
  }

  /** Reads acl.conf.xml anew at the next question. */
  reload(): void {
    this.#lists = undefined
  }

  /** Whether an address passes a list (by name) or a CIDR. An unknown list lets nothing pass. */
  check(address: string, list: string): AclVerdict {
    if (list.includes('/')) {
      const network = parseNetwork(list)
      return { allowed: network !== undefined && contains(network, address), token: undefined }
    }
    this.#lists ??= this.#read()
    const found =
      this.#lists.get(list.toLowerCase()) ??
      autoLists(this.#sw.globals.get('local_ip_v4')).get(list.toLowerCase())
    if (!found) {
      log.warning(`there is no access list ${list}; ${address} does not pass`)
      return { allowed: false, token: undefined }
    }
    return verdictOf(found, address)
  }

  has(list: string): boolean {
    this.#lists ??= this.#read()
    return this.#lists.has(list.toLowerCase()) || autoLists(undefined).has(list.toLowerCase())
  }

  #read(): Map<string, AccessList> {
    const lists = new Map<string, AccessList>()
    const configuration = this.#sw.configuration('acl.conf')
    const container = configuration?.children.find((child) => child.name === 'network-lists')
    for (const node of container?.children ?? []) {
      const name = node.attributes.get('name')
      if (node.name !== 'list' || !name) continue
      const rules = node.children
        .filter((child) => child.name === 'node')
        .flatMap((rule) => this.#rules(rule))
      const allowsByDefault = (node.attributes.get('default') ?? '').toLowerCase() === 'allow'
      lists.set(name.toLowerCase(), { rules, allowsByDefault })
    }
    return lists
  }

  #rules(node: XmlNode): Rule[] {
    const allow = (node.attributes.get('type') ?? '').toLowerCase() === 'allow'
    const cidr = node.attributes.get('cidr')
    const host = node.attributes.get('host')
    const mask = node.attributes.get('mask')
    const domain = node.attributes.get('domain')
    if (domain) return this.#domainRules(domain, allow)
    const networks =
      host && mask
        ? [parseNetworkWithMask(host, mask)]
        : (cidr ?? '').split(',').map((part) => parseNetwork(part.trim()))
    return networks.flatMap((network) => {
      if (network) return [{ network, allow, token: undefined }]
      log.err(
        `${placeText(node.place)}: "${cidr ?? `${host} ${mask}`}" is no network; the rule is left out`,
      )
      return []
    })
  }

  /** Every user of the domain that has a `cidr` attribute: calls from there count as that user's. */
  #domainRules(domain: string, allow: boolean): Rule[] {
    return this.#sw.directory.users(domain).flatMap((user) => {
      const cidr = user.attributes.get('cidr')
      if (!cidr) return []
      return cidr.split(',').flatMap((part) => {
        const network = parseNetwork(part.trim())
        return network ? [{ network, allow, token: `${user.id}@${user.domain}` }] : []
      })
    })
  }
}
