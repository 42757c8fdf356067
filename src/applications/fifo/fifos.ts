/** The fifos of a switch: by name, their members, and who hunts for a caller. */
import type { Timer } from '../../base/clock.ts'
import { systemClock } from '../../base/clock.ts'
import { reasonOf } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import type { Channel } from '../../core/channel.ts'
import { type SqlTable, SqlTables } from '../../core/sql-table.ts'
import type { Switch } from '../../core/switch.ts'
import { dialMembers } from './dial.ts'
import type { Entry } from './entry.ts'
import { Fifo } from './fifo.ts'
import { type FifoMember, memberShape, outboundId } from './members.ts'
import {
  type ConfiguredFifo,
  type FifoSettings,
  manualCalls,
  readFifoSettings,
  readFifos,
  unnamedOutbound,
} from './settings.ts'

const log = logger('applications/fifo')

/** ms between looks at who could be called, as long as somebody waits where there are members. */
const tickMs = 1000

/** A consumer without a caller: tried again whenever somebody comes, in the order of their waiting. */
export interface Hunt {
  /** Takes a caller if there is one for him. */
  attempt(): boolean
  /** There will be none any more. */
  end(): void
}

/** A talk that goes on, for lists. */
export interface Talk {
  readonly fifo: string
  readonly caller: Channel
  readonly callerName: string
  readonly callerNumber: string
  readonly consumer: Channel
  readonly outboundId: string
  /** Seconds since the epoch. */
  readonly since: number
}

export class Fifos implements AsyncDisposable {
  readonly sw: Switch
  readonly byName = new Map<string, Fifo>()
  readonly members: SqlTable<FifoMember>
  readonly hunts = new Set<Hunt>()
  readonly talks = new Set<Talk>()
  /** What talks now: uuids of channels and ids of members. */
  readonly bridged = new Set<string>()
  /** How many calls each member has, by his id. */
  readonly uses = new Map<string, number>()
  /** What has come of things, for the command `counters`. */
  readonly figures = { pushed: 0, talked: 0, aborted: 0, dialled: 0, diallingFailed: 0 }
  settings: FifoSettings
  debug = 0
  readonly #tables: SqlTables
  #timer: Timer | undefined
  #isOver = false

  constructor(sw: Switch) {
    this.sw = sw
    this.settings = readFifoSettings(sw.configuration('fifo.conf'))
    this.#tables = new SqlTables(sw.options.openDatabase('fifo'))
    this.members = this.#tables.open(memberShape)
    for (const member of this.members.list()) {
      if (member.static === 1 || this.settings.forgetsMembers) this.members.remove(member)
      else
        this.members.change(member, {
          startTime: 0,
          stopTime: 0,
          ringCount: 0,
          useCount: 0,
          outboundCallCount: 0,
          outboundFailCount: 0,
        })
    }
    this.open(manualCalls)
    this.#configure()
  }

  /** Seconds since the epoch. */
  now(): number {
    return Math.trunc(Date.now() / 1000)
  }

  get(name: string): Fifo | undefined {
    return this.byName.get(name)
  }

  /** The fifo of that name; it comes to be when it is asked for. */
  open(name: string, importance = 0): Fifo {
    const present = this.byName.get(name)
    if (present) return present
    const fifo = new Fifo(this.sw, name, importance, unnamedOutbound(this.settings.strategy))
    this.byName.set(name, fifo)
    return fifo
  }

  /** One that nobody uses any more goes. */
  dropIfUnused(fifo: Fifo): void {
    if (fifo.waiting === 0 && fifo.consumers.size === 0 && this.byName.get(fifo.name) === fifo)
      this.byName.delete(fifo.name)
  }

  membersOf(fifo: string): FifoMember[] {
    return this.members.list().filter((member) => member.fifoName === fifo)
  }

  addMember(fifo: string, dialString: string, more: Partial<FifoMember>): void {
    const uuid = outboundId(dialString)
    const old = this.members.get(fifo, uuid)
    if (old) this.members.remove(old)
    this.open(fifo)
    this.members.add({
      uuid,
      fifoName: fifo,
      originateString: dialString,
      hostname: this.sw.globals.get('switchname') ?? '',
      activeTime: this.now(),
      ...more,
    })
    this.wake()
  }

