/** Headers that variables bring (`sip_h_X-Foo=bar`), and variables that headers bring. */
import type { Channel } from '../../core/channel.ts'
import { isFalse } from '../../core/variables.ts'
import type { HeaderLine, SipMessage } from '../../sip/message.ts'
import { isToken } from '../../sip/text.ts'

/** INVITE; final answers; provisional answers; BYE; INFO. */
export type HeaderPrefix = 'sip_h_' | 'sip_rh_' | 'sip_ph_' | 'sip_bye_h_' | 'sip_info_h_'

/** The headers that the channel's variables of a prefix name. A value cannot bring lines of its own. */
export function extraHeaders(channel: Channel, prefix: HeaderPrefix): HeaderLine[] {
  const found: HeaderLine[] = []
  for (const [name, value] of channel.variables.withHeaderPrefix(prefix)) {
    const header = name.slice(prefix.length)
    if (!isToken(header)) continue
    for (const text of typeof value === 'string' ? [value] : value) {
      found.push([header, text.replace(/[\r\n]+/g, ' ')])
    }
  }
  return found
}

/** P- headers that the endpoint reads itself. */
const own = new Set(['p-asserted-identity', 'p-preferred-identity', 'x-fs-support'])

function isCustom(name: string): boolean {
  if (name.charCodeAt(1) === 45) return /^[XPK]-/i.test(name) && !own.has(name.toLowerCase())
  return name.startsWith('On') || name.toLowerCase() === 'user-to-user'
}

/** Keeps the custom headers of a message as variables of a prefix; a name that comes again gets `-1`, `-2` … */
export function keepExtraHeaders(
  channel: Channel,
  message: SipMessage,
  prefix: HeaderPrefix,
): void {
  for (const [name, value] of customHeaders(message, prefix))
    channel.variables.setForeign(name, value)
}

/** The custom headers of a message under the names that variables have. */
export function customHeaders(message: SipMessage, prefix: HeaderPrefix): HeaderLine[] {
  const seen = new Map<string, number>()
  const found: HeaderLine[] = []
  message.names.forEach((name, index) => {
    const value = message.values[index]
    if (!value || !isCustom(name)) return
    const count = seen.get(name) ?? 0
    seen.set(name, count + 1)
    found.push([`${prefix}${name}${count === 0 ? '' : `-${count}`}`, value])
  })
  return found
}

/** Hands the variables of a prefix to the bridged partner, unless `sip_copy_custom_headers=false` on either. */
export function passExtraHeaders(
  from: Channel,
  to: Channel | undefined,
  prefix: HeaderPrefix,
): void {
  if (!to || !copiesHeaders(from) || !copiesHeaders(to)) return
  for (const [name, value] of [...from.variables.withHeaderPrefix(prefix)]) {
    to.variables.set(name, value)
  }
}

export function copiesHeaders(channel: Channel): boolean {
  return !isFalse(channel.variables.get('sip_copy_custom_headers'))
}
