/** Agents and tiers that callcenter.conf.xml names: put into the tables at start and on demand. */
import { placeText } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import type { XmlNode } from '../../xml/node.ts'
import { attribute, child, children, childWith } from '../../xml/query.ts'
import type { CallCenter } from './center.ts'
import { setAgent } from './set-agent.ts'

const log = logger('applications/callcenter')

const agentAttributes = [
  ['contact', 'contact'],
  ['status', 'status'],
  ['wrap-up-time', 'wrap_up_time'],
  ['max-no-answer', 'max_no_answer'],
  ['reject-delay-time', 'reject_delay_time'],
  ['busy-delay-time', 'busy_delay_time'],
  ['no-answer-delay-time', 'no_answer_delay_time'],
  ['type', 'type'],
] as const

function part(center: CallCenter, name: 'queues' | 'agents' | 'tiers'): XmlNode | undefined {
  return child(center.sw.configuration('callcenter.conf'), name)
}

/** Everything, at start. */
export function loadAll(center: CallCenter): void {
  const { agents, settings } = center
  if (settings.forgetsTiers) for (const tier of agents.tiers.list()) agents.tiers.remove(tier)
  if (settings.forgetsAgents) for (const agent of agents.table.list()) agents.table.remove(agent)
  for (const node of children(part(center, 'queues'), 'queue'))
    center.loadQueue(attribute(node, 'name') ?? '')
  loadAgents(center)
  loadTiers(center, () => true)
  center.flush()
}

export function loadAgents(center: CallCenter): void {
  for (const node of children(part(center, 'agents'), 'agent')) loadNode(center, node)
}

/** One agent by his name; nothing happens when the file does not name him. */
export function loadAgent(center: CallCenter, name: string): void {
  const node = childWith(part(center, 'agents'), 'agent', 'name', name)
  if (node) loadNode(center, node)
}

/** What the file says beats what was there, his status too. */
function loadNode(center: CallCenter, node: XmlNode): void {
  const name = attribute(node, 'name')
  const type = attribute(node, 'type')
  if (!name || type === undefined)
    return log.err(`${placeText(node.place)}: an agent needs a name and a type`)
  if (center.agents.add(name, type) === 'no such type')
    return log.err(`${placeText(node.place)}: agent ${name} has the type ${type}, which is none`)
  for (const [written, key] of agentAttributes) {
    const value = attribute(node, written)
    const fault = value === undefined ? undefined : setAgent(center, name, key, value)
    if (fault) log.err(`${placeText(node.place)}: agent ${name}, ${written}="${value}": ${fault}`)
  }
}

/** The tiers that pass. False: there was none. */
export function loadTiers(
  center: CallCenter,
  passes: (queue: string, agent: string) => boolean,
): boolean {
  let found = false
  for (const node of children(part(center, 'tiers'), 'tier')) {
    const queue = attribute(node, 'queue') ?? ''
    const agent = attribute(node, 'agent') ?? ''
    if (!passes(queue, agent)) continue
    found = true
    const level = Number.parseInt(attribute(node, 'level') || '1', 10) || 0
    const position = Number.parseInt(attribute(node, 'position') || '1', 10) || 0
    const { agents } = center
    const tier = agents.tier(queue, agent)
    if (tier) agents.tiers.change(tier, { level, position })
    else if (!center.queue(queue) || !agents.get(agent))
      log.err(`${placeText(node.place)}: queue ${queue} or agent ${agent} is not there`)
    else agents.tiers.add({ queue, agent, level, position })
  }
  center.wake()
  return found
}
