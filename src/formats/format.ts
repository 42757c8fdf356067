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
  /** Samples in all, at `rate`, where that is known. */
  readonly length?: number | undefined
  /** False while not all of it is in memory yet: until then what comes next need not be opened. */
  readonly isEnding?: boolean
  /** It never ends by itself: nothing need be opened to follow it. */
  readonly isEndless?: boolean
  close(): void
}

/** Where recorded sound goes. Writes are queued and flushed off the tick; `close` resolves when the file is complete. */
export interface AudioSink {
  readonly rate: number
  readonly channels: 1 | 2
  /** Why nothing more is written; undefined while all is well. */
  readonly failure?: string | undefined
  /**
   * Samples (interleaved for two channels); the sink copies them. False when it takes none of them for now, because the
   * disk is too far behind.
   */
  write(pcm: Int16Array): boolean
  /** Resolves when all is on the disk; rejects with FILE_NOT_WRITABLE when something is missing. */
  close(): Promise<void>
}

/** What a file says of itself, where its format has a place for it. */
export interface FileTags {
  readonly title?: string
  readonly copyright?: string
  readonly software?: string
  readonly artist?: string
  readonly comment?: string
  readonly date?: string
}

export interface WriteOptions {
  /** Writes over what is there, from its beginning, instead of truncating it. */
  readonly over?: boolean
  readonly tags?: FileTags
  /** Octets gathered before they go to the disk; default: a second of sound. */
  readonly flushOctets?: number
}

/** Octets of one flush, where a second of sound has so many. */
export function flushSize(options: WriteOptions, second: number): number {
  return options.flushOctets ?? second
}

/** What some sounds need of the place where they are opened: whatever lives outside of their file. */
export interface SoundHost {
  /**
   * The path of a local copy of what `scheme://rest` names; of the scheme `prompt`, what is to be played instead of a file that is
   * not there. Throws SwitchError FILE_NOT_FOUND or FILE_BAD.
   */
  fetch(scheme: string, rest: string, parameters: ReadonlyMap<string, string>): Promise<string>
  /** A listener of a stream that runs by itself (`local_stream`). Throws SwitchError FILE_NOT_FOUND. */
  listen(name: string, rate: number): Promise<AudioSource>
}

/** How a sound is opened. */
export interface OpenOptions {
  /** Undefined where nothing can be had but files and made-up sound. */
  readonly host?: SoundHost | undefined
  /** The `{…}` of the play string, names in small letters. */
  readonly parameters: ReadonlyMap<string, string>
  /** What stands before `://`; empty for a path. */
  readonly scheme: string
}

export interface FileFormat {
  /** What selects it: file extensions without the dot (`wav`), or a scheme (`tone_stream`). */
  readonly extensions: readonly string[]
  readonly schemes?: readonly string[]
  /**
   * Opens for reading. `path` is a whole path, or for a scheme what follows `://`. `rate` is the wish of the listener;
   * the source says what it really gives. Throws SwitchError FILE_NOT_FOUND or FILE_BAD.
   */
  read?(path: string, rate: number, options: OpenOptions): Promise<AudioSource>
  /** Opens for writing, truncating unless `append`. Throws SwitchError FILE_NOT_WRITABLE. */
  write?(
    path: string,
    rate: number,
    channels: 1 | 2,
    append: boolean,
    options?: WriteOptions,
  ): Promise<AudioSink>
}
