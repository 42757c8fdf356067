/** The Event Socket's commands: matched by how the line begins, in any case, in this order. */
import { timingSafeEqual } from 'node:crypto'
import { reasonOf } from '../../base/errors.ts'
import { logger, logLevelNumber } from '../../base/log.ts'
import {
  addChannelHeaders,
  addChannelProfile,
  addChannelVariables,
} from '../../core/channel-event.ts'
import { eventNames } from '../../core/event-names.ts'
import { newUuid, parseEventName, SwitchEvent } from '../../core/events.ts'
import { arrayText, isTrue } from '../../core/variables.ts'
import type { Connection } from './connection.ts'
import { counters } from './counters.ts'
import { userPermissions } from './permissions.ts'
import { headerOf, type SocketCommand } from './reader.ts'
import { obeyMessage, sendMessage } from './send-message.ts'
import { encodeValue } from './serialize.ts'

const log = logger('sinks/event_socket')

type Answer = (connection: Connection, rest: string, command: SocketCommand) => Promise<void> | void

interface Entry {
  readonly prefix: string
  /** `open`: before authentication too; `session`: needs a controlled channel; `full`: not for a single-channel socket. */
  readonly when: 'open' | 'any' | 'session' | 'full'
  readonly answer: Answer
}

const lastLevel = 63

/** Answers one command; whatever goes wrong is the command's, not the connection's. */
export async function answer(connection: Connection, command: SocketCommand): Promise<void> {
  const line = command.line.toLowerCase()
  for (const entry of table) {
    if (!line.startsWith(entry.prefix) || !isOpen(connection, entry)) continue
    try {
      const waiting = entry.answer(connection, command.line.slice(entry.prefix.length), command)
      if (waiting) await waiting
    } catch (thrown) {
      log.err(`${connection.name}: ${command.line} failed: ${reasonOf(thrown)}`)
      connection.reply(`-ERR ${reasonOf(thrown)}`)
    }
    return
  }
  connection.reply('-ERR command not found')
}

function isOpen(connection: Connection, entry: Entry): boolean {
  if (entry.when === 'open') return true
  if (!connection.isAuthenticated) return false
  if (entry.when === 'session') return connection.channel !== undefined
  return entry.when === 'any' || connection.isFull
}

function words(rest: string): string[] {
  const space = rest.indexOf(' ')
  return space < 0 ? [] : rest.slice(space + 1).split(' ')
}

const exit: Answer = (connection) => {
  connection.reply('+OK bye')
  connection.close()
}

const table: readonly Entry[] = [
  { prefix: 'exit', when: 'open', answer: exit },
  { prefix: '...', when: 'open', answer: exit },
  { prefix: 'auth ', when: 'open', answer: authenticate },
  { prefix: 'userauth ', when: 'open', answer: authenticateUser },
  {
    prefix: 'filter ',
    when: 'any',
    answer: (connection, rest) => connection.reply(connection.subscription.filter(rest)),
  },
  {
    prefix: 'resume',
    when: 'session',
    answer: (connection) => {
      connection.resumes = true
      connection.channel?.variables.set('socket_resume', 'true')
      connection.reply('+OK')
    },
  },
  { prefix: 'connect', when: 'session', answer: sendChannelData },
  {
    prefix: 'getvar',
    when: 'session',
    answer: (connection, rest) =>
      connection.reply(connection.channel?.text(rest.trim()) || '-ERR command not found'),
  },
  {
    prefix: 'myevents ',
    when: 'any',
    answer: (connection, rest) => followChannel(connection, rest.trim()),
  },
  {
    prefix: 'myevents',
    when: 'session',
    answer: (connection, rest) => followChannel(connection, rest.trim()),
  },
  { prefix: 'divert_events', when: 'any', answer: divertEvents },
  { prefix: 'sendmsg', when: 'any', answer: sendmsg },
  { prefix: 'sendevent', when: 'full', answer: sendEvent },
  { prefix: 'api ', when: 'full', answer: runCommand },
  { prefix: 'bgapi ', when: 'full', answer: runInBackground },
  { prefix: 'log', when: 'full', answer: startLog },
  { prefix: 'linger', when: 'full', answer: startLinger },
  {
    prefix: 'nolinger',
    when: 'full',
    answer: (connection) => {
      if (!connection.channel) return connection.reply('-ERR not controlling a session')
      connection.setLinger(undefined)
      connection.reply('+OK will not linger')
    },
  },
  {
    prefix: 'nolog',
    when: 'full',
    answer: (connection) => {
      const wasLogging = connection.isLogging
      connection.logUpTo(undefined)
      connection.reply(wasLogging ? '+OK no longer logging' : '-ERR not loging')
    },
  },
  {
    prefix: 'event',
    when: 'full',
    answer: (connection, rest) => connection.reply(connection.subscription.add(words(rest))),
  },
  {
    prefix: 'nixevent',
    when: 'full',
    answer: (connection, rest) =>
      connection.reply(connection.subscription.remove(words(rest), eventNames)),
  },
  {
    prefix: 'noevents',
    when: 'full',
    answer: (connection) => connection.reply(connection.subscription.clear()),
  },
]

