/** sched_hangup, sched_transfer, sched_broadcast, sched_cancel: what happens to a call at a time; broadcast: at once. */
import { logger } from '../base/log.ts'
import { broadcast, broadcastLegs } from '../core/broadcast.ts'
import type { Channel } from '../core/channel.ts'
import { parseCause } from '../core/hangup-cause.ts'
import type { Application } from '../core/interfaces.ts'
import { scheduleBroadcast, scheduleHangup, scheduleTransfer } from '../core/schedule-call.ts'
import { separate } from '../core/separate.ts'

const log = logger('applications/schedule')

/** `+10` is ten seconds from now, anything else an epoch. */
function timeOf(text: string): number {
  const number = Number.parseInt(text.replace(/^\+/, ''), 10) || 0
  return text.startsWith('+') ? Math.trunc(Date.now() / 1000) + number : number
}

export const schedHangup: Application = {
  name: 'sched_hangup',
  syntax: '[+]<time> [<cause>] [bleg]',
  about: 'Hang up at a time (ALLOTTED_TIMEOUT unless a cause is given)',
  needs: 'nothing',
  run(channel, data) {
    const [time = '', causeText = '', leg] = separate(data, ' ')
    if (!time) return log.err(`sched_hangup: ${schedHangup.syntax}`, channel.uuid)
    const cause = parseCause(causeText) ?? 'ALLOTTED_TIMEOUT'
    const target: Channel | undefined = leg === 'bleg' ? channel.partner : channel
    if (!target) return log.warning('sched_hangup bleg: there is no other leg', channel.uuid)
    if (time === '+0') return target.hangup(cause)
    channel.variables.set('last_sched_id', String(scheduleHangup(target, timeOf(time), cause)))
  },
}

export const schedTransfer: Application = {
  name: 'sched_transfer',
  syntax: '[+]<time> <extension> [<dialplan> [<context>]]',
  about: 'Transfer at a time',
  needs: 'nothing',
  run(channel, data) {
    const [time = '', extension = '', dialplan, context] = separate(data, ' ')
    if (!extension) return log.err(`sched_transfer: ${schedTransfer.syntax}`, channel.uuid)
    const id = scheduleTransfer(channel, timeOf(time), { extension, dialplan, context })
    channel.variables.set('last_sched_id', String(id))
  },
}

export const schedBroadcast: Application = {
  name: 'sched_broadcast',
  syntax: '[+]<time> <path> [aleg|bleg|both]',
  about: 'Play a sound, or run application::data, at a time',
  needs: 'nothing',
  run(channel, data) {
    const [time = '', path, leg = 'aleg'] = separate(data, ' ')
    if (!path) return log.err(`sched_broadcast: ${schedBroadcast.syntax}`, channel.uuid)
    const id = scheduleBroadcast(channel, timeOf(time), path, broadcastLegs(leg))
    channel.variables.set('last_sched_id', String(id))
  },
}

export const broadcastApplication: Application = {
  name: 'broadcast',
  syntax: '<path> [aleg|bleg|holdb|both]',
  about: 'Play a sound, or run application::data, beside what the call does',
  needs: 'nothing',
  run(channel, data) {
    const [path, leg] = separate(data, ' ')
    if (!path) return log.err(`broadcast: ${broadcastApplication.syntax}`, channel.uuid)
    broadcast(channel, path, broadcastLegs(leg))
  },
}

export const schedCancel: Application = {
  name: 'sched_cancel',
  syntax: '[<group>|<id>]',
  about: 'Forget what was scheduled for this call',
  needs: 'nothing',
  run(channel, data) {
    const word = data.trim() || channel.uuid
    const id = /^\d+$/.test(word) ? Number(word) : undefined
    if (id === undefined || !channel.sw.scheduler.remove(id)) channel.sw.scheduler.removeGroup(word)
  },
}
