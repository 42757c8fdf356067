/**
 * Whose sound passes here and how: `bypass_media` lets the two ends of a bridge send to each other, `proxy_media` passes their
 * packets on untouched.
 */
import { logger } from '../../base/log.ts'
import { offerSides } from '../../core/sides/join-sides.ts'
import { wantsWebRtc } from '../../core/sides/leg-webrtc.ts'
import { isTrue } from '../../core/variables.ts'
import { isDtls } from '../../sdp/webrtc.ts'
import type { Call } from './call.ts'
import { resumeMedia } from './media-move.ts'

const log = logger('sofia/media')

/** Settles for a leg that is dialled for `other` what its first offer is to be. */
export async function chooseWay(call: Call, other: Call): Promise<void> {
  const { media, channel } = call
  media.resemble(other.media)
  // Its sound passes this server by, between it and somebody else.
  if (other.media.way !== 'own' && other.channel.isAnswered) await resumeMedia(other, false)
  const { variables } = other.channel
  const isOpen = other.channel.media !== undefined || other.channel.isAnswered
  const proxies = wishes(call, other, 'proxy_media', 'inbound-proxy-media')
  const bypasses = wishes(call, other, 'bypass_media', 'inbound-bypass-media')
  const isReady = !isOpen && other.media.remoteText !== '' && !isBetweenKinds(call, other)
  other.media.isPromised = (proxies || bypasses) && isReady
  if (proxies && isReady) return media.follow(other.media, 'proxy')
  if (proxies) {
    const why = isOpen ? 'the caller has sound already' : 'a browser meets us or its like only'
    log.notice(`proxy_media has no effect: ${why}`, channel.uuid)
  }
  if (bypasses && isReady) {
    channel.variables.set('bypass_media', 'true')
    return media.follow(other.media, 'past')
  }
  if (bypasses && isOpen) {
    log.info('the caller has sound already: bypass_media waits for the bridge', channel.uuid)
    variables.set('bypass_media_after_bridge', 'true')
    variables.unset('bypass_media')
  }
  if (bypasses && !isOpen && isBetweenKinds(call, other))
    log.notice('bypass_media has no effect between a browser and a phone', channel.uuid)
  await offerSides(call, other, call.near)
}

/** ICE and DTLS are for those who make them: what a browser says can be passed to another browser only, and never through us. */
function isBetweenKinds(call: Call, other: Call): boolean {
  const isBrowser = other.media.remote?.media.some(isDtls) === true
  const proxies = wishes(call, other, 'proxy_media', 'inbound-proxy-media')
  return isBrowser ? proxies || !wantsWebRtc(call.channel) : wantsWebRtc(call.channel)
}

function wishes(call: Call, other: Call, variable: string, param: string): boolean {
  const wish =
    call.channel.variables.get(variable) ??
    other.channel.variables.get(variable) ??
    String(other.profile.values.boolean(param))
  return isTrue(wish)
}
