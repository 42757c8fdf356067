/**
 * A leg as its worker sees it: a party whose sound comes in and that hears one sound at a time. What is common to legs
 * with sockets, ends of a loop and ends of a pipe stands here; how sound crosses the edge is theirs.
 */
import { Pairing } from '../base/pairing.ts'
import { type Bug, BugChain } from './bug-chain.ts'
import type { DigitVoice } from './digit-voice.ts'
import type { Encoder } from './encoder.ts'
import type { LegSettings, LegStats, ReceivedDigit } from './engine.ts'
import type { LegHost } from './leg-host.ts'
import type { Direction } from './protocol.ts'
import { comfortNoise, FrameBuffer, gainFactor, scale } from './sound.ts'

/** A digit that is passed on lasts so long at least, ms. */
const shortestMs = 40

/** Hears a leg: both directions, already with gain and mute. */
export interface Tap {
  /** What the party says, and what it is told. `pcm` is only lent. */
  said?(pcm: Int16Array, rate: number): void
  told?(pcm: Int16Array, rate: number): void
  /** Nothing was said, or told, for so many ms; by the sender's clock, before the next sound. */
  saidPause?(ms: number): void
  toldPause?(ms: number): void
}

/** Looks at the octets of packets whose every octet is a sample, so that what is not wanted need not be decoded. */
export interface PacketGate {
  /** Whether the payload from `start` to `end` is wanted; `loudness` has the amplitude of each octet. */
  wants(packet: Uint8Array, start: number, end: number, loudness: Uint16Array): boolean
  /** The payload just before the one that was wanted, if that was not: the beginning of a word. */
  takeMissed(): Uint8Array | undefined
}

/** Lives on a leg (a player, a recorder, queued digits) and must end with it. */
export interface Tenant {
  legClosed(): void
}

/** What changes the loudness of one direction. */
export class Volume {
  isMuted = false
  /** What is sent instead while muted, on the scale of `comfortNoise`; 0: silence. */
  noise = 0
  factor = 4096

  get isPlain(): boolean {
    return !this.isMuted && this.factor === 4096
  }

  setGain(db: number): void {
    this.factor = gainFactor(db)
  }
}

const scaled = new FrameBuffer(48 * 240)

/** The sound after `volume`, in a buffer that the next call overwrites; itself when nothing changes. */
export function withVolume(pcm: Int16Array, volume: Volume): Int16Array {
  if (volume.isPlain) return pcm
  const result = scaled.first(Math.min(pcm.length, scaled.all.length))
  if (volume.isMuted) comfortNoise(result, volume.noise)
  else scale(pcm, result, volume.factor)
  return result
}

export abstract class Leg {
  readonly id: number
  readonly uuid: string
  readonly host: LegHost
  /** Who hears this party: the other side of the bridge, or itself under echo. */
  peer: Leg | undefined
  passesDtmf = true
  /** Digits for the party do not go to it: the core is told of them instead (`drop_dtmf`). */
  dropsDigits = false
  /** Digits of this direction become tones (`start_dtmf_generate`). */
  tonesForDigits: Direction | undefined
  /** Makes those tones within what the party says. */
  digitVoice: DigitVoice | undefined
  /** The digits that came lately, so that none counts twice. */
  readonly digitPairing = new Pairing()
  readonly readVolume = new Volume()
  readonly writeVolume = new Volume()
  readonly taps = new Set<Tap>()
  /** What changes the sound of a direction; undefined where nothing does, so that a plain relay asks no more than that. */
  readBugs: BugChain | undefined
  writeBugs: BugChain | undefined
  /** Everything that must end with the leg. */
  readonly tenants = new Set<Tenant>()
  /** Asked before what its peer says is decoded; undefined: all of it is wanted. */
  readonly packetGate: PacketGate | undefined = undefined
  /** Who has the floor towards the party: a digit before a player, a player before the bridge. */
  digitFloor: object | undefined
  playFloor: object | undefined
  isClosed = false
  #isSaying = false

  constructor(id: number, uuid: string, host: LegHost) {
    this.id = id
    this.uuid = uuid
    this.host = host
  }

  /** The rate in Hz at which sound for this party costs least. */
  abstract get rate(): number
  /** The one rate at which sound for it is of use; undefined: it passes on what it gets. */
  get soundRate(): number | undefined {
    return undefined
  }
  /** Whether sound for this party gets anywhere. */
  abstract get isListening(): boolean
  abstract configure(settings: LegSettings): void
  abstract stats(): LegStats
  /** What encodes for the party, where packets that another one like it made may be sent instead; else undefined. */
  get sharedEncoder(): Encoder | undefined {
    return undefined
  }

  /** The same for whoever has the floor. */
  get plainEncoder(): Encoder | undefined {
    return undefined
  }

  /** Puts sound on the wire. */
  protected abstract transmit(pcm: Int16Array, rate: number, source: object, now: number): void
  protected abstract transmitPause(ms: number, source: object, now: number): void
  /** `performance.now()` of the last sound for the party that was not of `source`; below 0 when `source` spoke last. */
  abstract lastOtherSound(source: object): number
  /** Sends digits to the party, queued. */
  abstract sendDigits(digits: string, ms: number): void
  /** Frees what the edge holds. */
  protected abstract release(): void

  /** Something changed that decides what happens to packets: bridge, taps, volume. */
  reroute(): void {}

