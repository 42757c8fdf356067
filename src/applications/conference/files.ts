/** Sounds that are played into a conference or to one member: one after the other, and one beside them (`async`). */
import { join } from 'node:path'
import type { MediaLeg, RoomMember } from '../../core/interfaces.ts'
import type { Conference } from './conference.ts'
import { announceFileDone } from './maintenance.ts'
import type { Member } from './member.ts'

interface PlayedFile {
  readonly path: string
  readonly isAside: boolean
  /** What was opened for it alone; undefined when it plays on a leg that stays. */
  readonly voice: MediaLeg | undefined
  readonly playback: ReturnType<MediaLeg['play']>
}

export type WhichFiles = 'current' | 'all' | 'async'

export class PlayedFiles {
  readonly #openVoice: () => MediaLeg
  /** Where a sound covers all others. */
  readonly #leg: MediaLeg | undefined
  readonly #resolve: (path: string) => string
  readonly #done: (path: string, isAside: boolean) => void
  #queue: PlayedFile[] = []
  #aside: PlayedFile | undefined

  constructor(
    openVoice: () => MediaLeg,
    resolve: (path: string) => string,
    done: (path: string, isAside: boolean) => void,
    leg?: MediaLeg,
  ) {
    this.#openVoice = openVoice
    this.#leg = leg
    this.#resolve = resolve
    this.#done = done
  }

  /**
   * Plays after what plays already, or (`isAside`) beside it, in place of what played so; not `isMixed` it is all that its
   * listener hears. False when it cannot be opened.
   */
  async play(path: string, isAside = false, loops = 1, isMixed = true): Promise<boolean> {
    const leg = (isMixed ? undefined : this.#leg) ?? this.#openVoice()
    const voice = leg === this.#leg ? undefined : leg
    const playback = leg.play({ paths: [this.#resolve(path)], loops })
    const file: PlayedFile = { path, isAside, voice, playback }
    if (isAside) {
      this.#aside?.playback.stop()
      this.#aside = file
    } else {
      if (this.#queue.length > 0) playback.pause(true)
      this.#queue.push(file)
    }
    void playback.ended.then(() => this.#ended(file))
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

  #ended(file: PlayedFile): void {
    void file.voice?.close()
    if (this.#aside === file) this.#aside = undefined
    const index = this.#queue.indexOf(file)
    if (index >= 0) this.#queue.splice(index, 1)
    if (index === 0) this.#queue[0]?.playback.pause(false)
    this.#done(file.path, file.isAside)
  }
}

/** What plays to all, or to one member. */
export function playedFiles(conference: Conference, member?: Member): PlayedFiles {
  const only: RoomMember | undefined = member?.place
  return new PlayedFiles(
    () => conference.room.openVoice(only),
    (path) => soundOf(conference, path),
    (path, isAside) => announceFileDone(conference, member, path, isAside),
    member?.channel.media,
  )
}

/** A path as the conference means it: below its `sound-prefix`, or the base directory. */
export function soundOf(conference: Conference, path: string): string {
  if (path.includes('://') || path.startsWith('/') || path.startsWith('{')) return path
  const { soundPrefix } = conference.profile
  return join(soundPrefix || (conference.sw.globals.get('base_dir') ?? ''), path)
}
