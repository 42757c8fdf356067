/** socket: a program of somebody else's decides what becomes of the call; the switch connects to it. */
import type { Socket } from 'node:net'
import { reasonOf } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import { runAllQueued, untilAborted } from '../../core/attend.ts'
import type { Channel } from '../../core/channel.ts'
import type { Application } from '../../core/interfaces.ts'
import { parkChannel } from '../../core/park.ts'
import { stopUnicast } from '../../core/unicast.ts'
import { isTrue } from '../../core/variables.ts'
import { answer } from './commands.ts'
import { Connection } from './connection.ts'
import { counters } from './counters.ts'
import { keep } from './open-connections.ts'
import { connectTo, parseHosts } from './outbound-hosts.ts'

const log = logger('sinks/event_socket')

export const socket: Application = {
  name: 'socket',
  syntax: '<ip>[:<port>][/<path>][|<ip>[:<port>]]… [async] [full]',
  about: 'Let a program that listens at an address control the call',
  needs: 'nothing',
  ignoresBreak: true,
  async run(channel, data, { signal }) {
    const [hosts = '', ...words] = data.trim().split(/ +/)
    const modes = new Set(words.map((word) => word.toLowerCase()))
    for (const word of modes) {
      if (word !== 'async' && word !== 'full')
        log.warning(`socket: "${word}" is not known; async and full are`, channel.uuid)
    }
    const connected = await connectFirst(channel, hosts, signal)
    if (!connected) return
    if (signal.aborted) return void connected.destroy()
    const isAsync = modes.has('async')
    const connection = keep(
      new Connection({
        sw: channel.sw,
        socket: connected,
        answer,
        password: '',
        channel,
        isAsync,
        isFull: modes.has('full'),
      }),
    )
    counters.outbound++
    if (isAsync) await controlAsync(channel, connection, signal)
    else await controlInTurn(channel, connection, signal)
    if (!signal.aborted) log.info(`the dialplan goes on behind ${connection.name}`, channel.uuid)
  },
}

/** The first host that accepts; undefined when none does, or the channel leaves meanwhile. */
async function connectFirst(
  channel: Channel,
  text: string,
  signal: AbortSignal,
): Promise<Socket | undefined> {
  for (const host of parseHosts(text)) {
    if (typeof host === 'string') {
      fail(channel, `"${host}" is no host with a port`)
      continue
    }
    if (host.path !== undefined) channel.variables.set('socket_path', host.path)
    channel.variables.set('socket_host', host.host)
    log.info(`socket: trying ${host.host}:${host.port}`, channel.uuid)
    try {
      return await connectTo(host, signal)
    } catch (thrown) {
      if (signal.aborted) return undefined
      fail(channel, `${host.host}:${host.port} cannot be reached: ${reasonOf(thrown)}`)
    }
  }
  return undefined
}

function fail(channel: Channel, why: string): void {
  counters.outboundFailed++
  log.err(`socket: ${why}`, channel.uuid)
}

/** Each order is carried out before the next one is read; nothing else happens on the channel. */
async function controlInTurn(
  channel: Channel,
  connection: Connection,
  signal: AbortSignal,
): Promise<void> {
  connection.isInCharge = true
  await Promise.race([connection.left, untilAborted(signal)])
  connection.isInCharge = false
  stopUnicast(channel)
}

/**
 * The channel is parked and does what it is sent, whatever else goes on. When the client leaves, what it ordered is still
 * done before the dialplan goes on; with `resume` the dialplan goes on at once.
 */
async function controlAsync(
  channel: Channel,
  connection: Connection,
  signal: AbortSignal,
): Promise<void> {
  await Promise.race([connection.connected, connection.left, untilAborted(signal)])
  if (signal.aborted) return
  const left = new AbortController()
  const leave = () => left.abort()
  signal.addEventListener('abort', leave, { once: true })
  void connection.left.then(() => {
    const isBusy = channel.guests > 0 && channel.state === 'execute'
    if (isBusy && !signal.aborted && resumes(channel, connection)) {
      // What runs now was begun within the dialplan, which goes on behind it.
      channel.queue.clear()
      channel.moveTo('execute')
    }
    leave()
  })
  await parkChannel(channel, left.signal)
  if (resumes(channel, connection)) channel.queue.clear()
  else await runAllQueued(channel, signal)
}

function resumes(channel: Channel, connection: Connection): boolean {
  return connection.resumes || isTrue(channel.variables.get('socket_resume'))
}
