/** What plays and what is recorded: every kind of sound file or made-up sound has these two faces. */

/** A mono stream of samples, read by a media worker's ticker. */
export interface AudioSource {
  /** In Hz: what `read` gives. */
  readonly rate: number
  /**
   * Fills up to `into.length` samples and returns how many; 0 means the end, -1 means that the disk has not delivered
   * yet (play silence and ask again). Never blocks, never allocates.
   */
  read(into: Int16Array): number
  /** Jumps to a sample counted from the start, at `rate`. */
  seek?(sample: number): void
  close(): void
}

/** Where recorded sound goes. Writes are queued and flushed off the tick; `close` resolves when the file is complete. */
export interface AudioSink {
  readonly rate: number
  readonly channels: 1 | 2
  /** Samples (interleaved for two channels); the sink copies them. */
  write(pcm: Int16Array): void
  close(): Promise<void>
}

export interface FileFormat {
  /** What selects it: file extensions without the dot (`wav`), or a scheme (`tone_stream`). */
  readonly extensions: readonly string[]
  readonly schemes?: readonly string[]
  /**
   * Opens for reading. `path` is a whole path, or for a scheme what follows `://`. `rate` is the wish of the listener;
   * the source says what it really gives. Throws SwitchError FILE_NOT_FOUND or FILE_BAD.
   */
  read?(path: string, rate: number): Promise<AudioSource>
  /** Opens for writing, truncating unless `append`. Throws SwitchError FILE_NOT_WRITABLE. */
  write?(path: string, rate: number, channels: 1 | 2, append: boolean): Promise<AudioSink>
}
