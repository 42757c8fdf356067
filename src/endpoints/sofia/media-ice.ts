/**
 * ICE where a far end offers it (RFC 8839): we answer as the lite side, with one host candidate a component, and the media
 * leg answers the checks. We never offer it ourselves.
 */
import { randomBytes } from 'node:crypto'
import type { LegIce } from '../../media/engine.ts'
import type { MediaSection } from '../../sdp/description.ts'

/** Type preference 126 of host candidates, the highest local preference (RFC 8445 section 5.1.2.1). */
function priority(component: number): number {
  return 126 * 2 ** 24 + 65535 * 2 ** 8 + (256 - component)
}

export class MediaIce {
  /** Letters, digits, + and / only: base64 of whole triples has no padding. Made when first needed. */
  #ufrag = ''
  #password = ''

  /** What the media leg needs for a section; undefined where no ICE was offered. */
  secrets(section: MediaSection): LegIce | undefined {
    if (section.iceUfrag === undefined || section.icePwd === undefined) return undefined
    this.#ufrag ||= randomBytes(6).toString('base64')
    this.#password ||= randomBytes(24).toString('base64')
    return { ufrag: this.#ufrag, password: this.#password, remoteUfrag: section.iceUfrag }
  }

  /** The attributes of our answer to a section, for a port at `address`. */
  attributes(section: MediaSection | undefined, address: string, port: number) {
    if (!section || !this.secrets(section)) return undefined
    const components = section.rtcpMux ? [1] : [1, 2]
    return {
      sessionAttributes: ['ice-lite'],
      attributes: [
        `ice-ufrag:${this.#ufrag}`,
        `ice-pwd:${this.#password}`,
        ...components.map(
          (component) =>
            `candidate:1 ${component} UDP ${priority(component)} ${address} ${port + component - 1} typ host`,
        ),
      ],
    }
  }
}
