/** The variables that a channel gets when it ends: stamps, durations, cause, figures of its sound. CDRs and hooks read them. */
import type { LegStats } from '../media/engine.ts'
import { lastApplication } from './application-log.ts'
import type { ProfileTimes } from './caller-profile.ts'
import type { Channel } from './channel.ts'
import type { StreamFigures } from './channel-streams.ts'
import { dialedDigits } from './dialed-digits.ts'
import { causeNumber } from './hangup-cause.ts'
import { holdsOf } from './hold-record.ts'
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

/** The names under which epochs stand; that of the hold differs from its stamp's. */
const epochs = stamps.map(([name, key]) => {
  const word = name === 'hold' ? 'last_hold' : name
  return [`${word}_epoch`, `${word}_uepoch`, key] as const
})
const stampNames = stamps.map(([name, key]) => [`${name}_stamp`, key] as const)

function setStamps(channel: Channel): void {
  const { variables } = channel
  const { times } = channel.profile
  variables.set('digits_dialed', dialedDigits(channel))
  for (const [name, key] of stampNames) {
    if (times[key]) variables.set(name, localStamp(times[key] / 1000))
  }
  const holds = holdsOf(channel).map(({ on, off }) => `{${on},${off}}`)
  if (holds.length > 0) variables.set('hold_events', `{${holds.join(',')}}`)
  for (const [epoch, micros, key] of epochs) {
    variables.set(epoch, String(Math.trunc(times[key] / 1e6)))
    variables.set(micros, String(times[key]))
  }
  variables.set('hold_accum_seconds', String(Math.trunc(times.holdAccumulated / 1e6)))
  variables.set('hold_accum_usec', String(times.holdAccumulated))
  variables.set('hold_accum_ms', String(Math.trunc(times.holdAccumulated / 1e3)))
  const last = lastApplication(channel)
  variables.set('last_app', last?.name)
  variables.set('last_arg', last?.data)
  const { profile } = channel
  const name = profile.get('caller_id_name')
  const number = profile.get('caller_id_number')
  variables.set('caller_id', name ? `"${name}" <${number}>` : number)
}

/** A length of time, by its names in s, ms and µs. */
type Span = readonly [from: (t: ProfileTimes) => number, to: keyof ProfileTimes, names: SpanNames]
type SpanNames = readonly [seconds: string, ms: string, micros: string]

const named = (name: string): SpanNames => [`${name}sec`, `${name}msec`, `${name}usec`]
const created = (t: ProfileTimes) => t.created

const spans: readonly Span[] = [
  [created, 'hungUp', ['duration', 'mduration', 'uduration']],
  [(t) => t.answered, 'hungUp', named('bill')],
  [created, 'progress', named('progress')],
  [created, 'answered', named('answer')],
  [created, 'bridged', named('wait')],
  [created, 'progressMedia', named('progress_media')],
  // Of an answered call, from its very beginning.
  [(t) => (t.answered ? t.created : 0), 'hungUp', named('flow_bill')],
]
const divisors = [1e6, 1e3, 1] as const

/** Seconds as FreeSWITCH counts them: the difference of whole seconds. */
function setDurations({ variables, profile }: Channel): void {
  const { times } = profile
  for (const [unit, divisor] of divisors.entries()) {
    for (const [start, end, names] of spans) {
      const from = start(times)
      const to = times[end]
      const length =
        from && to ? Math.max(0, Math.trunc(to / divisor) - Math.trunc(from / divisor)) : 0
      variables.set(names[unit] ?? '', String(length))
    }
  }
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
