/** A conference: its room in the media engine, its members, and what is told of them. It ends with its last member. */
import { randomUUID } from 'node:crypto'
import { logger } from '../../base/log.ts'
import type { Channel } from '../../core/channel.ts'
import type { MediaRoom, RoomMember } from '../../core/interfaces.ts'
import type { Switch } from '../../core/switch.ts'
import { type PlayedFiles, playedFiles } from './files.ts'
import { announceConference, announceMember } from './maintenance.ts'
import { Member } from './member.ts'
import type { ConferenceProfile } from './profile.ts'
import { Recordings } from './recordings.ts'

const log = logger('applications/conference')

export class Conference {
  readonly sw: Switch
  readonly name: string
  readonly uuid: string = randomUUID()
  readonly profile: ConferenceProfile
  readonly room: MediaRoom
  readonly startedAt = Date.now()
  /** Newest first, as lists show them. */
  readonly members: Member[] = []
  readonly variables = new Map<string, string>()
  readonly files: PlayedFiles
  readonly recordings: Recordings
  floor: Member | undefined
  isLocked = false
  /** Mixed whatever the energy (`audio-always`). */
  readonly isAlwaysHeard: boolean
  pin: string
  maxMembers: number
  playsEnterSound = true
  playsExitSound = true
  /** Channels that are asked for a pin: it must not end before they are in. */
  waiting = 0
  #isOver = false
  #music: { readonly playback: ReturnType<PlayedFiles['play']> } | undefined
  readonly #onEnd: (conference: Conference) => void

  constructor(
    sw: Switch,
    name: string,
    profile: ConferenceProfile,
    first: Channel,
    onEnd: (conference: Conference) => void,
  ) {
    this.sw = sw
    this.name = name
    this.profile = profile
    this.pin = profile.pin
    this.maxMembers = profile.maxMembers
    this.isAlwaysHeard = profile.flags.includes('audio-always')
    this.#onEnd = onEnd
    const { rate, comfortNoise } = profile
    this.room = sw.media.openRoom(this.uuid, { rate, comfortNoise }, first.media)
    this.files = playedFiles(this)
    this.recordings = new Recordings(this)
    this.room.events.on('talking', ({ member, isTalking, score }) =>
      this.#talking(this.#memberOf(member), isTalking, score),
    )
    this.room.events.on('floor', (holder) => this.#setFloor(holder && this.#memberOf(holder)))
    this.room.events.on('left', (place) => this.#memberOf(place)?.release())
    this.room.events.on('closed', () => this.end())
    announceConference(this, 'conference-create')
    log.info(`conference ${name} begins at ${rate} Hz`, first.uuid)
  }

  get isOver(): boolean {
    return this.#isOver
  }

  get ghosts(): number {
    return this.members.filter((member) => member.flags.has('ghost')).length
  }

  /** Milliseconds since it began. */
  get age(): number {
    return Date.now() - this.startedAt
  }

  find(id: number): Member | undefined {
    return this.members.find((member) => member.id === id)
  }

  add(id: number, channel: Channel, flags: ReadonlySet<string>): Member {
    const member = new Member(id, channel, this, flags)
    this.members.unshift(member)
    const { variables } = channel
    variables.set('conference_name', this.name)
    variables.set('conference_member_id', String(id))
    variables.set('conference_uuid', this.uuid)
    announceMember(member, 'add-member')
    this.#cameOrWent(member, 'enter-sound', this.playsEnterSound)
    return member
  }

  remove(member: Member): void {
    const index = this.members.indexOf(member)
    if (index < 0) return
    this.members.splice(index, 1)
    if (this.floor === member) this.#setFloor(undefined)
    member.isTalking = false
    member.canSpeak = false
    member.isGone = true
    for (const other of this.members) {
      other.silentTo.delete(member.id)
      other.deafTo.delete(member.id)
    }
    announceMember(member, 'del-member')
    member.files.stop('all')
    member.place.leave()
    member.release()
    this.#cameOrWent(member, 'exit-sound', this.playsExitSound)
    this.endIfEmpty()
  }

  endIfEmpty(): void {
    if (this.members.length === 0 && this.waiting === 0) this.end()
  }

  /** Everybody leaves. */
  end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#onEnd(this)
    for (const member of [...this.members]) {
      member.isEndedWithRoom = true
      this.remove(member)
    }
    this.recordings.stop('all')
    this.files.stop('all')
    announceConference(this, 'conference-destroy')
    this.room.close()
    log.info(`conference ${this.name} ends after ${Math.round(this.age / 1000)} s`)
  }

  lock(on: boolean): void {
    this.isLocked = on
    announceConference(this, on ? 'lock' : 'unlock')
  }

  /** Takes the floor from whoever has it, or gives it. */
  giveFloor(member: Member): void {
    member.place.takeFloor()
  }

  #memberOf(place: RoomMember): Member | undefined {
    return this.members.find((member) => member.place === place)
  }

  #talking(member: Member | undefined, isTalking: boolean, score: number): void {
    if (!member) return
    member.score = score
    if (!member.canSpeak) {
      if (isTalking && member.flags.has('mute-detect')) announceMember(member, 'mute-detect')
      return
    }
    if (member.isTalking === isTalking) return
    member.isTalking = isTalking
    member.lastTalkingAt = Date.now()
    announceMember(member, isTalking ? 'start-talking' : 'stop-talking')
  }

  #setFloor(holder: Member | undefined): void {
    const before = this.floor
    if (before === holder) return
    this.floor = holder
    announceConference(
      this,
      'floor-change',
      {
        'Old-ID': before ? String(before.id) : 'none',
        'New-ID': holder ? String(holder.id) : 'none',
      },
      holder,
    )
  }

  /** The sounds that go with members coming and going, and the music for one who is alone. */
  #cameOrWent(member: Member, sound: 'enter-sound' | 'exit-sound', isWanted: boolean): void {
    const path = this.profile.sound(sound)
    const isHeard = this.members.length > (sound === 'enter-sound' ? 1 : 0)
    if (path && isWanted && isHeard && !member.flags.has('ghost')) void this.files.play(path)
    this.#entertain()
  }

  #entertain(): void {
    const path = this.profile.sound('moh-sound')
    const isAlone = this.members.length === 1 && !this.members[0]?.flags.has('nomoh')
    if (isAlone && path && !this.#music) this.#music = { playback: this.files.play(path, true, -1) }
    else if (!isAlone && this.#music) {
      this.#music = undefined
      this.files.stop('async')
    }
    const alone = this.profile.sound('alone-sound')
    if (isAlone && alone && !path) void this.files.play(alone)
  }
}
