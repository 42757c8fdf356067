/** The events `callcenter::info`. */
import type { Channel } from '../../core/channel.ts'
import type { Switch } from '../../core/switch.ts'
import type { Agent, Member } from './rows.ts'

const subclass = 'callcenter::info'

export type Headers = Readonly<Record<string, string | number>>

/** Tells of something; with a channel, all about that stands in it too. */
export function announceInfo(sw: Switch, headers: Headers, channel?: Channel): void {
  const fill = (event: { add(name: string, value: string): unknown }) => {
    for (const [name, value] of Object.entries(headers)) event.add(name, String(value))
  }
  if (channel) channel.announce('CUSTOM', fill, subclass)
  else sw.events.announce('CUSTOM', fill, subclass)
}

/** Who the caller is. */
export function memberHeaders(member: Member, sessionUuid: string): Headers {
  return {
    'CC-Member-UUID': member.uuid,
    'CC-Member-Session-UUID': sessionUuid,
    'CC-Member-CID-Name': member.cidName,
    'CC-Member-CID-Number': member.cidNumber,
  }
}

/** Who the agent is. */
export function agentHeaders(agent: Agent): Headers {
  return { 'CC-Agent': agent.name, 'CC-Agent-System': agent.instanceId }
}
