/** Event channels towards browsers: who may listen, who is sent what, presence, and the events of the switch. */
import type { Channel } from '../../core/channel.ts'
import { addChannelHeaders } from '../../core/channel-event.ts'
import { callStates } from '../../core/channel-states.ts'
import type { EventMessage } from '../../core/event-channels.ts'
import type { EventName, EventSink, SwitchEvent } from '../../core/events.ts'
import type { VariableValue } from '../../core/variables.ts'
import type { Connection } from './connection.ts'
import { type JsonObject, textOf } from './json-rpc.ts'
import type { Verto } from './verto.ts'

/** Everybody may listen to it: what it tells is of the listener's own mailbox (`message-waiting.ts`). */
export const mailboxChannel = 'mailbox'

/** What operators are told is told by the switch alone, to whom the directory allows it (`operator.ts`). */
const closedChannel = /^operator(\.|$)/i

/** Channels of the switch itself: no session and no call may have such a name, or it would hear what others may not. */
const ownChannel = /^(presence|fsevent|operator|mailbox|conference)\b/i

/** Whether a client may give a session or a call of its own that name. */
export function isFreeName(verto: Verto, name: string): boolean {
  return !ownChannel.test(name) && !verto.subscriptions.has(name)
}

/** Whether a channel has the name of the client's session or of a call of it: what is said there is for that client alone. */
export function isOwnName({ verto, sessid }: Connection, name: string): boolean {
  return name === sessid || verto.calls.get(name)?.sessid === sessid
}

/** Whether a client may listen and speak on a channel. */
export function mayUse(connection: Connection, name: string): boolean {
  const { verto, sessid, permissions } = connection
  if (closedChannel.test(name)) return false
  if (verto.sw.eventChannels.permits(sessid, name) || name === mailboxChannel) return true
  if (/^fsevent(\.|$)/i.test(name) && !verto.settings.boolean('enable-fs-events')) return false
  return permissions.allows('event_channels', name)
}

/** To those who listen on a channel by just that name. */
export function writeEvent(
  verto: Verto,
  channel: string,
  event: EventMessage,
  only?: Connection,
): void {
  if (!verto.subscriptions.has(channel)) return
  for (const { who: connection, serial } of verto.subscriptions.take(channel, only)) {
    if (isHiddenFrom(connection, channel, event)) continue
    connection.notify('verto.event', {
      ...(event as JsonObject),
      eventSerno: serial,
      subscribedChannel: channel,
    })
  }
}

/** What is not public is kept from guests that have no right of their own. */
function isHiddenFrom(connection: Connection, channel: string, event: EventMessage): boolean {
  const visibility = event['contentVisibility']
  if (typeof visibility !== 'string' || visibility.toLowerCase() === 'public') return false
  return /^guest/i.test(connection.user?.id ?? '') && !mayUse(connection, channel)
}

/** A message of the switch: to one client where it names a session or a call, else to all who listen. */
export function sendEvent(verto: Verto, channel: string, event: EventMessage): void {
  const sessid = textOf(event as JsonObject, 'sessid')
  if (sessid !== undefined) {
    verto.sessions.get(sessid)?.notify('verto.event', event as JsonObject)
    return
  }
  const direct = textOf(event as JsonObject, 'eventChannelSessid') ?? channel
  const own = verto.subscriptions.has(direct)
    ? undefined
    : (verto.sessions.get(verto.calls.get(direct)?.sessid ?? '') ?? verto.sessions.get(direct))
  if (own) {
    own.notify('verto.event', event as JsonObject)
    return
  }
  writeEvent(verto, channel, event)
  const dot = channel.indexOf('.')
  if (dot > 0) writeEvent(verto, channel.slice(0, dot), event)
}

/** Hands CHANNEL_CALLSTATE to subscribers of presence, and every event to those of FSevent. */
export class EventRelay implements EventSink {
  readonly name = 'verto'
  readonly #verto: Verto
  readonly #hasPresence: boolean
  readonly #hasEvents: boolean

