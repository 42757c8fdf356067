/** What a leg needs of the worker that it lives in. */
import type { SoundHost } from '../formats/format.ts'
import type { DtlsIdentity } from '../webrtc/dtls-identity.ts'
import type { News } from './protocol.ts'
import type { Ticker } from './ticker.ts'

export interface LegHost {
  readonly ticker: Ticker
  /** What streams and URLs are had from: for whoever opens a sound. */
  readonly sounds: SoundHost
  /** Who legs are in DTLS. */
  readonly identity: DtlsIdentity
  /** Tells the core. */
  tell(news: News): void
  /** Counts a packet or frame that went nowhere. */
  drop(reason: string): void
}
