/**
 * A room: every 20 ms it adds up what its members say and gives each the sum without his own part. All who say nothing
 * hear the very same, which is encoded once. Lives in one worker; members of other workers come through pipes.
 */
import type { Encoder } from './encoder.ts'
import type { RoomOptions } from './engine.ts'
import type { LegHost } from './leg-host.ts'
import { FloorKeeper } from './mixer-floor.ts'
import { RoomMember } from './mixer-member.ts'
import { type SharedOutput, SharedOutputs } from './shared-output.ts'
import { comfortNoise } from './sound.ts'
import { type Ticked, tickMs } from './ticker.ts'

/** Rates at which a tick is a whole number of samples. */
export const leastRoomRate = 8000
export const mostRoomRate = 48_000

export class Room implements Ticked {
  readonly id: number
  readonly uuid: string
  readonly host: LegHost
  readonly rate: number
  readonly frameLength: number
  readonly members: RoomMember[] = []
  readonly floor: FloorKeeper
  /** Hears all and says nothing: a recording of it is one of the room. It ends with the room, and the room with it. */
  readonly ear: RoomMember
  readonly #noiseLevel: number
  readonly #outputs = new SharedOutputs()
  /** Voices that speak to one member only. */
  readonly #whispers: RoomMember[] = []
  readonly #total: Int32Array
  readonly #private: Int32Array
  readonly #own: Int16Array
  /** What all hear in this tick and heard in the one before. */
  #mix: Int16Array
  #before: Int16Array
  #tick = 0
  #isTicking = false
  /** Who was mixed in this tick. */
  #talkers = 0

  constructor(id: number, uuid: string, host: LegHost, options: RoomOptions) {
    this.id = id
    this.uuid = uuid
    this.host = host
    this.rate = options.rate
    this.frameLength = (options.rate * tickMs) / 1000
    // The scale of comfort noise is that of 8 kHz.
    this.#noiseLevel = (options.comfortNoise * options.rate) / 8000
    this.#total = new Int32Array(this.frameLength)
    this.#private = new Int32Array(this.frameLength)
    this.#own = new Int16Array(this.frameLength)
    this.#mix = new Int16Array(this.frameLength)
    this.#before = new Int16Array(this.frameLength)
    this.floor = new FloorKeeper((holder) =>
      host.tell({ tell: 'room floor', room: id, member: holder?.id }),
    )
    this.ear = new RoomMember(id, uuid, this, {}, { only: undefined })
    this.add(this.ear)
  }

  add(member: RoomMember): void {
    this.members.push(member)
    if (member.only) this.#whispers.push(member)
    this.#startOrStop()
  }

  remove(member: RoomMember): void {
    const index = this.members.indexOf(member)
    if (index < 0) return
    this.members.splice(index, 1)
    const whisper = this.#whispers.indexOf(member)
    if (whisper >= 0) this.#whispers.splice(whisper, 1)
    for (const other of this.members) other.deafTo.delete(member)
    this.floor.gone(member)
    if (member === this.ear) this.#close()
    this.#startOrStop()
  }

  /** A member's party was taken elsewhere: the core closes what is left of it here. */
  lost(member: RoomMember): void {
    this.host.tell({ tell: 'room left', room: this.id, member: member.id })
    this.remove(member)
  }

  tellTalking(member: RoomMember): void {
    if (member.isVoice) return
    const { id, gate } = member
    const { isTalking } = gate
    const score = Math.round(gate.score)
    const talk = isTalking ? { isTalking, score } : { isTalking, score, report: gate.report() }
    this.host.tell({ tell: 'room talking', room: this.id, member: id, talk })
  }

