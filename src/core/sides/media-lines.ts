/** The m= lines of a session: never fewer than they were, each in its place for the whole call (RFC 3264 section 8). */
import type { MediaSection, SessionDescription } from '../../sdp/description.ts'
import type { RefusedSection } from '../../sdp/write.ts'

export class MediaLines {
  readonly #lines: RefusedSection[] = []
  /** The place of the sound. */
  soundIndex = 0

  /** Each as a line that refuses. */
  get all(): readonly RefusedSection[] {
    return this.#lines
  }

  /** How many a description of ours has at least. */
  get count(): number {
    return Math.max(this.#lines.length, this.soundIndex + 1)
  }

  /** The line as one that refuses; `kind` where there is none yet. */
  at(index: number, kind = 'audio'): RefusedSection {
    return this.#lines[index] ?? { kind, protocol: 'RTP/AVP', refused: true, format: '19' }
  }

  /** Remembers those of a description of either side. */
  note({ media }: SessionDescription, soundIndex: number | undefined): void {
    for (const [index, section] of media.entries()) this.set(index, section, section.formats)
    if (soundIndex !== undefined && soundIndex >= 0) this.soundIndex = soundIndex
  }

  set(index: number, { kind, protocol }: MediaSection, formats: readonly string[]): void {
    this.#lines[index] = { kind, protocol, refused: true, format: formats[0] ?? '19' }
  }

  /** A line of the kind that is not in use, else a new one at the end. */
  free(kind: string, isUsed: (index: number) => boolean): number {
    const refused = this.#lines.findIndex(
      // The place of the sound may not be filled yet.
      (line: RefusedSection | undefined, index) =>
        line?.kind === kind && index !== this.soundIndex && !isUsed(index),
    )
    return refused >= 0 ? refused : this.count
  }

  /** Forgets those behind `last` and behind the sound: a new connection need not have them. */
  cut(last: number): void {
    const count = Math.max(last, this.soundIndex) + 1
    this.#lines.length = Math.min(this.#lines.length, count)
  }
}
