/** The variables that a channel gets when it ends: stamps, durations, cause, figures of its sound. CDRs and hooks read them. */
import type { LegStats } from '../media/engine.ts'
import type { ProfileTimes } from './caller-profile.ts'
import type { Channel } from './channel.ts'
import type { StreamFigures } from './channel-streams.ts'
import { causeNumber } from './hangup-cause.ts'
import { setAudioVariables } from './media-figures.ts'
import { localStamp } from './time/times.ts'

/** Sets them all. `stats` are the last figures of the media leg, where it had one; `streams` those of what passed untouched. */
export function setReportVariables(
  channel: Channel,
  stats: LegStats | undefined,
  streams: readonly StreamFigures[] = [],
): void {
  setCause(channel)
  setStamps(channel)
  setDurations(channel)
  if (stats) setAudioVariables(channel.variables, stats)
  for (const stream of streams) setStreamFigures(channel, stream)
}

/** The cause as variables; hooks that run at hangup need them before the rest. */
export function setCause(channel: Channel): void {
  const cause = channel.hangupCause ?? 'NORMAL_CLEARING'
  channel.variables.set('hangup_cause', cause)
  // Causes of our own have no number there: they count as a normal end.
  const number = causeNumber(cause)
  channel.variables.set('hangup_cause_q850', String(number < 128 ? number : 16))
}

const stamps: readonly (readonly [name: string, time: keyof ProfileTimes])[] = [
  ['start', 'created'],
  ['profile_start', 'profileCreated'],
  ['answer', 'answered'],
  ['bridge', 'bridged'],
  ['hold', 'lastHold'],
  ['resurrect', 'resurrected'],
  ['progress', 'progress'],
  ['progress_media', 'progressMedia'],
  ['end', 'hungUp'],
]

/** The names under which epochs stand where they differ from the stamp's. */
const epochNames: Readonly<Record<string, string>> = { hold: 'last_hold' }

function setStamps(channel: Channel): void {
  const { variables } = channel
  const { times } = channel.profile
  variables.set('digits_dialed', channel.digits.dialed || 'none')
  for (const [name, key] of stamps) {
    if (times[key]) variables.set(`${name}_stamp`, localStamp(times[key] / 1000))
  }
  for (const [name, key] of stamps) {
    const word = epochNames[name] ?? name
    variables.set(`${word}_epoch`, String(Math.trunc(times[key] / 1e6)))
    variables.set(`${word}_uepoch`, String(times[key]))
  }
  variables.set('hold_accum_seconds', String(Math.trunc(times.holdAccumulated / 1e6)))
  variables.set('hold_accum_usec', String(times.holdAccumulated))
  variables.set('hold_accum_ms', String(Math.trunc(times.holdAccumulated / 1e3)))
  variables.set('last_app', variables.get('current_application'))
  variables.set('last_arg', variables.get('current_application_data'))
  const { profile } = channel
  const name = profile.get('caller_id_name')
  const number = profile.get('caller_id_number')
  variables.set('caller_id', name ? `"${name}" <${number}>` : number)
}

/** Seconds as FreeSWITCH counts them: the difference of whole seconds. */
function setDurations(channel: Channel): void {
  const { variables } = channel
  const t = channel.profile.times
  const spans: Readonly<Record<string, readonly [from: number, to: number]>> = {
    duration: [t.created, t.hungUp],
    bill: [t.answered, t.hungUp],
    progress: [t.created, t.progress],
    answer: [t.created, t.answered],
    wait: [t.created, t.bridged],
    progress_media: [t.created, t.progressMedia],
    flow_bill: [t.transferred || t.answered, t.hungUp],
  }
  for (const [unit, divisor] of [
    ['sec', 1e6],
    ['msec', 1e3],
    ['usec', 1],
  ] as const) {
    for (const [name, [from, to]] of Object.entries(spans)) {
      const length =
        from && to ? Math.max(0, Math.trunc(to / divisor) - Math.trunc(from / divisor)) : 0
      variables.set(durationName(name, unit), String(length))
    }
  }
}

function durationName(name: string, unit: 'sec' | 'msec' | 'usec'): string {
  if (name !== 'duration') return `${name}${unit}`
  return unit === 'sec' ? 'duration' : unit === 'msec' ? 'mduration' : 'uduration'
}

/** `rtp_video_in_packet_count` and the like. Lent ports count for the sound of the leg. */
function setStreamFigures({ variables }: Channel, { kind, stats }: StreamFigures): void {
  if (kind === 'audio' || kind === 'image') return
  const put = (name: string, value: number) => variables.set(`rtp_${kind}_${name}`, String(value))
  for (const [direction, packets, octets] of [
    ['in', stats.packetsIn, stats.octetsIn],
    ['out', stats.packetsOut, stats.octetsOut],
  ] as const) {
    put(`${direction}_raw_bytes`, octets)
    put(`${direction}_media_bytes`, octets)
    put(`${direction}_packet_count`, packets)
    put(`${direction}_media_packet_count`, packets)
  }
}
