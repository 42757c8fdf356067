/**
 * A member of a room: the leg that its party's leg is bridged with. What the party says comes here and waits for the
 * tick; what the room says goes from here to the party. Without a party it is a voice of the room's own: what is played to
 * it is heard by all or by one, and a recording of it has the room's sound.
 */
import type { Encoder } from './encoder.ts'
import type { MemberSettings } from './engine.ts'
import type { PacketGate } from './leg.ts'
import type { Room } from './mixer.ts'
import { MemberDynamics } from './mixer-dynamics.ts'
import { TalkGate } from './mixer-gate.ts'
import { meanLoudness } from './mixer-loudness.ts'
import { MixQueue } from './mixer-queue.ts'
import { Resampler } from './resampler.ts'
import type { SharedOutput } from './shared-output.ts'
import { energySum, FrameBuffer } from './sound.ts'
import { UnwiredLeg } from './unwired-leg.ts'

/** Octets of the longest G.711 packet that is kept as the beginning of a word: 120 ms. */
const longestMissed = 960
/** Frames that are gathered of sound made on the tick itself. */
const madeFrames = 1
/** Ticks without own sound until a coder with memory changes back to the sound of all. */
const ticksUntilShared = 100

export class RoomMember extends UnwiredLeg implements PacketGate {
  readonly room: Room
  readonly gate: TalkGate
  readonly queue: MixQueue
  /** What it says in this tick, as it goes into the mix; it counts only while `isMixed`. */
  readonly frame: Int16Array
  isMixed = false
  /** The only one who hears it; undefined: everybody. */
  readonly only: RoomMember | undefined
  /** Made by the room: no party stands behind it. */
  readonly isVoice: boolean
  speaks = true
  hears = true
  /** Whether it is told that a muted member talks. */
  detectsMuted = false
  /** Whether its digits go to the others. */
  spreadsDigits = false
  /** Whether those of others stay away. */
  skipsDigits = false
  /** Whom it does not hear. */
  readonly deafTo = new Set<RoomMember>()
  /** How its party's packets can be made of the sound of all, and what it was looked up for. */
  output: SharedOutput | undefined
  #outputFor: Encoder | undefined
  /** Whether the party got the sound of all last time, and for how many ticks it said nothing. */
  isShared = false
  quietTicks = ticksUntilShared
  override readonly packetGate: PacketGate = this
  readonly #missed = new Uint8Array(longestMissed)
  #missedLength = 0
  /** Pieces of sound that were judged by their octets already. */
  #judged = 0
  /** The piece before the way opened, at the room's rate. */
  readonly #before: FrameBuffer
  #beforeLength = 0
  /** Only where something follows how loud he is. */
  #dynamics: MemberDynamics | undefined
  #resampler: Resampler | undefined
  #resampled = new FrameBuffer(0)

  constructor(
    id: number,
    uuid: string,
    room: Room,
    settings: MemberSettings,
    voice?: { readonly only: RoomMember | undefined },
  ) {
    super(id, uuid, room.host)
    this.room = room
    this.isVoice = voice !== undefined
    this.only = voice?.only
    this.gate = new TalkGate(settings.energyLevel ?? 0)
    this.queue = new MixQueue(room.frameLength, this.isVoice ? madeFrames : undefined)
    this.frame = new Int16Array(room.frameLength)
    this.#before = new FrameBuffer(room.rate / 8)
    this.set(settings)
  }

  override get rate(): number {
    return this.room.rate
  }

  override get soundRate(): number {
    return this.room.rate
  }

  get isListening(): boolean {
    return this.speaks || this.detectsMuted
  }

  /** Whether the room's sound goes to the party as it is. */
  get isPlain(): boolean {
    return this.readVolume.isPlain && this.readBugs === undefined
  }

  /** Changes what `settings` names. */
  set(settings: MemberSettings): void {
    const { speaks, hears, energyLevel, gainIn, gainOut, detectsMuted, spreadsDigits } = settings
    if (energyLevel !== undefined) this.gate.level = Math.max(0, energyLevel)
    if (hears !== undefined) this.hears = hears
    if (detectsMuted !== undefined) this.detectsMuted = detectsMuted
    if (spreadsDigits !== undefined) this.spreadsDigits = spreadsDigits
    if (settings.isAlwaysHeard !== undefined) this.gate.isAlwaysOpen = settings.isAlwaysHeard
    if (settings.skipsDigits !== undefined) this.skipsDigits = settings.skipsDigits
    if (settings.autoEnergy) this.gate.follow(settings.autoEnergy)
    if (settings.autoGain || settings.limit) this.#setDynamics(settings)
    if (gainIn !== undefined) this.writeVolume.setGain(gainIn)
    if (gainOut !== undefined) this.readVolume.setGain(gainOut)
    if (speaks !== undefined && speaks !== this.speaks) {
      this.speaks = speaks
      if (!speaks) this.#fallSilent()
    }
    this.rerouteAll()
  }

