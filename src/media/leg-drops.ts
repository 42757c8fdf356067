/** What a leg's packets and frames came to nothing for: counted for the leg and for its worker alike. */
import type { SoundHost } from '../formats/format.ts'
import type { DtlsIdentity } from '../webrtc/dtls-identity.ts'
import type { LegHost } from './leg-host.ts'
import type { News } from './protocol.ts'
import type { Ticker } from './ticker.ts'

/** Stands between a leg and its worker. Where nothing is dropped it is never asked. */
export class LegDrops implements LegHost {
  readonly ticker: Ticker
  readonly sounds: SoundHost
  /** Made for the first one: most legs drop nothing. */
  #counts: Record<string, number> | undefined
  readonly #host: LegHost

  constructor(host: LegHost) {
    this.#host = host
    this.ticker = host.ticker
    this.sounds = host.sounds
  }

  get counts(): Readonly<Record<string, number>> {
    return { ...this.#counts }
  }

  get identity(): DtlsIdentity {
    return this.#host.identity
  }

  tell(news: News): void {
    this.#host.tell(news)
  }

  drop(reason: string): void {
    this.#counts ??= {}
    this.#counts[reason] = (this.#counts[reason] ?? 0) + 1
    this.#host.drop(reason)
  }
}
