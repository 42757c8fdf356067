/** How the sound of a leg behaves: what variables of the channel say, else its profile. */
import type { Channel } from '../../core/channel.ts'
import { jitterHabits } from '../../core/jitter-buffer.ts'
import { isFalse } from '../../core/variables.ts'
import type { LegSettings } from '../../media/engine.ts'
import type { MediaTerms } from '../../sdp/terms.ts'
import type { Profile } from './profile.ts'

/** How digits travel (`dtmf-type`, `dtmf_type`). */
export type DigitWay = 'rfc2833' | 'info' | 'none'

export function digitWayOf(profile: Profile, channel: Channel): DigitWay {
  const word = (
    channel.variables.get('dtmf_type') ?? profile.values.text('dtmf-type')
  ).toLowerCase()
  return word === 'info' || word === 'none' ? word : 'rfc2833'
}

/** What the leg is told of the terms; times and habits come from the channel's variables, else the profile. */
export function legSettings(
  profile: Profile,
  channel: Channel,
  terms: MediaTerms,
  way: DigitWay,
): LegSettings {
  const { variables } = channel
  const { values } = profile
  const adjusts = variables.get('rtp_auto_adjust')
  const jitter = variables.get('jitterbuffer_msec') ?? values.text('auto-jitterbuffer-msec')
  const interval = Number(
    variables.get('rtcp_audio_interval_msec') ?? values.number('rtcp-audio-interval-msec'),
  )
  return {
    send: terms.send,
    receive: terms.receive,
    eventSend: way === 'rfc2833' ? terms.eventSend : undefined,
    eventReceive: terms.eventReceive,
    eventClock: terms.eventClock,
    remoteAddress: terms.remoteAddress,
    remotePort: terms.remotePort,
    remoteRtcpPort: terms.remoteRtcpPort,
    rtcpMux: terms.rtcpMux,
    sends: terms.sends,
    receives: terms.receives,
    latch: !values.boolean('disable-rtp-auto-adjust') && !isFalse(adjusts),
    timeoutSeconds: Number(variables.get('rtp_timeout_sec') ?? values.number('rtp-timeout-sec')),
    holdTimeoutSeconds: Number(
      variables.get('rtp_hold_timeout_sec') ?? values.number('rtp-hold-timeout-sec'),
    ),
    jitter: jitter === '' || jitter === '0' ? undefined : jitterHabits(channel, jitter),
    rtcpIntervalMs: interval > 0 ? interval : terms.rtcpAsked ? 5000 : 0,
  }
}
