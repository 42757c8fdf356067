/** What operators do with a call: hang it up, transfer it, listen to it, and ask why it is not heard. */
import { logger } from '../../base/log.ts'
import type { Channel } from '../../core/channel.ts'
import { whyReports, whyText } from '../../core/media-why.ts'
import type { Connection } from './connection.ts'
import { type Json, textOf } from './json-rpc.ts'
import { contextOf } from './method-invite.ts'
import {
  byRight,
  note,
  type OperatorAction,
  outcomeOf,
  refuse,
  run,
  tellPage,
} from './operator-action.ts'

const log = logger('verto/operator')

/** What can be dialled: nothing of it may be a flag or mean something to the command. */
const destination = /^[\w+*#][\w.+*#@:-]{0,63}$/

/** Seconds for which the operator's own phone rings. */
const ringSeconds = 30

function targetOf({ verto }: Connection, params: Json | undefined): Channel | undefined {
  return verto.sw.channels.get(textOf(params, 'uuid') ?? '')
}

const gone = () => refuse('That call is over.')

const hangUp = byRight('hangup', 'hang up calls', async (connection, params) => {
  const channel = targetOf(connection, params)
  if (!channel) return gone()
  note(connection, `hangs up ${channel.name}`, channel.uuid)
  return outcomeOf(await run(connection, 'uuid_kill', channel.uuid))
})

const transfer = byRight('transfer', 'transfer calls', async (connection, params) => {
  const channel = targetOf(connection, params)
  if (!channel) return gone()
  const to = textOf(params, 'to') ?? ''
  if (!destination.test(to)) return refuse('That is no number.')
  note(connection, `transfers ${channel.name} to ${to}`, channel.uuid)
  // As if the operator dialled it: a call that came from outside must not end in the context of those outside.
  const context = contextOf(connection)
  const where = context ? `${to} XML ${context}` : to
  return outcomeOf(await run(connection, 'uuid_transfer', `${channel.uuid} ${where}`))
})

/** Calls the operator's own phones; who answers hears the call, and cannot be heard in it. */
const listen = byRight('listen', 'listen to calls', (connection, params) => {
  const { user } = connection
  const channel = targetOf(connection, params)
  if (!channel || !user) return gone()
  const number = channel.profile.get('caller_id_number') ?? ''
  const shown = number.replace(/[^\w+*#.-]/g, '') || 'call'
  note(connection, `listens to ${channel.name}`, channel.uuid)
  const variables = [
    `origination_caller_id_name='Listen to ${shown}'`,
    `origination_caller_id_number=${shown}`,
    `originate_timeout=${ringSeconds}`,
    'ignore_early_media=true',
    'eavesdrop_enable_dtmf=false',
  ].join(',')
  const args = `{${variables}}user/${user.id}@${user.domain} &eavesdrop(${channel.uuid})`
  run(connection, 'originate', args)
    .then((reply) => {
      const [, cause = ''] = /^-ERR (\S+)/.exec(reply) ?? []
      if (cause) tellPage(connection, { notice: listenFault(cause) })
    })
    .catch((thrown: unknown) => log.err(`listening failed: ${String(thrown)}`))
  return { result: { message: 'Your phone rings: answer it to listen.' } }
})

function listenFault(cause: string): string {
  if (/^(USER_NOT_REGISTERED|SUBSCRIBER_ABSENT|DESTINATION_OUT_OF_ORDER)$/.test(cause))
    return 'None of your phones is signed in: open the web phone in another window first.'
  if (cause === 'NO_ANSWER' || cause === 'ALLOTTED_TIMEOUT') return 'Your phone was not answered.'
  return `Your phone could not be called: ${cause.toLowerCase().replaceAll('_', ' ')}.`
}

/** The text of `media why`. */
const why = byRight('media', 'see how the sound of calls goes', async (connection, params) => {
  const channel = targetOf(connection, params)
  return channel ? { result: { text: whyText(await whyReports(channel)) } } : gone()
})

export const callActions: readonly (readonly [string, OperatorAction])[] = [
  ['hangup', hangUp],
  ['transfer', transfer],
  ['listen', listen],
  ['why', why],
]
