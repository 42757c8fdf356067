/** A member of a conference: a channel, what he may, and how loud. */
import type { Channel } from '../../core/channel.ts'
import type { RoomMember } from '../../core/interfaces.ts'
import type { Conference } from './conference.ts'
import { type PlayedFiles, playedFiles } from './files.ts'

/** What the steps -4 to 4 multiply samples with, in dB. */
const stepFactors = [0.2, 0.4, 0.6, 0.8, 1, 1.3, 2.3, 3.3, 4.3]
export const mostVolume = 4

function decibelOf(step: number): number {
  return 20 * Math.log10(stepFactors[step + mostVolume] ?? 1)
}

export class Member {
  readonly id: number
  readonly channel: Channel
  readonly conference: Conference
  readonly flags: ReadonlySet<string>
  readonly joinedAt = Date.now()
  /** In the mixer. */
  readonly place: RoomMember
  /** What is played to him alone. */
  readonly files: PlayedFiles
  canSpeak: boolean
  canHear: boolean
  isHeld = false
  isTalking = false
  isGone = false
  /** The conference ended under him. */
  isEndedWithRoom = false
  /** ms since the epoch of the last talk; 0 never. */
  lastTalkingAt = 0
  /** Mean amplitude of what he says, as it was told last. */
  score = 0
  energyLevel: number
  volumeIn = 0
  volumeOut = 0
  /** Ids of those who do not hear him, and whom he does not hear. */
  readonly silentTo = new Set<number>()
  readonly deafTo = new Set<number>()
  #released: () => void = () => undefined
  /** Resolves when he is no longer in. */
  readonly untilGone: Promise<void>
  /** Played to him when he is out. */
  farewell: string | undefined

  constructor(id: number, channel: Channel, conference: Conference, flags: ReadonlySet<string>) {
    this.id = id
    this.channel = channel
    this.conference = conference
    this.flags = flags
    this.canSpeak = !flags.has('mute')
    this.canHear = !flags.has('deaf')
    const { media, variables } = channel
    if (!media) throw new Error('a member needs sound')
    const joinLevel = Number.parseInt(variables.get('conference_join_energy_level') ?? '', 10)
    this.energyLevel = Math.max(
      0,
      Number.isNaN(joinLevel) ? conference.profile.energyLevel : joinLevel,
    )
    this.untilGone = new Promise((resolve) => {
      this.#released = resolve
    })
    this.place = conference.room.join(media, {
      speaks: this.canSpeak,
      hears: this.canHear,
      energyLevel: conference.isAlwaysHeard ? 0 : this.energyLevel,
      detectsMuted: flags.has('mute-detect'),
      spreadsDigits: flags.has('dist-dtmf'),
    })
    this.files = playedFiles(conference, this)
  }

  get isModerator(): boolean {
    return this.flags.has('moderator')
  }

  setSpeaking(on: boolean): void {
    this.canSpeak = on
    if (!on) this.isTalking = false
    this.#apply()
  }

  setHearing(on: boolean): void {
    this.canHear = on
    this.#apply()
  }

  setHeld(on: boolean): void {
    this.isHeld = on
    this.#apply()
  }

  setEnergy(level: number): void {
    this.energyLevel = Math.max(0, level)
    this.place.set({ energyLevel: this.conference.isAlwaysHeard ? 0 : this.energyLevel })
  }

  /** Steps from -4 to 4. */
  setVolume(direction: 'in' | 'out', step: number): void {
    const bounded = Math.max(-mostVolume, Math.min(mostVolume, step))
    if (direction === 'in') this.volumeIn = bounded
    else this.volumeOut = bounded
    const db = decibelOf(bounded)
    this.place.set(direction === 'in' ? { gainIn: db } : { gainOut: db })
  }

  /** Leaves; the dialplan goes on. */
  release(): void {
    this.#released()
  }

  #apply(): void {
    const isHere = !this.isHeld
    this.place.set({ speaks: this.canSpeak && isHere, hears: this.canHear && isHere })
  }
}
