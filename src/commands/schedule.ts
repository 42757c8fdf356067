/** What is to happen later: commands, hangups, transfers, broadcasts. */
import { logger } from '../base/log.ts'
import { broadcast, broadcastLegs } from '../core/broadcast.ts'
import { usage } from '../core/command-usage.ts'
import { leadingInteger } from '../core/expand/expand.ts'
import { causeFromText } from '../core/hangup-cause.ts'
import type { Command } from '../core/interfaces.ts'
import { scheduleHangup, scheduleTransfer } from '../core/schedule-call.ts'
import { separate } from '../core/separate.ts'

const log = logger('commands/schedule')

const now = () => Math.trunc(Date.now() / 1000)

/** `+10` is ten seconds from now, anything else an epoch. */
function timeOf(text: string): number {
  return text.startsWith('+') ? now() + leadingInteger(text.slice(1)) : leadingInteger(text)
}

export const schedApi: Command = {
  name: 'sched_api',
  syntax: '[+@]<time> <group_name> <command_string>[&]',
  about: 'Schedule an api command',
  run(args, { sw }) {
    const [, time = '', group = '', line] = /^([^ ]*) ([^ ]*) (.*)$/s.exec(args) ?? []
    if (line === undefined) return `-ERR Invalid syntax. USAGE: ${schedApi.syntax}\n`
    const repeat = time.startsWith('@') ? leadingInteger(time.slice(1)) : 0
    const when = time.startsWith('@') ? now() + repeat : timeOf(time)
    // A `&` at the end asked for a thread; nothing waits for a command here.
    const command = line.endsWith('&') ? line.slice(0, -1) : line
    const run = async () => {
      const reply = await sw.runCommand(command)
      log.debug(`${command}: ${reply.trim()}`)
    }
    return `+OK Added: ${sw.scheduler.add('sched_api_function', group, when, run, repeat)}\n`
  },
}

export const unschedApi: Command = {
  name: 'unsched_api',
  syntax: '<task_id>',
  about: 'Unschedule an api command',
  run(args, { sw }) {
    const id = leadingInteger(args)
    if (id === 0) return ''
    return sw.scheduler.remove(id) ? '+OK\n' : '-ERR No such id\n'
  },
}

export const schedDel: Command = {
  name: 'sched_del',
  syntax: '<task_id>|<group_id>',
  about: 'Delete a scheduled task',
  run(args, { sw }) {
    const count = /^\d+$/.test(args)
      ? Number(sw.scheduler.remove(Number(args)))
      : sw.scheduler.removeGroup(args)
    return `+OK Deleted: ${count}\n`
  },
}

const gone = '-ERR No such channel!\n'

export const schedHangup: Command = {
  name: 'sched_hangup',
  syntax: '[+]<time> <uuid> [<cause>]',
  about: 'Schedule a running call to hangup',
  run(args, { sw }) {
    const [time = '', uuid = '', word] = separate(args, ' ', 4)
    if (time === '') return usage(schedHangup.syntax)
    const channel = sw.channels.get(uuid)
    if (!channel) return gone
    const cause = word === undefined ? 'ALLOTTED_TIMEOUT' : causeFromText(word)
    // What stands behind the first character decides: `+0` is at once.
    if (leadingInteger(time.slice(1)) === 0) channel.hangup(cause)
    else scheduleHangup(channel, timeOf(time), cause)
    return '+OK\n'
  },
}

export const schedTransfer: Command = {
  name: 'sched_transfer',
  syntax: '[+]<time> <uuid> <extension> [<dialplan>] [<context>]',
  about: 'Schedule a transfer for a running call',
  run(args, { sw }) {
    const words = separate(args, ' ', 6)
    const [time = '', uuid = '', extension = '', dialplan, context] = words
    if (time === '' || words.length < 2 || words.length > 5) return usage(schedTransfer.syntax)
    const channel = sw.channels.get(uuid)
    if (!channel) return gone
    scheduleTransfer(channel, timeOf(time), { extension, dialplan, context })
    return '+OK\n'
  },
}

export const schedBroadcast: Command = {
  name: 'sched_broadcast',
  syntax: '[[+]<time>|@time] <uuid> <path> [aleg|bleg|both]',
  about: 'Schedule a broadcast event to a running call',
  run(args, { sw }) {
    const [time = '', uuid = '', path, leg = 'aleg'] = separate(args, ' ', 4)
    if (time === '' || path === undefined) return usage(schedBroadcast.syntax)
    const legs = broadcastLegs(leg)
    // Whether there is such a channel shows when the time has come.
    sw.scheduler.add('switch_ivr_schedule_broadcast', uuid, timeOf(time.replace(/^@/, '')), () => {
      const channel = sw.channels.get(uuid)
      if (channel) broadcast(channel, path, legs)
    })
    return '+OK Message scheduled\n'
  },
}