  removeMember(fifo: string, dialString: string): void {
    const member = this.members.get(fifo, outboundId(dialString))
    if (member) this.members.remove(member)
  }

  /** What a command changed is on disk when this returns. */
  flush(): void {
    this.#tables.flush()
  }

  /** Reads the file anew. Fifos that it names no more go, with those who wait in them; members added by command stay unless `all`. */
  reparse(all: boolean): void {
    this.settings = readFifoSettings(this.sw.configuration('fifo.conf'))
    for (const member of this.members.list())
      if (all || member.static === 1) this.members.remove(member)
    const before = [...this.byName.values()].filter(({ isStatic }) => isStatic)
    for (const fifo of before) fifo.isStatic = false
    this.#configure()
    for (const fifo of before) {
      if (fifo.isStatic) continue
      log.notice(`${fifo.name} is removed`)
      this.byName.delete(fifo.name)
      for (const { channel } of fifo.entries()) channel?.hangup('MANAGER_REQUEST')
    }
    this.flush()
  }

  #configure(): void {
    const configuration = this.sw.configuration('fifo.conf')
    for (const one of readFifos(configuration, this.settings.strategy)) this.#configureOne(one)
  }

  #configureOne({ name, importance, outbound, members }: ConfiguredFifo): void {
    const fifo = this.open(name, importance)
    fifo.outbound = outbound
    fifo.isStatic = true
    for (const member of members)
      this.addMember(name, member.dialString, {
        simoCount: member.simultaneous,
        timeout: member.ringSeconds,
        lag: member.lagSeconds,
        takingCalls: member.takingCalls,
        static: 1,
      })
  }

  /** Somebody waits: a consumer who hunts has him, or a member is called. */
  push(entry: Entry, first = false): void {
    entry.fifo.push(entry, first)
    this.wake()
  }

  /** Consumers and members are looked for, for whoever waits. */
  wake(): void {
    if (this.#isOver) return
    for (const hunt of [...this.hunts]) hunt.attempt()
    const waiting = [...this.byName.values()].filter((fifo) => fifo.waiting > 0)
    const needing = waiting
      .filter(({ name }) => this.members.list().some((member) => member.fifoName === name))
      .sort((a, b) => a.outbound.priority - b.outbound.priority)
    for (const fifo of needing) {
      try {
        dialMembers(this, fifo)
      } catch (thrown) {
        log.err(`calling the members of ${fifo.name} failed: ${reasonOf(thrown)}`)
      }
    }
    if (needing.length === 0) return
    this.#timer ??= systemClock.after(tickMs, () => {
      this.#timer = undefined
      this.wake()
    })
  }

  /** Members who ring for a fifo in which nobody waits any more need not. */
  cancelNeedless(fifo: Fifo): void {
    if (fifo.outbound.strategy !== 'enterprise' || fifo.waiting > 0) return
    for (const ringing of fifo.ringing) ringing.abort('ORIGINATOR_CANCEL')
  }

  /** The calls of a member: one more or one less. Returns how many he has. */
  use(id: string, step: 1 | -1 | 0): number {
    const count = Math.max(0, (this.uses.get(id) ?? 0) + step)
    this.uses.set(id, count)
    return count
  }

  /** Every row of a member: he may serve several fifos. */
  rowsOf(id: string): FifoMember[] {
    return this.members.list().filter(({ uuid }) => uuid === id)
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    this.#timer?.cancel()
    for (const hunt of this.hunts) hunt.end()
    for (const fifo of this.byName.values()) {
      for (const ringing of fifo.ringing) ringing.abort('ORIGINATOR_CANCEL')
      for (const entry of fifo.entries()) entry.end({ kind: 'gone' })
    }
    this.#tables[Symbol.dispose]()
    return Promise.resolve()
  }
}

const running = new WeakMap<Switch, Fifos>()

/** The fifos of a switch. Throws when the module is not loaded. */
export function fifosOf(sw: Switch): Fifos {
  const fifos = running.get(sw)
  if (!fifos) throw new Error('mod_fifo does not run')
  return fifos
}

export function startFifos(sw: Switch): Fifos {
  const fifos = new Fifos(sw)
  running.set(sw, fifos)
  return fifos
}
