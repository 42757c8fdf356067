/** A test switch with a SIP profile on a free port of 127.0.0.1, users 1000–1009 and whatever dialplan a test needs. */
import assert from 'node:assert/strict'
import { profileNamed } from '../../src/endpoints/sofia/profiles.ts'
import { type CallOptions, Phone, type PhoneCall, type PhoneOptions } from './phone.ts'
import { startSwitch, type TestSwitch } from './switch.ts'

export interface SipSwitchOptions {
  /** Extensions of context `default`: number (a regular expression) to actions, `application:data` each. */
  readonly extensions?: Readonly<Record<string, readonly string[]>>
  /** Files whose extensions stand before those, in context `default`. */
  readonly includes?: readonly string[]
  /** Further `<configuration>` elements. */
  readonly configuration?: string
  /** Contexts of the plan for messages. */
  readonly chatplan?: string
  /** The inside of `<section name="languages">`. */
  readonly languages?: string
  /** Global variables. */
  readonly globals?: Readonly<Record<string, string>>
  /** Further domains of the directory. */
  readonly directory?: string
  /** Further modules. */
  readonly modules?: readonly string[]
  /** Further params of a user. */
  readonly userParams?: (id: string) => Readonly<Record<string, string>>
  /** Further params of switch.conf. */
  readonly switchParams?: Readonly<Record<string, string>>
  /** Further params of the profile. */
  readonly settings?: Readonly<Record<string, string>>
  /** How many ports the sound may have. */
  readonly rtpPorts?: number
  /** How long the end waits for phones to confirm the ends of their calls, ms. Default: not at all. */
  readonly partingMs?: number
}

export interface SipSwitch extends TestSwitch {
  /** `127.0.0.1:port` of the profile `internal`. */
  readonly server: string
  /** A telephone of this switch; it ends with the switch. */
  phone(user: string, options?: Partial<PhoneOptions>): Promise<Phone>
}

function userXml(id: number, params: Readonly<Record<string, string>>): string {
  const further = Object.entries(params).map(
    ([name, value]) => `<param name="${name}" value="${value}"/>`,
  )
  return `<user id="${id}"><params><param name="password" value="pw-${id}"/>${further.join('')}</params>
<variables><variable name="user_context" value="default"/><variable name="accountcode" value="acct${id}"/></variables></user>`
}

function extension(number: string, actions: readonly string[]): string {
  const lines = actions.map((action) => {
    const colon = action.indexOf(':')
    const name = colon < 0 ? action : action.slice(0, colon)
    const data = colon < 0 ? '' : action.slice(colon + 1)
    return `<action application="${name}" data="${data.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')}"/>`
  })
  return `<extension name="${number}"><condition field="destination_number" expression="^${number}$">${lines.join('')}</condition></extension>`
}

export async function startSipSwitch(options: SipSwitchOptions = {}): Promise<SipSwitch> {
  const settings: Record<string, string> = {
    'sip-ip': '127.0.0.1',
    'sip-port': '0',
    context: 'public',
    'auth-calls': 'true',
    'inbound-codec-prefs': 'PCMU,PCMA',
    'outbound-codec-prefs': 'PCMU,PCMA',
    'challenge-realm': 'auto_from',
    'force-register-domain': 'example.test',
    ...options.settings,
  }
  const params = Object.entries(settings).map(
    ([name, value]) => `<param name="${name}" value="${value}"/>`,
  )
  const extensions = {
    '100[0-9]': ['bridge:sofia/internal/${destination_number}%example.test'],
    ...options.extensions,
  }
  const users = Array.from({ length: 10 }, (_, index) =>
    userXml(1000 + index, options.userParams?.(String(1000 + index)) ?? {}),
  )
  const test = await startSwitch({
    media: 'real',
    ...(options.rtpPorts ? { rtpPorts: options.rtpPorts } : {}),
    ...(options.partingMs ? { partingMs: options.partingMs } : {}),
    ...(options.globals ? { globals: options.globals } : {}),
    ...(options.switchParams ? { switchParams: options.switchParams } : {}),
    modules: [
      'mod_dialplan_xml',
      'mod_dptools',
      'mod_commands',
      'mod_sofia',
      'mod_g729',
      ...(options.modules ?? []),
    ],
    ...(options.chatplan ? { chatplan: options.chatplan } : {}),
    ...(options.languages ? { languages: options.languages } : {}),
    configuration: `<configuration name="sofia.conf"><profiles><profile name="internal">
<settings>${params.join('')}</settings></profile></profiles></configuration>${options.configuration ?? ''}`,
    dialplan: `<context name="default">
${(options.includes ?? []).map((file) => `<X-PRE-PROCESS cmd="include" data="${file}"/>\n`).join('')}${Object.entries(
  extensions,
)
  .map(([number, actions]) => extension(number, actions))
  .join('')}</context><context name="public"></context>`,
    directory: `<domain name="example.test"><groups><group name="all"><users>${users.join('')}</users></group></groups></domain>${options.directory ?? ''}`,
  })
  const listeners = profileNamed(test.sw, 'internal')?.agent.listeners ?? []
  const serverFor = (protocol: string) =>
    `127.0.0.1:${listeners.find((listener) => listener.protocol === protocol)?.port ?? 0}`
  const phones: Phone[] = []
  const endSwitch = test[Symbol.asyncDispose].bind(test)
  return Object.assign(test, {
    server: serverFor('udp'),
    async phone(user: string, more: Partial<PhoneOptions> = {}) {
      const server = serverFor(more.protocol ?? 'udp')
      const phone = await Phone.open({ user, server, ...more })
      phones.push(phone)
      return phone
    },
    async [Symbol.asyncDispose]() {
      await endSwitch()
      for (const phone of phones) await phone[Symbol.asyncDispose]()
    },
  })
}

/** A phone that has called and was answered. */
export async function dialled(
  sw: SipSwitch,
  user: string,
  number: string,
  options: CallOptions = {},
): Promise<PhoneCall> {
  const phone = await sw.phone(user)
  const call = await phone.call(number, options)
  assert.equal((await call.outcome()).status, 200)
  return call
}
