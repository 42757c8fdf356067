/** verto.iceServers, ours: the STUN and TURN servers that the profile names, as RTCPeerConnection takes them. */
import { credentialsFor } from '../../core/ice-servers.ts'
import type { Method } from './methods.ts'

/**
 * `iceServers`, and `lifetime` in seconds where an account among them ends. Accounts are made for who asks, and told only to
 * those whose password was right: a relay costs its owner.
 */
export const iceServers: Method = ({ profile, isProven, user }) => {
  const now = Date.now()
  const lifetimes: number[] = []
  const servers = profile.iceServers.flatMap(({ url, account }) => {
    if (!account) return [{ urls: url }]
    if (!isProven) return []
    if ('lifetime' in account) lifetimes.push(account.lifetime)
    const { username, password } = credentialsFor(account, user?.uid ?? 'root', now)
    return [{ urls: url, username, credential: password }]
  })
  return {
    result: {
      iceServers: servers,
      ...(lifetimes.length > 0 && { lifetime: Math.min(...lifetimes) }),
    },
  }
}
