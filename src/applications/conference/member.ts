/** A member of a conference: a channel, what he may, and how loud. */
import { levelFactor } from '../../core/audio-level.ts'
import type { Channel } from '../../core/channel.ts'
import type { MediaLeg, RoomMember } from '../../core/interfaces.ts'
import type { Conference } from './conference.ts'
import { type PlayedFiles, playedFiles } from './files.ts'
import type { MemberFlag } from './flags.ts'
import { applyRelation } from './relations.ts'

export const mostVolume = 4
/** Thresholds that keys and `up` reach. */
export const mostEnergy = 1800
/** How far `up` and `down` move them. */
export const energyStep = 200
const tickMs = 20

function decibelOf(step: number): number {
  return 20 * Math.log10(levelFactor(step))
}

type Settings = Parameters<RoomMember['set']>[0]

export class Member {
  readonly id: number
  readonly channel: Channel
  readonly conference: Conference
  readonly joinedAt = Date.now()
  /** What is played to him alone. */
  readonly files: PlayedFiles
  readonly #flags: ReadonlySet<MemberFlag>
  #place: RoomMember
  canSpeak: boolean
  canHear: boolean
  isHeld = false
  isTalking = false
  isGone = false
  /** He was told to leave (`kick`). */
  isKicked = false
  /** The conference ended under him. */
  isEndedWithRoom = false
  /** Applications run beside the conference: what he says is theirs. */
  isBusy = false
  /** His sound is where such an application has taken it. */
  isAway = false
  /** ms since the epoch of the last talk; 0 never. */
  lastTalkingAt = 0
  /** Talks since the last `talk-report`, and when the first of them began. */
  talks = 0
  firstTalkAt = 0
  /** Mean amplitude of what he says, as it was told last. */
  score = 0
  energyLevel: number
  autoEnergyLevel: number
  maxEnergyLevel: number
  maxEnergyMuteMs: number
  maxEnergyHits: number
  autoGainLevel: number
  autoGainLow: number
  autoGainPatience: number
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

  constructor(
    id: number,
    channel: Channel,
    conference: Conference,
    flags: ReadonlySet<MemberFlag>,
  ) {
    this.id = id
    this.channel = channel
    this.conference = conference
    this.#flags = flags
    const isScreen = flags.has('second-screen')
    this.canSpeak = !flags.has('mute') && !isScreen
    this.canHear = !flags.has('deaf') && !isScreen
    const { media } = channel
    if (!media) throw new Error('a member needs sound')
    const { profile } = conference
    this.energyLevel =
      numberIn(channel, 'conference_join_energy_level', -1, mostEnergy) ?? profile.energyLevel
    this.volumeIn = numberIn(channel, 'conference_join_volume_in', -mostVolume, mostVolume) ?? 0
    this.volumeOut = numberIn(channel, 'conference_join_volume_out', -mostVolume, mostVolume) ?? 0
    this.autoEnergyLevel = profile.autoEnergyLevel
    this.maxEnergyLevel = profile.maxEnergyLevel
    this.maxEnergyMuteMs = profile.maxEnergyMuteMs
    this.maxEnergyHits = profile.maxEnergyHits
    this.autoGainLevel = profile.autoGain.level
    this.autoGainLow = profile.autoGain.low
    this.autoGainPatience = profile.autoGain.patience
    this.untilGone = new Promise((resolve) => {
      this.#released = resolve
    })
    this.#place = this.#join(media)
    this.files = playedFiles(conference, this)
  }

  /** In the mixer. */
  get place(): RoomMember {
    return this.#place
  }

  has(flag: MemberFlag): boolean {
    return this.#flags.has(flag)
  }

  get isModerator(): boolean {
    return this.has('moderator')
  }

  get isGhost(): boolean {
    return this.has('ghost')
  }

  /** Comes back to the mixer after his sound was elsewhere, or with other sound. */
  rejoin(media: MediaLeg): void {
    this.isAway = false
    this.#place = this.#join(media)
    for (const other of this.conference.members) if (other !== this) applyRelation(this, other)
  }

  setSpeaking(on: boolean): void {
    this.canSpeak = on
    if (!on) this.isTalking = false
    this.apply()
  }

  setHearing(on: boolean): void {
    this.canHear = on
    this.apply()
  }

  setHeld(on: boolean): void {
    this.isHeld = on
    if (on) this.isTalking = false
    this.apply()
  }

  setBusy(on: boolean): void {
    if (on === this.isBusy) return
    this.isBusy = on
    this.apply()
  }

  setEnergy(level: number): void {
    this.energyLevel = level
    this.#place.set({ energyLevel: this.#threshold() })
  }

  /** Steps from -4 to 4. */
  setVolume(direction: 'in' | 'out', step: number): void {
    const bounded = Math.max(-mostVolume, Math.min(mostVolume, step))
    if (direction === 'in') this.volumeIn = bounded
    else this.volumeOut = bounded
    const db = decibelOf(bounded)
    this.#place.set(direction === 'in' ? { gainIn: db } : { gainOut: db })
  }

  /** What follows his voice, from the fields above. */
  applyDynamics(): void {
    this.#place.set(this.#dynamics(true))
  }

  /** What he may, as it is now. */
  apply(): void {
    this.#place.set(this.#rights())
  }

  /** Leaves; the dialplan goes on. */
  release(): void {
    this.#released()
    // What runs beside the conference would keep him.
    if (this.isBusy) this.channel.break()
  }

  #join(media: MediaLeg): RoomMember {
    return this.conference.room.join(media, {
      ...this.#rights(),
      ...this.#dynamics(false),
      energyLevel: this.#threshold(),
      isAlwaysHeard: this.conference.isAlwaysHeard,
      ...(this.volumeIn === 0 ? {} : { gainIn: decibelOf(this.volumeIn) }),
      ...(this.volumeOut === 0 ? {} : { gainOut: decibelOf(this.volumeOut) }),
      detectsMuted: this.has('mute-detect'),
      spreadsDigits: this.has('dist-dtmf'),
      skipsDigits: this.has('skip-dtmf'),
    })
  }

  #rights(): Settings {
    const isHere = !this.isHeld
    const isHeard = isHere && !this.isBusy && !this.conference.isWaiting
    return { speaks: this.canSpeak && isHeard, hears: this.canHear && isHere }
  }

  #threshold(): number {
    return Math.max(0, this.energyLevel)
  }

  /** Only what is set, unless `all`: what nobody asked for costs nothing. */
  #dynamics(all: boolean): Settings {
    const { profile } = this.conference
    return {
      ...(all || this.autoEnergyLevel > 0
        ? {
            autoEnergy: {
              most: this.autoEnergyLevel,
              least: profile.energyLevel,
              downMs: profile.autoEnergySeconds * 1000,
            },
          }
        : {}),
      ...(all || this.maxEnergyLevel > 0
        ? {
            limit: {
              level: this.maxEnergyLevel,
              muteMs: this.maxEnergyMuteMs,
              hits: this.maxEnergyHits,
            },
          }
        : {}),
      ...(all || this.autoGainLevel > 0
        ? {
            autoGain: {
              level: this.autoGainLevel,
              low: this.autoGainLow,
              margin: profile.autoGain.margin,
              patience: this.autoGainPatience,
              periodMs: profile.autoGain.frames * tickMs,
            },
          }
        : {}),
    }
  }
}

/** A whole number of a variable; undefined when it has none within the bounds. */
function numberIn(channel: Channel, name: string, least: number, most: number): number | undefined {
  const number = Number.parseInt(channel.text(name) ?? '', 10)
  return number >= least && number <= most ? number : undefined
}
