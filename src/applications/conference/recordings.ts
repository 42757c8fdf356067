/** Recordings of a conference. */
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { reasonOf } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import type { MediaRoom } from '../../core/interfaces.ts'
import type { Conference } from './conference.ts'
import { soundOf } from './files.ts'
import { announceConference } from './maintenance.ts'

const log = logger('applications/conference')

type Recording = ReturnType<MediaRoom['record']>

export class Recordings {
  readonly #conference: Conference
  readonly #running = new Map<string, Recording>()

  constructor(conference: Conference) {
    this.#conference = conference
  }

  /** In the order in which they began. */
  get paths(): string[] {
    return [...this.#running.keys()]
  }

  has(path: string): boolean {
    return this.#running.has(path)
  }

  /** Begins one; false when it is being recorded already. A file that cannot be written is told in the log. */
  start(path: string): boolean {
    if (this.#running.has(path)) return false
    const file = soundOf(this.#conference, path)
    try {
      mkdirSync(dirname(file.replace(/^\{[^}]*\}/, '')), { recursive: true })
    } catch (thrown) {
      log.err(`${path} cannot be recorded: ${reasonOf(thrown)}`)
    }
    const recording = this.#conference.room.record({
      path: file,
      what: 'read',
      rate: this.#conference.profile.rate,
    })
    this.#running.set(path, recording)
    void recording.started.then((hasStarted) => {
      if (hasStarted) this.#tell('start-recording', path)
    })
    void recording.ended.then(({ ended, samples, rate, reason }) => {
      if (ended === 'error') log.err(`recording ${path} failed: ${reason ?? 'no reason is known'}`)
      if (this.#running.get(path) === recording) this.#running.delete(path)
      this.#tell('stop-recording', path, {
        'Samples-Out': String(samples),
        'Milliseconds-Elapsed': String(Math.round((samples * 1000) / rate)),
      })
    })
    return true
  }

  /** Ends one or all; the paths of those that ended. */
  stop(path: string): string[] {
    const stopped = path === 'all' ? this.paths : this.paths.filter((one) => one === path)
    for (const one of stopped) {
      this.#running.get(one)?.stop()
      this.#running.delete(one)
    }
    return stopped
  }

  /** Pauses or resumes one; false when there is none of that path. */
  pause(path: string, on: boolean): boolean {
    const recording = this.#running.get(path)
    recording?.pause(on)
    if (recording) this.#tell(on ? 'pause-recording' : 'resume-recording', path)
    return recording !== undefined
  }

  #tell(action: string, path: string, more: Readonly<Record<string, string>> = {}): void {
    announceConference(this.#conference, action, { Path: path, ...more })
  }
}
