/** limit and its relatives: no more than so many calls to one thing at a time, or in an interval. */
import { logger } from '../base/log.ts'
import { executeApplication } from '../core/execute.ts'
import type { Application } from '../core/interfaces.ts'
import { limitsOf, refuseOverLimit, takeLimit } from '../core/limit-channel.ts'
import { separate } from '../core/separate.ts'

const log = logger('applications/limit')

export const limit: Application = {
  name: 'limit',
  syntax:
    '<backend> <realm> <id> [<max>[/<interval s>]] [<extension>|!<cause> [<dialplan> [<context>]]]',
  about: 'Bound how many calls use something',
  needs: 'nothing',
  run(channel, data) {
    const [backend = '', realm = '', id = '', maximum, ...otherwise] = separate(data, ' ')
    if (!id) return log.err(`limit ${data}: ${limit.syntax}`, channel.uuid)
    if (!limitsOf(channel.sw, backend))
      return log.err(`limit: there is no backend ${backend}`, channel.uuid)
    if (!takeLimit(channel, { backend, realm, id, maximum })) refuseOverLimit(channel, otherwise)
  },
}

export const limitHash: Application = {
  name: 'limit_hash',
  syntax: '<realm> <id> [<max>[/<interval s>]] [<extension>|!<cause> [<dialplan> [<context>]]]',
  about: 'limit with the backend hash',
  needs: 'nothing',
  run: (channel, data, context) => limit.run(channel, `hash ${data}`, context),
}

export const limitHashExecute: Application = {
  name: 'limit_hash_execute',
  syntax: '<realm> <id> <max>[/<interval s>] <application> [<data>]',
  about: 'limit_execute with the backend hash',
  needs: 'nothing',
  run: (channel, data, context) => limitExecute.run(channel, `hash ${data}`, context),
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
    const limits = limitsOf(channel.sw, backend)
    if (!limits) return log.err(`limit_execute: there is no backend ${backend}`, channel.uuid)
    if (!takeLimit(channel, { backend, realm, id, maximum })) return
    await executeApplication(channel, application, argument)
    limits.release(channel, realm, id)
  },
}
