/** The address that others see, as `ext-rtp-ip` and `ext-sip-ip` of a profile say it. */
import { reasonOf } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import type { Switch } from './switch.ts'

const log = logger('core/own-address')

/** What stands there by itself; empty: nothing (`auto`), or not before a STUN server was asked. */
export function writtenAddress(text: string): string {
  if (text === '' || text === 'auto' || text === 'auto-nat' || text.startsWith('stun:')) return ''
  return text.startsWith('host:') ? text.slice(5) : text
}

/** Asks the server where the text is `stun:host[:port]`. Undefined: it is not, or there was no answer, which the log tells. */
export async function stunAddress(
  sw: Switch,
  { profile, param, text }: { profile: string; param: string; text: string },
): Promise<string | undefined> {
  const [, bracketed, plain, port] = /^stun:(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/i.exec(text) ?? []
  const host = bracketed ?? plain
  if (host === undefined) return undefined
  try {
    const found = await sw.options.stunBinding?.(host, Number(port ?? 3478))
    log.info(`profile ${profile}: ${param} is ${found?.address} by ${text}`)
    return found?.address
  } catch (thrown) {
    log.err(`profile ${profile}: ${param}="${text}": ${reasonOf(thrown)}; the local one is used`)
    return undefined
  }
}
