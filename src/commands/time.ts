/** The commands about time. */
import { delay } from '../base/clock.ts'
import {
  epochReply,
  microEpochReply,
  strftimeReply,
  strftimeZoneReply,
} from '../core/command-text.ts'
import { leadingInteger } from '../core/expand/expand.ts'
import type { Command } from '../core/interfaces.ts'

export const strftime: Command = {
  name: 'strftime',
  syntax: '<format_string>',
  about: 'The time in a form of your own',
  run: (args, { sw }) => strftimeReply(args, Date.now(), sw.timeZones),
}

export const strftimeTz: Command = {
  name: 'strftime_tz',
  syntax: '<timezone_name> [<epoch>|][format string]',
  about: 'The time in another zone',
  run: (args, { sw }) => strftimeZoneReply(args, Date.now(), sw.timeZones),
}

export const strepoch: Command = {
  name: 'strepoch',
  syntax: '<string>',
  about: 'Seconds since 1970 of a date, or of now',
  run: (args, { sw }) => epochReply(args, Date.now(), sw.timeZones),
}

export const strmicroepoch: Command = {
  name: 'strmicroepoch',
  syntax: '<string>',
  about: 'Microseconds since 1970 of a date, or of now',
  run: (args, { sw }) => microEpochReply(args, Date.now(), sw.timeZones),
}

export const msleep: Command = {
  name: 'msleep',
  syntax: '<milliseconds>',
  about: 'Reply after so many milliseconds',
  async run(args) {
    await delay(Math.max(0, leadingInteger(args)))
    return '+OK'
  },
}
