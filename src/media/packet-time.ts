/** How long a party's packets really are, where it sends others than it said (`rtp-autofix-timing`). */
import { sequenceGap, timestampGap } from '../rtp/packet.ts'
import type { LegCodec, LegSettings } from './engine.ts'
import { sameCodec } from './leg-input.ts'

/** So many packets of a stream are looked at, and so many in a row have to agree. */
const watched = 100
const needed = 6
/** Longer ones, ms, are a mistake of the timestamps. */
const longest = 120

export class PacketTime {
  /** Packets that are still to be looked at. */
  left = watched
  #sequence = -1
  #timestamp = 0
  #found = 0
  #times = 0

  /** Looks anew: another stream, or other terms. */
  restart(): void {
    this.left = watched
    this.#sequence = -1
    this.#times = 0
  }

  /** A packet of a stream whose packets should have `ptime` ms. Its real packet time once that is certain and another; else 0. */
  packet(sequence: number, timestamp: number, clock: number, ptime: number): number {
    this.left--
    const ahead = this.#sequence < 0 ? 0 : sequenceGap(sequence, this.#sequence)
    const units = timestampGap(timestamp, this.#timestamp)
    this.#sequence = sequence
    this.#timestamp = timestamp
    // Only neighbours tell: what was lost or came late may have been a pause.
    if (ahead !== 1) return 0
    const ms = (units * 1000) / clock
    if (ms === ptime || ms <= 0 || ms > longest || ms % 10 !== 0) {
      this.#times = 0
      return 0
    }
    this.#times = ms === this.#found ? this.#times + 1 : 1
    this.#found = ms
    if (this.#times < needed) return 0
    this.left = 0
    return ms
  }
}

/** Terms under which packets of `codec` have `ms` both ways. */
export function withPacketTime(settings: LegSettings, codec: LegCodec, ms: number): LegSettings {
  const fixed = (one: LegCodec) => (sameCodec(one, codec) ? { ...one, ptime: ms } : one)
  const { send, receive } = settings
  return { ...settings, send: send && fixed(send), receive: receive.map(fixed) }
}
