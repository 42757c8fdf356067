/** Named locks that calls hold one at a time (`mutex`): the others wait in the order in which they came. */
import { onePer } from '../base/one-per.ts'
import type { Channel } from './channel.ts'
import type { Switch } from './switch.ts'

interface Waiting {
  readonly channel: Channel
  readonly take: () => void
}

interface Lock {
  holder: Channel
  readonly waiting: Waiting[]
}

const tableOf = onePer<Switch, Map<string, Lock>>(() => new Map())

/** Whether the channel holds the lock or waits for it. */
export function usesLock(channel: Channel, key: string): boolean {
  const lock = tableOf(channel.sw).get(key)
  return lock?.holder === channel || lock?.waiting.some((one) => one.channel === channel) === true
}

/**
 * Takes the lock. Undefined: the channel has it, until `releaseLock` or its hangup. Else it stands in the line: `taken` resolves when
 * its turn has come, and `leave` gives that up.
 */
export function takeLock(
  channel: Channel,
  key: string,
): { readonly taken: Promise<void>; leave(): void } | undefined {
  const table = tableOf(channel.sw)
  const lock = table.get(key)
  channel.signals.once('hangup', () => releaseLock(channel, key))
  if (!lock) {
    table.set(key, { holder: channel, waiting: [] })
    return undefined
  }
  let take = () => {}
  const taken = new Promise<void>((resolve) => {
    take = resolve
  })
  lock.waiting.push({ channel, take })
  return { taken, leave: () => releaseLock(channel, key) }
}

/** Lets go of the lock, or of the place in the line; the next one has it then. */
export function releaseLock(channel: Channel, key: string): void {
  const table = tableOf(channel.sw)
  const lock = table.get(key)
  if (!lock) return
  if (lock.holder !== channel) {
    const index = lock.waiting.findIndex((one) => one.channel === channel)
    if (index >= 0) lock.waiting.splice(index, 1)
    return
  }
  const next = lock.waiting.shift()
  if (!next) {
    table.delete(key)
    return
  }
  lock.holder = next.channel
  next.take()
}
