/** Music on hold, and what fetches sounds from elsewhere. Part of the engine's face: imported through engine.ts. */

/** Gets a copy of what `scheme://rest` names and tells its path. Throws SwitchError FILE_NOT_FOUND or FILE_BAD. */
export type SoundFetcher = (
  scheme: string,
  rest: string,
  parameters: ReadonlyMap<string, string>,
) => Promise<string>

/** A stream of music on hold (`local_stream`). */
export interface MusicOptions {
  readonly name: string
  /** The folder whose sound files it plays. */
  readonly folder: string
  /** Hz. */
  readonly rate: number
  readonly shuffle: boolean
  /** dB of gain. */
  readonly volume: number
  /** Sounds that break in, one after the other, so long after the end of the one before. */
  readonly chimes: readonly string[]
  readonly chimeEverySeconds: number
  /** What is longer is cut off; 0 never. */
  readonly chimeMostSeconds: number
}

export interface MusicRow extends MusicOptions {
  readonly listeners: number
}

/** The streams that run by themselves; their place goes on whether or not somebody listens. */
export interface MusicControl {
  /** Begins a stream, or changes the one of that name: those who hear it stay with it. */
  start(options: MusicOptions): void
  /** Ends it for its listeners too. False when there is none of that name. */
  stop(name: string): boolean
  /** Goes on to its next file. */
  next(name: string): boolean
  setVolume(name: string, db: number): boolean
  rows(): readonly MusicRow[]
}
