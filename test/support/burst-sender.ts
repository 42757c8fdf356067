/** A party that says a short tone at known times, on a clock and a network of its own. */
import { aLaw, muLaw } from '../../src/codecs/g711.ts'
import type { RtpPeer } from './rtp-peer.ts'

export interface BurstSenderOptions {
  readonly frequency: number
  /** The time from one burst to the next, and how long each is, ms. */
  readonly everyMs?: number
  readonly lengthMs?: number
  /** How fast its clock runs: 1.0002 is 200 ppm too slow for the wall. */
  readonly drift?: number
  /** ms that packet `index` waits on its way. */
  readonly delay?: (index: number) => number
  /** Whether packet `index` is sent at all: silence suppression; its time goes by all the same. */
  readonly sends?: (index: number) => boolean
  /** Whether packet `index` is lost on its way. */
  readonly loses?: (index: number) => boolean
  /** Default µ-law. */
  readonly law?: 'PCMU' | 'PCMA'
}

const packetMs = 20

/** Numbers between 0 and 1 that look random and are the same each time. */
export function pseudoRandom(index: number): number {
  return ((Math.imul(index + 1, 2654435761) >>> 8) % 1000) / 1000
}

export class BurstSender {
  readonly #peer: RtpPeer
  readonly #options: BurstSenderOptions
  readonly #firstSequence: number
  readonly #firstTimestamp: number
  /** When the first sample was said, `performance.now()`. */
  beganAt = 0
  /** How late the packet went that went the latest, ms: a busy machine's doing. */
  mostLate = 0

  constructor(peer: RtpPeer, options: BurstSenderOptions) {
    this.#peer = peer
    this.#options = options
    this.#firstSequence = peer.sequence
    this.#firstTimestamp = peer.timestamp
  }

  /** Sends for so many ms of its clock, or until `isOver`; packets go out when their last sample was said, and as late as the network makes them. */
  async run(ms: number, isOver = () => false): Promise<void> {
    const { delay = () => 0, drift = 1, loses = () => false, sends = () => true } = this.#options
    const count = Math.floor(ms / packetMs)
    const due = Array.from({ length: count }, (_, index) => index)
      .filter(sends)
      .map((index, number) => ({
        index,
        number,
        at: (index + 1) * packetMs * drift + delay(index),
      }))
      .filter(({ index }) => !loses(index))
      .sort((a, b) => a.at - b.at)
    this.beganAt = performance.now()
    let next = 0
    while (next < due.length && !isOver()) {
      const now = performance.now() - this.beganAt
      for (; next < due.length && due[next]!.at <= now; next++) {
        await this.#send(due[next]!.index, due[next]!.number)
        this.mostLate = Math.max(this.mostLate, performance.now() - this.beganAt - due[next]!.at)
      }
      const wait = (due[next]?.at ?? 0) - (performance.now() - this.beganAt)
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, Math.min(wait, 5)))
    }
  }

  /** When the bursts that lie between two moments (`performance.now()`) began, those left out whose packets were. */
  burstsBetween(from: number, to: number): number[] {
    const { drift = 1, everyMs = 500, loses = () => false, sends = () => true } = this.#options
    const isHeard = (index: number) => sends(index) && !loses(index)
    const times: number[] = []
    for (let burst = 0; ; burst++) {
      const said = burst * everyMs + everyMs / 2
      const at = this.beganAt + said * drift
      if (at >= to) return times
      if (at > from && isHeard(Math.floor(said / packetMs))) times.push(at)
    }
  }

  #send(index: number, number: number): Promise<void> {
    const { everyMs = 500, frequency, law = 'PCMU', lengthMs = 60 } = this.#options
    const table = law === 'PCMA' ? aLaw : muLaw
    const payload = Buffer.alloc(160)
    for (let i = 0; i < 160; i++) {
      const ms = index * packetMs + i / 8
      const within = (ms - everyMs / 2 + everyMs) % everyMs
      const isLoud = ms >= everyMs / 2 && within < lengthMs
      const sample = isLoud ? 12000 * Math.sin((2 * Math.PI * frequency * within) / 1000) : 0
      payload[i] = table.encode[Math.round(sample) & 0xffff]!
    }
    const packet = Buffer.alloc(12 + payload.length)
    packet[0] = 0x80
    packet[1] = law === 'PCMA' ? 8 : 0
    packet.writeUInt16BE((this.#firstSequence + number) & 0xffff, 2)
    packet.writeUInt32BE((this.#firstTimestamp + index * 160) >>> 0, 4)
    packet.writeUInt32BE(this.#peer.ssrc, 8)
    payload.copy(packet, 12)
    return this.#peer.send(packet)
  }
}

/** Where bursts begin in sound, ms. */
export function burstsIn(samples: Int16Array, rate = 8000): number[] {
  const found: number[] = []
  let quiet = Number.POSITIVE_INFINITY
  for (let i = 0; i < samples.length; i++) {
    if (Math.abs(samples[i]!) < 3000) quiet++
    else {
      if (quiet > rate / 10) found.push((i * 1000) / rate)
      quiet = 0
    }
  }
  return found
}
