/**
 * Tones in the sound before the answer (`monitor_early_media_fail`, `monitor_early_media_ring`): a network that only plays its
 * busy tone fails the leg as one that says so, and one that only plays its ringing makes it ring.
 */
import { logger } from '../../base/log.ts'
import type { Channel } from '../channel.ts'
import { parseCause } from '../hangup-cause.ts'
import { startToneDetect, stopToneDetect } from '../tone-detect.ts'

const log = logger('core/originate')

/** FreeSWITCH's own number of times where none is given. */
const usualHits = 2

interface Watched {
  readonly hits: number
  /** With commas. */
  readonly frequencies: string
}

/** `hits:480+620`; undefined where it is none. */
function watched(hits: string, frequencies: string): Watched | undefined {
  if (!/^[\d.+]+$/.test(frequencies)) return undefined
  const count = Number.parseInt(hits, 10)
  return { hits: count > 0 ? count : usualHits, frequencies: frequencies.replaceAll('+', ',') }
}

export class EarlyTones implements Disposable {
  readonly #leg: Channel
  readonly #changed: () => void
  readonly #handle: Disposable
  readonly #rings: number
  /** Its early sound does not count until ringing was heard in it. */
  awaitsRing: boolean

  /** For a leg whose variables want it; else undefined. `changed` is told when ringing was heard. */
  static of(leg: Channel, changed: () => void): EarlyTones | undefined {
    const { variables } = leg
    const isWanted =
      variables.has('monitor_early_media_fail') || variables.has('monitor_early_media_ring')
    return isWanted ? new EarlyTones(leg, changed) : undefined
  }

  private constructor(leg: Channel, changed: () => void) {
    this.#leg = leg
    this.#changed = changed
    this.awaitsRing = leg.variables.has('monitor_early_media_ring')
    const total = Number.parseInt(leg.variables.get('monitor_early_media_ring_total') ?? '', 10)
    this.#rings = total > 0 ? total : 1
    this.#handle = leg.signals.once('progress', () => this.#listen())
    if (leg.isEarly) this.#listen()
  }

  /** The leg was reached or given up: there is nothing to wait for. */
  [Symbol.dispose](): void {
    this.#handle[Symbol.dispose]()
    stopToneDetect(this.#leg)
  }

  #listen(): void {
    const { variables, uuid } = this.#leg
    const parts = (name: string) => (variables.get(name) ?? '').split('!').filter(Boolean)
    for (const [i, part] of parts('monitor_early_media_fail').entries()) {
      const [word = '', hits = '', frequencies = ''] = part.split(':')
      const tone = watched(hits, frequencies)
      const cause = parseCause(word)
      if (tone && cause) {
        this.#wait(`monitor_early_media_fail_${i + 1}`, tone, () => this.#fail(cause))
      } else log.err(`monitor_early_media_fail: ${part} is no cause:hits:frequencies`, uuid)
    }
    for (const [i, part] of parts('monitor_early_media_ring').entries()) {
      const [hits = '', frequencies = ''] = part.split(':')
      const tone = watched(hits, frequencies)
      const name = `monitor_early_media_ring_${i + 1}`
      if (tone)
        this.#wait(name, { ...tone, hits: tone.hits * this.#rings }, () => this.#ring(), true)
      else log.err(`monitor_early_media_ring: ${part} is no hits:frequencies`, uuid)
    }
  }

  #wait(
    name: string,
    { hits, frequencies }: Watched,
    heard: () => void,
    countsBeginnings = false,
  ): void {
    const wish = { name, frequencies, flags: 'r', timeoutMs: 0, hits, heard, countsBeginnings }
    void startToneDetect(this.#leg, wish).then((fault) => {
      if (fault) log.err(`${name}: ${fault}`, this.#leg.uuid)
    })
  }

  #fail(cause: NonNullable<ReturnType<typeof parseCause>>): void {
    const { variables } = this.#leg
    variables.set('DIALSTATUS', 'BUSY')
    const disposition = variables.get('monitor_fail_dispo') ?? 'monitor_early_media_fail'
    variables.set('originate_disposition', disposition)
    this.#leg.hangup(cause)
  }

  #ring(): void {
    const { variables } = this.#leg
    const disposition = variables.get('monitor_ring_dispo') ?? 'monitor_early_media_ring'
    variables.set('originate_disposition', disposition)
    variables.set('DIALSTATUS', 'EARLY')
    this.awaitsRing = false
    this.#leg.markRinging()
    this.#changed()
  }
}
