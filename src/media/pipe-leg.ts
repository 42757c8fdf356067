/** Stands in one worker for a leg that lives in another: sound and digits go through shared memory. */
import { digitOf, eventOf } from '../rtp/telephone-event.ts'
import type { LegHost } from './leg-host.ts'
import { Pipe, recordKind } from './pipe.ts'
import type { PipeBuffers } from './protocol.ts'
import type { Ticked } from './ticker.ts'
import { UnwiredLeg } from './unwired-leg.ts'

/** Rates are multiples of this, so that all of them fit a 16-bit word. */
const rateUnit = 50
/** Samples of the longest record. */
const longest = 48 * 120

export class PipeLeg extends UnwiredLeg implements Ticked {
  readonly #outgoing: Pipe
  readonly #incoming: Pipe
  readonly #record = new Int16Array(longest)
  readonly #digit = new Int16Array(1)
  readonly #ownRate: number | undefined
  #now = 0

  /** `rate` is what sound for the other end should have, where that matters. */
  constructor(uuid: string, pipe: PipeBuffers, host: LegHost, rate?: number) {
    // It is no leg of the core's: nothing is told under its number.
    super(0, uuid, host)
    this.#ownRate = rate
    this.#outgoing = new Pipe(pipe.outgoing)
    this.#incoming = new Pipe(pipe.incoming)
    host.ticker.add(this)
  }

  override get rate(): number {
    return this.#ownRate ?? super.rate
  }

  get isListening(): boolean {
    return true
  }

  tick(now: number): void {
    this.#now = now
    while (!this.isClosed && this.#incoming.read(this.#record, this.#take)) {
      // every record is handled by #take
    }
  }

  protected override bridgeEnded(): void {
    if (!this.isClosed) this.close()
  }

  protected carry(pcm: Int16Array, rate: number): void {
    if (!this.#outgoing.write(recordKind.sound, rate / rateUnit, pcm)) this.host.drop('pipe full')
  }

  protected sendWholeDigit(digit: string, ms: number): void {
    this.#digit[0] = eventOf(digit)
    if (!this.#outgoing.write(recordKind.digit, Math.min(ms, 32767), this.#digit))
      this.host.drop('pipe full')
  }

  protected release(): void {
    this.host.ticker.remove(this)
  }

  readonly #take = (kind: number, number: number, length: number): void => {
    if (kind === recordKind.sound)
      this.fromParty(this.#record.subarray(0, length), number * rateUnit, this.#now)
    else if (kind === recordKind.digit)
      this.peer?.passDigits(digitOf(this.#record[0]!) ?? '', number)
  }
}
