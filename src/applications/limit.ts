/** limit and its relatives: no more than so many calls to one thing at a time, or in an interval. */
import { logger } from '../base/log.ts'
import type { Channel } from '../core/channel.ts'
import { executeApplication } from '../core/execute.ts'
import { parseCause } from '../core/hangup-cause.ts'
import type { Application } from '../core/interfaces.ts'
import { separate } from '../core/separate.ts'
import { transfer } from '../core/transfer.ts'

const log = logger('applications/limit')

/** Backends that count in this switch; they share one table. */
const backends = new Set(['hash', 'db'])

/** `5/10`: so many, in so many seconds. A missing or negative maximum only counts. */
function parseMaximum(text: string | undefined): { max: number | undefined; interval: number } {
  if (!text || text.startsWith('-')) return { max: undefined, interval: 0 }
  const [max = '', interval = '0'] = text.split('/')
  return { max: Number.parseInt(max, 10) || 0, interval: Number.parseInt(interval, 10) || 0 }
}

function take(channel: Channel, realm: string, id: string, maximum: string | undefined): boolean {
  const { max, interval } = parseMaximum(maximum)
  const state = channel.sw.limits.take(channel, realm, id, max, interval)
  const { variables } = channel
  variables.set('limit_realm', realm)
  variables.set('limit_id', id)
  if (max !== undefined) variables.set('limit_max', String(max))
  variables.set('limit_usage', String(state.count))
  variables.set(`limit_usage_${realm}_${id}`, String(state.count))
  if (interval > 0) variables.set('limit_rate', String(state.rate))
  if (!state.allowed) {
    log.notice(
      `${realm}_${id} is at its limit of ${max}${interval ? ` in ${interval} s` : ''}`,
      channel.uuid,
    )
  }
  return state.allowed
}

function refuse(channel: Channel, words: readonly string[]): void {
  const [extension = 'limit_exceeded', dialplan = 'XML', context = 'default'] = words
  if (extension.startsWith('!')) {
    channel.hangup(parseCause(extension.slice(1)) ?? 'NORMAL_CLEARING')
    return
  }
  transfer(channel, { extension, dialplan, context })
}

export const limit: Application = {
  name: 'limit',
  syntax:
    '<backend> <realm> <id> [<max>[/<interval s>]] [<extension>|!<cause> [<dialplan> [<context>]]]',
  about: 'Bound how many calls use something',
  needs: 'nothing',
  run(channel, data) {
    const [backend = '', realm = '', id = '', maximum, ...otherwise] = separate(data, ' ')
    if (!id) return log.err(`limit ${data}: ${limit.syntax}`, channel.uuid)
    if (!backends.has(backend))
      return log.err(`limit: there is no backend ${backend}`, channel.uuid)
    if (!take(channel, realm, id, maximum)) refuse(channel, otherwise)
  },
}

export const limitHash: Application = {
  name: 'limit_hash',
  syntax: '<realm> <id> [<max>[/<interval s>]] [<extension>|!<cause> [<dialplan> [<context>]]]',
  about: 'limit with the backend hash',
  needs: 'nothing',
  run: (channel, data, context) => limit.run(channel, `hash ${data}`, context),
}

export const limitExecute: Application = {
  name: 'limit_execute',
  syntax: '<backend> <realm> <id> <max>[/<interval s>] <application> [<data>]',
  about: 'Run an application only while under the limit',
  needs: 'nothing',
  async run(channel, data) {
    const [backend = '', realm = '', id = '', maximum, application, argument = ''] = separate(
      data,
      ' ',
      6,
    )
    if (!application) return log.err(`limit_execute ${data}: ${limitExecute.syntax}`, channel.uuid)
    if (!backends.has(backend))
      return log.err(`limit_execute: there is no backend ${backend}`, channel.uuid)
    if (!take(channel, realm, id, maximum)) return
    await executeApplication(channel, application, argument)
    channel.sw.limits.release(channel, realm, id)
  },
}
