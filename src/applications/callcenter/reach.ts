/** Reaching an agent: his contact is dialled, or the channel is taken on which he waits. */
import { logger } from '../../base/log.ts'
import type { Channel } from '../../core/channel.ts'
import type { HangupCause } from '../../core/hangup-cause.ts'
import { originate } from '../../core/originate/originate.ts'
import { play } from '../../core/play.ts'
import { separate } from '../../core/separate.ts'
import { Variables } from '../../core/variables.ts'
import type { Caller } from './caller.ts'
import type { CallCenter } from './center.ts'
import type { Queue } from './queue.ts'
import type { Agent } from './rows.ts'

const log = logger('applications/callcenter')

/** Who is to be brought together. */
export interface Party {
  readonly center: CallCenter
  readonly queue: Queue
  readonly caller: Caller
  readonly agent: Agent
}

/** Rings the agent. Resolves with his channel, which belongs to nobody, or with the cause. */
export async function dialAgent(
  party: Party,
  ringSeconds: number,
  signal: AbortSignal,
): Promise<Channel | HangupCause> {
  const { center, caller, agent } = party
  const { channel, member } = caller
  const name = channel.text('effective_caller_id_name') ?? member.cidName
  const result = await originate(center.sw, {
    dialString: await center.sw.expand(agent.contact, channel),
    timeoutSeconds: ringSeconds,
    variables: legVariables(party),
    callerName: `${channel.text('cc_outbound_cid_name_prefix') ?? ''}${name}`,
    callerNumber: channel.text('effective_caller_id_number') ?? member.cidNumber,
    near: channel.media,
    signal,
  })
  result.channel?.variables.unset('cc_member_pre_answer_uuid')
  return result.channel ?? result.cause
}

/** What the agent's leg is told. */
function legVariables({ queue, caller, agent }: Party): Variables {
  const { channel, member } = caller
  const variables = new Variables()
  const told: Readonly<Record<string, string>> = {
    cc_queue: queue.name,
    cc_queue_joined_epoch: String(member.joinedEpoch),
    cc_member_uuid: member.uuid,
    cc_member_session_uuid: channel.uuid,
    cc_member_pre_answer_uuid: member.uuid,
    cc_agent: agent.name,
    cc_agent_type: agent.type,
    cc_side: 'agent',
    loopback_bowout: 'false',
    loopback_bowout_on_execute: 'false',
    ignore_early_media: 'true',
  }
  for (const [name, value] of Object.entries(told)) variables.set(name, value)
  exportTo(variables, channel)
  return variables
}

/** `cc_export_vars` of the caller. */
function exportTo(variables: Variables, channel: Channel): void {
  const list = channel.text('cc_export_vars')
  if (!list) return
  variables.set('cc_export_vars', list)
  for (const name of separate(list, ',')) {
    const value = channel.text(name)
    if (value !== undefined) variables.set(name.replace(/^(nolocal:|_nolocal_)/i, ''), value)
  }
}

/** The channel of an agent who has dialled in; when he has hung up he is logged out, and no cause stands for it. */
export function findStandby({ center, agent }: Party): Channel | HangupCause {
  const channel = center.sw.channels.get(agent.uuid)
  if (channel?.isUp) return channel.partner ? 'USER_BUSY' : channel
  log.notice(`agent ${agent.name} has hung up: he is logged out`)
  const { agents } = center
  if (agents.table.has(agent)) {
    agents.setStatus(agent, 'Logged Out')
    agents.table.change(agent, { uuid: '' })
  }
  return 'NONE'
}

/** Tells his channel who comes, and warns him with `cc_warning_tone`. */
export async function prepareStandby(
  { queue, caller, agent }: Party,
  channel: Channel,
  signal: AbortSignal,
): Promise<void> {
  const { variables } = channel
  variables.set('cc_side', 'agent')
  variables.set('cc_queue', queue.name)
  variables.set('cc_agent', agent.name)
  variables.set('cc_agent_type', agent.type)
  variables.set('cc_member_uuid', caller.member.uuid)
  variables.set('cc_member_session_uuid', caller.channel.uuid)
  exportTo(variables, caller.channel)
  const tone = channel.text('cc_warning_tone')
  if (!tone) return
  // Whatever he hears while he waits ends.
  channel.moveTo('park')
  await playToAgent(channel, tone, signal)
}

/** A sound for an agent, several with `ARRAY::a::b`; until he hangs up or `signal` aborts. */
export async function playToAgent(
  channel: Channel,
  text: string,
  signal: AbortSignal,
): Promise<void> {
  const paths = text.startsWith('ARRAY::') ? text.slice(7).split('::') : [text]
  const stop = new AbortController()
  const abort = () => stop.abort()
  signal.addEventListener('abort', abort, { once: true })
  const hangup = channel.signals.once('hangup', abort)
  try {
    for (const path of paths)
      if (!signal.aborted && channel.isUp) await play(channel, path, { signal: stop.signal })
  } finally {
    signal.removeEventListener('abort', abort)
    hangup[Symbol.dispose]()
  }
}
