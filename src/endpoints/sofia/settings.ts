/** The params of a sofia profile (sofia.conf.xml, profiles/profile/settings). */
import type { Setting } from '../../core/settings.ts'

const number = (name: string, def: string | undefined, about: string): Setting => ({
  name,
  type: 'number',
  about,
  ...(def === undefined ? {} : { default: def }),
})
const text = (name: string, def: string | undefined, about: string): Setting => ({
  name,
  type: 'text',
  about,
  ...(def === undefined ? {} : { default: def }),
})
const yes = (name: string, def: 'true' | 'false', about: string): Setting => ({
  name,
  type: 'boolean',
  default: def,
  about,
})
/** Known from other configurations; the log says that it does nothing here. */
const idle = (names: string, about: string): Setting[] =>
  names.split(' ').map((name) => ({ name, type: 'text', ignored: true, about }))

export const profileSettings: readonly Setting[] = [
  // Where it listens
  text('sip-ip', undefined, 'the address for SIP; empty: the profile does not start'),
  text('sip-port', '5060', 'the port for SIP; 0 takes any that is free'),
  text('rtp-ip', undefined, 'the address for sound; default: sip-ip'),
  text('ext-sip-ip', undefined, 'the address that others see in Contact and Via'),
  text('ext-rtp-ip', undefined, 'the address that others see in SDP'),
  text('bind-params', undefined, 'transport=udp or transport=tcp restricts the profile to one'),
  text('user-agent-string', undefined, 'User-Agent and Server; default Strowger/<version>'),
  number('timer-T1', '500', 'ms, RFC 3261'),
  number('timer-T2', '4000', 'ms, RFC 3261'),
  number('timer-T4', '4000', 'ms, RFC 3261'),
  number('timer-T1X64', '32000', 'ms, RFC 3261'),
  number('max-proceeding', '0', 'INVITEs that may wait for an answer; 0: no limit'),
  number(
    'max-recv-requests-per-second',
    '0',
    'requests a second; further ones are dropped; 0: no limit',
  ),
  // Routing
  text('context', 'default', 'the dialplan context of calls that come in'),
  text('dialplan', 'XML', 'the dialplan of calls that come in'),
  text('sip-domain', undefined, 'the domain shown in From where the caller has none'),
  text('outbound-proxy', undefined, 'every request out goes there'),
  yes('manual-redirect', 'false', '3xx is left to the dialplan'),
  yes('disable-transfer', 'false', 'refuse REFER'),
  yes('disable-hold', 'false', 'hold in a re-INVITE is ignored'),
  yes('pass-callee-id', 'true', 'tell the caller who answers'),
  yes('full-id-in-dialplan', 'false', 'destination_number keeps @host'),
  yes('parse-all-invite-headers', 'false', 'every header of an INVITE becomes a variable'),
  yes('inbound-use-callid-as-uuid', 'false', 'Call-ID is the channel uuid'),
  yes('outbound-use-uuid-as-callid', 'false', 'the channel uuid is Call-ID'),
  // Who may
  yes('auth-calls', 'false', 'calls need a password'),
  yes('accept-blind-auth', 'false', 'any password is right'),
  yes('accept-blind-reg', 'false', 'registrations need no password'),
  yes('auth-all-packets', 'false', 'requests inside a call need a password too'),
  yes('auth-subscriptions', 'true', 'subscriptions need a password'),
  yes('auth-messages', 'true', 'messages need a password'),
  text('apply-inbound-acl', undefined, 'who may call without a password'),
  text('apply-register-acl', undefined, 'who may register without a password'),
  yes('auth-calls-acl-only', 'false', 'whoever does not pass the list is refused, not challenged'),
  text('apply-nat-acl', undefined, 'contacts in these networks are behind NAT'),
  text('local-network-acl', 'localnet.auto', 'who is told the local addresses'),
  text('challenge-realm', 'auto_to', 'auto_from, auto_to or a text'),
  number('nonce-ttl', '60', 'seconds a nonce may be used'),
  text('rfc8760-auth-algorithms', 'MD5', 'digest algorithms offered, best first'),
  yes(
    'inbound-reg-force-matching-username',
    'false',
    'the user that registers is the one that authenticates',
  ),
  yes('log-auth-failures', 'true', 'each refusal is logged as a warning'),
  text('user-agent-filter', undefined, 'only user agents that match may register'),
  // Registrations
  text('force-register-domain', undefined, 'the domain of every registration'),
  text('force-register-db-domain', undefined, 'the domain under which registrations are kept'),
  text('multiple-registrations', 'false', 'contact, call-id, or false for one a user'),
  number('max-registrations-per-extension', '0', '0: no limit'),
  number('sip-force-expires', '0', 'seconds every registration is given; 0: as asked'),
  number('sip-force-expires-min', '0', 'seconds'),
  number('sip-force-expires-max', '0', 'seconds'),
  number(
    'sip-expires-max-deviation',
    '0',
    'seconds of spread, so that phones do not all come at once',
  ),
  number('sip-expires-late-margin', '60', 'seconds a registration outlives its time'),
  text('NDLB-force-rport', undefined, 'true or safe: answer to where it came from'),
  yes('NDLB-received-in-nat-reg-contact', 'false', 'the source address in the stored contact'),
  yes('aggressive-nat-detection', 'false', 'a Via that differs from the source means NAT'),
  yes('tcp-always-nat', 'false', 'contacts over TCP are reached by their connection'),
  text(
    'nat-options-ping',
    'false',
    'ping registered phones behind NAT; udp-only: not those on TCP',
  ),
  yes('all-reg-options-ping', 'false', 'ping every registered phone'),
  yes('unregister-on-options-fail', 'false', 'forget phones that do not answer pings'),
  number('ping-mean-interval', '30', 'seconds between pings'),
  number('sip-user-ping-min', '1', 'answers in a row until a phone counts as reachable'),
  number('sip-user-ping-max', '3', 'answers that count; each failure takes one off'),
  yes('disable-register', 'false', 'refuse REGISTER'),
  // Identity
  text('caller-id-type', 'rpid', 'rpid, pid or none'),
  yes('p-asserted-id-parse', 'true', 'caller id from P-Asserted-Identity'),
  yes('cid-in-1xx', 'true', 'who rings, in provisional responses'),
  // Sessions
  number('session-timeout', '0', 'seconds; 0: no session timers of our own'),
  number('minimum-session-expires', '90', 'seconds'),
  yes('enable-timer', 'true', 'RFC 4028'),
  text(
    'enable-3pcc',
    'false',
    'true or proxy: take an INVITE without offer, and offer in the answer',
  ),
  yes('enable-100rel', 'false', 'RFC 3262'),
  // Sound
  text('codec-prefs', undefined, 'codecs for both directions'),
  text('inbound-codec-prefs', undefined, 'codecs for calls that come in'),
  text('outbound-codec-prefs', undefined, 'codecs for calls that go out'),
  text('inbound-codec-negotiation', 'generous', 'generous, greedy or scrooge'),
  text('rfc2833-pt', '101', 'payload type of telephone-event'),
  number('dtmf-duration', '2000', 'samples at 8 kHz of a digit'),
  text('dtmf-type', 'rfc2833', 'rfc2833, info or none'),
  yes('liberal-dtmf', 'false', 'take digits any way they come'),
  yes('disable-rtp-auto-adjust', 'false', 'send where the SDP says, whatever arrives from where'),
  number('rtcp-audio-interval-msec', '0', 'ms between RTCP reports; 0: 5000'),
  number('rtp-timeout-sec', '0', 'seconds without sound until the call ends; 0: never'),
  number('rtp-hold-timeout-sec', '0', 'the same on hold'),
  text('hold-music', undefined, 'what a party hears that is put on hold'),
  yes('inbound-late-negotiation', 'false', 'choose the codec when sound is needed'),
  yes('inbound-bypass-media', 'false', 'sound goes past this server'),
  yes('disable-transcoding', 'false', "offer the other leg's codec only"),
  ...idle('inbound-proxy-media pass-rfc2833', 'the media engine relays what it can by itself'),
  text('record-path', undefined, 'where recordings go'),
  text('record-template', undefined, 'names of recordings'),
  // Presence
  text('manage-presence', 'false', 'true, passive or false'),
  text('presence-hosts', undefined, 'domains of presence'),
  // Others of this schema
  text('debug', '0', 'more of the library in the log'),
  yes('sip-trace', 'false', 'every packet in the log'),
  ...idle('sip-capture capture-server', 'use sip-trace'),
  ...idle(
    'watchdog-enabled watchdog-step-timeout watchdog-event-timeout',
    'there is no thread of its own to watch',
  ),
  ...idle(
    'rtp-timer-name timer-name rtp-rewrite-timestamps rtp-autoflush-during-bridge rtp-notimer-during-bridge rtp-autofix-timing',
    'the media engine sees to it',
  ),
  ...idle(
    'auto-jitterbuffer-msec suppress-cng cng-pt vad auto-rtp-bugs rtp-digit-delay rtcp-video-interval-msec',
    'not in this version',
  ),
  ...idle(
    'tls tls-only tls-bind-params tls-sip-port tls-cert-dir tls-version tls-ciphers tls-passphrase tls-verify-date tls-verify-policy tls-verify-depth tls-verify-in-subjects tls-timeout tls-always-nat',
    'TLS is not in this version',
  ),
  ...idle(
    'force-subscription-domain send-message-query-on-register presence-privacy forward-unsolicited-mwi-notify',
    'presence and message waiting are not in this version',
  ),
  ...idle('ws-binding wss-binding', 'WebSocket is not in this version'),
  ...idle('require-secure-rtp apply-candidate-acl apply-proxy-acl', 'not in this version'),
  ...idle(
    'odbc-dsn dbname db-pre-trans-execute db-post-trans-execute db-inner-pre-execute db-inner-post-execute',
    'registrations lie in the embedded store',
  ),
  ...idle(
    'inbound-reg-in-new-thread registration-thread-frequency ping-thread-frequency max-reg-threads',
    'there are no threads to tune',
  ),
  ...idle(
    'send-presence-on-register presence-probe-on-register presence-proto-lookup presence-hold-state presence-disable-early manage-shared-appearance mwi-use-reg-callid proxy-refer proxy-refer-replaces confirm-blind-transfer fire-transfer-events 3pcc-reinvite-bridged-on-ack media-option send-display-update allow-update update-refresher t38-passthru track-calls stun-enabled stun-auto-disable auto-restart shutdown-on-fail bind-attempts bind-attempt-interval keepalive-method extended-info-parsing parse-invite-tel-params auto-invite-100 ignore-183nosdp sip-options-respond-503-on-busy sip-messages-respond-200-ok sip-subscribe-respond-200-ok in-dialog-chat enable-chat contact-user disable-srv disable-naptr disable-srv503 tcp-keepalive tcp-pingpong tcp-ping2pong tcp-unreg-on-socket-close reuse-connections rewrite-multicasted-fs-path auth-require-user max-auth-validity sip-subscription-max-deviation NDLB-broken-auth-hash NDLB-sendrecv-in-session NDLB-expires-in-register-response NDLB-allow-bad-iananame NDLB-allow-nondup-sdp NDLB-allow-crypto-in-avp alias',
    'not in this version',
  ),
]
