/** What the A-leg hears while it waits: 180 sent on, a ringback of its own, or the early sound of a leg. */
import { reasonOf } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import type { Playback } from '../../media/engine.ts'
import { preAnswer, ringReady } from '../answer.ts'
import type { Channel } from '../channel.ts'
import { isTrue } from '../variables.ts'
import { codecText } from './originate-leg.ts'

const log = logger('core/originate')

/** The sound the A-leg asked to hear (`ringback`, or `transfer_ringback` once it is answered). */
function ringbackOf(originator: Channel): string | undefined {
  const answered = originator.isAnswered ? originator.variables.get('transfer_ringback') : undefined
  return answered ?? originator.variables.get('ringback')
}

/** A path, a stream or TGML (`%(2000,4000,440,480)`) as something to play for ever. */
function ringbackPath(text: string): string | undefined {
  if (/^silence/i.test(text)) return undefined
  if (text.includes('://') || text.startsWith('/')) return text
  return `tone_stream://${text};loops=-1`
}

export class Ringback {
  readonly #originator: Channel
  readonly #sound: string | undefined
  #playback: Playback | undefined
  #begun = false
  #over = false
  #leg: Channel | undefined
  /** The caller was told that it rings. */
  hasRung = false

  constructor(originator: Channel) {
    this.#originator = originator
    this.#sound = ringbackOf(originator)
  }

  /** Whether the A-leg hears something of its own instead of a plain 180. */
  get hasSound(): boolean {
    return this.#sound !== undefined && this.#originator.driver.awaitsForeignSound !== true
  }

  /** A leg rings, or must look as if it did. */
  ring(leg: Channel | undefined): void {
    if (this.hasSound) {
      this.#play()
      return
    }
    if (this.hasRung) return
    this.hasRung = true
    if (leg) passCallee(leg, this.#originator)
    ringReady(this.#originator)
  }

  /** The A-leg hears the early sound of one leg while the waiting goes on. */
  connect(leg: Channel): void {
    if (this.#leg || this.#over) return
    this.#leg = leg
    void this.#openOriginator(leg)
      .then(() => {
        if (this.#over || !leg.media) return
        this.#originator.media?.bridge(leg.media)
      })
      .catch((thrown: unknown) => this.#complain(thrown))
  }

  /** Ends what the A-leg hears. */
  stop(): void {
    if (this.#over) return
    this.#over = true
    this.#playback?.stop()
    if (this.#leg) this.#originator.media?.unbridge()
  }

  #play(): void {
    if (this.#begun) return
    this.#begun = true
    const path = this.#sound === undefined ? undefined : ringbackPath(this.#sound)
    void this.#openOriginator(undefined)
      .then(() => {
        if (this.#over || path === undefined) return
        this.#playback = this.#originator.media?.play({ paths: [path], loops: -1 })
      })
      .catch((thrown: unknown) => this.#complain(thrown))
  }

  async #openOriginator(leg: Channel | undefined): Promise<void> {
    if (leg) inheritCodec(this.#originator, leg)
    await preAnswer(this.#originator)
  }

  #complain(thrown: unknown): void {
    log.err(`no ringback: ${reasonOf(thrown)}`, this.#originator.uuid)
  }
}

/** The A-leg shows whom it reached. */
export function passCallee(leg: Channel, originator: Channel): void {
  const name = leg.profile.get('callee_id_name')
  const number = leg.profile.get('callee_id_number')
  if (name) originator.profile.set('callee_id_name', name)
  if (number) originator.profile.set('callee_id_number', number)
}

/** `inherit_codec`: an A-leg without sound yet is offered only what the leg speaks, if it knows that. */
export function inheritCodec(originator: Channel, leg: Channel): void {
  const wish = originator.variables.get('inherit_codec')
  if (wish === undefined || originator.hasMedia || !leg.hasMedia) return
  if (wish.toLowerCase() === 'passthru') {
    originator.variables.set('absolute_codec_string', leg.variables.get('ep_codec_string'))
    return
  }
  const text = isTrue(wish) ? codecText(leg) : undefined
  if (text === undefined || !leg.readCodec) return
  const offered = originator.variables.get('ep_codec_string')?.toUpperCase() ?? ''
  if (offered.includes(leg.readCodec.name.toUpperCase())) {
    originator.variables.set('absolute_codec_string', text)
  }
}
