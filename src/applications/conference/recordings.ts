/** Recordings of a conference: on demand, several at a time, and one that begins by itself. */
import { mkdirSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import { reasonOf } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import type { MediaRoom } from '../../core/interfaces.ts'
import type { Conference } from './conference.ts'
import { announceConference } from './maintenance.ts'

const log = logger('applications/conference')

export interface RunningRecording {
  readonly path: string
  readonly isAutomatic: boolean
  /** ms since the epoch. */
  readonly startedAt: number
  isPaused: boolean
  /** It was told to end, and its file is not closed yet. */
  isEnding: boolean
  readonly recording: ReturnType<MediaRoom['record']>
}

export class Recordings {
  readonly #conference: Conference
  #running: RunningRecording[] = []
  /** The file that began by itself; undefined until it has. */
  #automatic: string | undefined
  /** In place of the profile's. */
  autoRecord: string | undefined
  #isOpening = false
  #mayRestart = true
  newest: string | undefined

  constructor(conference: Conference) {
    this.#conference = conference
    this.autoRecord = conference.profile.autoRecord
  }

  /** In the order in which they began, those that are being closed too. */
  list(): readonly RunningRecording[] {
    return this.#running
  }

  /** How many write. */
  get active(): number {
    return this.#running.filter(({ isEnding }) => !isEnding).length
  }

  find(path: string): RunningRecording | undefined {
    return this.#running.find((one) => plain(one.path) === plain(path))
  }

  /** Begins one. A file that cannot be written is told in the log and in an event. */
  start(path: string, isAutomatic = false): void {
    const conference = this.#conference
    const file = placeOf(conference, path)
    try {
      mkdirSync(dirname(plain(file)), { recursive: true })
    } catch (thrown) {
      log.err(`${path} cannot be recorded: ${reasonOf(thrown)}`)
    }
    const { rate, recordingTitle } = conference.profile
    const recording = conference.room.record({
      path: file,
      what: 'read',
      rate,
      ...(recordingTitle ? { tags: { title: recordingTitle } } : {}),
    })
    const one: RunningRecording = {
      path,
      isAutomatic,
      startedAt: Date.now(),
      isPaused: false,
      isEnding: false,
      recording,
    }
    this.#running.push(one)
    this.newest = path
    if (!this.#hasEnough) recording.mask(true)
    conference.callRecord.recordingBegan(path)
    void recording.started.then((hasStarted) => {
      if (hasStarted) this.#tell('start-recording', path)
      else this.#tell('start-recording', path, { Error: 'File could not be opened for recording' })
    })
    void recording.ended.then(({ ended, samples, rate: made, octets, reason }) => {
      if (ended === 'error') log.err(`recording ${path} failed: ${reason ?? 'no reason is known'}`)
      this.#running = this.#running.filter((other) => other !== one)
      conference.callRecord.recordingEnded(path)
      this.#tell('stop-recording', path, {
        'Samples-Out': String(samples),
        Samplerate: String(made),
        'Milliseconds-Elapsed': String(Math.round((samples * 1000) / Math.max(1, made))),
        'Record-File-Size': String(octets),
      })
      if (!isAutomatic || ended === 'error') return
      this.#automatic = undefined
      if (!conference.isOver) this.count()
    })
  }

  /** Ends one or all; the paths of those that were there. */
  stop(path: string): string[] {
    const isAll = path.toLowerCase() === 'all'
    const found = this.#running.filter((one) => isAll || plain(one.path) === plain(path))
    for (const one of found) {
      one.isEnding = true
      one.recording.stop()
      // Who ends the one that began by itself does not want it back, unless the conference is told so.
      if (one.isAutomatic && !this.#conference.flags.has('restart-auto-record'))
        this.#mayRestart = false
    }
    return found.map((one) => one.path)
  }

  stopAll(): void {
    this.#mayRestart = false
    for (const { recording } of this.#running) recording.stop()
  }

  /** Pauses or resumes one; false when there is none of that path. */
  pause(path: string, on: boolean): boolean {
    const one = this.find(path)
    if (!one) return false
    one.isPaused = on
    one.recording.pause(on)
    this.#tell(on ? 'pause-recording' : 'resume-recording', path)
    return true
  }

  /** The number of members has changed: what is recorded by itself, and whether there are enough to be recorded. */
  count(): void {
    if (this.#conference.profile.leastRecorded > 1)
      for (const { recording } of this.#running) recording.mask(!this.#hasEnough)
    if (this.autoRecord && this.#hasEnough && this.#mayRestart) void this.#startAutomatic()
  }

  get #hasEnough(): boolean {
    const { profile, size } = this.#conference
    return size >= profile.leastRecorded
  }

  async #startAutomatic(): Promise<void> {
    const conference = this.#conference
    const [newest] = conference.members
    if (this.#automatic !== undefined || this.#isOpening || !newest) return
    this.#isOpening = true
    try {
      const path = await conference.sw.expand(this.autoRecord ?? '', newest.channel)
      if (conference.isOver || path === '') return
      this.#automatic = path
      this.start(path, true)
      for (const { channel } of conference.members)
        channel.variables.set('conference_recording', path)
    } catch (thrown) {
      log.err(`conference ${conference.name} is not recorded: ${reasonOf(thrown)}`)
    } finally {
      this.#isOpening = false
    }
  }

  #tell(action: string, path: string, more: Readonly<Record<string, string>> = {}): void {
    const isOther = this.#running.some((one) => one.path !== path)
    announceConference(this.#conference, action, {
      Path: path,
      'Other-Recordings': String(isOther),
      ...more,
    })
  }
}

/** A path without the parameters before it. */
function plain(path: string): string {
  return path.replace(/^\{[^}]*\}\s*/, '')
}

/** Where a recording is written: a relative path lies below recordings_dir. */
function placeOf({ sw }: Conference, path: string): string {
  const file = plain(path)
  if (isAbsolute(file) || file.includes('://')) return path
  const folder = sw.globals.get('recordings_dir') ?? join(sw.options.dataDir, 'recordings')
  return path.slice(0, path.length - file.length) + join(folder, file)
}