function authenticate(connection: Connection, password: string): void {
  if (connection.isAuthenticated) return connection.reply('-ERR command not found')
  if (isSame(password, connection.password)) {
    connection.isAuthenticated = true
    return connection.reply('+OK accepted')
  }
  refuse(connection, 'wrong password')
}

function refuse(connection: Connection, why: string): void {
  counters.badPassword++
  log.warning(`${connection.name}: ${why}`)
  connection.reply('-ERR invalid')
  connection.close()
}

/** In a time that does not tell how much of the password was right. */
function isSame(given: string, wanted: string): boolean {
  const one = Buffer.from(given)
  const other = Buffer.from(wanted)
  return one.length === other.length && timingSafeEqual(one, other)
}

function authenticateUser(connection: Connection, rest: string): void {
  if (connection.isAuthenticated) return connection.reply('-ERR command not found')
  const permissions = userPermissions(connection.sw, rest)
  if (!permissions || !isSame(permissions.givenPassword, permissions.password)) {
    return refuse(connection, `user ${rest.split(':')[0]} is refused`)
  }
  connection.isAuthenticated = true
  connection.subscription.allowed = permissions.events
  connection.allowedCommands = permissions.commands
  connection.mayLog = permissions.mayLog
  connection.reply('+OK accepted', permissions.lines)
}

/** All the channel's headers in one block: what an outbound client reads first. */
function sendChannelData(connection: Connection): void {
  const { channel } = connection
  if (!channel) return
  connection.markConnected()
  const event = connection.sw.events.create('CHANNEL_DATA')
  addChannelProfile(event, 'Channel', channel.profile)
  addChannelHeaders(event, channel)
  addChannelVariables(event, channel)
  event.add('Content-Type', 'command/reply')
  event.add('Reply-Text', '+OK\n')
  event.add('Socket-Mode', connection.isAsync ? 'async' : 'static')
  event.add('Control', connection.isFull ? 'full' : 'single-channel')
  const lines = event.headers.map(([name, value]) => {
    const text = typeof value === 'string' ? value : arrayText(value)
    return `${name}: ${text ? encodeValue(text) : '_undef_'}\n`
  })
  connection.write(`${lines.join('')}\n`)
}

function followChannel(connection: Connection, rest: string): void {
  const { subscription } = connection
  if (subscription.followed !== undefined) return connection.reply('-ERR aready enabled.')
  if (!connection.channel) {
    const uuid = rest.split(' ')[0] ?? ''
    const channel = connection.sw.channels.get(uuid)
    if (!channel && rest.includes(' ')) return connection.reply('-ERR invalid uuid')
    if (channel) connection.follow(channel)
    connection.isAsync = true
    subscription.follow(uuid)
  } else {
    subscription.follow(connection.channel.uuid)
    // FreeSWITCH passes over a format that stands behind a uuid.
    if (/xml/i.test(rest)) subscription.format = 'xml'
    if (/json/i.test(rest)) subscription.format = 'json'
  }
  connection.reply('+OK Events Enabled')
}

function divertEvents(connection: Connection, rest: string): void {
  const { channel } = connection
  if (!channel) return connection.reply('-ERR not controlling a session.')
  const word = rest.trim().toLowerCase()
  if (!word) return connection.reply('-ERR missing value.')
  const isOn = word === 'on'
  connection.divert(channel, isOn)
  connection.reply(isOn ? '+OK events diverted' : '+OK events not diverted')
}

