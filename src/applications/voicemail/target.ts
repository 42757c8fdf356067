/** Which mailboxes a command means: one, those of a group, those of a whole domain. */
import type { Switch } from '../../core/switch.ts'
import { type Mailbox, mailboxOf } from './mailbox.ts'
import type { VoicemailProfile } from './profile.ts'
import { voicemailsOf } from './voicemails.ts'

/** The mailboxes that `target` names; none when there are none of that name. */
export function findTargets(sw: Switch, target: string): Mailbox[] {
  const [name = '', domainGiven = '', profileGiven = ''] = target.split('@')
  const whole = /^domain=(.*)$/i.exec(name)?.[1]
  const group = /^group=(.*)$/i.exec(name)?.[1]
  const domain = whole ?? (domainGiven || (sw.globals.get('domain') ?? ''))
  const profile = profileFor(sw, profileGiven || domain, domain)
  const { directory } = sw
  if (!profile || !directory.domain(domain)) return []
  if (whole !== undefined) {
    return directory.users(domain).map((user) => mailboxOf(profile, user))
  }
  if (group !== undefined) {
    return directory.groupUsers(group, domain).flatMap(({ entry, user }) => {
      const isPointer = entry.attributes.get('type')?.toLowerCase() === 'pointer'
      const pointed = isPointer ? directory.user(user.id, domain) : user
      return pointed ? [mailboxOf(profile, pointed)] : []
    })
  }
  const user = directory.user(name, domain)
  return user ? [mailboxOf(profile, user)] : []
}

/** The profile of that name, else that of the domain's, else `default`. */
function profileFor(sw: Switch, name: string, domain: string): VoicemailProfile | undefined {
  const voicemails = voicemailsOf(sw)
  return voicemails.get(name) ?? voicemails.get(domain) ?? voicemails.get('default')
}
