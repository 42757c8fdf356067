/** Compressed sound files: decoded piece by piece in a thread of their own, never on a media worker's tick. */

/** A compressed file that is being decoded to mono samples. One call at a time. */
export interface Decoding {
  /** Hz of what `next` gives. */
  readonly rate: number
  /** Samples in all; undefined when the file does not say. */
  readonly length: number | undefined
  /** The next samples, never none; undefined at the end. Throws when the file turns out to be broken. */
  next(): Promise<Int16Array | undefined>
  /** Goes to a sample counted from the start. */
  seek(sample: number): Promise<void>
  close(): Promise<void>
}

/** The formats that are decoded so. */
export type DecodingKind = 'mp3' | 'ogg'

/** What the decoding thread is asked; `id` numbers open files, `turn` the answers that are waited for. */
export type DecoderAsk =
  | {
      readonly ask: 'open'
      readonly id: number
      readonly turn: number
      readonly kind: DecodingKind
      readonly path: string
      /** Hz that the samples shall have. */
      readonly rate: number
    }
  | { readonly ask: 'next'; readonly id: number; readonly turn: number }
  | { readonly ask: 'seek'; readonly id: number; readonly sample: number }
  | { readonly ask: 'close'; readonly id: number }

export interface DecoderAnswer {
  readonly turn: number
  /** Of `open`. */
  readonly length?: number | undefined
  /** Of `next`; none at the end. */
  readonly pcm?: Int16Array
  readonly failure?: { readonly code: string; readonly message: string }
}
