/**
 * The call center of a switch: its queues, the tables of agents, tiers and members, who waits and who is being offered a call now.
 * What is decided stands in strategy.ts and dispatch.ts, what happens to a caller in caller.ts and to an agent in offer.ts.
 */
import type { Clock, Timer } from '../../base/clock.ts'
import { systemClock } from '../../base/clock.ts'
import { Emitter } from '../../base/emitter.ts'
import { reasonOf } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import { announceLinePresence } from '../../core/presence-event.ts'
import { type SqlTable, SqlTables } from '../../core/sql-table.ts'
import type { Switch } from '../../core/switch.ts'
import { child, childWith } from '../../xml/query.ts'
import { Agents } from './agents.ts'
import type { Caller } from './caller.ts'
import { dispatch } from './dispatch.ts'
import { announceInfo } from './info-event.ts'
import type { Offer } from './offer.ts'
import { Queue } from './queue.ts'
import { agentTable, type Member, memberTable, tierTable } from './rows.ts'
import { type CenterSettings, readCenterSettings, readQueueSettings } from './settings.ts'

const log = logger('applications/callcenter')

/** ms between looks at who waits, as long as somebody does: seconds pass, agents come out of their wrap-up. */
const tickMs = 1000

export class CallCenter implements AsyncDisposable {
  readonly sw: Switch
  readonly settings: CenterSettings
  readonly agents: Agents
  readonly members: SqlTable<Member>
  readonly queues = new Map<string, Queue>()
  /** Those who wait or talk, by the uuid of their member. */
  readonly callers = new Map<string, Caller>()
  /** Calls to agents, from the first ring to the end of the talk. */
  readonly offers = new Set<Offer>()
  /** What time it is here; tests put another one in. */
  clock: Clock = systemClock
  random: () => number = Math.random
  /** Whoever shows queues live listens here. */
  readonly changes = new Emitter<{ changed: undefined }>()
  /** What has come of things, for the command `counters`. */
  readonly figures = { offered: 0, answered: 0, abandoned: 0, waitedSeconds: 0, longestWait: 0 }
  readonly #tables: SqlTables
  #isWoken = false
  #isOver = false
  #timer: Timer | undefined

  constructor(sw: Switch) {
    this.sw = sw
    this.settings = readCenterSettings(sw.configuration('callcenter.conf'))
    this.#tables = new SqlTables(sw.options.openDatabase('callcenter'))
    this.#tables.onChange = () => this.changes.emit('changed', undefined)
    this.members = this.#tables.open(memberTable)
    this.agents = new Agents(this, this.#tables.open(agentTable), this.#tables.open(tierTable))
    for (const member of this.members.list())
      this.members.change(member, { state: 'Abandoned', sessionUuid: '' })
  }

  /** Seconds since the epoch. */
  now(): number {
    return Math.trunc(this.clock.now() / 1000)
  }

  /** Puts everything on disk; before a command says that it was done. */
  flush(): void {
    this.#tables.flush()
  }

  /** The queue of that name, read from the configuration when it is asked for first; undefined: there is none. */
  queue(name: string): Queue | undefined {
    return this.queues.get(name) ?? this.loadQueue(name)
  }

  /** Reads the settings of a queue anew; undefined: there is none. */
  loadQueue(name: string): Queue | undefined {
    const queues = child(this.sw.configuration('callcenter.conf'), 'queues')
    const node = childWith(queues, 'queue', 'name', name)
    if (!node) return undefined
    const settings = readQueueSettings(name, node)
    const present = this.queues.get(name)
    if (present) present.settings = settings
    const queue = present ?? new Queue(name, settings)
    this.queues.set(name, queue)
    this.changes.emit('changed', undefined)
    this.wake()
    return queue
  }

  /** How many wait in a queue. */
  waitingIn(queue: string): number {
    return this.members
      .list()
      .filter((one) => one.queue === queue && (one.state === 'Waiting' || one.state === 'Trying'))
      .length
  }

  /** Tells how many wait, after somebody came or went. */
  announceCount(queue: string): void {
    const count = this.waitingIn(queue)
    announceInfo(this.sw, {
      'CC-Queue': queue,
      'CC-Action': 'members-count',
      'CC-Count': count,
      'CC-Selection': 'Single-Queue',
    })
    announceLinePresence(this.sw, {
      protocol: 'callcenter',
      login: queue,
      from: queue,
      isActive: count > 0,
      status: count > 0 ? `Active (${count} waiting)` : 'Idle',
    })
  }

  /** Something has changed that may bring a caller and an agent together. */
  wake(): void {
    if (this.#isWoken || this.#isOver) return
    this.#isWoken = true
    setImmediate(() => {
      this.#isWoken = false
      this.#look()
    })
  }

  #look(): void {
    if (this.#isOver) return
    try {
      dispatch(this)
    } catch (thrown) {
      log.err(`offering calls failed: ${thrown instanceof Error ? thrown.stack : reasonOf(thrown)}`)
    }
    if (this.members.size === 0) return
    this.#timer ??= this.clock.after(tickMs, () => {
      this.#timer = undefined
      this.#look()
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    this.#timer?.cancel()
    for (const caller of [...this.callers.values()]) caller.leave('BREAK_OUT')
    for (const offer of this.offers) {
      offer.cancel('ORIGINATOR_CANCEL')
      // Talks go on; what is known of them by now is kept.
      if (offer.isTalking) offer.letGo()
    }
    await Promise.all([...this.offers].map(({ over }) => over))
    this.#tables[Symbol.dispose]()
  }
}

const centers = new WeakMap<Switch, CallCenter>()

/** The call center that runs on a switch. Throws when the module is not loaded. */
export function callCenterOf(sw: Switch): CallCenter {
  const center = centers.get(sw)
  if (!center) throw new Error('the call center does not run')
  return center
}

export function startCallCenter(sw: Switch): CallCenter {
  const center = new CallCenter(sw)
  centers.set(sw, center)
  return center
}
