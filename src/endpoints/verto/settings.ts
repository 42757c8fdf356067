/** The params of verto.conf.xml: of the module and of a profile. */
import { mediaSettings } from '../../core/media-params.ts'
import { idle, number, text, yes } from '../../core/setting-words.ts'
import type { Setting, Values } from '../../core/settings.ts'

/** Of the module, and of a profile by itself. */
const sendsPassword = idle(
  'send-auth-password',
  'the directory is a tree of files, which asks for no password',
)

export const moduleSettings: readonly Setting[] = [
  number('debug', '0', '1 and more: every message is in the log'),
  number('detach-timeout-sec', '120', 'seconds that a call outlives the socket of its browser'),
  yes('enable-presence', 'true', 'who is on the phone is told to subscribers of presence'),
  yes('enable-fs-events', 'false', 'every event is told to subscribers of FSevent'),
  ...sendsPassword,
  ...idle('kslog', 'there is no such library here'),
]

/** Those of the sound that have other names, or another default, here. */
const replaced: ReadonlySet<string> = new Set([
  'codec-prefs',
  'inbound-codec-prefs',
  'outbound-codec-prefs',
  'auto-jitterbuffer-msec',
  'suppress-cng',
  'rtcp-audio-interval-msec',
])

export const profileSettings: readonly Setting[] = [
  // Where it listens
  text(
    'bind-local',
    undefined,
    'ip:port to listen at; with secure="true" for wss; may stand several times',
  ),
  text('secure-combined', undefined, 'certificate and key of wss in one PEM file'),
  text('secure-cert', undefined, 'the certificate of wss, PEM'),
  text('secure-key', undefined, 'its key, PEM'),
  text('secure-chain', undefined, 'further certificates, PEM'),
  text(
    'apply-connection-acl',
    undefined,
    'who may connect: each of these lists must let the address pass',
  ),
  text(
    'allowed-origins',
    undefined,
    'whose pages may use it (https://a.example), or *; default: with a login every page, without one its own; ours',
  ),
  number('max-connections', '2000', 'browsers at a time; ours'),
  number('login-timeout-sec', '30', 'seconds that a socket may be without a login; ours'),
  number('max-message-bytes', '1000000', 'a longer message closes the socket; ours'),
  // Who may
  text('userauth', 'true', 'true, or @domain for logins without one; false: nobody has to log in'),
  yes('blind-reg', 'false', 'users that are not in the directory may come too'),
  text('force-register-domain', undefined, 'the domain of every login'),
  yes('chop-domain', 'true', 'what stands behind the @ of a login is its domain'),
  text('root-password', undefined, 'the password of root, who may do everything'),
  ...sendsPassword,
  // Routing
  text('context', 'default', 'the dialplan context of users who have no user_context'),
  text('dialplan', 'XML', 'the dialplan'),
  ...idle(
    'local-network',
    'every browser is told both addresses, and ICE finds out which one works',
  ),
  // Sound
  text('rtp-ip', undefined, 'the address for sound'),
  text('ext-rtp-ip', undefined, 'the address that browsers outside are told, or stun:host:port'),
  text(
    'ice-server',
    undefined,
    'stun:host:port or turn:host:port?transport=udp for browsers, with username and password or secret; may stand several times; ours',
  ),
  text(
    'inbound-codec-string',
    undefined,
    'codecs of calls from browsers; default: outbound-codec-string',
  ),
  text('outbound-codec-string', 'opus,vp8', 'codecs of calls to browsers'),
  text(
    'auto-jitterbuffer-msec',
    '1p:20p',
    'a jitter buffer for every call, as jitterbuffer takes it',
  ),
  yes('suppress-cng', 'true', 'no comfort noise (RFC 3389)'),
  number('rtcp-audio-interval-msec', '5000', 'ms between RTCP reports'),
  ...mediaSettings.filter(({ name }) => !replaced.has(name)),
  number('debug', '0', '1 and more: every message of this profile is in the log'),
  // Known from other configurations
  ...idle('timer-name', 'the media engine sees to it', { fits: ['soft'] }),
  ...idle('mcast-ip mcast-port', 'browsers of several servers are not joined'),
  ...idle('enable-text', 'real-time text is not in this version'),
]

/** The params of a profile under the names that everything about sound asks for. */
export function mediaValues(values: Values): Values {
  const nameOf = (name: string) => {
    if (name === 'outbound-codec-prefs') return 'outbound-codec-string'
    if (name !== 'inbound-codec-prefs') return name
    return values.text('inbound-codec-string') ? 'inbound-codec-string' : 'outbound-codec-string'
  }
  return {
    ...values,
    text: (name) => values.text(nameOf(name)),
    maybe: (name) => values.maybe(nameOf(name)),
  }
}
