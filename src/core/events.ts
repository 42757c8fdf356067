/** Events: what happened, as an ordered list of headers with an optional body; sinks receive those they asked for. */
import { randomUUID } from 'node:crypto'
import { reasonOf } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import { eventNames } from './event-names.ts'
import { gmtStamp, localStamp } from './time/times.ts'
import type { EventHeader, VariableValue } from './variables.ts'
import { arrayText } from './variables.ts'

const log = logger('core/events')

export type EventName = (typeof eventNames)[number]

const nameSet: ReadonlySet<string> = new Set(eventNames)

/** An event name from what a person wrote, in any case. */
export function parseEventName(text: string): EventName | undefined {
  const upper = text.toUpperCase()
  return nameSet.has(upper) ? (upper as EventName) : undefined
}

export class SwitchEvent {
  readonly name: EventName
  /** Of CUSTOM events: `sofia::register`. */
  readonly subclass: string | undefined
  /** In the order they are sent. */
  readonly headers: EventHeader[] = []
  body: string | undefined

  constructor(name: EventName, subclass?: string) {
    this.name = name
    this.subclass = subclass
  }

  add(name: string, value: VariableValue): this {
    this.headers.push([name, value, undefined])
    return this
  }

  /** The first header of that name in any case, lists as `ARRAY::…`. */
  get(name: string): string | undefined {
    const wanted = name.toLowerCase()
    for (const [key, value] of this.headers) {
      if (key.toLowerCase() === wanted) return typeof value === 'string' ? value : arrayText(value)
    }
    return undefined
  }

  remove(name: string): void {
    const wanted = name.toLowerCase()
    for (let i = this.headers.length - 1; i >= 0; i--) {
      if (this.headers[i]?.[0].toLowerCase() === wanted) this.headers.splice(i, 1)
    }
  }

  /** Replaces the header of that name or appends it. */
  set(name: string, value: VariableValue): this {
    this.remove(name)
    return this.add(name, value)
  }
}

/** Whoever receives events: returns at once and queues for itself. */
export interface EventSink {
  readonly name: string
  /** Whether it wants this one; asked before the event is built, so it must be cheap. */
  wants(name: EventName, subclass: string | undefined): boolean
  receive(event: SwitchEvent): void
}

/** What every event carries first; the switch fills it in. */
export interface EventOrigin {
  readonly coreUuid: string
  readonly hostname: string
  readonly switchname: string
  readonly ipv4: string
  readonly ipv6: string
}

export class EventBus {
  readonly #sinks = new Set<EventSink>()
  readonly #origin: EventOrigin
  #sequence = 0

  constructor(origin: EventOrigin) {
    this.#origin = origin
  }

  attach(sink: EventSink): Disposable {
    this.#sinks.add(sink)
    return { [Symbol.dispose]: () => void this.#sinks.delete(sink) }
  }

  /** Whether anybody wants such an event: ask before building it. */
  wants(name: EventName, subclass?: string): boolean {
    for (const sink of this.#sinks) if (sink.wants(name, subclass)) return true
    return false
  }

  /** An event with the standard headers, ready for its own. The subclass of a CUSTOM event stands first. */
  create(name: EventName, subclass?: string): SwitchEvent {
    const event = new SwitchEvent(name, subclass)
    if (subclass !== undefined) event.add('Event-Subclass', subclass)
    this.stamp(event)
    return event
  }

  /** Adds the standard headers to an event that somebody else began (`sendevent`). */
  stamp(event: SwitchEvent): void {
    const ms = performance.timeOrigin + performance.now()
    const origin = this.#origin
    event.headers.push(
      ['Event-Name', event.name],
      ['Core-UUID', origin.coreUuid],
      ['FreeSWITCH-Hostname', origin.hostname],
      ['FreeSWITCH-Switchname', origin.switchname],
      ['FreeSWITCH-IPv4', origin.ipv4],
      ['FreeSWITCH-IPv6', origin.ipv6],
      ['Event-Date-Local', localStamp(ms)],
      ['Event-Date-GMT', gmtStamp(ms)],
      ['Event-Date-Timestamp', String(Math.round(ms * 1000))],
      ['Event-Calling-File', 'core'],
      ['Event-Calling-Function', event.subclass ?? event.name],
      ['Event-Calling-Line-Number', '1'],
      ['Event-Sequence', String(++this.#sequence)],
    )
  }

  /** Hands a finished event to every sink that wants it. A sink that throws is logged and stays. */
  fire(event: SwitchEvent): void {
    for (const sink of this.#sinks) {
      if (!sink.wants(event.name, event.subclass)) continue
      try {
        sink.receive(event)
      } catch (thrown) {
        log.err(`${sink.name} failed on ${event.name}: ${reasonOf(thrown)}`)
      }
    }
  }

  /** Builds and fires, only if somebody wants it. */
  announce(name: EventName, fill?: (event: SwitchEvent) => void, subclass?: string): void {
    if (!this.wants(name, subclass)) {
      this.#sequence++
      return
    }
    const event = this.create(name, subclass)
    fill?.(event)
    this.fire(event)
  }
}

/** A uuid for `Event-UUID` and the like. */
export function newUuid(): string {
  return randomUUID()
}
