/** Collecting digits: after a prompt, so many of them, until a terminator or a pause. */
import { systemClock } from '../base/clock.ts'
import { attend } from './attend.ts'
import type { Channel } from './channel.ts'
import { play } from './play.ts'

export interface CollectOptions {
  readonly signal: AbortSignal
  readonly min: number
  readonly max: number
  /** A path or stream; empty or `silence`: none. */
  readonly prompt: string
  /** ms until the first digit. */
  readonly timeoutMs: number
  /** ms between digits; default: the same. */
  readonly digitTimeoutMs?: number | undefined
  /** Digits that end it. `+d` is also appended, `xd` appended and the whole begun anew, `=` first: one must come. */
  readonly terminators: string
}

export interface Collected {
  readonly digits: string
  readonly result: 'success' | 'timeout' | 'failure' | 'restart'
  readonly terminator: string | undefined
}

/** Plays the prompt (the first digit ends it) and collects. */
export async function collectDigits(channel: Channel, options: CollectOptions): Promise<Collected> {
  const max = Math.max(options.max, options.min)
  const buffer = new DigitBuffer(channel, max, options.terminators)
  if (options.prompt && options.prompt.toLowerCase() !== 'silence') {
    await promptUntilDigit(channel, options, buffer)
  }
  let timedOut = false
  while (!buffer.isFull && !options.signal.aborted) {
    const wait =
      buffer.digits === '' ? options.timeoutMs : (options.digitTimeoutMs ?? options.timeoutMs)
    if (buffer.take()) continue
    if (await waitForDigit(channel, wait, options.signal)) continue
    timedOut = !options.signal.aborted
    break
  }
  return judge(buffer, options, timedOut)
}

function judge(buffer: DigitBuffer, options: CollectOptions, timedOut: boolean): Collected {
  const { terminator } = buffer
  let { digits } = buffer
  let result: Collected['result'] = timedOut ? 'timeout' : 'success'
  if (terminator !== undefined) {
    const marker = options.terminators[options.terminators.indexOf(terminator) - 1]
    if (marker === '+' || marker === 'x') digits += terminator
    if (marker === 'x') result = 'restart'
  } else if (options.terminators.startsWith('=')) {
    result = 'failure'
  }
  if (options.min > 0 && digits.length < options.min) result = 'failure'
  if (options.signal.aborted) result = 'failure'
  // One digit that is itself a terminator is no digit.
  if (
    result !== 'restart' &&
    options.max === 1 &&
    digits.length === 1 &&
    options.terminators.includes(digits)
  ) {
    digits = ''
  }
  return { digits, result, terminator }
}

class DigitBuffer {
  digits = ''
  terminator: string | undefined
  readonly #channel: Channel
  readonly #max: number
  readonly #terminators: string

  constructor(channel: Channel, max: number, terminators: string) {
    this.#channel = channel
    this.#max = max
    this.#terminators = terminators
  }

  get isFull(): boolean {
    return this.terminator !== undefined || this.digits.length >= this.#max
  }

  /** Takes one waiting digit; false when there is none. */
  take(): boolean {
    const digit = this.#channel.digits.take()?.digit
    if (digit === undefined) return false
    if (this.#terminators.includes(digit)) this.terminator = digit
    else this.digits += digit
    return true
  }
}

async function promptUntilDigit(
  channel: Channel,
  options: CollectOptions,
  buffer: DigitBuffer,
): Promise<void> {
  if (!buffer.take()) await playUntilDigit(channel, options.prompt, options.signal)
}

/** Plays a sound, which the first digit ends; the digit stays for whoever collects. */
export function playUntilDigit(
  channel: Channel,
  sound: string,
  signal: AbortSignal,
): Promise<void> {
  return untilDigit(channel, signal, (stopping) => play(channel, sound, { signal: stopping }))
}

/** Does what the first digit ends, unless one waits already; the digit stays for whoever collects. */
export async function untilDigit(
  channel: Channel,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<unknown>,
): Promise<void> {
  if (channel.digits.length > 0) return
  const stopping = new AbortController()
  const stop = () => stopping.abort()
  signal.addEventListener('abort', stop, { once: true })
  const listening = channel.signals.on('digit', stop)
  if (signal.aborted) stop()
  try {
    await work(stopping.signal)
  } finally {
    listening[Symbol.dispose]()
    signal.removeEventListener('abort', stop)
  }
}

/** True when a digit came in time. */
function waitForDigit(channel: Channel, ms: number, signal: AbortSignal): Promise<boolean> {
  if (channel.digits.length > 0) return Promise.resolve(true)
  const coming = new Promise<boolean>((resolve) => {
    const finish = (came: boolean) => {
      timer.cancel()
      listening[Symbol.dispose]()
      signal.removeEventListener('abort', give)
      resolve(came)
    }
    const give = () => finish(false)
    const timer = systemClock.after(ms, give)
    const listening = channel.signals.on('digit', () => finish(true))
    signal.addEventListener('abort', give, { once: true })
    if (signal.aborted) finish(false)
  })
  return attend(channel, coming, signal)
}
