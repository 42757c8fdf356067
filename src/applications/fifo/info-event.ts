/** The events `fifo::info`. */
import type { Channel } from '../../core/channel.ts'
import type { Switch } from '../../core/switch.ts'
import { nowMicros } from '../../core/time/times.ts'

const subclass = 'fifo::info'

export type Headers = Readonly<Record<string, string | number | undefined>>

/** Tells of a fifo; with a channel, all about that stands in it too. */
export function announceFifo(
  from: Channel | Switch,
  fifo: string,
  action: string,
  headers: Headers = {},
): void {
  const fill = (event: { add(name: string, value: string): unknown }) => {
    event.add('FIFO-Name', fifo)
    event.add('FIFO-Action', action)
    for (const [name, value] of Object.entries(headers))
      if (value !== undefined) event.add(name, String(value))
  }
  if ('variables' in from) from.announce('CUSTOM', fill, subclass)
  else from.events.announce('CUSTOM', fill, subclass)
}

/** How long a party has talked and was on hold, in all three units. */
export function talkTimes(channel: Channel, role: 'Consumer' | 'Caller'): Headers {
  const { bridged, holdAccumulated } = channel.profile.times
  const talked = Math.max(0, nowMicros() - bridged - holdAccumulated)
  return {
    ...(role === 'Consumer' ? inUnits(`FIFO-${role}-Bridge-Time`, bridged) : {}),
    ...inUnits(`FIFO-${role}-Talk-Time`, talked),
    ...inUnits(`FIFO-${role}-Hold-Time`, holdAccumulated),
  }
}

function inUnits(name: string, micros: number): Headers {
  return {
    [`${name}-us`]: micros,
    [`${name}-ms`]: Math.trunc(micros / 1000),
    [`${name}-s`]: Math.trunc(micros / 1_000_000),
  }
}
