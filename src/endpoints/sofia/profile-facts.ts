/** What `sofia status profile` tells of a profile, in order, under the names of its three forms. */
import { isTrue } from '../../core/variables.ts'
import type { Profile } from './profile.ts'
import { isWebSocket } from './websocket.ts'

export interface Fact {
  /** Of the text form. */
  readonly label: string
  /** Of the XML form; the JSON form has the same, up to `outbound-proxy`. */
  readonly tag: string
  readonly value: string
}

/** Without the counters. `asked` is the name by which somebody asks: that of the profile or an alias. */
export function profileFacts(profile: Profile, asked: string): readonly Fact[] {
  const { values } = profile
  const yesNo = (name: string) => String(isTrue(values.maybe(name)))
  const facts: (readonly [label: string, tag: string, value: string] | false)[] = [
    ['Name', 'name', asked],
    ['Domain Name', 'domain-name', profile.node.attributes.get('domain') ?? 'N/A'],
    asked.toLowerCase() !== profile.name.toLowerCase() && ['Alias Of', 'alias-of', profile.name],
    ['Auto-NAT', 'auto-nat', 'false'],
    ['DBName', 'db-name', `sofia_reg_${profile.name}`],
    ['Pres Hosts', 'pres-hosts', values.text('presence-hosts')],
    ['Dialplan', 'dialplan', values.text('dialplan')],
    ['Context', 'context', values.text('context')],
    ['Challenge Realm', 'challenge-realm', values.text('challenge-realm') || 'auto_to'],
    ['RTP-IP', 'rtp-ip', profile.rtpIp],
    values.text('ext-rtp-ip') !== '' && ['Ext-RTP-IP', 'ext-rtp-ip', profile.externalRtpIp],
    ['SIP-IP', 'sip-ip', profile.sipIp],
    values.text('ext-sip-ip') !== '' && ['Ext-SIP-IP', 'ext-sip-ip', profile.externalSipIp],
    ['URL', 'url', profile.url],
    ['BIND-URL', 'bind-url', bindUrl(profile)],
    ...socketUrls(profile),
    ['HOLD-MUSIC', 'hold-music', values.text('hold-music') || 'N/A'],
    ['OUTBOUND-PROXY', 'outbound-proxy', values.text('outbound-proxy') || 'N/A'],
    ['CODECS IN', 'inbound-codecs', codecs(profile, 'inbound-codec-prefs')],
    ['CODECS OUT', 'outbound-codecs', codecs(profile, 'outbound-codec-prefs')],
    ['TEL-EVENT', 'tel-event', values.text('rfc2833-pt')],
    ['DTMF-MODE', 'dtmf-mode', values.text('dtmf-type')],
    // RFC 3389: the payload type of comfort noise.
    ['CNG', 'cng', '13'],
    ['SESSION-TO', 'session-to', values.text('session-timeout')],
    ['MAX-DIALOG', 'max-dialog', values.text('max-proceeding')],
    ['MAX-RECV-RPS', 'max-recv-rps', values.text('max-recv-requests-per-second')],
    ['NOMEDIA', 'nomedia', yesNo('inbound-bypass-media')],
    ['LATE-NEG', 'late-neg', yesNo('inbound-late-negotiation')],
    ['PROXY-MEDIA', 'proxy-media', yesNo('inbound-proxy-media')],
    ['AGGRESSIVENAT', 'aggressive-nat', yesNo('aggressive-nat-detection')],
    values.text('user-agent-filter') !== '' && [
      'USER-AGENT-FILTER',
      'user-agent-filter',
      values.text('user-agent-filter'),
    ],
    values.number('max-registrations-per-extension') > 0 && [
      'MAX-REG-PEREXT',
      'max-registrations-per-extension',
      values.text('max-registrations-per-extension'),
    ],
  ]
  return facts
    .filter((fact) => fact !== false)
    .map(([label, tag, value]) => ({ label, tag, value }))
}

function codecs(profile: Profile, name: string): string {
  return profile.values.text(name) || profile.values.text('codec-prefs')
}

function bindUrl(profile: Profile): string {
  const { values, url, sipIp, externalSipIp } = profile
  const address = externalSipIp === sipIp ? '' : `;maddr=${sipIp}`
  const given = values.text('bind-params')
  const transport = /transport=/i.test(given) ? '' : ';transport=udp,tcp'
  return `${url}${address}${given === '' ? '' : `;${given}`}${transport}`
}

/** `sip:mod_sofia@192.0.2.1:5066;transport=ws` where the profile listens for browsers. */
function socketUrls(profile: Profile): [label: string, tag: string, value: string][] {
  return profile.agent.listeners
    .filter(({ protocol }) => isWebSocket(protocol))
    .map(({ protocol }) => [
      `${protocol.toUpperCase()}-BIND-URL`,
      `${protocol}-bind-url`,
      `${profile.urlFor(protocol)};transport=${protocol}`,
    ])
}

/** How many channels use a profile now. */
export function channelsOf(profile: Profile): number {
  const prefix = `sofia/${profile.name}/`
  let count = 0
  for (const channel of profile.sw.channels.list()) if (channel.name.startsWith(prefix)) count++
  return count
}

/** Names that mean a profile: its aliases, and the domains that stand for it. */
export function aliasesOf(profile: Profile): string[] {
  const names = [...profile.aliases]
  for (const domain of profile.domains) {
    if (!domain.alias) continue
    names.push(...(domain.name === 'all' ? profile.sw.directory.domains() : [domain.name]))
  }
  return names
}
