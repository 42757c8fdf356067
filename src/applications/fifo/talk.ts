/** A consumer and a caller talk: what is told and kept of it, and the keys of the consumer. */
import { bridgeChannels } from '../../core/bridge/bridge.ts'
import type { Channel } from '../../core/channel.ts'
import { snapshot } from '../../core/originate/originate-leg.ts'
import { separate } from '../../core/separate.ts'
import { startSessionRecording, stopSessionRecording } from '../../core/session-record.ts'
import { soundPath } from '../../core/sound-path.ts'
import { localStamp } from '../../core/time/times.ts'
import type { Fifo } from './fifo.ts'
import type { Fifos, Talk } from './fifos.ts'
import { announceFifo, type Headers, talkTimes } from './info-event.ts'

/** Resolves when it is over. `name` is how the fifo was written. */
export async function talk(
  fifos: Fifos,
  consumer: Channel,
  caller: Channel,
  fifo: Fifo,
  name: string,
): Promise<void> {
  const id = consumer.variables.get('fifo_outbound_uuid')
  const begun = fifos.now()
  acquaint(consumer, caller)
  setAll(consumer, 'TALKING', begun, caller, 'consumer')
  setAll(caller, 'TALKING', begun, consumer, 'caller')
  fifo.announcePresence()
  exchange(consumer, caller)
  const recording = await record(consumer, caller)
  if (id) takeMember(fifos, id, begun)
  const headers: Headers = {
    'FIFO-Consumer-Outbound-ID': id,
    'FIFO-Consumer-Use-Count': id ? fifos.use(id, 0) : undefined,
  }
  announceFifo(consumer, name, 'channel-consumer-start', {
    'FIFO-Type': 'onhook',
    'FIFO-Caller-CID-Name': shownName(consumer),
    'FIFO-Caller-CID-Number': shownNumber(consumer),
    ...headers,
  })
  announceFifo(consumer, name, 'bridge-consumer-start', headers)
  announceFifo(caller, name, 'bridge-caller-start')
  const row: Talk = {
    fifo: fifo.name,
    caller,
    callerName: caller.text('caller_id_name') ?? '',
    callerNumber: caller.text('caller_id_number') ?? '',
    consumer,
    outboundId: id ?? '',
    since: begun,
  }
  fifos.talks.add(row)
  for (const uuid of [caller.uuid, consumer.uuid, id]) if (uuid) fifos.bridged.add(uuid)
  const keys = watchKeys(fifos, consumer, caller)
  fifos.figures.talked++
  try {
    await bridgeChannels(consumer, caller)
  } finally {
    keys[Symbol.dispose]()
    fifos.talks.delete(row)
    for (const uuid of [caller.uuid, consumer.uuid, id]) if (uuid) fifos.bridged.delete(uuid)
    if (id) freeMember(fifos, id)
    if (recording) stopSessionRecording(consumer, recording)
    announceEnd(fifos, consumer, caller, name, id)
    const ended = fifos.now()
    for (const one of [consumer, caller]) {
      one.variables.set('fifo_epoch_stop_bridge', String(ended))
      one.variables.set('fifo_bridge_seconds', String(ended - begun))
      one.variables.set('fifo_status', one === caller ? 'DONE' : 'WAITING')
      one.variables.set('fifo_timestamp', localStamp(Date.now()))
    }
    fifo.announcePresence()
    fifos.cancelNeedless(fifo)
    fifos.wake()
  }
}

/** Each remembers the other party. */
function acquaint(consumer: Channel, caller: Channel): void {
  caller.profile.meet('originator', snapshot(consumer.profile))
  caller.otherLeg = 'originator'
  consumer.profile.meet('originatee', snapshot(caller.profile))
  consumer.otherLeg = 'originatee'
  for (const [channel, role] of [
    [consumer, 'consumer'],
    [caller, 'caller'],
  ] as const) {
    channel.variables.set('fifo_initiated_bridge', 'true')
    channel.variables.set('fifo_bridge_role', role)
  }
}

function setAll(
  channel: Channel,
  status: string,
  now: number,
  other: Channel,
  role: 'consumer' | 'caller',
): void {
  const { variables } = channel
  variables.set('fifo_status', status)
  variables.set('fifo_target', other.uuid)
  variables.set('fifo_timestamp', localStamp(Date.now()))
  variables.set('fifo_epoch_start_bridge', String(now))
  variables.set('fifo_role', role)
}

/** Variables that one side has of the other: `fifo_caller_consumer_import` and its counterpart. */
function exchange(consumer: Channel, caller: Channel): void {
  importVariables(consumer, caller, 'fifo_caller_consumer_import')
  importVariables(caller, consumer, 'fifo_consumer_caller_import')
}

