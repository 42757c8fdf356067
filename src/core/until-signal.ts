/** Waiting for what a channel tells. */
import { systemClock } from '../base/clock.ts'
import type { Channel, ChannelSignals } from './channel.ts'

/** True when the first of the signals comes; false when the channel is hung up before, or after `ms` (default: never). */
export function untilSignal(
  { signals }: Channel,
  names: readonly (keyof ChannelSignals)[],
  ms?: number,
): Promise<boolean> {
  return new Promise((resolve) => {
    const finish = (hasCome: boolean) => {
      timer?.cancel()
      for (const handle of handles) handle[Symbol.dispose]()
      resolve(hasCome)
    }
    const timer = ms === undefined ? undefined : systemClock.after(ms, () => finish(false))
    const handles = [
      ...names.map((name) => signals.on(name, () => finish(true))),
      signals.on('hangup', () => finish(false)),
    ]
  })
}
