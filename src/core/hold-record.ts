/** When a party held us, and whom it talked with then: `hold_events`, `hold_accum_…`, `<hold-record>` of the records. */
import { onePer } from '../base/one-per.ts'
import type { Channel } from './channel.ts'
import { nowMicros } from './time/times.ts'

/** One hold; µs since the epoch, 0 while it lasts. */
interface Hold {
  readonly on: number
  off: number
  /** The uuid of its partner at that moment; empty: it had none. */
  readonly bridgedTo: string
}

const recordOf = onePer((_channel: Channel): Hold[] => [])

/** A telephone whose key is stuck does not fill the memory. */
const mostHolds = 1000

/** The holds of a channel, the latest first, as FreeSWITCH lists them. */
export function holdsOf(channel: Channel): readonly Hold[] {
  return recordOf(channel)
}

/** Only an answered party holds: before, nothing is counted. */
export function beginHold(channel: Channel): void {
  if (!channel.isAnswered) return
  const on = nowMicros()
  channel.profile.times.lastHold = on
  const holds = recordOf(channel)
  holds.unshift({ on, off: 0, bridgedTo: channel.partner?.uuid ?? '' })
  if (holds.length > mostHolds) holds.pop()
}

/** A hangup ends it too. */
export function endHold(channel: Channel): void {
  const open = recordOf(channel)[0]
  if (!open || open.off > 0) return
  open.off = nowMicros()
  channel.profile.times.holdAccumulated += open.off - open.on
}
