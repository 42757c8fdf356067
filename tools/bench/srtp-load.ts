/** The load of srtp.ts: one SIP phone that calls another through a server, and paced RTP or SRTP in all their calls. */
import { writeHeader } from '../../src/rtp/packet.ts'
import type { SrtpSuiteName } from '../../src/rtp/srtp-suite.ts'
import { parseCrypto } from '../../src/sdp/crypto.ts'
import { parseSdp } from '../../src/sdp/parse.ts'
import { Phone, type PhoneCall } from '../../test/support/phone.ts'
import type { PeerCipher } from '../../test/support/rtp-peer.ts'
import { password } from '../../test/support/server.ts'
import { peerCipher, srtpKey } from '../../test/support/srtp.ts'

const magic = 0x52505453
const turnMs = 2
/** Streams take turns, so that a packet of each goes out every 20 ms. */
const turns = 10

interface Stream {
  readonly call: PhoneCall
  readonly cipher: PeerCipher | undefined
  readonly packet: Buffer
  sequence: number
}

export class SrtpLoad implements AsyncDisposable {
  readonly #caller: Phone
  readonly #callee: Phone
  readonly #suite: SrtpSuiteName | undefined
  readonly #streams: Stream[] = []
  readonly #calls: PhoneCall[] = []
  #timer: NodeJS.Timeout | undefined
  #delays: number[] = []
  #sent = 0
  #received = 0
  #unreadable = 0

  private constructor(caller: Phone, callee: Phone, suite: SrtpSuiteName | undefined) {
    this.#caller = caller
    this.#callee = callee
    this.#suite = suite
  }

  /** Without a suite the sound goes in the clear. `server`: the SIP port on 127.0.0.1. */
  static async start(server: number, suite: SrtpSuiteName | undefined): Promise<SrtpLoad> {
    const open = (user: string) =>
      Phone.open({ user, server: `127.0.0.1:${server}`, domain: '127.0.0.1', password })
    const load = new SrtpLoad(await open('1000'), await open('1001'), suite)
    const { status } = await load.#callee.register()
    if (status !== 200) throw new Error(`the callee could not register: ${status}`)
    return load
  }

  /** One call; both sides answer for their keys. */
  async call(number: string): Promise<void> {
    const seed = this.#calls.length * 2
    const out = await this.#caller.call(number, { edit: this.#edit(seed) })
    const into = await this.#callee.incoming()
    into.edit = this.#edit(seed + 1)
    into.answer([0, 101])
    const { status } = await out.outcome()
    if (status !== 200) throw new Error(`a call was refused: ${status}`)
    this.#calls.push(out)
    this.#add(out, seed)
    this.#add(into, seed + 1)
  }

  #edit(seed: number): (sdp: string) => string {
    const suite = this.#suite
    if (!suite) return (sdp) => sdp
    const key = Buffer.from(srtpKey(suite, seed).key).toString('base64')
    return (sdp) => `${sdp.replace('RTP/AVP', 'RTP/SAVP')}a=crypto:1 ${suite} inline:${key}\r\n`
  }

  #add(call: PhoneCall, seed: number): void {
    const suite = this.#suite
    const line = parseSdp(call.remoteSdp).media[0]?.crypto[0]
    const cipher =
      suite && line && peerCipher(srtpKey(suite, seed), { suite, key: parseCrypto(line).key })
    if (suite && !cipher) throw new Error(`no key in ${call.remoteSdp}`)
    const packet = Buffer.alloc(172, 0xd5)
    packet.writeUInt32BE(magic, 12)
    this.#streams.push({ call, cipher, packet, sequence: 1 })
    const { socket } = call.rtp
    socket.removeAllListeners('message')
    socket.on('message', (data) => this.#heard(data, cipher))
  }

  #heard(data: Buffer, cipher: PeerCipher | undefined): void {
    const packet = cipher ? cipher.open(data) : data
    if (packet === undefined) this.#unreadable++
    else if (packet.length >= 28 && packet.readUInt32BE(12) === magic) {
      this.#received++
      this.#delays.push(Number(process.hrtime.bigint() - packet.readBigUInt64BE(16)) / 1e6)
    }
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

  #send(index: number): void {
    const { call, cipher, packet, sequence } = this.#streams[index] as Stream
    writeHeader(packet, false, 0, sequence & 0xffff, sequence * 160, index + 1)
    ;(this.#streams[index] as Stream).sequence = sequence + 1
    packet.writeBigUInt64BE(process.hrtime.bigint(), 16)
    call.rtp.socket.send(
      cipher ? cipher.seal(packet) : Buffer.from(packet),
      call.rtp.target,
      '127.0.0.1',
    )
    this.#sent++
  }

  reset(): void {
    this.#delays = []
    this.#sent = this.#received = this.#unreadable = 0
  }

  figures() {
    const sorted = this.#delays.sort((a, b) => a - b)
    const at = (part: number) => sorted[Math.floor(sorted.length * part)] ?? Number.NaN
    return {
      sent: this.#sent,
      received: this.#received,
      unreadable: this.#unreadable,
      p50: at(0.5),
      p99: at(0.99),
    }
  }

  /** Hangs up all calls. */
  async end(): Promise<void> {
    clearTimeout(this.#timer)
    for (const call of this.#calls) await call.bye()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer)
    await this.#caller[Symbol.asyncDispose]()
    await this.#callee[Symbol.asyncDispose]()
  }
}
