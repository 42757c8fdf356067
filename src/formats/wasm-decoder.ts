/**
 * Decoders from packages that carry libmpg123 and libvorbis as WebAssembly. Their own faces copy every frame, print to the
 * console and try a broken file for ever; so what lies below those faces is used, which is why the packages' versions are
 * fixed.
 */
import { SwitchError } from '../base/errors.ts'

interface Region<T> {
  readonly ptr: number
  readonly len: number
  readonly buf: T
}

interface Mpg123Calls {
  mpeg_frame_decoder_create(handle: number, isGapless: number): number
  mpeg_frame_decoder_destroy(decoder: number): void
  mpeg_decoder_feed(decoder: number, bytes: number, length: number): number
  mpeg_decoder_read(
    decoder: number,
    output: number,
    room: number,
    samples: number,
    rate: number,
    error: number,
  ): number
}

/** What `MPEGDecoder` of mpg123-decoder holds. */
interface Mpg123 {
  readonly ready: Promise<void>
  readonly _common: { readonly wasm: Mpg123Calls }
  readonly _input: Region<Uint8Array>
  readonly _output: Region<Float32Array>
  readonly _samplesDecodedPtr: Region<Uint32Array>
  readonly _sampleRatePtr: Region<Uint32Array>
  readonly _errorStringPtr: Region<Uint32Array>
  _decoder: number
}

/** The libmpg123 codes that are no errors. */
const needMore = -10
const newFormat = -11
/** Reads in a row that may fail before what was fed is given up. */
const mostFailures = 16

/** Modules that are there at run time only: TypeScript need not find them. */
async function load<T>(name: string): Promise<T> {
  try {
    return (await import(name)) as T
  } catch {
    throw new SwitchError('FILE_UNKNOWN_FORMAT', `the package ${name} is not installed`)
  }
}

const spare: Mpg123[] = []

/** One MP3 stream. */
export class Mp3Decoder {
  readonly #library: Mpg123
  #isOver = false

  private constructor(library: Mpg123) {
    this.#library = library
  }

  static async open(): Promise<Mp3Decoder> {
    const library = spare.pop()
    if (library) {
      const decoder = new Mp3Decoder(library)
      decoder.restart(true)
      return decoder
    }
    const { MPEGDecoder } = await load<{ MPEGDecoder: new () => Mpg123 }>('mpg123-decoder')
    const made = new MPEGDecoder()
    await made.ready
    return new Mp3Decoder(made)
  }

  /** Begins a new stream; `isGapless` drops what the encoder put before the sound, which only works from the beginning. */
  restart(isGapless: boolean): void {
    const { _common, _errorStringPtr } = this.#library
    _common.wasm.mpeg_frame_decoder_destroy(this.#library._decoder)
    // The handle is written to where an error's text would be.
    const failure = _common.wasm.mpeg_frame_decoder_create(_errorStringPtr.ptr, isGapless ? 1 : 0)
    if (failure !== 0) throw new SwitchError('FILE_BAD', `libmpg123 does not start (${failure})`)
    this.#library._decoder = _errorStringPtr.buf[0] ?? 0
  }

  /** Takes at most 64 KiB; what comes of it goes to `sound` as left, right and rate, all only lent. */
  feed(
    bytes: Uint8Array,
    sound: (left: Float32Array, right: Float32Array, rate: number) => void,
  ): void {
    const { _common, _input, _output, _samplesDecodedPtr, _sampleRatePtr, _errorStringPtr } =
      this.#library
    const decoder = this.#library._decoder
    _input.buf.set(bytes)
    if (_common.wasm.mpeg_decoder_feed(decoder, _input.ptr, bytes.length) === needMore) return
    for (let failures = 0; failures < mostFailures; ) {
      _samplesDecodedPtr.buf[0] = 0
      const code = _common.wasm.mpeg_decoder_read(
        decoder,
        _output.ptr,
        _output.len,
        _samplesDecodedPtr.ptr,
        _sampleRatePtr.ptr,
        _errorStringPtr.ptr,
      )
      const count = _samplesDecodedPtr.buf[0]
      if (count > 0) {
        const left = _output.buf.subarray(0, count)
        sound(left, _output.buf.subarray(count, count * 2), _sampleRatePtr.buf[0] ?? 0)
      }
      if (code === needMore) return
      if (code !== newFormat && (code !== 0 || count === 0)) failures++
    }
  }

  close(): void {
    if (this.#isOver) return
    this.#isOver = true
    if (spare.length < 4) spare.push(this.#library)
  }
}

/** What is below `OggVorbisDecoder` of @wasm-audio-decoders/ogg-vorbis. */
interface VorbisLibrary {
  sendSetupHeader(header: Uint8Array): void
  initDsp(): void
  decodePackets(packets: readonly Uint8Array[]): {
    readonly channelData: readonly Float32Array[]
    readonly samplesDecoded: number
    readonly sampleRate: number
  }
  free(): void
}

/** One Vorbis stream. */
export class VorbisDecoder {
  readonly #library: VorbisLibrary

  private constructor(library: VorbisLibrary) {
    this.#library = library
  }

  /** From the identification and the set-up header. */
  static async open(identification: Uint8Array, setup: Uint8Array): Promise<VorbisDecoder> {
    const { OggVorbisDecoder } = await load<{
      OggVorbisDecoder: new () => { readonly ready: Promise<void>; _decoder: VorbisLibrary }
    }>('@wasm-audio-decoders/ogg-vorbis')
    const made = new OggVorbisDecoder()
    await made.ready
    const library = made._decoder
    library.sendSetupHeader(identification)
    library.sendSetupHeader(setup)
    library.initDsp()
    return new VorbisDecoder(library)
  }

  /** The channels of one packet. */
  decode(packet: Uint8Array): readonly Float32Array[] {
    const { channelData, samplesDecoded } = this.#library.decodePackets([packet])
    return samplesDecoded > 0 ? channelData : []
  }

  close(): void {
    this.#library.free()
  }
}
