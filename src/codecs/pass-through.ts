/** Codecs whose packets we can pass on but neither make nor understand. */
import { SwitchError } from '../base/errors.ts'
import type { Coder } from './codec.ts'

/** What `open` of such a codec does. */
export function cannotOpen(name: string): () => Coder {
  return () => {
    throw new SwitchError(
      'CODEC_PASS_THROUGH',
      `${name} can only be passed on between two parties that both speak it`,
    )
  }
}
