/** A conference: its room in the media engine, its members, and what is told of them. It ends with its last member. */
import { randomUUID } from 'node:crypto'
import { Emitter } from '../../base/emitter.ts'
import { reasonOf } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import type { Channel } from '../../core/channel.ts'
import type { MediaRoom, RoomMember } from '../../core/interfaces.ts'
import type { Switch } from '../../core/switch.ts'
import { CallRecord } from './cdr.ts'
import { ConferenceClock } from './clock.ts'
import { type FileOptions, type PlayedFiles, playedFiles, soundOf } from './files.ts'
import type { ConferenceFlag, MemberFlag } from './flags.ts'
import { InfoTeller } from './info.ts'
import { announceConference, announceMember } from './maintenance.ts'
import { Member } from './member.ts'
import { Music } from './music.ts'
import type { ConferenceProfile } from './profile.ts'
import { Recordings } from './recordings.ts'
import { spokenPath } from './speech.ts'
import { talkNews } from './talks.ts'

const log = logger('applications/conference')

/** ms of silence before a sound for one who has just come. */
const leadMs = 400

/** What changes of a conference: whoever shows it live listens here. */
export type ConferenceChanges = {
  added: Member
  /** Something that lists show of him. */
  changed: Member
  removed: Member
  /** Something of the conference itself. */
  room: undefined
  ended: undefined
}

export interface ConferenceOptions {
  readonly name: string
  readonly profile: ConferenceProfile
  /** Whose sound it is near. */
  readonly first: Channel
  readonly flags: ReadonlySet<ConferenceFlag>
  /** Dialled from one party to another (`bridge:`): it ends when one of the two is left. */
  readonly isBridge: boolean
  onEnd(conference: Conference): void
}

export class Conference {
  readonly sw: Switch
  readonly name: string
  readonly uuid: string = randomUUID()
  readonly profile: ConferenceProfile
  readonly domain: string
  readonly room: MediaRoom
  readonly startedAt = Date.now()
  readonly changes = new Emitter<ConferenceChanges>()
  /** Newest first, as lists show them. */
  readonly members: Member[] = []
  readonly variables = new Map<string, string>()
  readonly files: PlayedFiles
  readonly recordings: Recordings
  readonly music: Music
  readonly callRecord: CallRecord
  readonly clock: ConferenceClock
  readonly info: InfoTeller
  readonly flags: ReadonlySet<ConferenceFlag>
  readonly isBridge: boolean
  floor: Member | undefined
  isLocked = false
  /** Nobody is heard until a moderator comes (`wait-mod`). */
  isWaiting: boolean
  pin: string
  moderatorPin: string
  maxMembers: number
  soundPrefix: string
  callerIdName: string
  callerIdNumber: string
  graceSeconds: number
  enterSound: string | undefined
  exitSound: string | undefined
  playsEnterSound = true
  playsExitSound = true
  /** Said to everybody who comes after one who had others called (`conference_auto_outcall_announce`). */
  announcement: string | undefined
  /** Below so many members it ends, once it had as many. */
  leastMembers: number
  hadLeast = false
  /** An inbound caller or a dialled party has answered. */
  isAnswered = false
  /** Channels that are asked for a pin, and calls that it makes: it must not end before they are in. */
  waiting = 0
  /** Ends calls that are being made for it. */
  readonly calls = new AbortController()
  #isOver = false
  readonly #onEnd: (conference: Conference) => void

