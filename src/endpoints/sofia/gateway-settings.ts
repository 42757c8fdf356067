/** The params of a gateway (`<gateway>` in a profile or in a user of the directory). */

import { number, text, yes } from '../../core/setting-words.ts'
import type { Setting } from '../../core/settings.ts'

export const gatewaySettings: readonly Setting[] = [
  // Who we are there
  text('username', undefined, 'the account; required unless register is false'),
  text('password', undefined, 'required unless register is false'),
  text('auth-username', undefined, 'the name in credentials; default: username'),
  text('realm', undefined, 'what the provider calls itself; default: proxy, else the name'),
  text('scheme', 'Digest', 'shown by status; credentials are always Digest'),
  text('from-user', undefined, 'the user in From; default: username'),
  text(
    'from-domain',
    undefined,
    'the domain in From; auto-aleg-full, auto-aleg-domain: the callers',
  ),
  yes('caller-id-in-from', 'false', "the caller's number in From instead of the account"),
  text('cid-type', undefined, 'rpid, pid or none; default: as the profile'),
  yes('distinct-to', 'false', 'To of a REGISTER names the username even if from-user differs'),
  // Where it is
  text('proxy', undefined, 'the server; default: realm'),
  text('register-proxy', undefined, 'REGISTER goes through this server'),
  text('outbound-proxy', undefined, 'calls go through this server'),
  text('register-transport', 'udp', 'udp or tcp'),
  text('destination-prefix', undefined, 'put before every number'),
  text('gw-auth-acl', undefined, 'only servers in this list are given credentials'),
  // Registering
  yes('register', 'true', 'false: the provider knows us by our address'),
  number('expire-seconds', '3600', 'how long a registration is asked for'),
  number('retry-seconds', '30', 'how long to wait after a failure, times the number of failures'),
  number('retry_seconds', undefined, 'the same'),
  number('908-retry-seconds', undefined, 'how long to wait when there was no answer'),
  number('timeout-seconds', '60', 'how long to wait for an answer'),
  // Contact
  text(
    'contact-host',
    undefined,
    'the host in Contact; sip-ip: the local one; default: ext-sip-ip',
  ),
  text('contact-params', undefined, 'URI parameters of Contact'),
  yes('extension-in-contact', 'false', 'the extension is the user in Contact'),
  yes('rfc-5626', 'false', 'Contact with reg-id and instance'),
  text('reg-id', '1', 'RFC 5626'),
  // Calls from there
  text('extension', undefined, 'where calls go; default: username; auto_to_user, auto: as To says'),
  text('context', undefined, "the dialplan context of its calls; default: the profile's"),
  // Pings
  number('ping', '0', 'seconds between OPTIONS, 5 or more; 0: none'),
  number('ping-min', '1', 'answers in a row until it is up'),
  number('ping-max', '1', 'answers that count; one failure takes one off'),
  text('ping-user-agent', undefined, 'User-Agent of pings'),
  yes('contact-in-ping', 'false', 'pings carry Contact'),
  yes('ping-monitoring', 'false', 'every ping gives an event'),
  { name: 'channels', type: 'text', ignored: true, about: 'use limit in the dialplan' },
]
