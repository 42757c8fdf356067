/** What becomes of ICE and DTLS on a channel's leg: variables, CALL_SECURE, and the end of a call that gets no way or no keys. */
import { logger } from '../base/log.ts'
import type { MediaLeg } from '../media/engine.ts'
import type { Channel } from './channel.ts'
import { whyReports, whyText } from './media-why.ts'

const log = logger('core/webrtc')

/** Looks after a leg from its opening on; once for each leg. */
export function watchWebRtc(channel: Channel, leg: MediaLeg): void {
  const { variables } = channel
  const isCurrent = () => channel.isUp && channel.media === leg
  leg.events.on('ice', ({ state, pair }) => {
    if (!isCurrent()) return
    variables.set('rtp_ice_state', state)
    if (pair) {
      variables.set('rtp_ice_local', pair.local)
      variables.set('rtp_ice_remote', pair.remote)
      variables.set('rtp_ice_remote_type', pair.type)
    }
    if (state !== 'failed') return
    const reason = 'ICE found no way to the other side: none of its addresses answers'
    fail(channel, reason)
  })
  leg.events.on('secured', ({ suite, cipher, role }) => {
    if (!isCurrent()) return
    const type = `srtp:dtls:${suite}`
    const isNew = channel.secureType !== type
    channel.secureType = type
    variables.set('rtp_has_crypto', suite)
    variables.set('rtp_secure_media_negotiated', suite)
    variables.set('rtp_secure_media_confirmed', 'true')
    variables.set('rtp_secure_media_confirmed_audio', 'true')
    variables.set('rtp_dtls_cipher', cipher)
    variables.set('rtp_dtls_role', role)
    if (!isNew) return
    log.info(`the sound is encrypted: ${type}`, channel.uuid)
    channel.sw.events.announce('CALL_SECURE', (event) => {
      event.add('secure_type', type)
      event.add('caller-unique-id', channel.uuid)
    })
  })
  leg.events.on('security failed', ({ reason }) => {
    if (isCurrent()) fail(channel, `DTLS: ${reason}`)
  })
}

/** What was known of calls that got no way or no keys, when they ended; so many of them, the latest last. */
const failures = new Map<string, string>()
const kept = 100

/** The report of a call that failed so, by its channel's uuid. */
export function webRtcFailure(uuid: string): string | undefined {
  return failures.get(uuid)
}

function fail(channel: Channel, reason: string): void {
  log.warning(reason, channel.uuid)
  channel.variables.set('webrtc_failure', reason)
  // Whoever asks later finds the call gone.
  void whyReports(channel)
    .then((reports) => {
      const [oldest] = failures.keys()
      if (failures.size >= kept && oldest !== undefined) failures.delete(oldest)
      failures.set(channel.uuid, whyText(reports))
    })
    .finally(() => channel.hangup('INCOMPATIBLE_DESTINATION'))
}
