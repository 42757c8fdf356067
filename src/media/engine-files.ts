/** What is done with sound files beside any call. Part of the engine's face: imported through engine.ts. */

export interface SoundFiles {
  /** How long a sound file is, seconds. Throws SwitchError FILE_NOT_FOUND, FILE_UNKNOWN_FORMAT or FILE_BAD. */
  seconds(path: string): Promise<number>
  /**
   * Writes the sounds of `from` one after the other to the file `to`, at the rate of the last of them; resolves with its length in
   * seconds when all of it is written. Throws as `seconds` does, and FILE_NOT_WRITABLE.
   */
  join(from: readonly string[], to: string): Promise<number>
}
