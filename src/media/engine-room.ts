/** Rooms in which many hear each other. Part of the engine's face: imported through engine.ts. */
import type { Emitter } from '../base/emitter.ts'
import type { MediaLeg } from './engine-leg.ts'
import type { Recording, RecordRequest } from './engine-sound.ts'

/** What a member of a room may do, and how loud; what is not named stays, or is as the comment says. */
export interface MemberSettings {
  /** Whether the room hears him. Default: yes. */
  readonly speaks?: boolean
  /** Whether he hears the room. Default: yes. */
  readonly hears?: boolean
  /** The mean amplitude (0–32767) that counts as speech; below it nothing goes into the mix. Default: 0, all does. */
  readonly energyLevel?: number
  /** dB of what he says and of what he hears. Default: 0. */
  readonly gainIn?: number
  readonly gainOut?: number
  /** `talking` is told of a member that may not speak, too. Default: no. */
  readonly detectsMuted?: boolean
  /** His digits are sent on to all others. Default: no. */
  readonly spreadsDigits?: boolean
}

export interface RoomOptions {
  /** Hz of the mix, 8000–48000. */
  readonly rate: number
  /** What is heard while nobody speaks, on the scale of `sendSilence`; 0 pure silence. */
  readonly comfortNoise: number
}

export type RoomEvents = {
  /** A member began or ceased to talk; `score` is the mean amplitude of the frame that settled it. */
  talking: { readonly member: RoomMember; readonly isTalking: boolean; readonly score: number }
  /** Who has the floor now; undefined: nobody. */
  floor: RoomMember | undefined
  /** A member is no longer there, because it left or because its leg was bridged elsewhere or closed. */
  left: RoomMember
  /** The room was closed under its owner (worker died). */
  closed: undefined
}

export interface RoomMember {
  readonly leg: MediaLeg
  set(settings: MemberSettings): void
  /** Whether it hears another member; it does unless told otherwise. */
  relate(other: RoomMember, hears: boolean): void
  /** Takes the floor. */
  takeFloor(): void
  /** The leg stays, unbridged. */
  leave(): void
}

/** Mixes what its members say; each hears all but himself. It lives in one worker, its members' legs in any. */
export interface MediaRoom {
  readonly uuid: string
  readonly worker: number
  readonly events: Emitter<RoomEvents>
  /** Joins a leg, which leaves any bridge or room that it was in. Bridging, echoing or closing it makes it leave. */
  join(leg: MediaLeg, settings: MemberSettings): RoomMember
  /** A leg without a party that speaks in the room: what it plays all hear, or `only` one member. Close it. */
  openVoice(only?: RoomMember): MediaLeg
  /** Records what is said in the room; `what` is `read` here. */
  record(request: RecordRequest): Recording
  /** All members leave. A second call does nothing. */
  close(): void
}
