/** One fifo: who waits in it, who serves it. */
import type { Channel } from '../../core/channel.ts'
import { announceLinePresence } from '../../core/presence-event.ts'
import type { Switch } from '../../core/switch.ts'
import type { Entry } from './entry.ts'
import type { OutboundSettings } from './settings.ts'

/** Priorities 0 (first) to 9. */
const priorities = 10

export class Fifo {
  readonly name: string
  importance: number
  outbound: OutboundSettings
  /** The configuration names it. */
  isStatic = false
  /** Those who wait for callers or talk with them, by the uuid of their channel. */
  readonly consumers = new Map<string, Channel>()
  /** Calls to members that ring for it, which can be called off. */
  readonly ringing = new Set<AbortController>()
  /** When its oldest caller came while it was empty, ms since the epoch; 0: it is empty. */
  startWaiting = 0
  readonly #sw: Switch
  readonly #queues: Entry[][] = Array.from({ length: priorities }, () => [])

  constructor(sw: Switch, name: string, importance: number, outbound: OutboundSettings) {
    this.#sw = sw
    this.name = name
    this.importance = importance
    this.outbound = outbound
  }

  /** All who wait, in the order in which they are served. */
  entries(): Entry[] {
    return this.#queues.flat()
  }

  get waiting(): number {
    return this.#queues.reduce((sum, queue) => sum + queue.length, 0)
  }

  /** Consumers who do not talk. */
  get idleConsumers(): number {
    return [...this.consumers.values()].filter(({ partner }) => !partner).length
  }

  push(entry: Entry, first = false): void {
    if (this.waiting === 0) this.startWaiting = Date.now()
    const queue = this.#queueOf(entry)
    if (first) queue.unshift(entry)
    else queue.push(entry)
    this.#number(queue)
  }

  /** Takes one out. False: it was not there any more. */
  remove(entry: Entry): boolean {
    const queue = this.#queueOf(entry)
    const index = queue.indexOf(entry)
    if (index < 0) return false
    queue.splice(index, 1)
    this.#number(queue)
    if (this.waiting === 0) this.startWaiting = 0
    return true
  }

  announcePresence(): void {
    const { waiting, name } = this
    const domain = this.#sw.globals.get('domain') ?? ''
    const whole = name.includes('@') ? name : `${name}@${domain}`
    announceLinePresence(this.#sw, {
      protocol: 'queue',
      login: whole,
      from: whole,
      isActive: waiting > 0,
      status: waiting > 0 ? `Active (${waiting} waiting)` : 'Idle',
      id: name,
    })
  }

  #queueOf(entry: Entry): Entry[] {
    const queue = this.#queues[entry.priority]
    if (!queue) throw new RangeError(`priority ${entry.priority}`)
    return queue
  }

  #number(queue: readonly Entry[]): void {
    for (const [index, { channel }] of queue.entries())
      channel?.variables.set('fifo_position', String(index + 1))
  }
}

/** The priority that a person wrote, as one of those there are. */
export function priorityOf(text: string | undefined): number {
  const value = Number.parseInt(text ?? '', 10) || 0
  return Math.min(priorities - 1, Math.max(0, value))
}
