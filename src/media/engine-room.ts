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
  /** All he says is mixed, however soft; the level then only tells whether he talks. Default: no. */
  readonly isAlwaysHeard?: boolean
  /** dB of what he says and of what he hears. Default: 0. */
  readonly gainIn?: number
  readonly gainOut?: number
  /** `talking` is told of a member that may not speak, too. Default: no. */
  readonly detectsMuted?: boolean
  /** His digits are sent on to all others. Default: no. */
  readonly spreadsDigits?: boolean
  /** Digits that others send on do not reach him. Default: no. */
  readonly skipsDigits?: boolean
  /** Default: the threshold stays as it is. */
  readonly autoEnergy?: AutoEnergy
  /** Default: whatever is loud stays loud. */
  readonly limit?: LoudnessLimit
  /** Default: none. */
  readonly autoGain?: AutoGain
}

/** The threshold follows the member: up to three quarters of his voice after a talk, down again while he is quiet. */
export interface AutoEnergy {
  /** The highest threshold; 0 ends it. */
  readonly most: number
  /** The one it goes down to. */
  readonly least: number
  /** ms of quiet until it goes down by a step. */
  readonly downMs: number
}

/** What becomes of a member that is too loud: three quarters of the level make him softer, above it he is muted for a while. */
export interface LoudnessLimit {
  /** Mean amplitude; 0 ends it. */
  readonly level: number
  readonly muteMs: number
  /** How many frames above the level mute him. */
  readonly hits: number
}

/** The gain of what a member says follows a loudness. */
export interface AutoGain {
  /** Mean amplitude; 0 ends it. */
  readonly level: number
  /** What is softer counts at once, for the gain to go up. */
  readonly low: number
  /** How far from the level nothing is done. */
  readonly margin: number
  /** After so many periods on the same side the gain moves a step. */
  readonly patience: number
  readonly periodMs: number
}

/** Figures of one talk. */
export interface TalkReport {
  /** Frames above the threshold, and all of them. */
  readonly hits: number
  readonly frames: number
  /** Mean amplitude of those above the threshold, and how much it changed from frame to frame. */
  readonly mean: number
  readonly change: number
}

export interface RoomOptions {
  /** Hz of the mix, 8000–48000. */
  readonly rate: number
  /** What is heard while nobody speaks, on the scale of `sendSilence`; 0 pure silence. */
  readonly comfortNoise: number
}

export interface TalkNews {
  readonly isTalking: boolean
  readonly score: number
  /** The talk that is over. */
  readonly report?: TalkReport
}

export type RoomEvents = {
  /** A member began or ceased to talk; `score` is the mean amplitude of the frame that settled it. */
  talking: TalkNews & { readonly member: RoomMember }
  /** A threshold moved by itself. */
  level: { readonly member: RoomMember; readonly level: number }
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
  /** Nobody has the floor, until somebody is given it. */
  clearFloor(): void
  /** A leg without a party that speaks in the room: what it plays all hear, or `only` one member. Close it. */
  openVoice(only?: RoomMember): MediaLeg
  /** Records what is said in the room; `what` is `read` here. */
  record(request: RecordRequest): Recording
  /** All members leave. A second call does nothing. */
  close(): void
}
