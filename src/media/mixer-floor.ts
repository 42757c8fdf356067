/** Who has the floor of a room: the one who speaks, until he falls quiet and another one speaks. */
import type { RoomMember } from './mixer-member.ts'

/** Slow scores: above the first somebody speaks, below the second the holder no longer does. */
const speaks = 300
const isQuiet = 100

export class FloorKeeper {
  holder: RoomMember | undefined
  readonly #tell: (holder: RoomMember | undefined) => void

  constructor(tell: (holder: RoomMember | undefined) => void) {
    this.#tell = tell
  }

  /** Gives the floor to a member, whatever he says; undefined takes it from whoever has it. */
  give(member: RoomMember | undefined): void {
    if (member === this.holder) return
    this.holder = member
    this.#tell(member)
  }

  gone(member: RoomMember): void {
    if (member !== this.holder) return
    this.holder = undefined
    this.#tell(undefined)
  }

  tick(members: readonly RoomMember[]): void {
    const { holder } = this
    // An empty floor goes to whoever is there.
    const isFree = holder === undefined
    if (!isFree && holder.gate.slowScore >= isQuiet) return
    for (const member of members) {
      if (member.isVoice || member === holder) continue
      if (isFree || member.gate.slowScore > speaks) return this.give(member)
    }
  }
}
