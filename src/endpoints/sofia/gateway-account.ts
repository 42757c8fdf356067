/** What a `<gateway>` says, completed with the defaults that follow from each other, and the addresses made of it. */
import { randomUUID } from 'node:crypto'
import { placeText } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import { readSettings, type Values } from '../../core/settings.ts'
import { hostText } from '../../sip/flow.ts'
import type { XmlNode } from '../../xml/node.ts'
import { gatewaySettings } from './gateway-settings.ts'

const log = logger('sofia/gateway')

export interface GatewayAccount {
  readonly name: string
  readonly node: XmlNode
  readonly values: Values
  readonly username: string
  readonly password: string
  readonly authUsername: string
  readonly realm: string
  readonly registers: boolean
  readonly transport: 'udp' | 'tcp'
  /** `sip:host[:port]`: where calls and registrations go. */
  readonly proxy: string
  /** The Request-URI of a REGISTER: the proxy with the transport. */
  readonly registerUri: string
  /** `<sip:user@domain>`. */
  readonly from: string
  /** `sip:username@proxy`. */
  readonly to: string
  /** From and To of pings. */
  readonly pingAddress: string
  /** Route of REGISTER and pings, and of calls; undefined: straight to the proxy. */
  readonly registerRoute: string | undefined
  readonly callRoute: string | undefined
  /** Where its calls go, the username if nothing is said. */
  readonly extension: string
  readonly isExtensionGiven: boolean
  readonly context: string
  readonly retrySeconds: number
  readonly timeoutSeconds: number
  readonly expireSeconds: number
  readonly pingSeconds: number
  readonly inboundVariables: ReadonlyMap<string, string>
  readonly outboundVariables: ReadonlyMap<string, string>
}

/** Reads a `<gateway>`; undefined when it cannot be used, which the log tells with file and line. */
export function readAccount(node: XmlNode, profileContext: string): GatewayAccount | undefined {
  const name = node.attributes.get('name') ?? ''
  const refuse = (why: string) => {
    log.err(`${placeText(node.place)}: gateway "${name}" is left out: ${why}`)
    return undefined
  }
  if (!/^[\w.-]+$/.test(name)) return refuse('its name may hold only letters, digits, . - _')
  const values = readSettings(
    node.children.find((child) => child.name === 'params') ?? node,
    gatewaySettings,
  )
  if (node.children.some((child) => child.name === 'subscriptions')) {
    log.warning(`${placeText(node.place)}: gateway ${name}: <subscriptions> have no effect here`)
  }
  const transport = values.text('register-transport').toLowerCase()
  if (transport !== 'udp' && transport !== 'tcp')
    return refuse(`register-transport ${transport} is not in this version`)
  const registers = values.boolean('register')
  const username = values.text('username') || (registers ? '' : 'FreeSWITCH')
  if (username === '') return refuse('it needs a username, or register="false"')
  const password = values.text('password')
  if (registers && password === '') return refuse('it needs a password, or register="false"')
  const realm = values.text('realm') || values.text('proxy') || name
  const host = (values.text('proxy') || realm).replace(/^sip:/i, '')
  const fromDomain = values.text('from-domain') || host
  return {
    name,
    node,
    values,
    username,
    password,
    authUsername: values.text('auth-username') || username,
    realm,
    registers,
    transport,
    proxy: `sip:${host}`,
    registerUri: /transport=/i.test(host) ? `sip:${host}` : `sip:${host};transport=${transport}`,
    from: `<sip:${values.text('from-user') || username}@${fromDomain}>`,
    to: `sip:${username}@${host}`,
    pingAddress: `<sip:${fromDomain}>`,
    registerRoute: routeOf(values.text('register-proxy')),
    callRoute: routeOf(values.text('outbound-proxy')),
    extension: values.text('extension') || username,
    isExtensionGiven: values.text('extension') !== '',
    context: values.text('context') || profileContext || 'default',
    retrySeconds: seconds(
      node,
      values,
      values.maybe('retry_seconds') ? 'retry_seconds' : 'retry-seconds',
      30,
    ),
    timeoutSeconds: seconds(node, values, 'timeout-seconds', 60),
    expireSeconds: seconds(node, values, 'expire-seconds', 3600),
    pingSeconds: values.number('ping') === 0 ? 0 : seconds(node, values, 'ping', 0),
    ...variablesOf(node),
  }
}

/** `sip:host`, with or without `sip:` in the setting. */
function routeOf(proxy: string): string | undefined {
  if (proxy === '') return undefined
  return /^sips?:/i.test(proxy) ? proxy : `sip:${proxy}`
}

/** Times below 5 s would only hammer the server. */
function seconds(node: XmlNode, values: Values, name: string, instead: number): number {
  const given = Math.trunc(values.number(name))
  if (given >= 5) return given
  log.warning(`${placeText(node.place)}: ${name}="${given}" is less than 5; ${instead} is used`)
  return instead
}

/** `<variable name value [direction]>`, in `<variables>` or not: without a direction for both. */
function variablesOf(node: XmlNode) {
  const inboundVariables = new Map<string, string>()
  const outboundVariables = new Map<string, string>()
  const list = node.children.find((child) => child.name === 'variables') ?? node
  for (const child of list.children) {
    if (child.name !== 'variable') continue
    const name = child.attributes.get('name')
    const value = child.attributes.get('value')
    if (name === undefined || value === undefined) continue
    const direction = child.attributes.get('direction')?.toLowerCase()
    if (direction !== 'outbound') inboundVariables.set(name, value)
    if (direction !== 'inbound') outboundVariables.set(name, value)
    if (direction !== undefined && direction !== 'inbound' && direction !== 'outbound') {
      log.warning(
        `${placeText(child.place)}: direction="${direction}" is neither inbound nor outbound; both is used`,
      )
    }
  }
  return { inboundVariables, outboundVariables }
}

const instance = randomUUID()

/** `<sip:gw+name@host:port;transport=udp;gw=name>`: by it we know the gateway again when a call comes. */
export function contactOf(account: GatewayAccount, host: string, port: number): string {
  const { values, name, transport } = account
  const user = values.boolean('extension-in-contact') ? account.extension : `gw+${name}`
  const given = values.text('contact-params')
  const extra = given === '' || given.startsWith(';') ? given : `;${given}`
  const contact = `<sip:${user}@${hostText(host)}:${port}${extra};transport=${transport};gw=${name}>`
  if (!values.boolean('rfc-5626')) return contact
  // RFC 5626 §4.2
  return `${contact};reg-id=${values.text('reg-id')};+sip.instance="<urn:uuid:${instance}>"`
}
