/** log: writes a line to the log. */
import { logger, logLevelNumber } from '../base/log.ts'
import type { Command } from '../core/interfaces.ts'

const output = logger('commands/log')

export const log: Command = {
  name: 'log',
  syntax: '<level> <message>',
  about: 'Write a line to the log',
  run(args, { channel }) {
    const space = args.indexOf(' ')
    const level = space < 0 ? undefined : logLevelNumber(args.slice(0, space))
    output.at(level ?? 7, space < 0 ? args : args.slice(space + 1), channel?.uuid)
    return '+OK\n'
  },
}
