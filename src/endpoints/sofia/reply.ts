/** The headers that every answer of a profile carries, by what it answers. */
import type { HeaderLine } from '../../sip/message.ts'
import type { Profile } from './profile.ts'

export const allowedMethods =
  'INVITE, ACK, BYE, CANCEL, OPTIONS, MESSAGE, INFO, UPDATE, REGISTER, REFER, NOTIFY, PUBLISH, SUBSCRIBE'
export const supportedExtensions = 'timer, path, replaces'
export const allowedEvents =
  'talk, hold, conference, presence, as-feature-event, dialog, line-seize, call-info, sla, include-session-description, presence.winfo, message-summary, refer'

/** User-Agent, Allow, Supported; an INVITE's answer also says what bodies and events we take. */
export function replyHeaders(profile: Profile, method: string): readonly HeaderLine[] {
  const cached = cache.get(profile)?.get(method)
  if (cached) return cached
  const withBodies = method === 'INVITE' || method === 'OPTIONS'
  const headers: HeaderLine[] = [['User-Agent', profile.userAgent]]
  if (withBodies) headers.push(['Accept', 'application/sdp'])
  headers.push(['Allow', allowedMethods], ['Supported', supportedExtensions])
  if (withBodies) headers.push(['Allow-Events', allowedEvents])
  const methods = cache.get(profile) ?? new Map<string, readonly HeaderLine[]>()
  cache.set(profile, methods)
  methods.set(method, headers)
  return headers
}

const cache = new WeakMap<Profile, Map<string, readonly HeaderLine[]>>()
