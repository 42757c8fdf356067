/** How the sound of a leg behaves: what variables of the channel say, else its profile. */

import type { LegSettings } from '../media/engine.ts'
import type { MediaTerms } from '../sdp/terms.ts'
import type { Channel } from './channel.ts'
import type { HasValues } from './codec-choice.ts'
import { jitterHabits } from './jitter-buffer.ts'
import { isFalse, isTrue } from './variables.ts'

/** How digits travel (`dtmf-type`, `dtmf_type`): as events in the sound, by INFO, or not at all. */
export type DigitWay = 'rfc2833' | 'info' | 'none'

export function digitWayOf(profile: HasValues, channel: Channel): DigitWay {
  const word = (
    channel.variables.get('dtmf_type') ?? profile.values.text('dtmf-type')
  ).toLowerCase()
  return word === 'info' || word === 'none' ? word : 'rfc2833'
}

/** Whether digits are taken whichever way they come (`liberal-dtmf`). */
export function isLiberal(profile: HasValues, channel: Channel): boolean {
  return (
    profile.values.boolean('liberal-dtmf') ||
    isTrue(channel.variables.get('rtp_liberal_dtmf')) ||
    isTrue(channel.variables.get('liberal_dtmf'))
  )
}

/** How digits travel when `wanted` is what we would like and the other side agreed to events or did not. */
export function agreedDigitWay(channel: Channel, wanted: DigitWay, hasEvents: boolean): DigitWay {
  if (wanted !== 'rfc2833' || hasEvents) return wanted
  return isFalse(channel.variables.get('rtp_info_when_no_2833')) ? 'none' : 'info'
}

/** Whether comfort noise is not spoken of (`suppress-cng`, `suppress_cng`). */
export function suppressesNoise(profile: HasValues, channel: Channel): boolean {
  const { values } = profile
  if (values.boolean('suppress-cng') || values.boolean('supress-cng')) return true
  return isTrue(channel.variables.get('suppress_cng'))
}

/** `vad` names the calls whose silence is not sent: those that come in, that go out, both or none. */
function leavesSilenceOut(word: string, channel: Channel): boolean {
  const which = word.toLowerCase()
  return which === 'both' || which === (channel.direction === 'inbound' ? 'in' : 'out')
}

/** Seconds without a packet until the call ends: `media_timeout` in ms, else `rtp_timeout_sec`, else the profile. */
function mediaTimeouts(
  profile: HasValues,
  channel: Channel,
): Pick<LegSettings, 'timeoutSeconds' | 'holdTimeoutSeconds'> {
  const { variables } = channel
  const ms = (name: string) => {
    const value = Number.parseInt(variables.get(`${name}_audio`) ?? variables.get(name) ?? '', 10)
    return value >= 0 ? value / 1000 : undefined
  }
  const seconds = (variable: string, param: string) => {
    const value = Number.parseInt(variables.get(variable) ?? '', 10)
    return value >= 0 ? value : profile.values.number(param)
  }
  const talking = ms('media_timeout') ?? seconds('rtp_timeout_sec', 'rtp-timeout-sec')
  const held = ms('media_hold_timeout') ?? seconds('rtp_hold_timeout_sec', 'rtp-hold-timeout-sec')
  // A held party may be silent for ten times as long unless something else was said.
  return { timeoutSeconds: talking, holdTimeoutSeconds: held || talking * 10 }
}

/** What the leg is told of the terms; times and habits come from the channel's variables, else the profile. */
export function legSettings(
  profile: HasValues,
  channel: Channel,
  terms: MediaTerms,
  way: DigitWay,
): LegSettings {
  const { variables } = channel
  const { values } = profile
  const isFixed = variables.get('rtp_media_autofix_timing')
  const jitter = variables.get('jitterbuffer_msec') ?? values.text('auto-jitterbuffer-msec')
  const interval = Number(
    variables.get('rtcp_audio_interval_msec') ?? values.number('rtcp-audio-interval-msec'),
  )
  const events = { send: terms.eventSend, receive: terms.eventReceive }
  if (way === 'rfc2833' && isLiberal(profile, channel)) {
    // Taken and sent though nobody spoke of them.
    const usual = Number(values.text('rfc2833-pt')) || 101
    events.send ??= usual
    events.receive ??= usual
  }
  return {
    send: terms.send,
    receive: terms.receive,
    eventSend: way === 'rfc2833' ? events.send : undefined,
    eventReceive: events.receive,
    eventClock: terms.eventClock,
    digits: way === 'rfc2833' ? 'media' : way === 'info' ? 'signalling' : 'none',
    passesEvents: values.boolean('pass-rfc2833') || isTrue(variables.get('pass_rfc2833')),
    remoteAddress: terms.remoteAddress,
    remotePort: terms.remotePort,
    remoteRtcpPort: terms.remoteRtcpPort,
    rtcpMux: terms.rtcpMux,
    sends: terms.sends,
    receives: terms.receives,
    latch:
      !values.boolean('disable-rtp-auto-adjust') &&
      !isTrue(variables.get('disable_rtp_auto_adjust')) &&
      !isFalse(variables.get('rtp_auto_adjust')),
    ...mediaTimeouts(profile, channel),
    comfortNoise: suppressesNoise(profile, channel) ? undefined : terms.comfortNoise,
    suppressesSilence: leavesSilenceOut(values.text('vad'), channel),
    fixesTiming: isFixed === undefined ? values.boolean('rtp-autofix-timing') : isTrue(isFixed),
    jitter: jitter === '' || jitter === '0' ? undefined : jitterHabits(channel, jitter),
    rtcpIntervalMs: interval > 0 ? interval : terms.rtcpAsked ? 5000 : 0,
  }
}