/** `to` lists in `listName` what it gets from `from`. */
function importVariables(from: Channel, to: Channel, listName: string): void {
  const prefix = from.variables.get('fifo_import_prefix') ?? ''
  for (const name of separate(to.text(listName) ?? '', ',')) {
    const value = from.text(name)
    if (value !== undefined) to.variables.set(`${prefix}${name}`, value)
  }
}

async function record(consumer: Channel, caller: Channel): Promise<string | undefined> {
  const template = consumer.text('fifo_record_template')
  if (!template) return undefined
  const path = await consumer.sw.expand(template, caller)
  return (await startSessionRecording(consumer, path, { limitSeconds: 0 })) ? path : undefined
}

function takeMember(fifos: Fifos, id: string, now: number): void {
  fifos.use(id, 1)
  for (const row of fifos.rowsOf(id))
    fifos.members.change(row, {
      stopTime: 0,
      startTime: now,
      useCount: row.useCount + 1,
      outboundFailCount: 0,
    })
}

function freeMember(fifos: Fifos, id: string): void {
  fifos.use(id, -1)
  const now = fifos.now()
  for (const row of fifos.rowsOf(id)) {
    if (row.useCount <= 0) continue
    fifos.members.change(row, {
      stopTime: now,
      useCount: row.useCount - 1,
      outboundCallTotalCount: row.outboundCallTotalCount + 1,
      outboundCallCount: row.outboundCallCount + 1,
      nextAvail: now + row.lag + 1,
    })
  }
}

function announceEnd(
  fifos: Fifos,
  consumer: Channel,
  caller: Channel,
  name: string,
  id: string | undefined,
): void {
  const headers: Headers = {
    'FIFO-Consumer-Outbound-ID': id,
    'FIFO-Consumer-Use-Count': id ? fifos.use(id, 0) : undefined,
  }
  announceFifo(consumer, name, 'channel-consumer-stop', {
    'FIFO-Type': 'onhook',
    ...headers,
    ...talkTimes(consumer, 'Consumer'),
  })
  announceFifo(consumer, name, 'bridge-consumer-stop', headers)
  announceFifo(caller, name, 'bridge-caller-stop', talkTimes(caller, 'Caller'))
}

/** Whom a consumer stands for: the number that he dialled or was called at. */
function shownName(consumer: Channel): string {
  if (consumer.direction === 'outbound') return consumer.text('caller_id_name') ?? ''
  return consumer.text('callee_id_name') || consumer.text('destination_number') || ''
}

function shownNumber(consumer: Channel): string {
  if (consumer.direction === 'outbound') return consumer.text('caller_id_number') ?? ''
  return consumer.text('callee_id_number') || shownName(consumer)
}

/**
 * `fifo_consumer_exit_key` (`*`) hangs the caller up, `0` puts both on hold and takes them off. Neither reaches the caller.
 */
function watchKeys(fifos: Fifos, consumer: Channel, caller: Channel): Disposable {
  const exitKey = (consumer.variables.get('fifo_consumer_exit_key') ?? '*')[0]
  const hold = new SoftHold(consumer, caller)
  const filter = consumer.keys.add('received', (digit) => {
    if (digit === exitKey) {
      caller.hangup('NORMAL_CLEARING')
      return false
    }
    if (digit !== '0' || !fifos.settings.hasHoldKey) return true
    hold.toggle()
    return false
  })
  return {
    [Symbol.dispose]: () => {
      filter[Symbol.dispose]()
      hold.end()
    },
  }
}

/** Music to both ends of a talk. */
class SoftHold {
  readonly #consumer: Channel
  readonly #caller: Channel
  #playing: { stop(): void }[] = []

  constructor(consumer: Channel, caller: Channel) {
    this.#consumer = consumer
    this.#caller = caller
  }

  toggle(): void {
    if (this.#playing.length > 0) return this.end()
    const own =
      this.#consumer.text('fifo_hold_music') ??
      this.#consumer.text('fifo_music') ??
      this.#consumer.text('hold_music')
    const theirs = this.#caller.text('fifo_music') ?? this.#caller.text('hold_music')
    this.#play(this.#consumer, own)
    this.#play(this.#caller, theirs)
  }

  #play(channel: Channel, music: string | undefined): void {
    const path = music && music.toLowerCase() !== 'silence' ? music : 'silence_stream://-1'
    const playback = channel.media?.play({ paths: [soundPath(channel, path)], loops: -1 })
    if (playback) this.#playing.push(playback)
  }

  end(): void {
    for (const playback of this.#playing) playback.stop()
    this.#playing = []
  }
}