  /** Whether what the party says must be decoded for somebody here. */
  get isHeard(): boolean {
    return this.taps.size > 0 || this.readBugs !== undefined || this.peer?.isListening === true
  }

  /** What the party says, as PCM. */
  fromParty(pcm: Int16Array, rate: number, now: number): void {
    this.saidToBridge(pcm, rate, this, now)
  }

  /** Sound that stands for what the party says. */
  saidToBridge(pcm: Int16Array, rate: number, source: object, now: number): void {
    if (this.#isSaying) return this.host.drop('loop') // both ends of a loop bridged with each other
    this.#isSaying = true
    try {
      const plain = withVolume(pcm, this.readVolume)
      const said = this.readBugs?.run(plain, rate, now) ?? plain
      for (const tap of this.taps) tap.said?.(said, rate)
      this.peer?.bridgedSound(said, rate, source, now)
    } finally {
      this.#isSaying = false
    }
  }

  /** The party said nothing for so long. */
  pauseFromParty(ms: number, now: number): void {
    for (const tap of this.taps) tap.saidPause?.(ms)
    const peer = this.peer
    if (peer && !peer.hasFloorTaken) peer.pauseToParty(ms, this, now)
  }

  /** Sound from the bridge, which yields to whoever has the floor. */
  bridgedSound(pcm: Int16Array, rate: number, source: object, now: number): void {
    if (!this.hasFloorTaken) this.toParty(pcm, rate, source, now)
  }

  /** Whether the bridge has to be quiet. */
  get hasFloorTaken(): boolean {
    return this.playFloor !== undefined || this.digitFloor !== undefined
  }

  /** Sound for the party from whoever has the floor. */
  toParty(pcm: Int16Array, rate: number, source: object, now: number): void {
    const plain = withVolume(pcm, this.writeVolume)
    const told = this.writeBugs?.run(plain, rate, now) ?? plain
    for (const tap of this.taps) tap.told?.(told, rate)
    this.transmit(told, rate, source, now)
  }

  /** Time went by without sound of `source`. */
  pauseToParty(ms: number, source: object, now: number): void {
    for (const tap of this.taps) tap.toldPause?.(ms)
    this.transmitPause(ms, source, now)
  }

  /** A whole digit came from the party. It is told, and passed on unless its packets were. */
  digitFromParty(digit: ReceivedDigit, isPassed: boolean): void {
    const { peer, digitVoice } = this
    const ms = Math.max(shortestMs, Math.round(digit.duration / 8))
    if (digitVoice && digit.source !== 'INBAND_AUDIO') {
      digitVoice.say(digit.digit, ms)
      this.host.tell({ tell: 'dtmf', leg: this.id, digit: { ...digit, isConverted: true } })
      return
    }
    this.host.tell({ tell: 'dtmf', leg: this.id, digit })
    if (!isPassed && this.passesDtmf && peer && peer !== this) peer.passDigits(digit.digit, ms)
  }

  /** Digits of the other party: sent here, or by the core where they go another way than with the sound. */
  passDigits(digits: string, ms: number): void {
    if (this.dropsDigits || this.sendsDigitsByCore)
      this.host.tell({ tell: 'digits to send', leg: this.id, digits, ms })
    else this.sendDigits(digits, ms)
  }

  /** Whether digits that are sent to the party go out as tones: then those of the other party's sound are enough. */
  get takesTones(): boolean {
    return false
  }

  /** Whether the party gets its digits by signalling, or none at all. */
  protected get sendsDigitsByCore(): boolean {
    return false
  }

  addTap(tap: Tap): void {
    this.taps.add(tap)
    this.rerouteAll()
  }

  removeTap(tap: Tap): void {
    this.taps.delete(tap)
    this.rerouteAll()
  }

  /** Lets `bug` change the sound of a direction, after those that are there or, `isFirst`, before them. */
  addBug(direction: Direction, bug: Bug, isFirst = false): void {
    const chain =
      (direction === 'read' ? this.readBugs : this.writeBugs) ?? new BugChain(this, direction)
    chain.add(bug, isFirst)
    if (direction === 'read') this.readBugs = chain
    else this.writeBugs = chain
    this.rerouteAll()
  }

  removeBug(direction: Direction, bug: Bug): void {
    const chain = direction === 'read' ? this.readBugs : this.writeBugs
    chain?.remove(bug)
    if (chain?.isEmpty !== true) return
    if (direction === 'read') this.readBugs = undefined
    else this.writeBugs = undefined
    this.rerouteAll()
  }

  /** This leg and whoever it is bridged with look again at what to do with packets. */
  rerouteAll(): void {
    this.reroute()
    this.peer?.reroute()
  }

  bridge(other: Leg): void {
    if (this.peer === other && other.peer === this) return
    this.unbridge()
    other.unbridge()
    this.peer = other
    other.peer = this
    this.rerouteAll()
  }

  /** Ends the bridge or the echo. */
  unbridge(): void {
    const peer = this.peer
    if (!peer) return
    this.peer = undefined
    if (peer.peer === this) peer.peer = undefined
    this.reroute()
    peer.reroute()
    this.bridgeEnded()
    if (peer !== this) peer.bridgeEnded()
  }

  /** The bridge that this leg was in is over. */
  protected bridgeEnded(): void {}

  close(): LegStats {
    this.isClosed = true
    this.unbridge()
    for (const tenant of [...this.tenants]) tenant.legClosed()
    const stats = this.stats()
    this.release()
    return stats
  }
}
