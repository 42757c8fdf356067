/**
 * The jitter buffer of one leg on the worker's clock (`jitterbuffer`): packets are put in as they come and played one after
 * the other as time goes by. It exists only for legs that asked for one.
 */
import { createWriteStream, type WriteStream } from 'node:fs'
import { reasonOf } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import { JitterBuffer, type JitterVerdict } from '../rtp/jitter-buffer.ts'
import { JitterCounts } from '../rtp/jitter-figures.ts'
import type { JitterSettings } from '../rtp/jitter-settings.ts'
import { type Ticked, type Ticker, tickMs } from './ticker.ts'

const log = logger('media/jitter')

/** Who hears what is played. */
export interface PlayoutOwner {
  readonly uuid: string
  /** The packet whose turn it is; its fields stand in `buffer`. `payload` is only lent. */
  played(payload: Uint8Array, buffer: JitterBuffer, now: number): void
  /** The packet whose turn it is has not come: sound is to be made up. */
  missed(now: number): void
  /** Nothing is said for so long, ms. */
  idle(ms: number, now: number): void
  /** Whether what was played last is silence, which nobody misses when it grows or shrinks. */
  readonly isQuiet: boolean
}

export class Playout implements Ticked {
  readonly counts = new JitterCounts()
  /** The most that was ever held back, ms, and the most packets ever held. */
  maxDepth = 0
  maxPackets = 0
  #settings: JitterSettings
  readonly #owner: PlayoutOwner
  readonly #ticker: Ticker
  #buffer: JitterBuffer | undefined
  #clock = 0
  /** The time up to which was played. Ticks that are made up for come together, but play one after the other. */
  #now = -1
  #owed = 0
  #debug: WriteStream | undefined

  constructor(owner: PlayoutOwner, ticker: Ticker, settings: JitterSettings) {
    this.#owner = owner
    this.#ticker = ticker
    this.#settings = settings
    ticker.add(this)
  }

  /** What is held back now, ms; packets held; the delay that it aims at, ms. */
  get depth(): number {
    return this.#buffer?.depth ?? 0
  }

  get packets(): number {
    return this.#buffer?.packets ?? 0
  }

  get target(): number {
    return this.#buffer?.target ?? this.#settings.length
  }

  /** Other bounds; what is held goes on with them. */
  set(settings: JitterSettings): void {
    this.#settings = settings
    this.#replace()
  }

  push(
    payload: Uint8Array,
    sequence: number,
    timestamp: number,
    ssrc: number,
    payloadType: number,
    clock: number,
    ptime: number,
    now: number,
  ): JitterVerdict {
    if (this.#buffer === undefined || this.#clock !== clock) {
      this.#replace()
      this.#clock = clock
      this.#buffer = new JitterBuffer(this.#settings, clock, ptime, this.counts)
    }
    const verdict = this.#buffer.push(sequence, timestamp, ssrc, payloadType, payload, now)
    if (this.#debug) this.#write(`${now.toFixed(1)} in ${sequence} ${timestamp} ${verdict}`)
    return verdict
  }

  /** A number that carried something else than sound. */
  skip(sequence: number, timestamp: number, ssrc: number): void {
    this.#buffer?.skip(sequence, timestamp, ssrc)
  }

  /** What is held is not played any more; the next packet begins anew. */
  clear(): void {
    this.#replace()
  }

  tick(now: number, skipped: number): void {
    const elapsed = tickMs * (skipped + 1)
    // The ticker does not drift but may be late: the time that counts is that of the tick, not of its call.
    this.#now =
      this.#now < 0 || Math.abs(this.#now + elapsed - now) > 1000 ? now : this.#now + elapsed
    const buffer = this.#buffer
    if (buffer === undefined) return
    this.#owed += elapsed
    while (this.#owed > 0) {
      const step = buffer.stepMs
      // A packet longer than a tick is played at the first tick that reaches into it.
      this.#owed -= step
      this.#pull(buffer, this.#now - Math.max(0, this.#owed), step)
      if (this.#buffer !== buffer) return // what was played put an end to it
    }
  }

  /** Writes what it does to a file; undefined stops that. */
  debug(path: string | undefined): void {
    this.#debug?.end()
    this.#debug = undefined
    if (path === undefined) return
    const stream = createWriteStream(path, { flags: 'a' })
    stream.on('error', (error) => {
      log.err(`${path} cannot be written: ${reasonOf(error)}`, this.#owner.uuid)
      if (this.#debug === stream) this.#debug = undefined
    })
    this.#debug = stream
  }

  end(): void {
    this.#ticker.remove(this)
    this.#replace()
    this.debug(undefined)
  }

  #pull(buffer: JitterBuffer, now: number, step: number): void {
    const got = buffer.pull(now, this.#owner.isQuiet)
    if (this.#debug) this.#note(buffer, got, now)
    if (got === 'lost') this.#owner.missed(now)
    else if (got === 'empty') this.#owner.idle(step, now)
    else {
      if (buffer.depth > this.maxDepth) this.maxDepth = buffer.depth
      if (buffer.maxPackets > this.maxPackets) this.maxPackets = buffer.maxPackets
      this.#owner.played(got, buffer, now)
    }
  }

  #replace(): void {
    if (this.#buffer) this.counts.flushed += this.#buffer.packets
    this.#buffer = undefined
    this.#owed = 0
  }

  #note(buffer: JitterBuffer, got: Uint8Array | 'lost' | 'empty', now: number): void {
    const what = typeof got === 'string' ? got : `out ${buffer.sequence} ${buffer.timestamp}`
    this.#write(
      `${now.toFixed(1)} ${what} depth ${buffer.depth.toFixed(1)} of ${buffer.target} ms, ${buffer.packets} packets`,
    )
  }

  #write(line: string): void {
    this.#debug?.write(`${line}\n`)
  }
}
