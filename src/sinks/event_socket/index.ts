/**
 * mod_event_socket: the switch's control port, bound to loopback and behind a password unless configured otherwise; and the
 * application `socket`, by which the switch connects to whoever is to control a call.
 */
import { rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { reasonOf, SwitchError } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import type { Module } from '../../core/interfaces.ts'
import type { Setting } from '../../core/settings.ts'
import { readSettings } from '../../core/settings.ts'
import type { Switch } from '../../core/switch.ts'
import { answer } from './commands.ts'
import { Connection } from './connection.ts'
import { counters } from './counters.ts'
import { connectionsOf, keep } from './open-connections.ts'
import { socket } from './socket.ts'

const log = logger('sinks/event_socket')

const settings: readonly Setting[] = [
  { name: 'listen-ip', type: 'text', default: '127.0.0.1', about: 'the address to listen at' },
  {
    name: 'listen-port',
    type: 'port',
    default: '8021',
    about: 'the port; 0 takes any that is free',
  },
  { name: 'password', type: 'text', about: 'what clients must say; default: the generated one' },
  { name: 'apply-inbound-acl', type: 'text', about: 'who may connect; default loopback.auto' },
  {
    name: 'stop-on-bind-error',
    type: 'boolean',
    default: 'true',
    about: 'end the start when the port is taken',
  },
  {
    name: 'nat-map',
    type: 'boolean',
    ignored: true,
    fits: 'off',
    about: 'ports are not mapped on routers',
  },
  { name: 'debug', type: 'number', ignored: true, about: 'use the log level' },
]

const rejection = 'Access Denied, go away.\n'

async function startSocket(sw: Switch): Promise<AsyncDisposable | undefined> {
  const values = readSettings(sw.configuration('event_socket.conf'), settings)
  const password = values.text('password') || (sw.globals.get('event_socket_password') ?? '')
  if (!password) {
    throw new SwitchError(
      'EVENT_SOCKET_PASSWORD',
      'event_socket.conf.xml has no password and none was generated',
    )
  }
  const lists = values.all('apply-inbound-acl')
  const acl = lists.length > 0 ? lists : ['loopback.auto']
  const connections = connectionsOf(sw)
  const counting = sw.counters.add('event_socket', () => ({ open: connections.size, ...counters }))
  const endAll = async () => {
    counting[Symbol.dispose]()
    for (const connection of connections) connection.close()
    await Promise.all([...connections].map(({ closed }) => closed))
  }
  const server = createServer((socket) => accept(sw, socket, acl, password))
  const host = values.text('listen-ip') || '127.0.0.1'
  try {
    await listen(server, host, values.number('listen-port'))
  } catch (thrown) {
    if (values.boolean('stop-on-bind-error')) throw thrown
    log.err(reasonOf(thrown))
    return { [Symbol.asyncDispose]: endAll }
  }
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const file = join(sw.options.dataDir, 'event_socket.json')
  // Consoles on this machine find the port and the password here; nobody else may read it.
  writeFileSync(file, `${JSON.stringify({ host, port, password })}\n`, { mode: 0o600 })
  if (password === 'ClueCon') {
    log.warning('the event socket has the password that everybody knows: change it')
  }
  log.notice(`event socket at ${host}:${port}`)
  return {
    async [Symbol.asyncDispose]() {
      rmSync(file, { force: true })
      const closed = new Promise((resolve) => server.close(resolve))
      await endAll()
      await closed
    },
  }
}

function accept(sw: Switch, socket: Socket, acl: readonly string[], password: string): void {
  const from = (socket.remoteAddress ?? '').replace(/^::ffff:/, '')
  const refusing = acl.find((list) => !sw.acls.check(from, list).allowed)
  if (refusing !== undefined) {
    counters.refused++
    log.warning(`${from} is refused by access list ${refusing}`)
    socket.on('error', () => undefined)
    socket.end(
      `Content-Type: text/rude-rejection\nContent-Length: ${rejection.length}\n\n${rejection}`,
    )
    return
  }
  keep(new Connection({ sw, socket, answer, password }))
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (thrown: NodeJS.ErrnoException) => {
      const what = `event socket ${host}:${port}`
      const text =
        thrown.code === 'EADDRINUSE'
          ? `${what} is taken by another program; stop that or choose another port (--set event_socket_port=…)`
          : `${what} cannot be opened: ${thrown.message}`
      reject(new SwitchError('NET_ADDRESS_IN_USE', text))
    })
    server.listen(port, host, () => resolve())
  })
}

export const module: Module = {
  name: 'mod_event_socket',
  applications: [socket],
  start: startSocket,
}
