/** `bypass_media`: the two ends of a bridge send their sound to each other, past this server. */
import type { Channel } from '../../core/channel.ts'
import { isTrue } from '../../core/variables.ts'
import type { Call } from './call.ts'

/** Whether a leg that is dialled for `other` is to be given that one's description instead of one of ours. */
export function wantsBypass(channel: Channel, other: Call): boolean {
  const wish =
    channel.variables.get('bypass_media') ??
    other.channel.variables.get('bypass_media') ??
    String(other.profile.values.boolean('inbound-bypass-media'))
  // A caller that is heard already stays with us: its sound would have to be moved.
  return isTrue(wish) && other.media.remoteText !== '' && other.channel.media === undefined
}
