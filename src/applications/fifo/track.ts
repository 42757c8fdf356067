/** `fifo_track_call`: a call that a member makes or takes by himself counts as one of the fifo `manual_calls`, so that he is not called meanwhile. */
import { logger } from '../../base/log.ts'
import type { Channel } from '../../core/channel.ts'
import type { Application } from '../../core/interfaces.ts'
import { localStamp } from '../../core/time/times.ts'
import { fifosOf } from './fifos.ts'
import { announceFifo, talkTimes } from './info-event.ts'
import { manualCalls } from './settings.ts'

const log = logger('applications/fifo')

const tracked = new WeakMap<Channel, { end(isOver: boolean): void }>()

export const fifoTrackCall: Application = {
  name: 'fifo_track_call',
  syntax: '<fifo_outbound_uuid>',
  about: 'Count this call as one of a member, so that no fifo calls him meanwhile',
  needs: 'nothing',
  run(channel, data) {
    if (data === '') return log.err('fifo_track_call needs the id of a member', channel.uuid)
    trackCall(channel, data)
  },
}

/** Begins it; nothing when the call is tracked already. */
export function trackCall(channel: Channel, id: string): void {
  if (tracked.has(channel)) return log.warning('the call is tracked already', channel.uuid)
  const fifos = fifosOf(channel.sw)
  const { variables } = channel
  variables.set('fifo_outbound_uuid', id)
  variables.set('fifo_track_call', 'true')
  fifos.bridged.add(id)
  const isOut = channel.direction === 'outbound'
  const [count, total] = isOut
    ? (['manualCallsInCount', 'manualCallsInTotalCount'] as const)
    : (['manualCallsOutCount', 'manualCallsOutTotalCount'] as const)
  for (const row of fifos.rowsOf(id))
    fifos.members.change(row, {
      stopTime: 0,
      startTime: fifos.now(),
      outboundFailCount: 0,
      useCount: row.useCount + 1,
      [count]: row[count] + 1,
      [total]: row[total] + 1,
    })
  fifos.use(id, 1)
  const bridges = channel.signals.on('bridged', (other) => {
    if (other) bridgeBegan(channel, other, id)
    else bridgeEnded(channel, id)
  })
  const hangup = channel.signals.once('hangup', () => tracked.get(channel)?.end(true))
  tracked.set(channel, {
    end(isOver) {
      tracked.delete(channel)
      bridges[Symbol.dispose]()
      hangup[Symbol.dispose]()
      untrack(channel, id, isOver)
    },
  })
  const own = channel.text('destination_number') ?? ''
  announceFifo(channel, manualCalls, 'channel-consumer-start', {
    'FIFO-Consumer-Outbound-ID': id,
    'FIFO-Consumer-Use-Count': fifos.use(id, 0),
    'FIFO-Type': 'manual',
    'FIFO-Caller-CID-Name': isOut ? channel.text('caller_id_name') : own,
    'FIFO-Caller-CID-Number': isOut ? channel.text('caller_id_number') : own,
  })
}

/** The call becomes one of a fifo. */
export function stopTracking(channel: Channel): void {
  tracked.get(channel)?.end(false)
}

function untrack(channel: Channel, id: string, isOver: boolean): void {
  const fifos = fifosOf(channel.sw)
  const now = fifos.now()
  fifos.bridged.delete(id)
  fifos.use(id, -1)
  for (const row of fifos.rowsOf(id))
    if (row.useCount > 0)
      fifos.members.change(row, {
        useCount: row.useCount - 1,
        stopTime: now,
        nextAvail: now + row.lag + 1,
      })
  if (channel.variables.has('fifo_bridged')) bridgeEnded(channel, id)
  if (isOver)
    announceFifo(channel, manualCalls, 'channel-consumer-stop', {
      'FIFO-Type': 'manual',
      'FIFO-Consumer-Outbound-ID': id,
      'FIFO-Consumer-Use-Count': fifos.use(id, 0),
      ...talkTimes(channel, 'Consumer'),
    })
  fifos.wake()
}

function bridgeBegan(consumer: Channel, caller: Channel, id: string): void {
  const fifos = fifosOf(consumer.sw)
  const now = fifos.now()
  consumer.variables.set('fifo_bridged', 'true')
  consumer.variables.set('fifo_manual_bridge', 'true')
  for (const [one, other, role] of [
    [consumer, caller, 'consumer'],
    [caller, consumer, 'caller'],
  ] as const) {
    one.variables.set('fifo_role', role)
    one.variables.set('fifo_status', 'TALKING')
    one.variables.set('fifo_target', other.uuid)
    one.variables.set('fifo_timestamp', localStamp(Date.now()))
    one.variables.set('fifo_epoch_start_bridge', String(now))
  }
  announceFifo(consumer, manualCalls, 'bridge-consumer-start', {
    'FIFO-Caller-CID-Name': caller.text('caller_id_name'),
    'FIFO-Caller-CID-Number': caller.text('caller_id_number'),
    'FIFO-Consumer-Outbound-ID': id,
    'FIFO-Consumer-Use-Count': fifos.use(id, 0),
  })
  announceFifo(caller, manualCalls, 'bridge-caller-start')
}

function bridgeEnded(consumer: Channel, id: string): void {
  const { variables } = consumer
  if (!variables.has('fifo_bridged')) return
  variables.unset('fifo_bridged')
  const fifos = fifosOf(consumer.sw)
  const now = fifos.now()
  const since = Number.parseInt(variables.get('fifo_epoch_start_bridge') ?? '', 10) || now
  const caller = consumer.sw.channels.get(variables.get('fifo_target') ?? '')
  for (const one of caller ? [consumer, caller] : [consumer]) {
    one.variables.set('fifo_status', one === consumer ? 'WAITING' : 'DONE')
    one.variables.set('fifo_timestamp', localStamp(Date.now()))
    one.variables.set('fifo_epoch_stop_bridge', String(now))
    one.variables.set('fifo_bridge_seconds', String(now - since))
  }
  announceFifo(consumer, manualCalls, 'bridge-consumer-stop', {
    'FIFO-Consumer-Outbound-ID': id,
    'FIFO-Consumer-Use-Count': fifos.use(id, 0),
  })
  if (caller) announceFifo(caller, manualCalls, 'bridge-caller-stop')
  announceFifo(consumer, manualCalls, 'consumer_stop')
}
