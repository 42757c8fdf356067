/** `sendmsg`: tells a channel to run an application, hang up, or run another list of actions. */
import { isIP } from 'node:net'
import { delay } from '../../base/clock.ts'
import { logger } from '../../base/log.ts'
import { runQueued } from '../../core/attend.ts'
import { startHoldMusic, stopHoldMusic } from '../../core/bridge/hold.ts'
import type { Channel } from '../../core/channel.ts'
import type { QueuedCommand } from '../../core/command-queue.ts'
import { newUuid } from '../../core/events.ts'
import { causeFromText } from '../../core/hangup-cause.ts'
import type { PlannedAction } from '../../core/interfaces.ts'
import { startUnicast } from '../../core/unicast.ts'
import { isTrue } from '../../core/variables.ts'
import { counters } from './counters.ts'
import { headerOf, type SocketCommand } from './reader.ts'

const log = logger('sinks/event_socket')

const callCommands = 'execute, hangup, nomedia, unicast and xferext are'

/** What `lead-frames` counts, ms. */
const frameMs = 20

/** Puts what the message says behind what the channel already has to do; whatever waits on the channel does it. */
export function sendMessage(channel: Channel, message: SocketCommand): void {
  const command = readMessage(channel, message)
  if (!command) return
  // On a channel that has nothing else to do a hangup waits for nobody, whatever it waits for itself.
  const isIdle = !channel.queue.isBusy && channel.guests === 0
  if (command.act && command.application === 'hangup' && isIdle) void command.act()
  else channel.queue.add(command)
}

/** Does what the message says now; resolves when it has been done. For who alone says what the channel does. */
export async function obeyMessage(channel: Channel, message: SocketCommand): Promise<void> {
  const command = readMessage(channel, message)
  if (command) await runQueued(channel, command)
}

function readMessage(channel: Channel, message: SocketCommand): QueuedCommand | undefined {
  const word = (headerOf(message, 'call-command') ?? '').toLowerCase()
  const isLocked =
    isTrue(headerOf(message, 'event-lock')) || isTrue(headerOf(message, 'event-lock-pri'))
  const ordered = (act: () => Promise<void> | void): QueuedCommand => ({
    application: word,
    data: '',
    isLocked,
    act,
  })
  switch (word) {
    case 'execute':
      return readApplication(channel, message, isLocked)
    case 'hangup':
      return ordered(() => channel.hangup(causeOf(message)))
    case 'xferext':
      return ordered(() => runActions(channel, message))
    case 'nomedia':
      return ordered(() => sendPast(channel, message))
    case 'unicast':
      return ordered(() => unicast(channel, message))
    default:
      return ignore(channel, `call-command "${word}" is not known; ${callCommands}`)
  }
}

function ignore(channel: Channel, why: string): undefined {
  counters.messagesIgnored++
  log.warning(`sendmsg: ${why}`, channel.uuid)
}

function causeOf(message: SocketCommand) {
  const text = headerOf(message, 'hangup-cause')
  return text === undefined ? 'NORMAL_CLEARING' : causeFromText(text)
}

/** The sound of the call in `nomedia-uuid`, else of this one, goes past this server. */
async function sendPast(channel: Channel, message: SocketCommand): Promise<void> {
  const name = headerOf(message, 'nomedia-uuid')
  const target = name ? channel.sw.channels.get(name) : channel
  if (!(await target?.driver.redirectMedia?.('past', false)))
    log.warning(`sendmsg nomedia: nothing was done for ${name ?? channel.uuid}`, channel.uuid)
}

/** The sound by UDP to `remote-ip`, `remote-port` and from there, at `local-ip`, `local-port`. */
async function unicast(channel: Channel, message: SocketCommand): Promise<void> {
  const port = (name: string, usual: number) => Number(headerOf(message, name) || usual)
  const local = {
    address: headerOf(message, 'local-ip') || '127.0.0.1',
    port: port('local-port', 8025),
  }
  const remote = {
    address: headerOf(message, 'remote-ip') || '127.0.0.1',
    port: port('remote-port', 8026),
  }
  const isPort = (number: number) => Number.isInteger(number) && number > 0 && number < 65536
  if (!isIP(local.address) || !isIP(remote.address) || !isPort(local.port) || !isPort(remote.port))
    return ignore(channel, 'unicast needs addresses and ports in numbers')
  const transport = headerOf(message, 'transport') || 'udp'
  if (transport.toLowerCase() !== 'udp' || headerOf(message, 'flags')?.includes('native'))
    return ignore(channel, 'unicast is supported by udp and with bare samples, not native ones')
  await startUnicast(channel, { local, remote })
}

function readApplication(
  channel: Channel,
  message: SocketCommand,
  isLocked: boolean,
): QueuedCommand | undefined {
  const application = headerOf(message, 'execute-app-name')
  if (!application) return ignore(channel, 'execute without execute-app-name')
  const loopText = headerOf(message, 'loops')
  const loops = loopText === undefined ? 1 : Number.parseInt(loopText, 10)
  return {
    application,
    data: headerOf(message, 'execute-app-arg') || textBody(message),
    // 0 or no number at all counts as one run; only negative numbers go on for ever.
    loops: loops < 0 ? 0 : loops || 1,
    uuid: headerOf(message, 'event-uuid') ?? newUuid(),
    uuidName: headerOf(message, 'event-uuid-name'),
    urgent: isTrue(headerOf(message, 'event-lock-pri')),
    isLocked,
    around: () => surroundings(channel, message),
  }
}

function textBody(message: SocketCommand): string {
  const isText = headerOf(message, 'content-type')?.trim().toLowerCase() === 'text/plain'
  return (isText && message.body) || ''
}

/**
 * `lead-frames`: so much sound is heard before; `hold-bleg`: the partner hears music meanwhile. An unknown application ends the
 * call, with FreeSWITCH a frame later: what was sent right behind it still finds the channel.
 */
async function surroundings(
  channel: Channel,
  message: SocketCommand,
): Promise<(() => void) | undefined> {
  const frames = Number.parseInt(headerOf(message, 'lead-frames') ?? '', 10)
  if (!channel.sw.applications.get(headerOf(message, 'execute-app-name') ?? '')) {
    await delay(frameMs, channel.signal)
    return undefined
  }
  if (frames > 0 && channel.hasMedia) await delay(frames * frameMs, channel.signal)
  if (!isTrue(headerOf(message, 'hold-bleg')) || !channel.partner) return undefined
  await startHoldMusic(channel)
  return () => stopHoldMusic(channel)
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
