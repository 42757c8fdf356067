/** A room as the core holds it: its members, its voices, and what its worker tells of them. */
import { Emitter } from '../base/emitter.ts'
import type {
  MediaLeg,
  MediaRoom,
  MemberSettings,
  Recording,
  RecordRequest,
  RoomEvents,
  RoomMember,
  RoomOptions,
} from './engine.ts'
import { Pipe } from './pipe.ts'
import type { RoomNews } from './protocol.ts'
import { type Place, RemoteLeg } from './remote-leg.ts'
import type { WorkerSlot } from './worker-slot.ts'

class RemoteMember implements RoomMember, Place {
  readonly id: number
  readonly leg: RemoteLeg
  readonly #room: RemoteRoom
  #isGone = false

  constructor(id: number, leg: RemoteLeg, room: RemoteRoom) {
    this.id = id
    this.leg = leg
    this.#room = room
  }

  set(settings: MemberSettings): void {
    this.#room.slot.send({ ask: 'set member', leg: this.id, settings })
  }

  relate(other: RoomMember, hears: boolean): void {
    const { id } = this.#room.own(other)
    this.#room.slot.send({ ask: 'relate members', leg: this.id, other: id, hears })
  }

  takeFloor(): void {
    this.#room.slot.send({ ask: 'room floor', leg: this.#room.id, member: this.id })
  }

  leave(): void {
    if (this.#isGone) return
    this.#isGone = true
    const { slot } = this.#room
    slot.send({ ask: 'close', leg: this.id })
    // Within a worker the leg is unbridged by that; the far end of a pipe has to be told.
    if (this.leg.slot !== slot) this.leg.slot.send({ ask: 'unbridge', leg: this.leg.id })
    this.leg.left(this)
    this.#room.left(this)
  }
}

export class RemoteRoom implements MediaRoom {
  readonly id: number
  readonly uuid: string
  readonly slot: WorkerSlot
  readonly events = new Emitter<RoomEvents>()
  readonly #nextId: () => number
  readonly #members = new Map<number, RemoteMember>()
  /** The ear is a leg of the room's worker: it is counted, and its loss is ours. */
  readonly #ear: RemoteLeg
  readonly #voices = new Set<RemoteLeg>()
  #isClosed = false

  constructor(uuid: string, options: RoomOptions, slot: WorkerSlot, nextId: () => number) {
    this.uuid = uuid
    this.slot = slot
    this.#nextId = nextId
    this.id = nextId()
    this.#ear = new RemoteLeg(this.id, uuid, '', 0, slot)
    slot.add(this.#ear)
    slot.rooms.set(this.id, this)
    slot.send({ ask: 'open room', leg: this.id, uuid, options })
    this.#ear.events.on('closed', () => this.#lost())
  }

  get worker(): number {
    return this.slot.index
  }

  join(leg: MediaLeg, settings: MemberSettings): RoomMember {
    if (!(leg instanceof RemoteLeg)) throw new Error('the leg is not of this engine')
    const member = new RemoteMember(this.#nextId(), leg, this)
    if (this.#isClosed || !leg.take(member)) return member
    this.#members.set(member.id, member)
    const { slot } = this
    const pipe =
      leg.slot === slot ? undefined : { outgoing: Pipe.buffer(), incoming: Pipe.buffer() }
    slot.send({
      ask: 'join room',
      leg: this.id,
      member: member.id,
      uuid: leg.uuid,
      phone: pipe ? undefined : leg.id,
      pipe,
      settings,
    })
    if (pipe) {
      const { outgoing, incoming } = pipe
      leg.slot.send({ ask: 'pipe', leg: leg.id, pipe: { outgoing: incoming, incoming: outgoing } })
    }
    return member
  }

  openVoice(only?: RoomMember): MediaLeg {
    const voice = new RemoteLeg(this.#nextId(), this.uuid, '', 0, this.slot)
    if (this.#isClosed) {
      voice.lost()
      return voice
    }
    this.slot.add(voice)
    for (const other of this.#voices) if (other.isClosed) this.#voices.delete(other)
    this.#voices.add(voice)
    this.slot.send({
      ask: 'room voice',
      leg: this.id,
      member: voice.id,
      uuid: this.uuid,
      only: only && this.own(only).id,
    })
    return voice
  }

  clearFloor(): void {
    this.slot.send({ ask: 'room floor', leg: this.id, member: undefined })
  }

  record(request: RecordRequest): Recording {
    return this.#ear.record({ ...request, what: 'read' })
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const member of [...this.#members.values()]) member.leave()
    for (const voice of this.#voices) void voice.close()
    this.#voices.clear()
    this.slot.rooms.delete(this.id)
    void this.#ear.close()
  }

  /** What the worker told. */
  news(news: RoomNews): void {
    const member = news.member === undefined ? undefined : this.#members.get(news.member)
    switch (news.tell) {
      case 'room talking':
        if (member) this.events.emit('talking', { ...news.talk, member })
        return
      case 'room level':
        if (member) this.events.emit('level', { member, level: news.level })
        return
      case 'room floor':
        // The floor of one who has just left is told again as empty.
        if (member || news.member === undefined) this.events.emit('floor', member)
        return
      case 'room left':
        member?.leave()
    }
  }

  own(member: RoomMember): RemoteMember {
    if (member instanceof RemoteMember) return member
    throw new Error('the member is not of this engine')
  }

  left(member: RemoteMember): void {
    if (this.#members.delete(member.id)) this.events.emit('left', member)
  }

  /** The worker is gone, and everything here with it. */
  #lost(): void {
    if (this.#isClosed) return
    this.close()
    this.events.emit('closed', undefined)
  }
}
