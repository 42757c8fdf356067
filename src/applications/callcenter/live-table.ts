/** The live table `queues`, which operators see: each queue with its agents and who waits. */
import type { LiveEntry, LiveFields, LiveSource } from '../../core/live-tables.ts'
import type { CallCenter } from './center.ts'
import type { Member } from './rows.ts'

function fieldsOf(center: CallCenter, name: string, members: readonly Member[]): LiveFields {
  const strategy = center.queues.get(name)?.settings.strategy ?? ''
  return {
    name,
    strategy,
    agents: center.agents.of(name).map(({ agent, tier }) => ({
      name: agent.name,
      status: agent.status,
      state: agent.state,
      tier: tier.state,
      calls: agent.callsAnswered,
    })),
    callers: members.map((one) => ({
      number: one.cidNumber,
      name: one.cidName,
      uuid: one.sessionUuid,
      state: one.state,
      /** Seconds since the epoch. */
      since: one.joinedEpoch,
      agent: one.servingAgent,
    })),
  }
}

export function liveQueues(center: CallCenter): LiveSource {
  return {
    name: 'queues',
    *rows(): Iterable<LiveEntry> {
      const members = center.members.list().filter(({ state }) => state !== 'Abandoned')
      for (const name of center.queues.keys()) {
        const own = members.filter(({ queue }) => queue === name)
        yield [name, fieldsOf(center, name, own)]
      }
    },
    listen: (touch) => center.changes.on('changed', () => touch()),
  }
}
