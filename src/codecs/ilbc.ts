/** iLBC: 38 octets for 20 ms or 50 octets for 30 ms (RFC 3951, RFC 3952). */
import type { Codec, Coder } from './codec.ts'
import { formatParameters } from './format-parameters.ts'
import { IlbcDecoder } from './ilbc-decoder.ts'
import { IlbcEncoder } from './ilbc-encoder.ts'
import { type IlbcMode, mode20, mode30 } from './ilbc-mode.ts'

/** RFC 3952 section 5: without `mode` it is 30. */
function modeOf(fmtp: string): string {
  return formatParameters(fmtp).get('mode') === '20' ? '20' : '30'
}

/** RFC 3952 section 5: when the two differ, both use 30. */
function agreed(theirs: string, ours: string): string {
  return ours === '' || modeOf(ours) === modeOf(theirs) ? modeOf(theirs) : '30'
}

/** The mode whose frames fill so many octets; undefined for none or both. */
function modeOfPacket(octets: number): IlbcMode | undefined {
  const [is20, is30] = [octets % mode20.octets === 0, octets % mode30.octets === 0]
  if (is20 === is30) return undefined
  return is20 ? mode20 : mode30
}

/** The longest frame, for what is concealed beyond whole frames. */
const spare = new Int16Array(240)

class IlbcCoder implements Coder {
  /** What we send. What comes tells its mode by its length. */
  readonly #mode: IlbcMode
  /** Either half is made when it is first needed: a leg mostly uses a coder one way. */
  #encoder: IlbcEncoder | undefined
  #decoder: IlbcDecoder | undefined
  #wasHeard = false

  constructor(mode: IlbcMode) {
    this.#mode = mode
  }

  encode(pcm: Int16Array, into: Uint8Array): number {
    const { samples, octets } = this.#mode
    this.#encoder ??= new IlbcEncoder(this.#mode)
    const frames = Math.min(Math.floor(pcm.length / samples), Math.floor(into.length / octets))
    for (let i = 0; i < frames; i++) this.#encoder.encode(pcm, i * samples, into, i * octets)
    return frames * octets
  }

  decode(payload: Uint8Array, into: Int16Array): number {
    const mode = modeOfPacket(payload.length) ?? this.#mode
    const { samples, octets } = mode
    if (this.#decoder?.mode !== mode) this.#decoder = new IlbcDecoder(mode)
    const frames = Math.min(Math.floor(payload.length / octets), Math.floor(into.length / samples))
    for (let i = 0; i < frames; i++) this.#decoder.decode(payload, i * octets, into, i * samples)
    this.#wasHeard ||= frames > 0
    return frames * samples
  }

  conceal(into: Int16Array): number {
    if (!this.#wasHeard || this.#decoder === undefined) into.fill(0)
    else {
      const { samples } = this.#decoder.mode
      for (let at = 0; at < into.length; at += samples) {
        if (into.length - at >= samples) this.#decoder.conceal(into, at)
        else {
          this.#decoder.conceal(spare, 0)
          into.set(spare.subarray(0, into.length - at), at)
        }
      }
    }
    return into.length
  }
}

export const ilbc: Codec = {
  name: 'iLBC',
  clockRate: 8000,
  sampleRate: 8000,
  channels: 1,
  ptime: 30,
  ptimes: [20, 30, 40, 60, 80, 90, 100, 120],
  bitRate: 13333,
  offer: (ptime) => `mode=${ptime % 30 === 0 ? 30 : 20}`,
  answer: (theirs, ours) => `mode=${agreed(theirs, ours)}`,
  fit(ptime, theirs, ours = '') {
    const frame = Number(agreed(theirs, ours))
    return Math.max(frame, ptime - (ptime % frame))
  },
  isAlike: (a, b) => modeOf(a) === modeOf(b),
  open: (fmtp, ours = '') => new IlbcCoder(agreed(fmtp, ours) === '20' ? mode20 : mode30),
}