  #tellLevel(member: RoomMember): void {
    const level = Math.round(member.gate.level)
    this.host.tell({ tell: 'room level', room: this.id, member: member.id, level })
  }

  spreadDigit(from: RoomMember, digit: string, ms: number): void {
    for (const member of this.members)
      if (member !== from && !member.skipsDigits) member.hearDigit(digit, ms)
  }

  outputFor(encoder: Encoder): SharedOutput | undefined {
    return this.#outputs.for(encoder)
  }

  tick(now: number, skipped: number): void {
    this.#tick++
    const { members } = this
    if (skipped > 0) this.#skip(skipped, now)
    this.floor.tick(members)
    this.#gather()
    this.#mixForAll()
    const isSilent = this.#talkers === 0
    // From the last to the first: whoever leaves in the middle does not disturb those before.
    for (let i = members.length - 1; i >= 0; i--) {
      const member = members[i]
      if (member) this.#serve(member, isSilent, now)
    }
  }

  /** Takes a frame of each who speaks, and adds up those whom everybody may hear. */
  #gather(): void {
    const total = this.#total
    total.fill(0)
    this.#talkers = 0
    for (const member of this.members) {
      if (!member.isVoice) {
        if (member.gate.tick() !== 0) this.tellTalking(member)
        if (member.gate.hasMoved()) this.#tellLevel(member)
      }
      if (!member.take() || member.only) continue
      this.#talkers++
      const { frame } = member
      for (let i = 0; i < total.length; i++) total[i] = total[i]! + frame[i]!
    }
  }

  #mixForAll(): void {
    const mix = this.#before
    this.#before = this.#mix
    this.#mix = mix
    if (this.#talkers > 0) clip(this.#total, mix)
    else comfortNoise(mix, this.#noiseLevel)
  }

  /** Gives a member what he is to hear. */
  #serve(member: RoomMember, isSilent: boolean, now: number): void {
    const { peer } = member
    if (peer === undefined && member.taps.size === 0) return
    if (!member.hears) return member.say(this.#nothing(), now)
    const isPrivate = member.isMixed || this.#hasOwnMix(member)
    const isPlain = !isPrivate && member.taps.size === 0 && member.isPlain
    const encoder = isPlain ? peer?.sharedEncoder : undefined
    const output = encoder && member.outputFor(encoder)
    if (output && member.mayShare(encoder, isSilent)) {
      member.isShared = true
      output.make(this.#tick, this.#mix, this.#before, this.rate)
      return encoder.forward(output.payload, member, now)
    }
    if (member.isShared) {
      member.isShared = false
      peer?.sharedEncoder?.prime(this.#before, this.rate, member)
    }
    member.say(isPrivate ? this.#mixFor(member) : this.#mix, now)
  }

  /** Whether somebody whispers to him, or somebody speaks whom he must not hear. */
  #hasOwnMix(member: RoomMember): boolean {
    for (const whisper of this.#whispers)
      if (whisper.only === member && whisper.isMixed) return true
    if (member.deafTo.size > 0) for (const other of member.deafTo) if (other.isMixed) return true
    return false
  }

  /** The sum without himself and those whom he does not hear, with what is for him alone. */
  #mixFor(member: RoomMember): Int16Array {
    const sum = this.#private
    let voices = this.#talkers
    sum.set(this.#total)
    if (member.isMixed && !member.only) {
      subtract(sum, member.frame)
      voices--
    }
    for (const other of member.deafTo) {
      if (!other.isMixed || other.only) continue
      subtract(sum, other.frame)
      voices--
    }
    for (const { isMixed, only, frame } of this.#whispers) {
      if (!isMixed || only !== member) continue
      for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + frame[i]!
      voices++
    }
    if (voices > 0) clip(sum, this.#own)
    else comfortNoise(this.#own, this.#noiseLevel)
    return this.#own
  }

  #nothing(): Int16Array {
    comfortNoise(this.#own, this.#noiseLevel)
    return this.#own
  }

  #skip(skipped: number, now: number): void {
    for (const member of this.members) {
      member.queue.skip(skipped)
      member.peer?.pauseToParty(skipped * tickMs, member, now)
    }
  }

  /** The clock runs only while somebody is there to hear, or the room is recorded. */
  #startOrStop(): void {
    const isNeeded = this.members.length > 1 || this.ear.taps.size > 0
    if (isNeeded === this.#isTicking) return
    this.#isTicking = isNeeded
    if (isNeeded) this.host.ticker.add(this)
    else this.host.ticker.remove(this)
  }

  /** The room is over: its members' parties hear nothing any more. */
  #close(): void {
    for (const member of [...this.members]) member.close()
    this.#outputs.clear()
  }
}

function clip(sum: Int32Array, into: Int16Array): void {
  for (let i = 0; i < into.length; i++) {
    const sample = sum[i]!
    into[i] = sample > 32767 ? 32767 : sample < -32768 ? -32768 : sample
  }
}

function subtract(sum: Int32Array, frame: Int16Array): void {
  for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! - frame[i]!
}
