/** What the directory adds to a channel of a user. */
import type { Channel } from '../../core/channel.ts'
import type { VertoUser } from './connection.ts'

/** The user's variables, and who it is, as the application `set_user` has them. */
export function setUserVariables(channel: Channel, { id, domain }: VertoUser): void {
  const user = channel.sw.directory.user(id, domain)
  if (!user) return
  const { variables } = channel
  for (const [name, value] of user.variables) variables.set(name, value)
  for (const [name, value] of user.profileVariables)
    channel.profile.soft.set(name.toLowerCase(), value)
  const alias = user.attributes.get('number-alias')
  if (alias) variables.set('number_alias', alias)
  variables.set('user_name', user.id)
  variables.set('domain_name', user.domain)
}
