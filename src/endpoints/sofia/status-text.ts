/** `sofia status`: profiles, gateways and registrations as text. */
import type { Switch } from '../../core/switch.ts'
import type { Gateway } from './gateway.ts'
import { gatewayRows, retryText } from './gateway-rows.ts'
import { gatewayNamed } from './gateways.ts'
import type { Profile } from './profile.ts'
import { aliasesOf, channelsOf, profileFacts } from './profile-facts.ts'
import { profileNamed, profilesOf } from './profiles.ts'
import { selected, shown } from './registration-rows.ts'
import type { Registration } from './registrations.ts'

const line = `${'='.repeat(97)}\n`

export function statusText(sw: Switch, words: readonly string[]): string {
  const [what, name = '', ...rest] = words
  if (what === undefined) return summary(sw)
  if (words.length === 1) return gatewaySummary(sw)
  switch (what.toLowerCase()) {
    case 'gateway': {
      const gateway = gatewayNamed(sw, name)
      return gateway ? gatewayText(gateway) : 'Invalid Gateway!\n'
    }
    case 'profile': {
      const profile = profileNamed(sw, name)
      return profile ? profileText(profile, name, rest) : 'Invalid Profile!\n'
    }
    default:
      return 'Invalid Syntax!\n'
  }
}

/** Every alias with the profile it means, then every profile; each in the order of the alphabet. */
export function profileList(sw: Switch): { alias?: string; profile: Profile }[] {
  const profiles = [...profilesOf(sw)].sort((a, b) => (a.name < b.name ? -1 : 1))
  const taken = new Set(profiles.map((profile) => profile.name.toLowerCase()))
  const aliases: { alias: string; profile: Profile }[] = []
  for (const profile of profiles) {
    for (const alias of aliasesOf(profile)) {
      if (taken.has(alias.toLowerCase())) continue
      taken.add(alias.toLowerCase())
      aliases.push({ alias, profile })
    }
  }
  aliases.sort((a, b) => (a.alias < b.alias ? -1 : 1))
  return [...aliases, ...profiles.map((profile) => ({ profile }))]
}

function row(name: string, type: string, data: string, state: string): string {
  return `${name.padStart(25)}\t${type}\t  ${data.padStart(40)}\t${state}\n`
}

const plural = (count: number, one: string, more: string) => `${count} ${count === 1 ? one : more}`

function summary(sw: Switch): string {
  let text = row('Name', '   Type', 'Data', 'State') + line
  let profiles = 0
  let aliases = 0
  for (const { alias, profile } of profileList(sw)) {
    if (alias !== undefined) {
      aliases++
      text += row(alias, '  alias', profile.name, 'ALIASED')
      continue
    }
    profiles++
    text += row(profile.name, 'profile', profile.url, `RUNNING (${channelsOf(profile)})`)
    for (const gateway of profile.gateways.values()) {
      const name = `${profile.name}::${gateway.name}`
      text += row(name, 'gateway', gateway.account.to, gateway.state + retrySuffix(gateway))
    }
  }
  return `${text}${line}${plural(profiles, 'profile', 'profiles')} ${plural(aliases, 'alias', 'aliases')}\n`
}

function retrySuffix(gateway: Gateway): string {
  const retry = retryText(gateway)
  return retry === undefined ? '' : ` (retry: ${retry})`
}

function gatewaySummary(sw: Switch): string {
  const columns = ['State', 'Ping Time', 'IB Calls(F/T)', 'OB Calls(F/T)'].join('\t')
  let text = `${'Profile::Gateway-Name'.padStart(25)}\t${'    Data    '.padStart(32)}\t${columns}\n${line}`
  const total = { count: 0, in: 0, failedIn: 0, out: 0, failedOut: 0 }
  for (const { alias, profile } of profileList(sw)) {
    if (alias !== undefined) continue
    for (const gateway of profile.gateways.values()) {
      total.count++
      total.in += gateway.callsIn
      total.failedIn += gateway.failedCallsIn
      total.out += gateway.callsOut
      total.failedOut += gateway.failedCallsOut
      const cells = [
        `${profile.name}::${gateway.name}`.padStart(25),
        gateway.account.to.padStart(32),
        gateway.state,
        gateway.ping.milliseconds.toFixed(2).padStart(6),
        `${gateway.failedCallsIn}/${gateway.callsIn}`,
        `${gateway.failedCallsOut}/${gateway.callsOut}`,
      ]
      text += `${cells.join('\t')}${retrySuffix(gateway)}\n`
    }
  }
  const inbound = `Inbound(Failed/Total): ${total.failedIn}/${total.in}`
  const outbound = `Outbound(Failed/Total):${total.failedOut}/${total.out}`
  return `${text}${line}${plural(total.count, 'gateway', 'gateways')}: ${inbound},${outbound}\n`
}

function gatewayText(gateway: Gateway): string {
  const rows = gatewayRows(gateway).filter((each) => each.label !== '')
  return `${line}${rows.map((each) => `${each.label}\t${each.text}\n`).join('')}${line}`
}

function profileText(profile: Profile, asked: string, words: readonly string[]): string {
  const [word, argument] = words
  const wantsFacts = !['reg', 'user'].includes(word?.toLowerCase() ?? '')
  const rows = selected(profile, word, argument)
  return (wantsFacts ? factsText(profile, asked) : '') + (rows ? registrations(profile, rows) : '')
}

function factsText(profile: Profile, asked: string): string {
  const counters: [string, number][] = [
    ['CALLS-IN', profile.callsIn],
    ['FAILED-CALLS-IN', profile.failedCallsIn],
    ['CALLS-OUT', profile.callsOut],
    ['FAILED-CALLS-OUT', profile.failedCallsOut],
    ['REGISTRATIONS', profile.registrations.count],
  ]
  const facts = profileFacts(profile, asked).map(({ label, value }) => [label, value] as const)
  const rows = [...facts, ...counters].map(([label, value]) => `${label.padEnd(17)}\t${value}\n`)
  return line + rows.join('')
}

function registrations(profile: Profile, rows: readonly Registration[]): string {
  const blocks = rows.map((registration) => {
    const its = shown(profile, registration)
    return [
      `Call-ID:    \t${its.callId}`,
      `User:       \t${its.user}`,
      `Contact:    \t${its.contact}`,
      `Agent:      \t${its.agent}`,
      `Status:     \t${its.status(true)}`,
      `Ping-Status:\t${its.pingStatus}`,
      `Ping-Time:\t${its.pingTime}`,
      `Host:       \t${its.host}`,
      `IP:         \t${its.ip}`,
      `Port:       \t${its.port}`,
      `Auth-User:  \t${its.authUser}`,
      `Auth-Realm: \t${its.authRealm}`,
      `MWI-Account:\t${its.mwiAccount}\n\n`,
    ].join('\n')
  })
  return `\nRegistrations:\n${line}${blocks.join('')}Total items returned: ${rows.length}\n${line}`
}
