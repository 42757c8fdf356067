/** Unicast (`sendmsg` with call-command `unicast`): a program gets a parked call's sound by UDP, and speaks into it. */
import { logger } from '../base/log.ts'
import type { MediaBug, UnicastRequest } from '../media/engine.ts'
import { preAnswer } from './answer.ts'
import type { Channel } from './channel.ts'
import { listBug } from './media-bugs.ts'

const log = logger('core/unicast')

const running = new WeakMap<Channel, MediaBug>()

/** Begins it; it ends with what the channel does now. False, with a log line, when it cannot or does already. */
export async function startUnicast(
  channel: Channel,
  { local, remote }: Omit<UnicastRequest, 'kind'>,
): Promise<boolean> {
  const way = `${local.address}:${local.port}->${remote.address}:${remote.port}`
  await preAnswer(channel)
  if (!channel.media || !channel.isUp || running.has(channel)) {
    const why = running.has(channel) ? 'one runs already' : 'the channel has no sound'
    log.err(`unicast ${way} cannot begin: ${why}`, channel.uuid)
    return false
  }
  const bug = channel.media.bug({ kind: 'unicast', local, remote })
  running.set(channel, bug)
  const leaving = channel.signals.once('state', () => bug.stop())
  let entry: Disposable | undefined
  void bug.ended.then(({ ended, reason }) => {
    if (ended === 'failed') log.err(`unicast ${way}: ${reason}`, channel.uuid)
    leaving[Symbol.dispose]()
    entry?.[Symbol.dispose]()
    running.delete(channel)
  })
  if (!(await bug.started)) return false
  log.info(`unicast ${way}`, channel.uuid)
  if (running.get(channel) === bug) entry = listBug(channel, 'unicast', way, () => bug.stop())
  return true
}

/** Ends it, if there is one. */
export function stopUnicast(channel: Channel): void {
  running.get(channel)?.stop()
}
