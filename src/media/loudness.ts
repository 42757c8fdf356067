/** Counts loud or quiet frames: `wait_for_silence`, `detect_silence`, `detect_audio`. */

export interface LoudnessRules {
  /**
   * `silence after sound`: `hits` frames below the threshold in a row, once more than `listenHits` at or above it were heard.
   * `silence`: more than `hits` in a row that do not exceed it. `audio`: more than `hits` in a row that reach it.
   */
  readonly wants: 'silence after sound' | 'silence' | 'audio'
  /** Mean amplitude, FreeSWITCH's scale: that of 8 kHz. */
  readonly threshold: number
  readonly hits: number
  readonly listenHits: number
  /** ms; 0 none. */
  readonly timeoutMs: number
}

export interface LoudnessOutcome {
  readonly isTimeout: boolean
  /** Frames in a row that were as wanted, and all that were loud. */
  readonly hits: number
  readonly listened: number
}

export class LoudnessCounter {
  /** Frames in a row that were as wanted, and all that were loud. */
  hits = 0
  listened = 0
  readonly #rules: LoudnessRules

  constructor(rules: LoudnessRules) {
    this.#rules = rules
  }

  /** A frame of this mean amplitude; true when there were enough. */
  frame(score: number): boolean {
    const { wants, threshold, hits, listenHits } = this.#rules
    if (wants !== 'silence after sound') {
      const isAsWanted = wants === 'silence' ? score <= threshold : score >= threshold
      this.hits = isAsWanted ? this.hits + 1 : 0
      return this.hits > hits
    }
    if (score >= threshold) this.listened++
    const isListening = listenHits === 0 || this.listened > listenHits
    this.hits = isListening && score < threshold ? this.hits + 1 : 0
    return isListening && this.hits >= Math.max(1, hits)
  }
}
