/** Tasks at a time: sched_hangup, sched_transfer, sched_api, sched_broadcast. */
import type { Timer } from '../base/clock.ts'
import { systemClock } from '../base/clock.ts'
import { reasonOf } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import type { EventBus, EventName } from './events.ts'

const log = logger('core/scheduler')

export interface Task {
  readonly id: number
  readonly description: string
  readonly group: string
  /** Seconds since the epoch. */
  runtime: number
  /** Runs again every so many seconds. */
  readonly repeat: number
  /** The switch's own: nobody removes it. */
  readonly isPermanent: boolean
}

interface Entry extends Task {
  timer: Timer
  run(): void | Promise<void>
}

/** The longest wait that setTimeout takes. */
const maximumWaitMs = 0x7fffffff

export class Scheduler {
  readonly #tasks = new Map<number, Entry>()
  readonly #events: EventBus
  #nextId = 1

  constructor(events: EventBus) {
    this.#events = events
  }

  /** Adds a task for `runtime` (seconds since the epoch); returns its id. */
  add(
    description: string,
    group: string,
    runtime: number,
    run: () => void | Promise<void>,
    repeat = 0,
    isPermanent = false,
  ): number {
    const id = this.#nextId++
    const kind = { id, description, group, repeat, isPermanent }
    const entry: Entry = { ...kind, runtime, run, timer: noTimer }
    this.#tasks.set(id, entry)
    this.#announce('ADD_SCHEDULE', entry)
    this.#arm(entry)
    return id
  }

  /** Removes one task by its number. */
  remove(id: number): boolean {
    const entry = this.#tasks.get(id)
    if (!entry || entry.isPermanent) return false
    entry.timer.cancel()
    this.#tasks.delete(id)
    this.#announce('DEL_SCHEDULE', entry)
    return true
  }

  /** Removes every task of a group; returns how many. */
  removeGroup(group: string): number {
    const ids = [...this.#tasks.values()]
      .filter((task) => task.group === group && !task.isPermanent)
      .map((task) => task.id)
    for (const id of ids) this.remove(id)
    return ids.length
  }

  list(): readonly Task[] {
    return [...this.#tasks.values()]
  }

  stop(): void {
    for (const entry of this.#tasks.values()) entry.timer.cancel()
    this.#tasks.clear()
  }

  #arm(entry: Entry): void {
    const wait = Math.max(0, entry.runtime * 1000 - Date.now())
    entry.timer = systemClock.after(Math.min(wait, maximumWaitMs), () => {
      if (wait > maximumWaitMs) this.#arm(entry)
      else void this.#execute(entry)
    })
  }

  async #execute(entry: Entry): Promise<void> {
    this.#announce('EXE_SCHEDULE', entry)
    if (entry.repeat <= 0) this.#tasks.delete(entry.id)
    try {
      await entry.run()
    } catch (thrown) {
      log.err(`task ${entry.id} (${entry.description}) failed: ${reasonOf(thrown)}`)
    }
    if (entry.repeat > 0 && this.#tasks.has(entry.id)) {
      entry.runtime = Math.trunc(Date.now() / 1000) + entry.repeat
      this.#announce('RE_SCHEDULE', entry)
      this.#arm(entry)
    } else {
      this.#announce('DEL_SCHEDULE', entry)
    }
  }

  #announce(name: EventName, entry: Entry): void {
    this.#events.announce(name, (event) => {
      event.add('Task-ID', String(entry.id))
      event.add('Task-Desc', entry.description)
      event.add('Task-Group', entry.group)
      event.add('Task-Runtime', String(entry.runtime))
    })
  }
}

const noTimer: Timer = { cancel: () => undefined }
