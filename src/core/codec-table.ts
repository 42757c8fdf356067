/** The codecs that calls may use: those of the core and what loaded modules bring. */
import { logger } from '../base/log.ts'
import type { Codec } from '../codecs/codec.ts'
import { coreCodecs } from '../codecs/index.ts'
import { chooseCodecs, isVideoCodec, type LocalCodec, parseCodecList } from '../sdp/codec-string.ts'

const log = logger('core/codecs')

/** So many preference lists are remembered. */
const rememberedLists = 256

interface Entry {
  readonly codec: Codec
  readonly module: string
}

export class CodecTable {
  #entries: readonly Entry[] = coreCodecs.map((codec) => ({ codec, module: 'CORE_PCM_MODULE' }))
  /** The lists of profiles come again with every call. */
  readonly #chosen = new Map<string, readonly LocalCodec[]>()

  add(codec: Codec, module: string): void {
    this.#entries = [...this.#entries, { codec, module }]
    this.#chosen.clear()
  }

  removeModule(module: string): void {
    this.#entries = this.#entries.filter((entry) => entry.module !== module)
    this.#chosen.clear()
  }

  /** In the order of loading, those of the core first. */
  list(): readonly Entry[] {
    return this.#entries
  }

  /** The module that a codec is from; undefined when none has it. */
  moduleOf(name: string): string | undefined {
    const key = name.toLowerCase()
    return this.#entries.find((entry) => entry.codec.name.toLowerCase() === key)?.module
  }

  /** Whether packets of a codec can only be passed on, not decoded. */
  isPassThrough(name: string): boolean {
    const key = name.toLowerCase()
    return this.#entries.some(({ codec }) => codec.passThrough && codec.name.toLowerCase() === key)
  }

  /** The codecs of a preference list (`PCMU@20i,opus~useinbandfec=1`) that are loaded, in its order; others are left out. */
  choose(list: string): readonly LocalCodec[] {
    const present = this.#chosen.get(list)
    if (present) return present
    const { wishes, problems } = parseCodecList(list)
    for (const problem of problems) log.warning(`codec list "${list}": ${problem}`)
    const known = this.#entries.map((entry) => entry.codec)
    const sound = wishes.filter(({ name }) => !isVideoCodec(name))
    const { codecs, missing } = chooseCodecs(sound, known)
    if (missing.length > 0) log.debug(`codec list "${list}": no ${missing.join(', ')} is loaded`)
    if (this.#chosen.size >= rememberedLists) this.#chosen.clear()
    this.#chosen.set(list, codecs)
    return codecs
  }
}
