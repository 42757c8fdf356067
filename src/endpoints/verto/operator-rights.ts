/** What an operator may see and do: the param `operator-permissions` of his directory entry. */
import { logger } from '../../base/log.ts'
import { userParam } from '../../core/directory.ts'
import type { Connection } from './connection.ts'

const log = logger('verto/operator')

const operatorRights = [
  ...(['view', 'log', 'media'] as const),
  ...(['hangup', 'transfer', 'listen'] as const),
  // Of conferences; then of queues.
  ...(['mute', 'kick', 'lock', 'record'] as const),
  'agents',
] as const
export type OperatorRight = (typeof operatorRights)[number]

const isRight = (word: string): word is OperatorRight =>
  (operatorRights as readonly string[]).includes(word)

/** From a text such as `view, hangup`; `all` is every right, and whoever has one may see. */
function rightsInText(text: string): ReadonlySet<OperatorRight> {
  const words = text.toLowerCase().split(/[\s,]+/)
  if (words.includes('all') || words.includes('__any__')) return new Set(operatorRights)
  const rights = new Set(words.filter(isRight))
  return rights.size > 0 ? rights.add('view') : rights
}

/**
 * The rights of whoever is logged in, as the directory has them now: the browser can add none, and one that is taken away is gone
 * with the next `reloadxml`.
 */
export function rightsOf({ user, verto, isAuthed }: Connection): ReadonlySet<OperatorRight> {
  const entry = user && isAuthed ? verto.sw.directory.user(user.id, user.domain) : undefined
  return rightsInText((entry && userParam(entry, 'operator-permissions')) ?? '')
}

/** Whether it may; a refusal is counted and logged. */
export function mayOperate(connection: Connection, right: OperatorRight, what: string): boolean {
  if (rightsOf(connection).has(right)) return true
  connection.verto.count('refused operator')
  const who = connection.user?.uid ?? 'somebody'
  log.warning(`${who} may not ${what}: operator-permissions lacks "${right}" (${connection.name})`)
  return false
}
