/** The profiles that run in a switch, found by name, alias or domain. */
import { onePer } from '../../base/one-per.ts'
import type { Switch } from '../../core/switch.ts'
import type { Profile } from './profile.ts'

const table = onePer<Switch, Map<string, Profile>>(() => new Map())

/** All that run, in the order they were started. */
export function profilesOf(sw: Switch): readonly Profile[] {
  return [...table(sw).values()]
}

export function addProfile(profile: Profile): void {
  table(profile.sw).set(profile.name.toLowerCase(), profile)
}

export function removeProfile(profile: Profile): void {
  const profiles = table(profile.sw)
  if (profiles.get(profile.name.toLowerCase()) === profile) {
    profiles.delete(profile.name.toLowerCase())
  }
}

/** A profile by its name, an alias, or a domain that stands for it (`<domain name="x" alias="true"/>`), in any case. */
export function profileNamed(sw: Switch, name: string): Profile | undefined {
  const profiles = table(sw)
  const direct = profiles.get(name.toLowerCase())
  if (direct) return direct
  for (const profile of profiles.values()) if (profile.answersTo(name)) return profile
  for (const profile of profiles.values()) if (isDomainOf(profile, name)) return profile
  return undefined
}

function isDomainOf(profile: Profile, name: string): boolean {
  const wanted = name.toLowerCase()
  return profile.domains.some((domain) => {
    if (!domain.alias) return false
    if (domain.name.toLowerCase() === wanted) return true
    return domain.name === 'all' && profile.sw.directory.domain(name) !== undefined
  })
}
