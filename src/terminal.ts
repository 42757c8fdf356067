/** The console on the terminal that the server was started from: the same as scripts/fs_cli, over the event socket. */
import { homedir } from 'node:os'
import { join } from 'node:path'
import { logger } from './base/log.ts'
import { startConsole } from './cli/console.ts'
import { readLocalServer } from './cli/local-server.ts'
import type { Switch } from './core/switch.ts'
import { consoleLevel, muteConsole } from './sinks/console.ts'

const log = logger('terminal')

/** Opens it; `/exit` and Control-D end the server after the console has closed. Dispose gives the terminal back. */
export function openTerminal(sw: Switch, greeting: string): Disposable {
  process.stdout.write(greeting)
  const server = readLocalServer(sw.options.dataDir)
  if (!server) {
    log.warning('no event socket is running (mod_event_socket), so there is no console')
    return { [Symbol.dispose]: () => undefined }
  }
  muteConsole(true)
  const running = startConsole({
    ...server,
    input: process.stdin,
    output: process.stdout,
    logLevel: consoleLevel(),
    historyFile: join(homedir(), '.strowger_history'),
    attempts: 3,
    reconnects: true,
    target: () => ({ ...(readLocalServer(sw.options.dataDir) ?? server), user: undefined }),
  })
  void running.finished.then((end) => {
    muteConsole(false)
    if (end.reason === 'unreachable')
      log.err(`the console could not connect: ${end.error?.message}`)
    else if (end.reason !== 'closed') sw.requestShutdown()
  })
  return {
    [Symbol.dispose]: () => {
      muteConsole(false)
      running.close()
    },
  }
}
