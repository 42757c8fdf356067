/** The applications `callcenter` and `callcenter_track`. */
import { logger } from '../../base/log.ts'
import { answer } from '../../core/answer.ts'
import type { Channel } from '../../core/channel.ts'
import { newUuid } from '../../core/events.ts'
import type { Application } from '../../core/interfaces.ts'
import { separate } from '../../core/separate.ts'
import { Caller } from './caller.ts'
import { type CallCenter, callCenterOf } from './center.ts'
import { announceInfo, memberHeaders } from './info-event.ts'
import type { Queue } from './queue.ts'
import type { Member } from './rows.ts'

const log = logger('applications/callcenter')

export const callcenter: Application = {
  name: 'callcenter',
  syntax: '<queue>',
  about: 'Wait in a queue for an agent',
  needs: 'media',
  async run(channel, data, { signal }) {
    const center = callCenterOf(channel.sw)
    const [name = ''] = separate(data, ' ')
    const queue = name ? center.queue(name) : undefined
    if (!queue) return log.warning(`there is no queue ${name || '(none was named)'}`, channel.uuid)
    await answer(channel)
    if (signal.aborted || !channel.isUp) return
    await join(center, queue, channel).stay(signal)
  },
}

/** The caller takes his place: his old one if he was here a moment ago and the queue allows it. */
function join(center: CallCenter, queue: Queue, channel: Channel): Caller {
  const number = channel.text('caller_id_number') ?? ''
  const old = queue.settings.allowsResume ? abandonedBy(center, queue, number) : undefined
  const now = center.now()
  const member = old ?? newMember(center, queue, channel, number, now)
  if (old)
    center.members.change(old, {
      sessionUuid: channel.uuid,
      state: 'Waiting',
      rejoinedEpoch: now,
      servingAgent: '',
      instanceId: center.settings.instanceId,
    })
  const { variables } = channel
  variables.set('cc_side', 'member')
  variables.set('cc_member_uuid', member.uuid)
  for (const name of ['found', 'bridged', 'uuid']) variables.unset(`cc_agent_${name}`)
  for (const name of ['cc_agent', 'cc_cause', 'cc_cancel_reason', 'cc_queue_answered_epoch'])
    variables.unset(name)
  variables.unset('cc_queue_terminated_epoch')
  variables.unset('cc_queue_canceled_epoch')
  variables.set('cc_queue_joined_epoch', String(now))
  variables.set('cc_queue', queue.name)
  announceInfo(
    center.sw,
    {
      'CC-Queue': queue.name,
      'CC-Action': old ? 'member-queue-resume' : 'member-queue-start',
      ...memberHeaders(member, channel.uuid),
    },
    channel,
  )
  const caller = new Caller(center, queue, channel, member, now)
  center.callers.set(member.uuid, caller)
  center.announceCount(queue.name)
  center.wake()
  return caller
}

/** The member who left last of those with this number. */
function abandonedBy(center: CallCenter, queue: Queue, number: string): Member | undefined {
  return center.members
    .list()
    .filter(
      (one) => one.queue === queue.name && one.cidNumber === number && one.state === 'Abandoned',
    )
    .sort((a, b) => b.abandonedEpoch - a.abandonedEpoch)[0]
}

function newMember(
  center: CallCenter,
  queue: Queue,
  channel: Channel,
  number: string,
  now: number,
): Member {
  const answered = Math.trunc(channel.profile.times.answered / 1_000_000)
  const given = Number.parseInt(channel.text('cc_base_score') ?? '', 10) || 0
  const before = queue.settings.timeBaseScore === 'system' ? Math.max(0, now - answered) : 0
  return center.members.add({
    queue: queue.name,
    instanceId: center.settings.instanceId,
    uuid: newUuid(),
    sessionUuid: channel.uuid,
    cidNumber: number,
    cidName: channel.text('caller_id_name') ?? '',
    systemEpoch: answered,
    joinedEpoch: now,
    baseScore: given + before,
  })
}

export const callcenterTrack: Application = {
  name: 'callcenter_track',
  syntax: '<agent>',
  about: 'Count this call as one of an agent, so that no queue calls him meanwhile',
  needs: 'nothing',
  run(channel, data) {
    const { agents } = callCenterOf(channel.sw)
    const agent = agents.get(data)
    if (!agent) return log.warning(`there is no agent ${data || '(none was named)'}`, channel.uuid)
    channel.variables.set('cc_tracked_agent', agent.name)
    const count = (step: number) =>
      agents.table.change(agent, {
        externalCallsCount: Math.max(0, agent.externalCallsCount + step),
      })
    count(1)
    channel.signals.once('hangup', () => {
      count(-1)
      callCenterOf(channel.sw).wake()
    })
  },
}
