/** bgapi: runs a command and tells its reply in an event. */
import { newUuid } from '../core/events.ts'
import type { Command } from '../core/interfaces.ts'

const failure = '-ERR Invalid syntax\n'

export const bgapi: Command = {
  name: 'bgapi',
  syntax: '<command>[ <arg>]',
  about: 'Execute an api command in a thread',
  run(args, { sw }) {
    const named = /^uuid:([^ ]*)(?: |$)/i.exec(args)
    const line = named ? args.slice(named[0].length) : args
    if (line === '') return failure
    const job = named?.[1] || newUuid()
    const space = line.indexOf(' ')
    const name = space < 0 ? line : line.slice(0, space)
    void sw.runCommand(line).then((reply) =>
      sw.events.announce('BACKGROUND_JOB', (event) => {
        event.add('Job-UUID', job)
        event.add('Job-Command', name)
        if (space >= 0) event.add('Job-Command-Arg', line.slice(space + 1))
        event.body = reply || 'Command returned no output!'
      }),
    )
    return `+OK Job-UUID: ${job}\n`
  },
}
