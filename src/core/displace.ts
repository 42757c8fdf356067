/** Displace (`displace_session`, `uuid_displace`): a file in the place of what a party hears or says, or mixed into it. */

import { logger } from '../base/log.ts'
import { onePer } from '../base/one-per.ts'
import type { DisplaceRequest, MediaBug } from '../media/engine.ts'
import { preAnswer } from './answer.ts'
import type { Channel } from './channel.ts'
import { listBug } from './media-bugs.ts'
import { soundPath } from './sound-path.ts'
import { isTrue } from './variables.ts'

const log = logger('core/displace')

/** By the path as it was written. */
const tableOf = onePer<Channel, Map<string, MediaBug>>(() => new Map())

/**
 * Begins it. `flags`: m mixes, l loops, r puts it in the place of what the party says (with w of both), f before other bugs.
 * `limitSeconds` 0 has no limit. False when it cannot be opened, or plays already.
 */
export async function startDisplace(
  channel: Channel,
  written: string,
  flags: string,
  limitSeconds: number,
): Promise<boolean> {
  await preAnswer(channel)
  const { media } = channel
  const table = tableOf(channel)
  if (!media || !channel.isUp) {
    log.err(`${written} cannot displace anything: the channel has no sound`, channel.uuid)
    return false
  }
  if (table.has(written)) {
    log.err(`${written} displaces already`, channel.uuid)
    return false
  }
  const path = soundPath(channel, written)
  const bug = media.bug({ kind: 'displace', path, ...requestOf(flags) })
  table.set(written, bug)
  const limit =
    limitSeconds > 0 ? setTimeout(() => bug.stop(), limitSeconds * 1000).unref() : undefined
  let entry: Disposable | undefined
  void bug.ended.then(({ ended, reason }) => {
    clearTimeout(limit)
    if (ended === 'failed') log.warning(`${written} cannot be played: ${reason}`, channel.uuid)
    if (table.get(written) === bug) table.delete(written)
    entry?.[Symbol.dispose]()
  })
  if (!(await bug.started)) {
    if (isTrue(channel.variables.get('DISPLACE_HANGUP_ON_ERROR')))
      channel.hangup('DESTINATION_OUT_OF_ORDER')
    return false
  }
  if (table.get(written) === bug)
    entry = listBug(channel, 'displace', path, () => stopDisplace(channel, written))
  return true
}

/** What the letters of `displace_session` ask for. */
function requestOf(flags: string): Omit<DisplaceRequest, 'kind' | 'path'> {
  const reads = flags.includes('r')
  return {
    side: !reads ? 'write' : flags.includes('w') ? 'both' : 'read',
    mixes: flags.includes('m'),
    loops: flags.includes('l'),
    isFirst: flags.includes('f'),
  }
}

/** Ends it. False when that file does not play. */
export function stopDisplace(channel: Channel, written: string): boolean {
  const table = tableOf(channel)
  const bug = table.get(written)
  if (!bug) return false
  table.delete(written)
  bug.stop()
  return true
}
