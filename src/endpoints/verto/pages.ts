/** Where browsers find the web phone of a switch, and below it the operator's page. */
import type { Switch } from '../../core/switch.ts'
import { addressText } from '../../net/errors.ts'
import type { VertoProfile } from './profile.ts'
import { vertoOf } from './verto.ts'

const loopback = /^(127\.|::1$)/
const anywhere = /^(0\.0\.0\.0|::)$/

/**
 * The addresses of pages of listeners that are open, those by https first: only there, and on the machine itself, browsers lend the
 * microphone.
 */
export function pagesOf(sw: Switch): string[] {
  const found = (vertoOf(sw)?.profiles ?? []).flatMap((profile) => pagesOfProfile(sw, profile))
  return found.sort((a, b) => Number(b.startsWith('https')) - Number(a.startsWith('https')))
}

function pagesOfProfile(sw: Switch, { bindings, hosts }: VertoProfile): string[] {
  if (!hosts.hasPhone) return []
  return bindings.flatMap(({ address, isSecure, server }) => {
    if (!server) return []
    const host = loopback.test(address)
      ? 'localhost'
      : anywhere.test(address)
        ? (sw.globals.get('local_ip_v4') ?? address)
        : address
    return [`${isSecure ? 'https' : 'http'}://${addressText(host, server.port)}/`]
  })
}