async function sendmsg(
  connection: Connection,
  rest: string,
  command: SocketCommand,
): Promise<void> {
  const uuid = rest.trim() || headerOf(command, 'session-id') || undefined
  const own = connection.channel
  if (own && (uuid === undefined || uuid === own.uuid)) {
    const waits = connection.isInCharge && !isTrue(headerOf(command, 'async'))
    if (waits) await obeyMessage(own, command)
    else sendMessage(own, command)
    return connection.reply('+OK')
  }
  const channel = uuid === undefined ? undefined : connection.sw.channels.get(uuid)
  if (!channel) return connection.reply(`-ERR invalid session id [${uuid ?? ''}]`)
  sendMessage(channel, command)
  connection.reply('+OK')
}

function sendEvent(connection: Connection, rest: string, command: SocketCommand): void {
  const uuid = newUuid()
  const name = parseEventName(rest.trim()) ?? 'CUSTOM'
  const subclass = name === 'CUSTOM' ? headerOf(command, 'Event-Subclass') : undefined
  const event = new SwitchEvent(name, subclass)
  if (subclass !== undefined) event.add('Event-Subclass', subclass)
  event.add('Command', command.line)
  for (const [header, value] of command.headers) {
    if (subclass !== undefined && header.toLowerCase() === 'event-subclass') continue
    event.add(header, value)
  }
  event.add('Event-UUID', uuid)
  event.body = command.body
  const { events, channels } = connection.sw
  events.stamp(event)
  const channel = channels.get(headerOf(command, 'unique-id') ?? '')
  if (channel) addChannelHeaders(event, channel)
  if (channel?.divert) channel.divert(event)
  else events.fire(event)
  connection.reply(`+OK ${uuid}`)
}

function mayRun(connection: Connection, line: string): boolean {
  const { allowedCommands } = connection
  return !allowedCommands || allowedCommands.has(line.split(' ')[0] ?? '')
}

async function runCommand(
  connection: Connection,
  line: string,
  command: SocketCommand,
): Promise<void> {
  if (!mayRun(connection, line.trimStart())) return connection.reply('-ERR permission denied')
  // Unloading or reloading this very module would wait for this very command.
  if (/^\s*(un|re)load\s.*mod_event_socket/i.test(line))
    return runInBackground(connection, line, command)
  const isConsole = isTrue(headerOf(command, 'console_execute'))
  const text = isConsole
    ? await runConsoleLine(connection, line)
    : await connection.sw.runCommand(line)
  const body = text === '' ? '-ERR no reply\n' : text
  connection.write(
    `Content-Type: api/response\nContent-Length: ${Buffer.byteLength(body)}\n\n${body}`,
  )
}

/** A line as a person types it: several commands with `;;` between them, aliases resolved. */
async function runConsoleLine(connection: Connection, line: string): Promise<string> {
  let text = ''
  for (const part of line.split(';;'))
    text += await connection.sw.runCommand(connection.sw.resolveAlias(part.trim()))
  return text
}

function runInBackground(connection: Connection, line: string, command: SocketCommand): void {
  if (!mayRun(connection, line.trimStart())) return connection.reply('-ERR permission denied')
  const job = headerOf(command, 'Job-UUID') ?? newUuid()
  const owner = connection.channel?.uuid
  connection.reply(`+OK Job-UUID: ${job}`, `Job-UUID: ${job}\n`)
  const { sw } = connection
  const space = line.indexOf(' ')
  void sw.runCommand(line).then((text) =>
    sw.events.announce('BACKGROUND_JOB', (event) => {
      event.add('Job-UUID', job)
      if (owner) event.add('Job-Owner-UUID', owner)
      event.add('Job-Command', space < 0 ? line : line.slice(0, space))
      if (space >= 0) event.add('Job-Command-Arg', line.slice(space + 1))
      event.body = text
    }),
  )
}

function startLog(connection: Connection, rest: string): void {
  if (!connection.mayLog) return connection.reply('-ERR permission denied')
  const word = rest.trimStart().split(' ')[0] ?? ''
  const asked = word ? logLevelNumber(word) : 7
  // FreeSWITCH takes any number, but shows none above its last level.
  const level = asked === undefined ? undefined : Math.min(asked, lastLevel)
  if (level === undefined) return connection.reply('-ERR invalid log level')
  connection.logUpTo(level)
  connection.reply(`+OK log level ${word} [${level}]`)
}

function startLinger(connection: Connection, rest: string): void {
  if (!connection.channel) return connection.reply('-ERR not controlling a session')
  const seconds = rest.trim() ? Number.parseInt(rest, 10) || 0 : -1
  connection.setLinger(seconds)
  connection.reply(seconds < 0 ? '+OK will linger' : `+OK will linger ${seconds} seconds`)
}
