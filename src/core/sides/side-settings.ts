/** What the media engine is told of a section beside the sound. */
import type { StreamSettings } from '../../media/engine.ts'
import type { MediaSection } from '../../sdp/description.ts'
import type { Channel } from '../channel.ts'
import type { HasValues } from '../codec-choice.ts'
import { isFalse } from '../variables.ts'
import type { Side } from './side.ts'
import { bundledSettings } from './side-bundle.ts'

/** Whether packets are followed to where they really come from (`disable-rtp-auto-adjust`, `rtp_auto_adjust`). */
export function followsSource({ values }: HasValues, { variables }: Channel): boolean {
  return !values.boolean('disable-rtp-auto-adjust') && !isFalse(variables.get('rtp_auto_adjust'))
}

/** `theirs` is what the party has said; `mid` how packets on a shared port name their section, where that is needed. */
export function streamSettings(
  { stream, shown, security, payloadTypes }: Side,
  theirs: MediaSection,
  mid: Parameters<typeof bundledSettings>[2],
  isLatching: boolean,
): StreamSettings {
  return {
    remoteAddress: theirs.address ?? '',
    remotePort: theirs.port,
    remoteRtcpPort: theirs.rtcpPort,
    rtcpMux: theirs.rtcpMux,
    latch: isLatching && security.ice === undefined,
    ...security,
    ...(stream.isBundled && { bundled: bundledSettings(shown.formats, theirs, mid) }),
    // Video pauses and text is rare: the sound alone tells whether anybody is there.
    timeoutSeconds: 0,
    payloadTypes,
  }
}
