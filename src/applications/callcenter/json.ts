/** `callcenter_config` of the JSON API: `{"arguments":"queue list members","queue_name":"support@default"}`. */
import type { JsonCommand, JsonReply } from '../../core/interfaces.ts'
import type { SqlTable } from '../../core/sql-table.ts'
import { type CallCenter, callCenterOf } from './center.ts'
import { agentsOf, membersOf, queueColumns } from './command-queue.ts'
import { byPlace } from './command-tier.ts'
import { scoreOf } from './dispatch.ts'

const ok = (response: unknown): JsonReply => ({ ok: true, response })
const needsQueue: JsonReply = {
  ok: false,
  response: { error: 'Missing data attribute: queue_name' },
}

export const callcenterJson: JsonCommand = {
  name: 'callcenter_config',
  about: 'JSON Callcenter API',
  run(data, { sw }) {
    const center = callCenterOf(sw)
    const asked = text(data, 'arguments')?.toLowerCase()
    const queue = text(data, 'queue_name')
    const { agents } = center
    switch (asked) {
      case 'agent list':
        return ok(objects(agents.table, agents.table.list()))
      case 'tier list':
        return ok(objects(agents.tiers, byPlace(agents.tiers.list())))
      case 'member list':
        return ok(memberObjects(center, undefined))
      case 'queue list':
        return ok([...center.queues.values()].map((one) => queueObject(one)))
      case 'queue list agents':
        return queue ? ok(objects(agents.table, agentsOf(center, queue))) : needsQueue
      case 'queue list members':
        return queue ? ok(memberObjects(center, queue)) : needsQueue
      case 'queue list tiers': {
        const tiers = agents.tiers.list().filter((tier) => tier.queue === queue)
        return queue ? ok(objects(agents.tiers, tiers)) : needsQueue
      }
      default:
        return { ok: false, response: null }
    }
  },
}

function text(data: unknown, name: string): string | undefined {
  if (typeof data !== 'object' || data === null) return undefined
  const value = (data as Readonly<Record<string, unknown>>)[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Rows as objects, all of their values texts. */
function objects<R extends Readonly<Record<keyof R, string | number>>>(
  table: SqlTable<R>,
  rows: readonly R[],
): Record<string, string>[] {
  const { columns } = table
  return rows.map((row) =>
    Object.fromEntries(table.values(row).map((value, index) => [columns[index], String(value)])),
  )
}

function memberObjects(center: CallCenter, queue: string | undefined): Record<string, string>[] {
  const now = center.now()
  const rows = membersOf(center, queue, now)
  return objects(center.members, rows).map((object, index) => {
    const row = rows[index]
    return { ...object, score: row ? String(scoreOf(row, now)) : '0' }
  })
}

function queueObject(
  queue: Parameters<(typeof queueColumns)[number][1]>[0],
): Record<string, unknown> {
  return Object.fromEntries(queueColumns.map(([column, value]) => [column, value(queue)]))
}
