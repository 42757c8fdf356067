/** A media engine without sound: legs that remember what they were asked, and play for no time at all. */
import { Emitter } from '../../src/base/emitter.ts'
import type {
  BugReport,
  BugRequest,
  BugResult,
  Eavesdropping,
  IceTcpPort,
  JitterHabits,
  LegEvents,
  LegOptions,
  LegSettings,
  LegStats,
  MediaBug,
  MediaEngine,
  MediaLeg,
  MediaRoom,
  MediaStream,
  MemberSettings,
  MusicControl,
  MusicOptions,
  MusicRow,
  Playback,
  PlayRequest,
  PlayResult,
  Recording,
  RoomEvents,
  RoomMember,
  RoomOptions,
  SoundFetcher,
  SoundFiles,
  StreamEvents,
  StreamOptions,
  StreamSettings,
  StreamStats,
  TurnOutcome,
  TurnServer,
} from '../../src/media/engine.ts'
import { noStats } from '../../src/media/leg-stats.ts'
import { noStreamStats } from '../../src/media/stream-stats.ts'

export class FakeLeg implements MediaLeg {
  readonly worker = 0
  readonly localAddress = '127.0.0.1'
  readonly localPort = 0
  readonly tcpPort: number
  readonly events = new Emitter<LegEvents>()
  readonly uuid: string
  /** What was asked of it, newest last: `play tone_stream://…`, `dtmf 1`. */
  readonly asked: string[] = []
  partner: FakeLeg | undefined
  /** What plays now and has not been stopped. */
  playing: PlayRequest | undefined
  closed = false
  passes = true

  constructor(uuid: string, tcpPort = 0) {
    this.uuid = uuid
    this.tcpPort = tcpPort
  }

  configure(_settings: LegSettings): void {}

  async relayBy(servers: readonly TurnServer[]): Promise<TurnOutcome> {
    this.asked.push(`turn ${servers.map(({ name }) => name).join(' ')}`)
    return { failure: 'nothing is relayed here' }
  }

  bridge(other: MediaLeg): void {
    this.unbridge()
    ;(other as FakeLeg).unbridge()
    this.partner = other as FakeLeg
    this.partner.partner = this
  }

  unbridge(): void {
    if (this.partner) this.partner.partner = undefined
    this.partner = undefined
  }

  passDtmf(on: boolean): void {
    this.passes = on
  }

  /** Endless sounds last until stopped, all others are over at once. */
  play(request: PlayRequest): Playback {
    this.asked.push(`play ${request.paths.join('+')}`)
    this.playing = request
    let end = (_ended: PlayResult['ended']) => {}
    const ended = new Promise<PlayResult>((resolve) => {
      end = (how) => {
        if (this.playing === request) this.playing = undefined
        resolve({ ended: how, samples: 0, position: 0, rate: 8000 })
      }
    })
    if (request.loops !== -1) end('done')
    return {
      started: Promise.resolve(true),
      ended,
      stop: () => end('stopped'),
      pause: () => undefined,
      seek: () => undefined,
      adjust: (change) => void this.asked.push(`adjust ${JSON.stringify(change)}`),
    }
  }

  echo(): void {}
  stopEcho(): void {}

  record(): Recording {
    const over = {
      ended: 'stopped',
      samples: 0,
      rate: 8000,
      octets: 0,
      hasSpoken: false,
      lostMs: 0,
    } as const
    return {
      started: Promise.resolve(true),
      ended: Promise.resolve(over),
      stop: () => undefined,
      pause: () => undefined,
      mask: () => undefined,
      limit: () => undefined,
      moveTo: () => undefined,
    }
  }

  dropDigits(on: boolean): void {
    this.asked.push(`drop digits ${on}`)
  }

  detectDigits(on: boolean): void {
    this.asked.push(`detect digits ${on}`)
  }

  tonesForDigits(direction: 'read' | 'write' | undefined): void {
    this.asked.push(`tones for digits ${direction ?? 'off'}`)
  }

  sayDigits(digits: string): void {
    this.asked.push(`say digits ${digits}`)
  }

  sendDtmf(digits: string): void {
    this.asked.push(`dtmf ${digits}`)
  }

  sendSilence(): void {}

  trace(direction: 'read' | 'write', on: boolean): void {
    this.asked.push(`trace ${direction} ${on}`)
  }

  jitterBuffer({ order }: JitterHabits): void {
    if (order !== '') this.asked.push(`jitter buffer ${order}`)
  }

  mute(): void {}
  gain(): void {}

  /** What the bugs have been told to report to, by their kind. */
  readonly bugs = new Map<BugRequest['kind'], (report: BugReport) => void>()

  bug(request: BugRequest, report: (report: BugReport) => void = () => undefined): MediaBug {
    this.asked.push(`bug ${request.kind}`)
    this.bugs.set(request.kind, report)
    return endlessBug()
  }

  eavesdrop(spy: MediaLeg): Eavesdropping {
    this.asked.push(`eavesdrop by ${spy.uuid}`)
    return { ...endlessBug(), whisper: () => undefined }
  }

  stats(): Promise<LegStats> {
    return Promise.resolve(noStats)
  }

  describe(): Promise<undefined> {
    return Promise.resolve(undefined)
  }

  close(): Promise<LegStats> {
    this.closed = true
    this.unbridge()
    return Promise.resolve(noStats)
  }
}

/** A stream that passes nothing. */
export class FakeStream implements MediaStream {
  readonly localAddress = '127.0.0.1'
  readonly localPort = 40_000
  /** How often its party was asked for a whole picture. */
  pictures = 0
  readonly events = new Emitter<StreamEvents>()
  readonly uuid: string
  peer: FakeStream | undefined
  closed = false
  isBundled = false

