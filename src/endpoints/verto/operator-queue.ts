/** What operators do with queues: they say whether an agent takes calls, as the command `callcenter_config` does. */
import type { LiveFields } from '../../core/live-tables.ts'
import { textOf } from './json-rpc.ts'
import { byRight, note, type OperatorAction, outcomeOf, refuse, run } from './operator-action.ts'

const statuses = ['Available', 'Available (On Demand)', 'On Break', 'Logged Out']

/** A name that can stand between single quotes. */
const quotable = /^[^'\\\r\n]+$/

/** Whether a queue has an agent of that name. */
function hasAgent(queue: LiveFields | undefined, name: string): boolean {
  const agents = queue?.['agents']
  return Array.isArray(agents) && agents.some((agent: LiveFields) => agent['name'] === name)
}

const setAgent = byRight('agents', 'change the status of agents', async (connection, params) => {
  const name = textOf(params, 'agent') ?? ''
  const queue = connection.verto.sw.liveTables.row('queues', textOf(params, 'queue') ?? '')
  if (!hasAgent(queue, name)) return refuse('There is no such agent in that queue.')
  const status = textOf(params, 'status') ?? ''
  if (!statuses.includes(status)) return refuse(`A status is one of ${statuses.join(', ')}.`)
  if (!quotable.test(name)) return refuse('An agent of that name cannot be changed.')
  note(connection, `sets agent ${name} to ${status}`)
  const reply = await run(connection, 'callcenter_config', `agent set status '${name}' '${status}'`)
  return outcomeOf(reply, `${name} is ${status.toLowerCase()}.`)
})

export const queueActions: readonly (readonly [string, OperatorAction])[] = [['agent', setAgent]]
