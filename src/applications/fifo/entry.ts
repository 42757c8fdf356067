/** Somebody who waits in a fifo: a caller, or a party that is dialled when it is its turn. */
import type { Channel } from '../../core/channel.ts'
import { isTrue } from '../../core/variables.ts'
import type { Fifo } from './fifo.ts'

/** What becomes of a caller who waits. */
export type EntryEnd =
  | { readonly kind: 'served'; readonly consumer: Channel }
  | { readonly kind: 'orbit' | 'key' | 'gone' }

export class Entry {
  readonly fifo: Fifo
  readonly priority: number
  /** The caller; undefined: `url` is dialled instead. */
  readonly channel: Channel | undefined
  readonly url: string | undefined
  /** Members are being called for him: nobody else may take him. */
  dialling: AbortController | undefined
  /** The channel that was called for him and may take him. */
  reservedFor: string | undefined
  /** He hears his consumer from now on; the bridge has him. */
  isTalking = false
  /** Whoever had him does not want him any more. */
  isGivenBack = false
  #settle: ((end: EntryEnd) => void) | undefined
  #tellReady: ((isReady: boolean) => void) | undefined
  #giveBack: (() => void) | undefined

  constructor(fifo: Fifo, priority: number, who: Channel | string) {
    this.fifo = fifo
    this.priority = priority
    this.channel = typeof who === 'string' ? undefined : who
    this.url = typeof who === 'string' ? who : undefined
  }

  get isVip(): boolean {
    return isTrue(this.channel?.variables.get('fifo_vip'))
  }

  /** Whether that consumer may have him. */
  isFor(consumer: Channel): boolean {
    if (this.channel && !this.channel.isUp) return false
    return (!this.dialling && this.reservedFor === undefined) || this.reservedFor === consumer.uuid
  }

  /** For the caller's own application: what ends his waiting. */
  wait(): Promise<EntryEnd> {
    this.isGivenBack = false
    return new Promise((resolve) => {
      this.#settle = resolve
    })
  }

  /** The first end counts. */
  end(end: EntryEnd): void {
    const settle = this.#settle
    this.#settle = undefined
    settle?.(end)
  }

  /** A consumer has him. Resolves when he can be bridged (true), or has gone (false). */
  serve(consumer: Channel): Promise<boolean> {
    return new Promise((resolve) => {
      this.#tellReady = resolve
      if (!this.#settle) return this.ready(false)
      this.end({ kind: 'served', consumer })
    })
  }

  /** He has heard what he was to hear before the talk; false: he has gone. */
  ready(isReady: boolean): void {
    const tell = this.#tellReady
    this.#tellReady = undefined
    tell?.(isReady)
  }

  /** The consumer has gone before they could talk. */
  giveBack(): void {
    this.isGivenBack = true
    this.#giveBack?.()
  }

  /** Calls back when he is given back. */
  onGivenBack(listener: (() => void) | undefined): void {
    this.#giveBack = listener
  }
}