  constructor(uuid: string) {
    this.uuid = uuid
  }

  configure(_settings: StreamSettings): void {}

  join(other: MediaStream): boolean {
    this.part()
    this.peer = other as FakeStream
    this.peer.peer = this
    return true
  }

  askForPicture(): void {
    this.pictures++
  }

  part(): void {
    if (this.peer) this.peer.peer = undefined
    this.peer = undefined
  }

  canShare(): boolean {
    return !this.closed
  }

  share(): boolean {
    this.isBundled = !this.closed
    return this.isBundled
  }

  stats(): Promise<StreamStats> {
    return Promise.resolve(noStreamStats)
  }

  close(): Promise<StreamStats> {
    this.closed = true
    this.part()
    return Promise.resolve(noStreamStats)
  }
}

/** Streams that nobody hears. */
export class FakeMusic implements MusicControl {
  readonly #streams = new Map<string, MusicOptions>()

  start(options: MusicOptions): void {
    this.#streams.set(options.name, options)
  }

  stop(name: string): boolean {
    return this.#streams.delete(name)
  }

  next(name: string): boolean {
    return this.#streams.has(name)
  }

  setVolume(name: string, volume: number): boolean {
    const stream = this.#streams.get(name)
    if (stream) this.#streams.set(name, { ...stream, volume })
    return stream !== undefined
  }

  rows(): readonly MusicRow[] {
    return [...this.#streams.values()].map((stream) => ({ ...stream, listeners: 0 }))
  }
}

class FakeMember implements RoomMember {
  readonly leg: MediaLeg
  readonly #room: FakeRoom
  readonly settings: MemberSettings[]

  constructor(leg: MediaLeg, room: FakeRoom, settings: MemberSettings) {
    this.leg = leg
    this.#room = room
    this.settings = [settings]
  }

  set(settings: MemberSettings): void {
    this.settings.push(settings)
  }

  relate(): void {}

  takeFloor(): void {
    this.#room.events.emit('floor', this)
  }

  leave(): void {
    if (this.#room.members.delete(this)) this.#room.events.emit('left', this)
  }
}

export class FakeRoom implements MediaRoom {
  readonly worker = 0
  readonly events = new Emitter<RoomEvents>()
  readonly recordings: (() => void)[] = []
  readonly members = new Set<FakeMember>()
  readonly voices: FakeLeg[] = []
  readonly uuid: string
  readonly options: RoomOptions
  closed = false

  constructor(uuid: string, options: RoomOptions) {
    this.uuid = uuid
    this.options = options
  }

  join(leg: MediaLeg, settings: MemberSettings): RoomMember {
    leg.unbridge()
    const member = new FakeMember(leg, this, settings)
    this.members.add(member)
    return member
  }

  clearFloor(): void {
    this.events.emit('floor', undefined)
  }

  openVoice(): MediaLeg {
    const voice = new FakeLeg(this.uuid)
    this.voices.push(voice)
    return voice
  }

  /** Goes on until it is stopped. */
  record(): Recording {
    const recording = new FakeLeg(this.uuid).record()
    let stop = () => {}
    const stopped = new Promise<void>((resolve) => {
      stop = resolve
    })
    this.recordings.push(stop)
    return { ...recording, ended: stopped.then(() => recording.ended), stop }
  }

  close(): void {
    this.closed = true
    for (const stop of this.recordings) stop()
    for (const member of this.members) member.leave()
  }
}

export class FakeMedia implements MediaEngine {
  readonly dtlsFingerprint = `sha-256 ${Array(32).fill('AB').join(':')}`
  readonly streams: FakeStream[] = []
  readonly legs: FakeLeg[] = []
  readonly music = new FakeMusic()
  readonly fetchers = new Map<string, SoundFetcher>()
  readonly rooms: FakeRoom[] = []
  /** Every file lasts three seconds, and nothing is written. */
  readonly files: SoundFiles = { seconds: () => Promise.resolve(3), join: () => Promise.resolve(3) }

  openLeg(options: LegOptions): Promise<MediaLeg> {
    return Promise.resolve(this.#make(options.uuid, options.iceTcp?.port))
  }

  openLoop(uuidA: string, uuidB: string): [MediaLeg, MediaLeg] {
    return [this.#make(uuidA), this.#make(uuidB)]
  }

  openStream(options: StreamOptions): Promise<MediaStream> {
    return Promise.resolve(this.lendStream(options))
  }

  lendStream({ uuid }: { readonly uuid: string }): MediaStream {
    const stream = new FakeStream(uuid)
    this.streams.push(stream)
    return stream
  }

  openRoom(uuid: string, options: RoomOptions): MediaRoom {
    const room = new FakeRoom(uuid, options)
    this.rooms.push(room)
    return room
  }

  listenTcp(address: string, port: number): Promise<IceTcpPort> {
    return Promise.resolve({ address, port, close: () => undefined })
  }

  figures() {
    const legs = this.legs.filter((leg) => !leg.closed).length
    const streams = this.streams.filter((stream) => !stream.closed).length
    return Promise.resolve({ workers: 0, legs, streams, portsInUse: 0, portsFree: 0, dropped: {} })
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #make(uuid: string, tcpPort?: number): FakeLeg {
    const leg = new FakeLeg(uuid, tcpPort)
    this.legs.push(leg)
    return leg
  }
}

/** A bug that works until it is stopped. */
function endlessBug(): MediaBug {
  let stop = () => {}
  const ended = new Promise<BugResult>((resolve) => {
    stop = () => resolve({ ended: 'stopped' })
  })
  return { started: Promise.resolve(true), ended, stop }
}
