/**
 * Whose sound passes here and how: `bypass_media` lets the two ends of a bridge send to each other, `proxy_media` passes their
 * packets on untouched.
 */
import { logger } from '../../base/log.ts'
import { isTrue } from '../../core/variables.ts'
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
  const isReady = !isOpen && other.media.remoteText !== ''
  other.media.isPromised = (proxies || bypasses) && isReady
  if (proxies && isReady) return media.follow(other.media, 'proxy')
  if (proxies) log.notice('proxy_media has no effect: the caller has sound already', channel.uuid)
  if (bypasses && isReady) {
    channel.variables.set('bypass_media', 'true')
    return media.follow(other.media, 'past')
  }
  if (bypasses && isOpen) {
    log.info('the caller has sound already: bypass_media waits for the bridge', channel.uuid)
    variables.set('bypass_media_after_bridge', 'true')
    variables.unset('bypass_media')
  }
  await offerSides(call, other)
}

function wishes(call: Call, other: Call, variable: string, param: string): boolean {
  const wish =
    call.channel.variables.get(variable) ??
    other.channel.variables.get(variable) ??
    String(other.profile.values.boolean(param))
  return isTrue(wish)
}

/** Video and text that the other party offers, or has, and both legs may have. */
async function offerSides(call: Call, other: Call): Promise<void> {
  const { remote, remoteText, sides } = other.media
  if (!remote) return
  const both = new Set([...sides.video].filter((name) => call.media.sides.video.has(name)))
  // An answered caller has settled what it has.
  const offers = sides
    .passable(remote, remoteText, both)
    .filter(({ index, section }) =>
      section.kind === 'image' ? false : !other.media.terms || sides.at(index) !== undefined,
    )
  if (offers.length > 0) await call.media.sides.offer(offers, call.near ?? other.media.near)
}
