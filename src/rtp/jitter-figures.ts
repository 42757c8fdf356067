/** What a jitter buffer tells of its work. */

/** Counts since it was made. */
export class JitterCounts {
  received = 0
  played = 0
  /** Packets that were not there in time, and those of them that came afterwards. */
  lost = 0
  late = 0
  duplicates = 0
  reordered = 0
  /** Pulls that were answered with a loss: sound was to be made up. */
  concealed = 0
  /** Packets left out and pauses put in, to keep the delay. */
  dropped = 0
  inserted = 0
  /** Packets thrown away at a resync or because it was full. */
  flushed = 0
  /** New senders, and jumps of the sender's clock or numbering. */
  resyncs = 0
}

/** The counts with the state at the moment; times in ms. */
export interface JitterFigures extends Readonly<JitterCounts> {
  /** What was held back at the last pull, and the most that ever was. */
  readonly depth: number
  readonly maxDepth: number
  /** Packets held, and the most ever. */
  readonly packets: number
  readonly maxPackets: number
  /** The delay that it aims at. */
  readonly target: number
}