  #setDynamics({ autoGain, limit }: MemberSettings): void {
    const dynamics = this.#dynamics ?? new MemberDynamics(this.room.rate)
    if (autoGain) dynamics.follow(autoGain)
    if (limit) dynamics.limit(limit)
    this.#dynamics = dynamics.isIdle ? undefined : dynamics
  }

  /** The frame for the mix of this tick, if there is one. */
  take(): boolean {
    const { queue, gate } = this
    const isOpen = gate.isOpen
    this.isMixed =
      queue.hasSound && queue.take(this.frame, gate.score <= gate.level, !isOpen || this.isVoice)
    if (this.isMixed) this.quietTicks = 0
    else if (this.quietTicks < ticksUntilShared) this.quietTicks++
    return this.isMixed
  }

  /** The shared output for `encoder`, looked up anew only when the party's leg has another one. */
  outputFor(encoder: Encoder): SharedOutput | undefined {
    if (encoder !== this.#outputFor) {
      this.#outputFor = encoder
      this.output = this.room.outputFor(encoder)
      this.isShared = false
    }
    return this.output
  }

  /** Whether it may change over to the sound of all now: a coder with memory only after a while or in silence. */
  mayShare(encoder: Encoder, isSilent: boolean): boolean {
    if (this.isMixed) return false
    if (this.isShared || isSilent) return true
    // One tick at least, in which a resampler forgets what the member said itself.
    return this.quietTicks >= (encoder.isMemoryless ? 2 : ticksUntilShared)
  }

  /** What the room says to the party. */
  say(mix: Int16Array, now: number): void {
    this.fromParty(mix, this.room.rate, now)
  }

  wants(packet: Uint8Array, start: number, end: number, loudness: Uint16Array): boolean {
    const { gate } = this
    const wasOpen = gate.isOpen
    // What is judged is how loud the room would hear it.
    gate.hear((meanLoudness(packet, start, end, loudness) * this.writeVolume.factor) / 4096)
    if (!this.speaks) return false
    if (gate.isOpen) {
      if (wasOpen) this.#missedLength = 0
      this.#judged = this.#missedLength > 0 ? 2 : 1
      return true
    }
    const length = Math.min(end - start, longestMissed)
    for (let i = 0; i < length; i++) this.#missed[i] = packet[start + i]!
    this.#missedLength = length
    return false
  }

  takeMissed(): Uint8Array | undefined {
    if (this.#missedLength === 0) return undefined
    const missed = this.#missed.subarray(0, this.#missedLength)
    this.#missedLength = 0
    return missed
  }

  /** What the party says. */
  protected carry(pcm: Int16Array, rate: number): void {
    const { gate, room, queue } = this
    const plain = rate === room.rate ? pcm : this.#resample(pcm, rate)
    if (this.#judged > 0) this.#judged--
    else if (!this.isVoice) gate.hear(energySum(plain) / Math.max(1, plain.length))
    if (!this.speaks) return
    const samples = this.#dynamics?.process(plain, gate.level) ?? plain
    if (gate.isOpen) {
      if (this.#beforeLength > 0) queue.push(this.#before.first(this.#beforeLength))
      this.#beforeLength = 0
      return queue.push(samples)
    }
    const length = Math.min(samples.length, this.#before.all.length)
    for (let i = 0; i < length; i++) this.#before.all[i] = samples[i]!
    this.#beforeLength = length
  }

  protected sendWholeDigit(digit: string, ms: number): void {
    if (this.spreadsDigits) this.room.spreadDigit(this, digit, ms)
  }

  /** A digit of another member. */
  hearDigit(digit: string, ms: number): void {
    this.peer?.passDigits(digit, ms)
  }

  /** The party's leg went elsewhere. */
  protected override bridgeEnded(): void {
    if (!this.isClosed) this.room.lost(this)
  }

  protected release(): void {
    this.room.remove(this)
  }

  #fallSilent(): void {
    this.queue.clear()
    this.#missedLength = 0
    this.#beforeLength = 0
    this.#judged = 0
    if (this.gate.silence()) this.room.tellTalking(this)
  }

  #resample(pcm: Int16Array, rate: number): Int16Array {
    if (this.#resampler?.fromRate !== rate) this.#resampler = new Resampler(rate, this.room.rate)
    const room = this.#resampler.room(pcm.length)
    if (this.#resampled.all.length < room) this.#resampled = new FrameBuffer(room)
    return this.#resampled.first(this.#resampler.process(pcm, pcm.length, this.#resampled.all))
  }
}
