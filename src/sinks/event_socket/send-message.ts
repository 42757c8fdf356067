/** `sendmsg`: tells a channel to run an application, hang up, or run another list of actions. */
import { logger } from '../../base/log.ts'
import type { Channel } from '../../core/channel.ts'
import { newUuid } from '../../core/events.ts'
import { parseCause } from '../../core/hangup-cause.ts'
import type { PlannedAction } from '../../core/interfaces.ts'
import { isTrue } from '../../core/variables.ts'
import { headerOf, type SocketCommand } from './reader.ts'

const log = logger('sinks/event_socket')

/**
 * Does what the message says. The promise resolves when an application that was asked for has run; whoever controls
 * the channel asynchronously does not wait for it.
 */
export function sendMessage(channel: Channel, message: SocketCommand): Promise<void> {
  const word = (headerOf(message, 'call-command') ?? '').toLowerCase()
  switch (word) {
    case 'execute':
      return queueApplication(channel, message)
    case 'hangup':
      channel.hangup(parseCause(headerOf(message, 'hangup-cause') ?? '') ?? 'NORMAL_CLEARING')
      return Promise.resolve()
    case 'xferext':
      runActions(channel, message)
      return Promise.resolve()
    case 'nomedia':
      return sendPast(channel, message)
    default:
      log.warning(
        `sendmsg: call-command "${word}" is not known; execute, hangup, nomedia and xferext are`,
        channel.uuid,
      )
      return Promise.resolve()
  }
}

/** The sound of the call in `nomedia-uuid`, else of this one, goes past this server. */
async function sendPast(channel: Channel, message: SocketCommand): Promise<void> {
  const name = headerOf(message, 'nomedia-uuid')
  const target = name ? channel.sw.channels.get(name) : channel
  if (!(await target?.driver.redirectMedia?.('past', false)))
    log.warning(`sendmsg nomedia: nothing was done for ${name ?? channel.uuid}`, channel.uuid)
}

function queueApplication(channel: Channel, message: SocketCommand): Promise<void> {
  const application = headerOf(message, 'execute-app-name')
  if (!application) {
    log.warning('sendmsg execute without execute-app-name', channel.uuid)
    return Promise.resolve()
  }
  const data = headerOf(message, 'execute-app-arg') ?? message.body ?? ''
  const loopText = headerOf(message, 'loops')
  const loops = loopText === undefined ? 1 : Number.parseInt(loopText, 10)
  return new Promise((resolve) => {
    channel.queue.add({
      application,
      data,
      // 0 or no number at all counts as one run; only negative numbers go on for ever.
      loops: loops < 0 ? 0 : loops || 1,
      uuid: headerOf(message, 'event-uuid') ?? newUuid(),
      uuidName: headerOf(message, 'event-uuid-name'),
      urgent: isTrue(headerOf(message, 'event-lock-pri')),
      isLocked:
        isTrue(headerOf(message, 'event-lock')) || isTrue(headerOf(message, 'event-lock-pri')),
      done: resolve,
    })
  })
}

/** `application: name data`, several times: they take the place of the channel's actions. */
function runActions(channel: Channel, message: SocketCommand): void {
  const actions: PlannedAction[] = message.headers
    .filter(([name]) => name.toLowerCase() === 'application')
    .map(([, value]) => {
      const space = value.indexOf(' ')
      return space < 0
        ? { application: value, data: '' }
        : { application: value.slice(0, space), data: value.slice(space + 1) }
    })
  if (actions.length === 0) return
  channel.actions = actions
  channel.isOriginating = false
  channel.moveTo('execute')
}
