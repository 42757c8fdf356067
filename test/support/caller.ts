/** A phone in a menu: it waits for tones, which stand for the prompts, presses keys and speaks a tone of its own. */
import { comes } from './ears.ts'
import { pressKeys } from './keys.ts'
import { sine } from './levels.ts'
import type { PhoneCall } from './phone.ts'
import { eventually } from './programs.ts'
import { dialled, type SipSwitch } from './sip-switch.ts'

/** A caller who waits for tones and presses keys. */
export class Caller {
  readonly call: PhoneCall
  readonly #sw: SipSwitch
  /** Packets before this one have been judged. */
  #mark = 0

  private constructor(sw: SipSwitch, call: PhoneCall) {
    this.#sw = sw
    this.call = call
  }

  /** Resolves when the call is answered. */
  static async call(sw: SipSwitch, number: string, user = '1000'): Promise<Caller> {
    return new Caller(sw, await dialled(sw, user, number))
  }

  /** Resolves when 100 ms of the tone have come since the last one that was waited for. */
  async hears(hz: number): Promise<void> {
    const { rtp } = this.call
    this.#mark = await comes(rtp, hz, { from: this.#mark, least: 0.9 })
  }

  /** All of them at once: no machine is so busy that they would be taken for several entries. */
  async presses(digits: string): Promise<void> {
    await pressKeys(this.call.rtp, digits)
  }

  /**
   * Says a tone for so long, a packet every 20 ms by the clock. A frequency that is a multiple of 50 Hz has no break in its phase
   * where a packet is late.
   */
  async says(hz: number, ms: number): Promise<void> {
    await this.call.rtp.sound(sine(hz, 8000, (ms / 20) * 160, 9000))
  }

  hangsUp(): Promise<unknown> {
    return this.call.bye()
  }

  /** Resolves when the other side has hung up. */
  async isHungUp(): Promise<void> {
    const isBye = () => this.call.requests.all.some((request) => request.method === 'BYE')
    await eventually('the other side to hang up', isBye, 20_000)
  }

  /** The variables when the call is over. */
  async ends(): Promise<(name: string) => string | undefined> {
    await this.call.hungUp()
    const id = this.call.dialog?.callId
    const over = await this.#sw.event(
      'CHANNEL_HANGUP_COMPLETE',
      (event) => event.get('variable_sip_call_id') === id,
    )
    return (name) => over.get(`variable_${name}`)
  }
}
