/** Who waits to listen to a user (`userspy`): told of every bridge, for whichever channel of it is that user's. */
import { onePer } from '../base/one-per.ts'
import type { Channel } from './channel.ts'
import type { Switch } from './switch.ts'

type Told = (target: Channel) => void

const waitingAt = onePer<Switch, Map<string, Set<Told>>>(() => new Map())

/** Calls back for every bridge of `user` (`1000@example.com`) until disposed. */
export function spyOnUser(sw: Switch, user: string, told: Told): Disposable {
  const users = waitingAt(sw)
  const spies = users.get(user) ?? new Set<Told>()
  users.set(user, spies)
  spies.add(told)
  return {
    [Symbol.dispose]: () => {
      spies.delete(told)
      if (spies.size === 0 && users.get(user) === spies) users.delete(user)
    },
  }
}

/** A bridge has begun: the first of its channels that somebody waits for is told to him. */
export function tellSpies(a: Channel, b: Channel): void {
  const users = waitingAt(a.sw)
  if (users.size === 0) return
  for (const channel of [a, b])
    for (const user of usersOf(channel)) {
      const spies = users.get(user)
      if (!spies) continue
      for (const told of [...spies]) told(channel)
      return
    }
}

/** The names under which a channel belongs to a user. */
function usersOf(channel: Channel): string[] {
  const { profile, variables } = channel
  const domain = variables.get('domain_name')
  const pairs = [
    [profile.get('username'), domain],
    [variables.get('dialed_user'), variables.get('dialed_domain')],
    [variables.get('user_name'), domain],
    [variables.get('sip_to_user'), domain],
    [variables.get('verto_user')?.split('@')[0], variables.get('verto_host')],
  ]
  return pairs.flatMap(([user, host]) => (user && host ? [`${user}@${host}`] : []))
}
