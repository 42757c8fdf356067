/** Sounds that are played into a conference or to one member: one after the other, and one beside them (`async`). */
import { join } from 'node:path'
import type { MediaLeg } from '../../core/interfaces.ts'
import type { Conference } from './conference.ts'
import { LaterPlayback } from './later-playback.ts'
import { announceFileDone } from './maintenance.ts'
import type { Member } from './member.ts'
import { spokenPath } from './speech.ts'

export type WhichFiles = 'current' | 'all' | 'async'

export interface FileOptions {
  /** Beside the others, in place of what plays so already. Default: after them. */
  readonly isAside?: boolean
  /** -1 endless; default 1, or what the `loops` of its braces say. */
  readonly loops?: number
  /** Not mixed it is all that its listener hears. Default: mixed. */
  readonly isMixed?: boolean
  /** Silence before it: whoever has just come hears its beginning too. */
  readonly leadMs?: number
}

/** Somebody's word beside the samples: the position is as exact as the clock of the main thread. */
export class PlayedFile {
  readonly path: string
  readonly isAside: boolean
  /** What was opened for it alone; undefined when it plays on a leg that stays. */
  readonly voice: MediaLeg | undefined
  readonly playback: ReturnType<MediaLeg['play']>
  isPaused = false
  #position = 0
  #since: number

  constructor(
    path: string,
    isAside: boolean,
    voice: MediaLeg | undefined,
    playback: ReturnType<MediaLeg['play']>,
  ) {
    this.path = path
    this.isAside = isAside
    this.voice = voice
    this.playback = playback
    this.#since = performance.now()
  }

  /** ms. */
  get position(): number {
    return Math.round(this.#position + (this.isPaused ? 0 : performance.now() - this.#since))
  }

  pause(on: boolean): void {
    if (on === this.isPaused) return
    this.#position = this.position
    this.#since = performance.now()
    this.isPaused = on
    this.playback.pause(on)
  }

  seek(ms: number): void {
    this.#position = Math.max(0, ms)
    this.#since = performance.now()
    this.playback.seek(this.#position, false)
  }
}

interface Owner {
  openVoice(): MediaLeg
  /** Where a sound covers all others. */
  readonly leg: MediaLeg | undefined
  /** What the media engine is to open; undefined when there is nothing (words without an engine that says them). */
  resolve(path: string): string | undefined
  done(file: PlayedFile, samples: number, rate: number): void
}

export class PlayedFiles {
  readonly #owner: Owner
  #queue: PlayedFile[] = []
  #aside: PlayedFile | undefined
  /** Called when a sound is over and another one may begin. */
  onEnded: (wasStopped: boolean) => void = () => undefined

  constructor(owner: Owner) {
    this.#owner = owner
  }

  /** What plays in its turn now. */
  get current(): PlayedFile | undefined {
    return this.#queue[0]
  }

  get aside(): PlayedFile | undefined {
    return this.#aside
  }

  /** False when it cannot be opened. */
  async play(path: string, options: FileOptions = {}): Promise<boolean> {
    const whole = this.#owner.resolve(path)
    if (whole === undefined) return false
    const { isAside = false, isMixed = true, leadMs = 0 } = options
    const leg = (isMixed ? undefined : this.#owner.leg) ?? this.#owner.openVoice()
    const voice = leg === this.#owner.leg ? undefined : leg
    const lead = leadMs > 0 ? [`silence_stream://${leadMs}`] : []
    const begin = () => leg.play({ paths: [...lead, whole], loops: options.loops ?? loopsOf(path) })
    // A leg plays one sound at a time, and the room's is none of them.
    const isTaken = this.#queue.some((other) => other.voice === undefined)
    const playback = voice === undefined && isTaken ? new LaterPlayback(begin) : begin()
    const file = new PlayedFile(path, isAside, voice, playback)
    if (isAside) {
      this.#aside?.playback.stop()
      this.#aside = file
    } else {
      if (this.#queue.length > 0) file.pause(true)
      this.#queue.push(file)
    }
    void playback.ended.then(({ ended, samples, rate }) => {
      this.#ended(file, samples, rate)
      this.onEnded(ended === 'stopped')
    })
    return await playback.started
  }

  /** How many were stopped. */
  stop(which: WhichFiles): number {
    const stopped: PlayedFile[] = []
    if (which !== 'async')
      stopped.push(...(which === 'all' ? this.#queue : this.#queue.slice(0, 1)))
    if (which !== 'current' && this.#aside) stopped.push(this.#aside)
    for (const { playback } of stopped) playback.stop()
    return stopped.length
  }

  #ended(file: PlayedFile, samples: number, rate: number): void {
    void file.voice?.close()
    if (this.#aside === file) this.#aside = undefined
    const index = this.#queue.indexOf(file)
    if (index >= 0) this.#queue.splice(index, 1)
    if (index === 0) this.#queue[0]?.pause(false)
    this.#owner.done(file, samples, rate)
  }
}

/** `{loops=3}…`, `{loops=inf}…`. */
function loopsOf(path: string): number {
  const written = /^\{[^}]*\bloops=([^,}]*)/i.exec(path)?.[1]
  if (written === undefined) return 1
  if (/^inf/i.test(written)) return -1
  const loops = Number.parseInt(written, 10)
  return loops > 0 ? loops : loops < 0 ? -1 : 1
}

/** What plays to all, or to one member. */
export function playedFiles(conference: Conference, member?: Member): PlayedFiles {
  return new PlayedFiles({
    openVoice: () => conference.room.openVoice(member?.place),
    get leg() {
      return member?.channel.media
    },
    resolve: (path) =>
      /^say:/i.test(path) ? spokenPath(conference, path.slice(4)) : soundOf(conference, path),
    done: (file, samples, rate) => announceFileDone(conference, member, file, { samples, rate }),
  })
}

/** A path as the conference means it: below its `sound_prefix`, or the base directory. */
export function soundOf(conference: Conference, path: string): string {
  const [, params = '', plain = ''] = /^(\{[^}]*\})?(.*)$/s.exec(path) ?? []
  if (plain.includes('://') || plain.startsWith('/')) return path
  const folder = conference.soundPrefix || (conference.sw.globals.get('base_dir') ?? '')
  return params + join(folder, plain)
}
