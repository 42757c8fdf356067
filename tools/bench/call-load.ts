/** The load of media.ts: a SIP phone that calls a number, or another phone through it, with paced RTP in all calls. */
import { findCodec } from '../../src/codecs/index.ts'
import { writeHeader } from '../../src/rtp/packet.ts'
import { Phone, type PhoneCall } from '../../test/support/phone.ts'
import { password } from '../../test/support/server.ts'
import { toneFrom } from '../../test/support/tone.ts'

const turnMs = 2
/** Streams take turns, so that a packet of each goes out every 20 ms. */
const turns = 10
/** Frames of sound that a stream sends over and over. */
const frames = 50
const magic = 0x52505453

export interface LoadFigures {
  readonly sent: number
  readonly received: number
  /** Streams that heard nothing. */
  readonly silent: number
  /** The longest time between two packets of a stream, ms. */
  readonly longestGapMs: number
  /** Delay through the server of packets that come back as they went, ms; undefined where none do. */
  readonly p50: number | undefined
  readonly p99: number | undefined
}

interface Stream {
  readonly call: PhoneCall
  readonly payloadType: number
  readonly step: number
  readonly packets: readonly Buffer[]
  readonly sends: boolean
  sequence: number
  received: number
  lastAt: number
  longestGap: number
}

/** The RTP payload types of the phones of test/support. */
const payloadTypes: Readonly<Record<string, number>> = { PCMU: 0, PCMA: 8, G722: 9, opus: 111 }

export class CallLoad implements AsyncDisposable {
  readonly #caller: Phone
  readonly #callee: Phone
  readonly #streams: Stream[] = []
  readonly #calls: PhoneCall[] = []
  readonly #delays: number[] = []
  readonly #payloads = new Map<string, readonly Buffer[]>()
  #timer: NodeJS.Timeout | undefined
  #sent = 0

  private constructor(caller: Phone, callee: Phone) {
    this.#caller = caller
    this.#callee = callee
  }

  /** `server`: the SIP port on 127.0.0.1. Without a callee only numbers that answer by themselves can be called. */
  static async start(server: number, hasCallee = true): Promise<CallLoad> {
    const open = (user: string) =>
      Phone.open({ user, server: `127.0.0.1:${server}`, domain: '127.0.0.1', password })
    const load = new CallLoad(await open('1000'), await open('1001'))
    if (!hasCallee) return load
    const { status } = await load.#callee.register()
    if (status !== 200) throw new Error(`the callee could not register: ${status}`)
    return load
  }

  /**
   * One call. With `to` the callee answers in that codec; without, the number itself answers. `stamped` sound comes back
   * as it went and shows its delay.
   */
  async call(number: string, from: string, to: string | undefined, sends = true): Promise<void> {
    const typeOf = (codec: string) => payloadTypes[codec] ?? 0
    const out = await this.#caller.call(number, { codecs: [typeOf(from), 101] })
    const into = to === undefined ? undefined : await this.#callee.incoming()
    if (into && to !== undefined) into.answer([typeOf(to), 101])
    const { status } = await out.outcome()
    if (status !== 200) throw new Error(`${number} was refused: ${status}`)
    this.#calls.push(out)
    const isStamped = from === (to ?? from)
    this.#add(out, from, isStamped, sends)
    if (into && to !== undefined) this.#add(into, to, isStamped, sends)
  }

  /** Sound in every call from now on. */
  run(): void {
    let due = performance.now()
    let turn = 0
    const next = () => {
      for (; due <= performance.now(); due += turnMs, turn = (turn + 1) % turns)
        for (let i = turn; i < this.#streams.length; i += turns) this.#send(i)
      this.#timer = setTimeout(next, Math.max(1, due - performance.now()))
    }
    next()
  }

  /** Counts anew. */
  reset(): void {
    this.#sent = 0
    this.#delays.length = 0
    for (const stream of this.#streams)
      Object.assign(stream, { received: 0, lastAt: -1, longestGap: 0 })
  }

  figures(): LoadFigures {
    const delays = this.#delays.sort((left, right) => left - right)
    return {
      sent: this.#sent,
      received: this.#streams.reduce((sum, { received }) => sum + received, 0),
      silent: this.#streams.filter(({ received }) => received === 0).length,
      longestGapMs: Math.max(0, ...this.#streams.map(({ longestGap }) => longestGap)),
      p50: delays[Math.floor(delays.length / 2)],
      p99: delays[Math.floor(delays.length * 0.99)],
    }
  }

  async end(): Promise<void> {
    clearTimeout(this.#timer)
    await Promise.all(this.#calls.map((call) => call.bye()))
    this.#calls.length = 0
    this.#streams.length = 0
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer)
    await this.#caller[Symbol.asyncDispose]()
    await this.#callee[Symbol.asyncDispose]()
  }

  #add(call: PhoneCall, codec: string, isStamped: boolean, sends: boolean): void {
    const stream: Stream = {
      call,
      payloadType: payloadTypes[codec] ?? 0,
      step: (findCodec(codec)?.clockRate ?? 8000) / 50,
      packets: this.#packetsOf(codec, isStamped),
      sends,
      sequence: 1,
      received: 0,
      lastAt: -1,
      longestGap: 0,
    }
    this.#streams.push(stream)
    const { socket } = call.rtp
    socket.removeAllListeners('message')
    socket.on('message', (data) => this.#heard(stream, data))
  }

  #heard(stream: Stream, data: Buffer): void {
    const now = performance.now()
    stream.received++
    if (stream.lastAt >= 0) stream.longestGap = Math.max(stream.longestGap, now - stream.lastAt)
    stream.lastAt = now
    if (data.length >= 28 && data.readUInt32BE(12) === magic)
      this.#delays.push(now - data.readDoubleBE(16))
  }

  #send(index: number): void {
    const stream = this.#streams[index]
    if (!stream?.sends) return
    const { sequence, packets, step, payloadType, call } = stream
    const packet = packets[sequence % packets.length]
    if (!packet) return
    stream.sequence = sequence + 1
    writeHeader(packet, false, payloadType, sequence & 0xffff, (sequence * step) >>> 0, index + 1)
    if (packet.readUInt32BE(12) === magic) packet.writeDoubleBE(performance.now(), 16)
    call.rtp.socket.send(Buffer.from(packet), call.rtp.target, '127.0.0.1')
    this.#sent++
  }

  /** A second of a tone in packets; stamped ones carry the time instead of sound in their first octets. */
  #packetsOf(codec: string, isStamped: boolean): readonly Buffer[] {
    const key = `${codec} ${isStamped}`
    let packets = this.#payloads.get(key)
    if (packets) return packets
    const found = findCodec(codec, codec === 'opus' ? 48_000 : undefined)
    if (!found) throw new Error(`${codec} is no codec`)
    const coder = found.open('')
    const samples = found.sampleRate / 50
    const octets = new Uint8Array(4000)
    packets = Array.from({ length: frames }, (_none, frame) => {
      const mono = toneFrom(frame * samples, 440, found.sampleRate, samples)
      const length = coder.encode(found.channels === 2 ? doubled(mono) : mono, octets)
      const packet = Buffer.alloc(12 + length)
      packet.set(octets.subarray(0, length), 12)
      if (isStamped && length >= 16) packet.writeUInt32BE(magic, 12)
      return packet
    })
    this.#payloads.set(key, packets)
    return packets
  }
}

function doubled(mono: Int16Array): Int16Array {
  const both = new Int16Array(mono.length * 2)
  for (let i = 0; i < both.length; i++) both[i] = mono[i >> 1] ?? 0
  return both
}
