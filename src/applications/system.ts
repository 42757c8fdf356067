/** system and bgsystem: a program outside the switch, run for a call. */
import { logger } from '../base/log.ts'
import { runShell } from '../base/run-program.ts'
import { attend, untilAborted } from '../core/attend.ts'
import type { Channel } from '../core/channel.ts'
import type { Application } from '../core/interfaces.ts'
import { isTrue } from '../core/variables.ts'

const log = logger('applications/system')

/** Both can be switched off for the whole switch, by the variable `disable_system_app_commands`. */
function begin(channel: Channel, name: string, line: string): Promise<string> | undefined {
  if (line.trim() === '') return void log.err(`${name}: <command>`, channel.uuid)
  if (isTrue(channel.sw.globals.get('disable_system_app_commands'))) {
    return void log.warning(`${name} is switched off (disable_system_app_commands)`, channel.uuid)
  }
  log.notice(`${name} ${line}`, channel.uuid)
  return runShell(line)
}

export const system: Application = {
  name: 'system',
  syntax: '<command>',
  about: 'Run a line in a shell and wait for its end',
  needs: 'nothing',
  async run(channel, data, { signal }) {
    const running = begin(channel, 'system', data)
    // The call goes on when it ends, or when the caller leaves before.
    if (running) await Promise.race([attend(channel, running, signal), untilAborted(signal)])
  },
}

export const bgsystem: Application = {
  name: 'bgsystem',
  syntax: '<command>',
  about: 'Run a line in a shell and go on at once',
  needs: 'nothing',
  run(channel, data) {
    void begin(channel, 'bgsystem', data)
  },
}