  constructor(verto: Verto) {
    this.#verto = verto
    this.#hasPresence = verto.settings.boolean('enable-presence')
    this.#hasEvents = verto.settings.boolean('enable-fs-events')
  }

  /** Nobody listens, as a rule. */
  wants(name: EventName): boolean {
    return this.#wantsPresence(name) || this.#wantsEvents()
  }

  #wantsPresence(name: EventName): boolean {
    return (
      name === 'CHANNEL_CALLSTATE' &&
      this.#hasPresence &&
      this.#verto.subscriptions.hasPart('presence')
    )
  }

  #wantsEvents(): boolean {
    return this.#hasEvents && this.#verto.subscriptions.hasPart('FSevent')
  }

  receive(event: SwitchEvent): void {
    if (this.#wantsPresence(event.name)) {
      const id = event.get('Channel-Presence-ID')
      if (id && this.#isHeard('presence', id))
        sendEvent(this.#verto, `presence.${id}`, presenceOf(event))
    }
    if (!this.#wantsEvents()) return
    const name = event.subclass === undefined ? event.name : `${event.name}::${event.subclass}`
    const kind = name.toLowerCase()
    if (!this.#isHeard('FSevent', kind)) return
    const channel = `FSevent.${kind}`
    sendEvent(this.#verto, channel, { eventChannel: channel, data: fieldsOf(event) })
  }

  #isHeard(part: string, rest: string): boolean {
    const { subscriptions } = this.#verto
    return subscriptions.has(part) || subscriptions.has(`${part}.${rest}`)
  }
}

function fieldsOf(event: SwitchEvent): Record<string, VariableValue> {
  const fields: Record<string, VariableValue> = {}
  for (const [name, value] of event.headers) fields[name] = value
  if (event.body !== undefined) {
    fields['Content-Length'] = String(Buffer.byteLength(event.body))
    fields['_body'] = event.body
  }
  return fields
}

const presenceFields: readonly (readonly [field: string, header: string])[] = [
  ['channelCallState', 'Channel-Call-State'],
  ['originalChannelCallState', 'Original-Channel-Call-State'],
  ['channelState', 'Channel-State'],
  ['callerUserName', 'Caller-Username'],
  ['callerIDName', 'Caller-Caller-ID-Name'],
  ['callerIDNumber', 'Caller-Caller-ID-Number'],
  ['calleeIDName', 'Caller-Callee-ID-Name'],
  ['calleeIDNumber', 'Caller-Callee-ID-Number'],
  ['channelUUID', 'Unique-ID'],
  ['presenceCallDirection', 'Presence-Call-Direction'],
  ['channelPresenceID', 'Channel-Presence-ID'],
  ['channelPresenceData', 'Channel-Presence-Data'],
]

function presenceOf(event: SwitchEvent): EventMessage {
  const data: Record<string, VariableValue> = {}
  for (const [field, header] of presenceFields) {
    const value = event.get(header)
    if (value) data[field] = value
  }
  for (const [name, value] of event.headers) if (/^pd-/i.test(name)) data[name] = value
  return { eventChannel: `presence.${event.get('Channel-Presence-ID')}`, data }
}

/** Whoever begins to listen to presence hears first of the calls that are there. */
export function pingPresence(connection: Connection, name: string): void {
  const { verto } = connection
  if (!verto.settings.boolean('enable-presence')) return
  const dot = name.indexOf('.')
  const id = dot < 0 ? undefined : name.slice(dot + 1)
  const channels = verto.sw.channels.list()
  connection.charge(channels.length / 100)
  for (const channel of channels) {
    const own = channel.variables.get('presence_id')
    if (own && (id === undefined || own === id)) tellState(connection, name, channel)
  }
}

function tellState(connection: Connection, name: string, channel: Channel): void {
  const event = connection.verto.sw.events.create('CHANNEL_CALLSTATE')
  event.add('Original-Channel-Call-State', channel.callState)
  event.add('Channel-Call-State-Number', String(callStates.indexOf(channel.callState)))
  addChannelHeaders(event, channel)
  writeEvent(connection.verto, name, presenceOf(event), connection)
}
