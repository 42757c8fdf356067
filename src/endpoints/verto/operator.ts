/**
 * verto.operator: the operator's page. `action` is `watch` (the live tables, as `verto.event` on the channel `operator`), `unwatch`,
 * `rights`, or what is done with calls (operator-call.ts), conferences (operator-conference.ts) and queues (operator-queue.ts); each
 * needs a right of the user's directory entry.
 */
import { logger } from '../../base/log.ts'
import type { Connection } from './connection.ts'
import { type Json, member, textOf } from './json-rpc.ts'
import type { Method, MethodResult } from './methods.ts'
import { type OperatorAction, refuse, tellPage } from './operator-action.ts'
import { callActions } from './operator-call.ts'
import { conferenceActions } from './operator-conference.ts'
import { queueActions } from './operator-queue.ts'
import { mayOperate, type OperatorRight, rightsOf } from './operator-rights.ts'

const log = logger('verto/operator')

const actions: ReadonlyMap<string, OperatorAction> = new Map<string, OperatorAction>([
  ['watch', watch],
  ['unwatch', unwatch],
  // Whoever asks only wants to know whether there is something for him.
  ['rights', (connection) => ({ result: { rights: [...rightsOf(connection)] } })],
  ...callActions,
  ...conferenceActions,
  ...queueActions,
])

export const operator: Method = (connection, params) => {
  const action = actions.get(textOf(params, 'action') ?? '')
  return action?.(connection, params) ?? refuse('There is no such action.')
}

function watch(connection: Connection, params: Json | undefined): MethodResult {
  if (!mayOperate(connection, 'view', 'see the calls of others')) {
    return refuse(
      'You are not allowed to see this page. The param operator-permissions of your entry in the directory says who is.',
    )
  }
  const asked = member(params, 'tables')
  const names = Array.isArray(asked) ? asked.filter((name) => typeof name === 'string') : []
  const rights = rightsOf(connection)
  const tables = begin(connection, names, rights)
  log.info(`${connection.user?.uid} watches ${tables.join(', ')} (${connection.name})`)
  return { result: { rights: [...rights], tables, now: Date.now() } }
}

/** Sends the tables that were asked for and that he may see, in place of what was watched before; their names. */
function begin(
  connection: Connection,
  asked: readonly string[],
  rights: ReadonlySet<OperatorRight>,
): string[] {
  const { operators, sw } = connection.verto
  operators.get(connection)?.[Symbol.dispose]()
  const tables = (asked.length > 0 ? asked : sw.liveTables.names).filter(
    (name) => name !== 'log' || rights.has('log'),
  )
  const watching = sw.liveTables.watch(tables, {
    get isSlow() {
      return connection.isSlow
    },
    send: (change) => tellPage(connection, { ...change }),
  })
  operators.set(connection, {
    asked,
    rights,
    [Symbol.dispose]() {
      watching[Symbol.dispose]()
      operators.delete(connection)
    },
  })
  return tables
}

function unwatch(connection: Connection): MethodResult {
  connection.verto.operators.get(connection)?.[Symbol.dispose]()
  return { result: {} }
}

/** Whoever has lost the right to see sees no more; who has other rights than before is told so, and shown what he may see. */
export function checkOperators({ operators }: Connection['verto']): void {
  for (const [connection, watching] of [...operators]) {
    const rights = rightsOf(connection)
    if (isSame(rights, watching.rights)) continue
    if (mayOperate(connection, 'view', 'see the calls of others any more')) {
      const tables = begin(connection, watching.asked, rights)
      tellPage(connection, { rights: [...rights], tables })
      continue
    }
    watching[Symbol.dispose]()
    tellPage(connection, { notice: 'You are no longer allowed to see this page.' })
  }
}

function isSame(some: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  return some.size === others.size && [...some].every((one) => others.has(one))
}
