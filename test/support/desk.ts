/**
 * Telephones of agents that need no network: the endpoint `desk/<name>` rings, and the test says what comes of each call. Beside
 * it a clock that runs faster than the wall's, so that seconds of waiting take no time.
 */
import type { Clock, Timer } from '../../src/base/clock.ts'
import { systemClock } from '../../src/base/clock.ts'
import { Channel } from '../../src/core/channel.ts'
import type { HangupCause } from '../../src/core/hangup-cause.ts'
import type { Endpoint } from '../../src/core/interfaces.ts'

/** What an agent does with a call. Times in ms. */
export interface Manners {
  readonly afterMs: number
  /** Undefined: he answers. `never`: it rings until the caller gives up. */
  readonly refuses?: HangupCause | 'never'
  /** He hangs up so long after his answer; undefined: he leaves that to the caller. */
  readonly talksMs?: number
}

/** `decide` is asked for every call; `calls` has all that ever rang. */
export function deskEndpoint(decide: (name: string, channel: Channel) => Manners): {
  readonly endpoint: Endpoint
  readonly calls: Channel[]
} {
  const calls: Channel[] = []
  const endpoint: Endpoint = {
    name: 'desk',
    module: 'mod_desk',
    originate(leg) {
      const refused = leg.sw.channels.admit('outbound')
      if (refused) return refused
      const timers: Timer[] = []
      const later = (ms: number, act: () => void) => timers.push(systemClock.after(ms, act))
      const channel: Channel = new Channel({
        sw: leg.sw,
        uuid: leg.uuid,
        name: `desk/${leg.destination}`,
        source: 'mod_desk',
        direction: 'outbound',
        profile: leg.profile,
        driver: {
          dial() {
            channel.markRinging()
            const { refuses, afterMs, talksMs } = decide(leg.destination, channel)
            if (refuses === 'never') return
            later(afterMs, () => {
              if (refuses) return channel.hangup(refuses)
              const [own] = leg.sw.media.openLoop(channel.uuid, `${channel.uuid}-desk`)
              channel.attachMedia(own)
              channel.markAnswered()
              if (talksMs !== undefined) later(talksMs, () => channel.hangup('NORMAL_CLEARING'))
            })
          },
          ring: () => undefined,
          progress: () => Promise.resolve(),
          answer: () => Promise.resolve(),
          sendDtmf: () => undefined,
          hangup: () => {
            for (const timer of timers) timer.cancel()
          },
        },
      })
      calls.push(channel)
      return channel
    },
  }
  return { endpoint, calls }
}

/** A clock of which `factor` seconds go by in one. */
export class FastClock implements Clock {
  readonly #factor: number
  readonly #start = Date.now()

  constructor(factor: number) {
    this.#factor = factor
  }

  now(): number {
    return this.#start + (Date.now() - this.#start) * this.#factor
  }

  after(ms: number, callback: () => void): Timer {
    return systemClock.after(ms / this.#factor, callback)
  }
}
