/** `sofia xmlstatus` and `sofia jsonstatus`: the same for programs. */
import { urlEncode } from '../../core/command-text.ts'
import type { Switch } from '../../core/switch.ts'
import type { Gateway } from './gateway.ts'
import { gatewayRows, retryText } from './gateway-rows.ts'
import { gatewayNamed } from './gateways.ts'
import { type Json, jsonText } from './json-text.ts'
import type { Profile } from './profile.ts'
import { channelsOf, profileFacts } from './profile-facts.ts'
import { profileNamed } from './profiles.ts'
import { selected, shown } from './registration-rows.ts'
import type { Registration } from './registrations.ts'
import { profileList } from './status-text.ts'

const header = '<?xml version="1.0" encoding="ISO-8859-1"?>\n'

export function statusXml(sw: Switch, words: readonly string[]): string {
  const [what, name = '', ...rest] = words
  if (what === undefined) return summary(sw)
  if (words.length === 1) return gatewaySummary(sw)
  switch (what.toLowerCase()) {
    case 'gateway': {
      const gateway = gatewayNamed(sw, name)
      return gateway ? header + gatewayXml(gateway) : 'Invalid Gateway!\n'
    }
    case 'profile': {
      const profile = profileNamed(sw, name)
      return profile ? profileXml(profile, name, rest) : 'Invalid Profile!\n'
    }
    default:
      return 'Invalid Syntax!\n'
  }
}

const entities: Readonly<Record<string, string>> = {
  '"': '&quot;',
  "'": '&apos;',
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
}

function escapeText(text: string): string {
  return text.replace(/["'&<>]/g, (character) => entities[character] ?? character)
}

function element(name: string, value: string | number): string {
  return `<${name}>${escapeText(String(value))}</${name}>\n`
}

function summary(sw: Switch): string {
  let text = `${header}<profiles>\n`
  const entry = (kind: string, name: string, data: string, state: string) =>
    `<${kind}>\n${element('name', name)}${element('type', kind)}${element('data', data)}${element('state', state)}</${kind}>\n`
  for (const { alias, profile } of profileList(sw)) {
    if (alias !== undefined) {
      text += entry('alias', alias, profile.name, 'ALIASED')
      continue
    }
    text += entry('profile', profile.name, profile.url, `RUNNING (${channelsOf(profile)})`)
    for (const gateway of profile.gateways.values()) {
      const retry = retryText(gateway)
      text += entry('gateway', gateway.name, gateway.account.to, gateway.state)
      text += `${retry === undefined ? '' : ` (retry: ${retry})`}\n`
    }
  }
  return `${text}</profiles>\n`
}

function gatewaySummary(sw: Switch): string {
  const gateways = profileList(sw)
    .filter(({ alias }) => alias === undefined)
    .flatMap(({ profile }) => [...profile.gateways.values()])
  return `${header}<gateways>\n${gateways.map(gatewayXml).join('')}</gateways>\n`
}

function gatewayXml(gateway: Gateway): string {
  const retry = retryText(gateway)
  const rows = gatewayRows(gateway)
    .filter((row) => row.tag !== '')
    .map((row) => `    ${element(row.tag, row.xml ?? row.text)}`)
  if (retry !== undefined) rows.push(`    ${element('retry', retry)}`)
  return `  <gateway>\n${rows.join('')}  </gateway>\n`
}

function profileXml(profile: Profile, asked: string, words: readonly string[]): string {
  const [word, argument] = words
  let text = `${header}<profile>\n`
  if (!['reg', 'user'].includes(word?.toLowerCase() ?? '')) text += factsXml(profile, asked)
  const rows = selected(profile, word, argument)
  if (rows) {
    const all = rows.map((registration) => registrationXml(profile, registration)).join('')
    text += `  <registrations>\n${all}  </registrations>\n`
  }
  return `${text}</profile>\n`
}

function factsXml(profile: Profile, asked: string): string {
  const counters: [string, number][] = [
    ['calls-in', profile.callsIn],
    ['calls-out', profile.callsOut],
    ['failed-calls-in', profile.failedCallsIn],
    ['failed-calls-out', profile.failedCallsOut],
    ['registrations', profile.registrations.count],
  ]
  const facts = profileFacts(profile, asked).map(({ tag, value }) => [tag, value] as const)
  const rows = [...facts, ...counters].map(([tag, value]) => `    ${element(tag, value)}`)
  return `  <profile-info>\n${rows.join('')}  </profile-info>\n`
}

function registrationXml(profile: Profile, registration: Registration): string {
  const its = shown(profile, registration)
  const rows: [string, string][] = [
    ['call-id', its.callId],
    ['user', its.user],
    ['contact', its.contact],
    ['agent', its.agent],
    ['status', its.status(false)],
    ['ping-status', its.pingStatus],
    ['ping-time', its.pingTime],
    ['host', its.host],
    ['network-ip', its.ip],
    ['network-port', its.port],
    ['sip-auth-user', urlEncode(its.authUser)],
    ['sip-auth-realm', its.authRealm],
    ['mwi-account', its.mwiAccount],
  ]
  const elements = rows.map(([name, value]) => `        ${element(name, value)}`).join('')
  return `    <registration>\n${elements}    </registration>\n`
}

/** Every profile and alias with its state; with `info` also how it is set. */
function statusJson(sw: Switch, withInfo: boolean): Json {
  const profiles: Record<string, Json> = {}
  for (const { alias, profile } of profileList(sw)) {
    const entry: Record<string, Json> = { status: stateJson(profile, alias !== undefined) }
    if (alias === undefined && profile.gateways.size > 0) entry['gateways'] = gatewaysJson(profile)
    if (withInfo) entry['info'] = infoJson(profile, alias ?? profile.name)
    profiles[alias ?? profile.name] = entry
  }
  return { profiles }
}

export function statusJsonText(sw: Switch): string {
  return `${jsonText(statusJson(sw, true))}\n`
}

function stateJson(profile: Profile, isAlias: boolean): Json {
  if (isAlias) return { type: 'alias', data: profile.name, state: 'ALIASED' }
  return { type: 'profile', state: 'RUNNING', 'in-use': channelsOf(profile), data: profile.url }
}

function gatewaysJson(profile: Profile): Json {
  const gateways: Record<string, Json> = {}
  for (const gateway of profile.gateways.values()) {
    const retry = ['FAILED', 'TRYING'].includes(gateway.state)
      ? { retry: gateway.retrySeconds ?? 'never' }
      : {}
    gateways[gateway.name] = {
      type: 'gateway',
      data: gateway.account.to,
      state: gateway.state,
      ...retry,
    }
  }
  return gateways
}

function infoJson(profile: Profile, asked: string): Json {
  const info: Record<string, Json> = {}
  for (const { tag, value } of profileFacts(profile, asked)) {
    if (tag === 'rtp-ip') info[tag] = [value]
    else if (tag === 'hold-music') info[tag] = profile.values.text('hold-music')
    else if (tag !== 'name') info[tag] = value
    if (tag === 'outbound-proxy') break
  }
  return info
}