  constructor(sw: Switch, options: ConferenceOptions) {
    const { name, profile, first } = options
    this.sw = sw
    this.name = name
    this.profile = profile
    this.flags = new Set([...profile.flags, ...options.flags])
    this.isBridge = options.isBridge
    this.domain = name.includes('@') ? name.slice(name.indexOf('@') + 1) : profile.domain
    this.isWaiting = this.flags.has('wait-mod')
    this.pin = profile.pin
    this.moderatorPin = profile.moderatorPin
    this.maxMembers = profile.maxMembers
    this.soundPrefix = profile.soundPrefix || (first.text('sound_prefix') ?? '')
    this.callerIdName = profile.callerIdName
    this.callerIdNumber = profile.callerIdNumber
    this.graceSeconds = profile.graceSeconds
    this.enterSound = profile.sound('enter-sound')
    this.exitSound = profile.sound('exit-sound')
    this.leastMembers = options.isBridge ? 2 : 1
    this.#onEnd = options.onEnd
    const { rate, comfortNoise } = profile
    this.room = sw.media.openRoom(this.uuid, { rate, comfortNoise }, first.media)
    this.files = playedFiles(this)
    this.recordings = new Recordings(this)
    this.music = new Music(this)
    this.files.onEnded = (wasStopped) => this.music.soundEnded(wasStopped)
    this.callRecord = new CallRecord(this)
    this.clock = new ConferenceClock(this)
    this.info = new InfoTeller(this)
    this.room.events.on('talking', ({ member, ...news }) => {
      const found = this.#memberOf(member)
      if (found) talkNews(found, news)
    })
    this.room.events.on('level', ({ member, level }) => {
      const found = this.#memberOf(member)
      if (found) found.energyLevel = level
    })
    this.room.events.on('floor', (holder) => this.#setFloor(holder && this.#memberOf(holder)))
    this.room.events.on('left', (place) => this.#left(this.#memberOf(place)))
    this.room.events.on('closed', () => this.end())
    announceConference(this, 'conference-create')
    log.info(`conference ${name} begins at ${rate} Hz`, first.uuid)
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** Mixed whatever the energy. */
  get isAlwaysHeard(): boolean {
    return this.flags.has('audio-always')
  }

  /** Members that count: ghosts do not. */
  get size(): number {
    return this.members.length - this.ghosts
  }

  get ghosts(): number {
    let count = 0
    for (const member of this.members) if (member.isGhost) count++
    return count
  }

  /** Milliseconds since it began. */
  get age(): number {
    return Date.now() - this.startedAt
  }

  find(id: number): Member | undefined {
    return this.members.find((member) => member.id === id)
  }

  /** Tells those who show it live. */
  changed(member: Member | undefined): void {
    if (member && !member.isGone) this.changes.emit('changed', member)
    else this.changes.emit('room', undefined)
  }

  add(id: number, channel: Channel, flags: ReadonlySet<MemberFlag>): Member {
    if (flags.has('mintwo')) this.leastMembers = 2
    const member = new Member(id, channel, this, flags)
    this.members.unshift(member)
    const { variables } = channel
    variables.set('conference_name', this.name)
    variables.set('conference_member_id', String(id))
    variables.set('conference_uuid', this.uuid)
    variables.set('conference_moderator', String(member.isModerator))
    variables.set('conference_ghost', String(member.isGhost))
    variables.set('conference_recording', this.recordings.newest)
    if (this.isWaiting && member.isModerator) this.#moderatorCame()
    if (member.has('endconf') || member.has('mandatory_member_endconf')) this.clock.stopEnding()
    if (this.members.length >= this.leastMembers) this.hadLeast = true
    this.callRecord.came(member)
    this.changes.emit('added', member)
    this.recordings.count()
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
    this.callRecord.went(member)
    this.changes.emit('removed', member)
    member.files.stop('all')
    member.place.leave()
    member.release()
    if (this.#isOver) return
    this.info.tell()
    this.recordings.count()
    this.music.look()
    this.#judgeEnd(member)
  }

  endIfEmpty(): void {
    if (this.members.length === 0 && this.waiting === 0) this.end()
  }

  /** Everybody leaves. */
  end(isForced = false): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#onEnd(this)
    this.calls.abort()
    this.clock.stop()
    for (const member of [...this.members]) {
      member.isEndedWithRoom = true
      this.remove(member)
    }
    this.recordings.stopAll()
    this.files.stop('all')
    announceConference(this, 'conference-destroy')
    this.info.end()
    this.changes.emit('ended', undefined)
    this.callRecord.write(isForced)
    this.room.close()
    log.info(`conference ${this.name} ends after ${Math.round(this.age / 1000)} s`)
  }

  lock(on: boolean): void {
    this.isLocked = on
    announceConference(this, on ? 'lock' : 'unlock')
  }

  /**
   * A sound for all, in its turn, with the variables of `channel` in its name. It is no fault when there is none: the log says so
   * where it is named and missing.
   */
  playSound(path: string | undefined, channel?: Channel, options: FileOptions = {}): void {
    if (!path || this.#isOver || this.members.length === 0) return
    const play = async () => {
      const whole = channel && path.includes('$') ? await this.sw.expand(path, channel) : path
      if (this.#isOver) return
      const hasStarted = await this.files.play(whole, options)
      // What the end of the room has stopped is no fault either.
      if (!hasStarted && !this.isOver && !/^say:/i.test(whole))
        log.warning(`${whole} cannot be played in conference ${this.name}`)
    }
    void play().catch((thrown: unknown) => log.err(`${path}: ${reasonOf(thrown)}`))
  }

  /** What the media engine opens for a sound of this conference; empty when its words cannot be said. */
  pathOf(path: string): string {
    if (/^phrase:/i.test(path)) return path
    return /^say:/i.test(path) ? (spokenPath(this, path.slice(4)) ?? '') : soundOf(this, path)
  }

  /** To all, that one has come; to him, that he is alone. */
  greet(member: Member, isSilent: boolean): void {
    const { channel } = member
    if (
      !isSilent &&
      this.size > 1 &&
      this.playsEnterSound &&
      !member.isGhost &&
      !member.has('second-screen')
    )
      this.playSound(channel.text('conference_enter_sound') || this.enterSound, channel)
    const isAlone = this.size === 1 && !member.isGhost
    if (
      !isSilent &&
      isAlone &&
      !this.isWaiting &&
      !this.isBridge &&
      !this.profile.sound('perpetual-sound')
    )
      this.tellAlone(member, leadMs)
    this.music.look()
  }

  tellAlone(member: Member, lead = 0): void {
    const sound = this.profile.sound('alone-sound')
    if (sound) {
      this.music.stop()
      this.playSound(sound, member.channel, { leadMs: lead })
    }
  }

  #memberOf(place: RoomMember): Member | undefined {
    return this.members.find((member) => member.place === place)
  }

  /** A member's sound is elsewhere: for a while, when an application beside the conference has taken it; else for good. */
  #left(member: Member | undefined): void {
    if (!member) return
    if (member.isBusy) member.isAway = true
    else member.release()
  }

  #moderatorCame(): void {
    this.isWaiting = false
    for (const member of this.members) member.apply()
    this.music.stop()
  }

  /** One has left: what that means for the others. */
  #judgeEnd(member: Member): void {
    const { channel } = member
    const isMissing = (flag: MemberFlag) => !this.members.some((other) => other.has(flag))
    if (this.hadLeast && this.members.length < this.leastMembers && this.waiting === 0)
      return this.end()
    if (this.members.length === 0) return this.endIfEmpty()
    const exitSound = channel.text('conference_exit_sound')
    if (exitSound) this.playSound(exitSound, channel)
    else if (this.playsExitSound && !member.isGhost && !member.has('second-screen'))
      this.playSound(this.exitSound, channel)
    const [last] = this.members.filter((other) => !other.isGhost)
    if (this.size === 1 && last && !this.isWaiting && !member.isGhost) this.tellAlone(last)
    const ends =
      member.has('endconf') ||
      (member.has('mandatory_member_endconf') && isMissing('mandatory_member_endconf'))
    if (ends) this.clock.endIn(this.graceSeconds)
  }

  #setFloor(holder: Member | undefined): void {
    const before = this.floor
    if (before === holder) return
    this.floor = holder
    if (before && !before.isGone) this.changes.emit('changed', before)
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
}
