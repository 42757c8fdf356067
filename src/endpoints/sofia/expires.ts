/** How long a registration is granted. */
import { type DirectoryUser, userParam, userVariable } from '../../core/directory.ts'
import type { Profile } from './profile.ts'

/** What is granted when a phone does not ask, seconds. */
const usualSeconds = 3600

/** Seconds, from what was asked (undefined: nothing) and what profile and user force. 0 stays 0: it unregisters. */
export function expiresFor(
  profile: Profile,
  user: DirectoryUser | undefined,
  asked: number | undefined,
): number {
  if (asked === 0) return 0
  const own = (name: string) => user && (userVariable(user, name) ?? userParam(user, name))
  const of = (name: string) => Number(own(name)) || profile.values.number(name)
  let seconds = of('sip-force-expires') || asked || usualSeconds
  const least = of('sip-force-expires-min')
  const most = of('sip-force-expires-max')
  if (least > 0) seconds = Math.max(seconds, least)
  if (most > 0) seconds = Math.min(seconds, most)
  const deviation = of('sip-expires-max-deviation')
  if (deviation > 0) seconds += Math.round((Math.random() * 2 - 1) * deviation)
  return Math.max(1, seconds)
}
