/** Codec preferences as settings and variables give them: `CORE_PCM_MODULE.PCMU@8000h@20i,opus~useinbandfec=1@48000h@2c`. */

/** Video encodings that a list may name; their packets pass as they are, so they need no codec. In small letters. */
const videoCodecs: ReadonlySet<string> = new Set([
  'av1',
  'h261',
  'h263',
  'h263-1998',
  'h263-2000',
  'h264',
  'h265',
  'vp8',
  'vp9',
])

export function isVideoCodec(name: string): boolean {
  return videoCodecs.has(name.toLowerCase())
}

/** One item. What it does not say is undefined. */
export interface CodecWish {
  readonly module: string | undefined
  readonly name: string
  readonly fmtp: string | undefined
  /** Hz: the rate of the sound or of its RTP clock (16000 or 8000 for G722). */
  readonly rate: number | undefined
  /** Packet time, ms. */
  readonly ptime: number | undefined
  /** Bits a second. */
  readonly bitRate: number | undefined
  readonly channels: number | undefined
}

export interface CodecList {
  readonly wishes: readonly CodecWish[]
  /** Parts that say nothing, for the log. */
  readonly problems: readonly string[]
}

/** What has to be known of a codec to choose it; the codecs' own descriptors have these fields. */
export interface KnownCodec {
  readonly name: string
  readonly payloadType?: number
  readonly clockRate: number
  readonly sampleRate: number
  readonly channels: number
  readonly ptime: number
  readonly bitRate: number
  readonly ptimes?: readonly number[]
  readonly settings?: string
  offer?(ptime: number): string
  answer?(theirs: string, ours: string): string | undefined
}

/** A codec as we offer or accept it. */
export interface LocalCodec {
  readonly name: string
  /** Static, or wished for; dynamic ones without a wish are numbered when they are offered. */
  readonly payloadType: number | undefined
  readonly clockRate: number
  readonly channels: number
  readonly ptime: number
  readonly fmtp: string
  /** The packet times that can be had, ms; undefined: all multiples of 10. */
  readonly ptimes?: readonly number[]
  /** What our own coder is told and SDP does not show. */
  readonly settings?: string
  /** The format parameters that answer theirs; undefined: these two do not go together. Without it `fmtp` answers. */
  answer?(theirs: string, ours: string): string | undefined
}

/** Whether packets of so many ms can be made. */
export function isPtimeOf(codec: { readonly ptimes?: readonly number[] }, ptime: number): boolean {
  // Packet times beyond these are not for telephony.
  return codec.ptimes?.includes(ptime) ?? (ptime >= 10 && ptime <= 120 && ptime % 10 === 0)
}

function positive(text: string): number | undefined {
  const value = Number.parseInt(text, 10)
  return value > 0 ? value : undefined
}

/** Splits at commas that are not escaped, as `ptime=20\,30` in format parameters may be. */
function items(list: string): string[] {
  return list
    .split(/(?<!\\),/)
    .map((item) => item.replaceAll('\\,', ',').trim())
    .filter((item) => item !== '')
}

/** Reads one item; what cannot be understood of it goes into `problems`. */
function parseItem(item: string, problems: string[]): CodecWish {
  const [head = '', ...qualifiers] = item.split('@')
  const dot = head.indexOf('.')
  const tilde = head.indexOf('~')
  const hasModule = dot >= 0 && (tilde < 0 || dot < tilde)
  const name = head.slice(hasModule ? dot + 1 : 0, tilde < 0 ? undefined : tilde)
  let rate: number | undefined
  let ptime: number | undefined
  let bitRate: number | undefined
  let channels: number | undefined
  for (const qualifier of qualifiers) {
    if (qualifier.includes('i')) ptime = positive(qualifier)
    else if (/[kh]/.test(qualifier)) rate = positive(qualifier)
    else if (qualifier.includes('b')) bitRate = positive(qualifier)
    else if (qualifier.includes('c')) channels = positive(qualifier)
    else problems.push(`"@${qualifier}" of "${item}" has none of the marks h k i b c`)
  }
  return {
    module: hasModule ? head.slice(0, dot) : undefined,
    name,
    fmtp: tilde < 0 ? undefined : head.slice(tilde + 1),
    rate,
    ptime,
    bitRate,
    channels,
  }
}

/** Reads a list separated by commas. It never throws. */
export function parseCodecList(list: string): CodecList {
  const problems: string[] = []
  return { wishes: items(list).map((item) => parseItem(item, problems)), problems }
}

/** `PCMU@8000h@20i`, with bits and channels where they are said. */
export function codecWishText(wish: CodecWish): string {
  let text = wish.module === undefined ? wish.name : `${wish.module}.${wish.name}`
  if (wish.fmtp) text += `~${wish.fmtp}`
  if (wish.rate !== undefined) text += `@${wish.rate}h`
  if (wish.ptime !== undefined) text += `@${wish.ptime}i`
  if (wish.bitRate !== undefined) text += `@${wish.bitRate}b`
  if (wish.channels !== undefined) text += `@${wish.channels}c`
  return text
}

function fits(wish: CodecWish, codec: KnownCodec): boolean {
  if (codec.name.toLowerCase() !== wish.name.toLowerCase()) return false
  // Without a rate it is the narrow one of several (L16); a codec with one rate only is meant by its name.
  if (wish.rate !== undefined && wish.rate !== codec.sampleRate && wish.rate !== codec.clockRate) {
    return false
  }
  if (wish.bitRate !== undefined && wish.bitRate !== codec.bitRate) return false
  return wish.channels === undefined || wish.channels === codec.channels || codec.name === 'opus'
}

/**
 * The codecs of a list that we have, in its order, without repeats. A wish that no codec fulfils is left out; its text
 * is in `missing`.
 */
export function chooseCodecs(
  wishes: readonly CodecWish[],
  known: readonly KnownCodec[],
): { readonly codecs: readonly LocalCodec[]; readonly missing: readonly string[] } {
  const codecs: LocalCodec[] = []
  const missing: string[] = []
  for (const wish of wishes) {
    const codec = known.find((candidate) => fits(wish, candidate))
    const ptime = wish.ptime ?? codec?.ptime ?? 0
    if (!codec || !isPtimeOf(codec, ptime)) {
      missing.push(codecWishText(wish))
      continue
    }
    const chosen: LocalCodec = {
      name: codec.name,
      payloadType: codec.payloadType,
      clockRate: codec.clockRate,
      channels: codec.channels,
      ptime,
      fmtp: wish.fmtp ?? codec.offer?.(ptime) ?? '',
      ...(codec.ptimes && { ptimes: codec.ptimes }),
      ...(codec.settings !== undefined && { settings: codec.settings }),
      ...(codec.answer && { answer: codec.answer }),
    }
    const isRepeat = codecs.some(
      (other) =>
        other.name === chosen.name &&
        other.clockRate === chosen.clockRate &&
        other.channels === chosen.channels &&
        other.ptime === chosen.ptime &&
        other.fmtp === chosen.fmtp,
    )
    if (!isRepeat) codecs.push(chosen)
  }
  return { codecs, missing }
}
