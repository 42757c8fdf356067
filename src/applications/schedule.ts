/** sched_hangup, sched_transfer, sched_cancel: what happens to a call at a time. */
import { logger } from '../base/log.ts'
import type { Channel } from '../core/channel.ts'
import { parseCause } from '../core/hangup-cause.ts'
import type { Application } from '../core/interfaces.ts'
import { scheduleHangup, scheduleTransfer } from '../core/schedule-call.ts'
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
