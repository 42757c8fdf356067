/**
 * How losses lie: close together (bursts) or few and far between (gaps), as RFC 3611 section 4.7.2 defines them. A burst begins
 * and ends with a loss and has fewer than 16 packets in a row received within; a loss by itself belongs to the gap.
 */

/** So many packets received in a row end a burst. */
const shortestGap = 16

export interface BurstFigures {
  /** How many bursts there were. */
  readonly bursts: number
  /** Share of the packets lost within bursts, and within gaps; 0 to 1. */
  readonly burstLoss: number
  readonly gapLoss: number
  /** Mean length of both, in packets. */
  readonly burstPackets: number
  readonly gapPackets: number
}

/** Mean length of a run of losses as a multiple of what it would be by chance (BurstR of ITU-T G.107); never below 1. */
export function burstRatio({ losses, runs }: BurstCount, expected: number): number {
  if (runs === 0 || expected <= losses) return 1
  return Math.max(1, (losses / runs) * (1 - losses / expected))
}

export class BurstCount {
  /** Packets received since the last loss. Counted up by whoever sees them: it is the one thing done for each packet. */
  run = 0
  losses = 0
  /** Losses in a row count as one run. */
  runs = 0
  /** Bursts that are over: how many, their packets, and those of them that were lost. */
  #bursts = 0
  #burstPackets = 0
  #burstLosses = 0
  /** Packets of gaps that are over, and those of them that were lost. */
  #gapPackets = 0
  #gapLosses = 0
  /** The losses that may yet become a burst, and the packets from the first to the last of them. */
  #near = 0
  #span = 0

  /** The next packet was lost. */
  lose(): void {
    if (this.run > 0 || this.losses === 0) this.runs++
    this.losses++
    if (this.#near > 0 && this.run < shortestGap) {
      this.#near++
      this.#span += this.run + 1
    } else {
      this.#close()
      this.#gapPackets += this.run
      this.#near = 1
      this.#span = 1
    }
    this.run = 0
  }

  /** The same counts, to be gone on with apart. */
  copy(): BurstCount {
    const other = new BurstCount()
    other.run = this.run
    other.losses = this.losses
    other.runs = this.runs
    other.#bursts = this.#bursts
    other.#burstPackets = this.#burstPackets
    other.#burstLosses = this.#burstLosses
    other.#gapPackets = this.#gapPackets
    other.#gapLosses = this.#gapLosses
    other.#near = this.#near
    other.#span = this.#span
    return other
  }

  /** All of it up to now. */
  get figures(): BurstFigures {
    const all = this.copy()
    all.#close()
    const gapPackets = all.#gapPackets + all.run
    return {
      bursts: all.#bursts,
      burstLoss: all.#burstLosses / Math.max(1, all.#burstPackets),
      gapLoss: all.#gapLosses / Math.max(1, gapPackets),
      burstPackets: all.#burstPackets / Math.max(1, all.#bursts),
      gapPackets: gapPackets / (all.#bursts + 1),
    }
  }

  /** The losses that were near each other are over: a burst if there were several. */
  #close(): void {
    if (this.#near > 1) {
      this.#bursts++
      this.#burstPackets += this.#span
      this.#burstLosses += this.#near
    } else if (this.#near === 1) {
      this.#gapPackets++
      this.#gapLosses++
    }
    this.#near = 0
    this.#span = 0
  }
}
