/** `fifo list`: all of a fifo as XML. */

import type { Channel } from '../../core/channel.ts'
import { urlEncode } from '../../core/command-text.ts'
import { localStamp } from '../../core/time/times.ts'
import { escapeAttribute, escapeText } from '../../xml/write.ts'
import type { Fifo } from './fifo.ts'
import type { Fifos, Talk } from './fifos.ts'
import type { FifoMember } from './members.ts'
import { manualCalls } from './settings.ts'

type Attributes = Readonly<Record<string, string | number | undefined>>

/** The report over some fifos. */
export function reportText(fifos: Fifos, chosen: readonly Fifo[]): string {
  return `${element(
    'fifo_report',
    {},
    chosen.map((fifo) => fifoElement(fifos, fifo)),
  )}\n`
}

/** Children indented below it, a text between its tags. */
function element(name: string, attributes: Attributes, inside: string | readonly string[]): string {
  let open = `<${name}`
  for (const [key, value] of Object.entries(attributes))
    if (value !== undefined) open += ` ${key}="${escapeAttribute(String(value))}"`
  if (typeof inside === 'string') return `${open}>${escapeText(inside)}</${name}>`
  if (inside.length === 0) return `${open}></${name}>`
  const lines = inside.map((child) => child.replace(/^/gm, '  '))
  return `${open}>\n${lines.join('\n')}\n</${name}>`
}

function fifoElement(fifos: Fifos, fifo: Fifo): string {
  const { outbound } = fifo
  const members =
    fifo.name === manualCalls
      ? [...new Map(fifos.members.list().map((row) => [row.uuid, row])).values()]
      : fifos.membersOf(fifo.name)
  const talks = [...fifos.talks].filter((talk) => talk.fifo === fifo.name)
  return element(
    'fifo',
    {
      name: fifo.name,
      consumer_count: fifo.consumers.size,
      caller_count: fifo.waiting,
      waiting_count: fifo.waiting,
      importance: fifo.importance,
      outbound_per_cycle: outbound.perCycle,
      outbound_per_cycle_min: outbound.perCycleLeast,
      ring_timeout: outbound.ringSeconds,
      default_lag: outbound.lagSeconds,
      outbound_priority: outbound.priority,
      outbound_strategy: outbound.strategy,
    },
    [
      element('outbound', {}, members.map(memberElement)),
      element(
        'callers',
        {},
        fifo
          .entries()
          .flatMap(({ channel, priority }) =>
            channel ? [partyElement('caller', channel, { slot: priority })] : [],
          ),
      ),
      element(
        'consumers',
        {},
        [...fifo.consumers.values()].map((channel) => partyElement('consumer', channel, {})),
      ),
      element('bridges', {}, talks.map(bridgeElement)),
    ],
  )
}

function partyElement(tag: string, channel: Channel, more: Attributes): string {
  const encoded = (name: string) => urlEncode(channel.text(name) ?? '')
  const { variables } = channel
  return element(
    tag,
    {
      uuid: channel.uuid,
      status: variables.get('fifo_status'),
      caller_id_name: encoded('caller_id_name'),
      caller_id_number: encoded('caller_id_number'),
      timestamp: variables.get('fifo_timestamp'),
      target: variables.get('fifo_target'),
      ...(tag === 'caller' ? { position: variables.get('fifo_position') } : {}),
      ...more,
    },
    [],
  )
}

const stampOf = (seconds: number, never: string) =>
  seconds > 0 ? localStamp(seconds * 1000) : never

function memberElement(row: FifoMember): string {
  const isOn = row.takingCalls > 0
  return element(
    'member',
    {
      simo: row.simoCount,
      use_count: row.useCount,
      timeout: row.timeout,
      lag: row.lag,
      'outbound-call-count': row.outboundCallCount,
      'outbound-fail-count': row.outboundFailCount,
      'taking-calls': row.takingCalls,
      status: row.status,
      'outbound-call-total-count': row.outboundCallTotalCount,
      'outbound-fail-total-count': row.outboundFailTotalCount,
      [isOn ? 'logged-on-since' : 'logged-off-since']: stampOf(
        isOn ? row.activeTime : row.inactiveTime,
        'now',
      ),
      'manual-calls-out-count': row.manualCallsOutCount,
      'manual-calls-in-count': row.manualCallsInCount,
      'manual-calls-out-total-count': row.manualCallsOutTotalCount,
      'manual-calls-in-total-count': row.manualCallsInTotalCount,
      'ring-count': row.ringCount,
      'start-time': stampOf(row.startTime, 'never'),
      'stop-time': stampOf(row.stopTime, 'never'),
      'next-available': stampOf(row.nextAvail, 'now'),
    },
    row.originateString,
  )
}

function bridgeElement(talk: Talk): string {
  return element(
    'bridge',
    {
      fifo_name: talk.fifo,
      bridge_start: localStamp(talk.since * 1000),
      bridge_start_epoch: talk.since,
    },
    [
      element(
        'caller',
        {
          uuid: talk.caller.uuid,
          caller_id_name: urlEncode(talk.callerName),
          caller_id_number: urlEncode(talk.callerNumber),
        },
        [],
      ),
      element('consumer', {}, [
        element('uuid', {}, talk.consumer.uuid),
        element('outgoing_uuid', {}, talk.outboundId),
      ]),
    ],
  )
}
