/**
 * The null endpoint: `null/<anything>` answers and neither hears nor says anything. `null_enable_auto_answer`,
 * `null_auto_answer_delay` (ms), `null_pre_answer` and `null_hangup_cause` (or `null/cause-<NAME>`) say how it behaves.
 */
import type { Timer } from '../../base/clock.ts'
import { systemClock } from '../../base/clock.ts'
import { preAnswer } from '../../core/answer.ts'
import { Channel } from '../../core/channel.ts'
import type { HangupCause } from '../../core/hangup-cause.ts'
import { causeFromText } from '../../core/hangup-cause.ts'
import type { ChannelDriver, Endpoint, OutgoingLeg } from '../../core/interfaces.ts'
import { isTrue } from '../../core/variables.ts'

const longestDelayMs = 60_000

export const nullEndpoint: Endpoint = {
  name: 'null',
  module: 'mod_loopback',
  async originate(leg): Promise<Channel | HangupCause> {
    const { originator } = leg
    if (originator && !isTrue(originator.variables.get('null_no_pre_answer'))) {
      await preAnswer(originator)
    }
    const refused = leg.sw.channels.admit('outbound')
    if (refused) return refused
    const named = /^cause-(.*)$/.exec(leg.destination)?.[1]
    const cause = leg.variables.get('null_hangup_cause') ?? named
    if (cause !== undefined) return causeFromText(cause)
    const party = new NullParty(leg)
    party.channel = new Channel({
      sw: leg.sw,
      uuid: leg.uuid,
      name: `null/${leg.destination}`,
      source: 'mod_loopback',
      direction: 'outbound',
      profile: leg.profile,
      driver: party,
    })
    return party.channel
  },
}

/** Somebody who is silent and hears nothing. */
class NullParty implements ChannelDriver {
  readonly #leg: OutgoingLeg
  channel: Channel | undefined
  #timer: Timer | undefined
  /** The end of the loop that stands for the silent party. */
  #deaf: Channel['media']

  constructor(leg: OutgoingLeg) {
    this.#leg = leg
  }

  dial(): void {
    const { variables } = this.#leg
    if (isTrue(variables.get('null_pre_answer'))) {
      this.#openSound()
      this.channel?.markEarly()
    }
    const auto = variables.get('null_enable_auto_answer')
    if (auto !== undefined && !isTrue(auto)) return
    const delay = Number.parseInt(variables.get('null_auto_answer_delay') ?? '', 10) || 0
    const answer = () => {
      this.#openSound()
      this.channel?.markAnswered()
    }
    this.#timer = systemClock.after(Math.min(longestDelayMs, Math.max(0, delay)), answer)
  }

  ring(): void {}

  progress(): Promise<void> {
    this.#openSound()
    return Promise.resolve()
  }

  answer(): Promise<void> {
    this.#openSound()
    return Promise.resolve()
  }

  sendDtmf(digits: string): void {
    const { variables } = this.channel ?? {}
    const before = variables?.get('null_channel_dtmf_queued') ?? ''
    variables?.set('null_channel_dtmf_queued', before + digits)
  }

  hangup(): void {
    this.#timer?.cancel()
    void this.#deaf?.close()
  }

  #openSound(): void {
    const { channel } = this
    if (!channel?.isUp || channel.media) return
    const [own, deaf] = channel.sw.media.openLoop(channel.uuid, `${channel.uuid}-null`)
    this.#deaf = deaf
    channel.readCodec = { name: 'L16', rate: 8000, bitRate: 128000 }
    channel.writeCodec = channel.readCodec
    channel.attachMedia(own)
  }
}
