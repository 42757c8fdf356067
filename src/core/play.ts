/** Playing a sound to a channel's party, until it ends or a terminator digit comes. */
import { logger } from '../base/log.ts'
import type { Playback, PlayResult } from '../media/engine.ts'
import { attend } from './attend.ts'
import type { Channel } from './channel.ts'
import type { Digit } from './digit-queue.ts'
import { soundPaths } from './sound-path.ts'

const log = logger('core/play')

export interface PlayOptions {
  readonly signal: AbortSignal
  /** Digits that end it: a set of characters, `any` or `none`. */
  readonly terminators?: string
  /** Where to start in the first file, samples. */
  readonly startAt?: number
  /** -1 endless; default 1. */
  readonly loops?: number
}

export interface PlayOutcome {
  readonly ended: PlayResult['ended']
  /** The terminator that ended it. */
  readonly digit: string | undefined
  readonly samples: number
  readonly position: number
  readonly rate: number
}

/** What plays on each channel, innermost last. */
const playing = new WeakMap<Channel, Playback[]>()

/** What plays on a channel now; undefined when nothing does. */
export function currentPlayback(channel: Channel): Playback | undefined {
  return playing.get(channel)?.at(-1)
}

/** Whether a digit is one of a terminator set. */
export function isTerminator(digit: string, terminators: string): boolean {
  if (terminators === 'any') return true
  return terminators !== 'none' && terminators.toUpperCase().includes(digit.toUpperCase())
}

/**
 * Plays `written` (a path, a stream, several with `playback_delimiter`). Digits that are no terminators are dropped, as
 * FreeSWITCH does; queued applications run meanwhile and the sound waits for them.
 */
export async function play(
  channel: Channel,
  written: string,
  options: PlayOptions,
): Promise<PlayOutcome> {
  const { media } = channel
  const nothing = { digit: undefined, samples: 0, position: 0, rate: 8000 }
  if (!media) return { ended: 'error', ...nothing }
  if (options.signal.aborted) return { ended: 'stopped', ...nothing }
  const waiting = takeTerminator(channel, options.terminators ?? 'none')
  if (waiting !== undefined) return { ended: 'stopped', ...nothing, digit: waiting }
  const gapMs = Number.parseInt(channel.variables.get('playback_sleep_val') ?? '250', 10) || 0
  const playback = media.play({
    paths: soundPaths(channel, written),
    startAt: options.startAt ?? 0,
    loops: options.loops ?? 1,
    ...(channel.variables.has('playback_delimiter') ? { gapMs } : {}),
  })
  const others = playing.get(channel) ?? []
  playing.set(channel, others)
  others.push(playback)
  let digit: string | undefined
  const listening = channel.signals.on('digit', () => {
    const terminator = takeTerminator(channel, options.terminators ?? 'none')
    if (terminator === undefined || digit !== undefined) return
    digit = terminator
    playback.stop()
  })
  const stop = () => playback.stop()
  options.signal.addEventListener('abort', stop, { once: true })
  const limit = Number.parseInt(channel.variables.get('playback_timeout_sec') ?? '', 10)
  const timer = limit > 0 ? setTimeout(stop, limit * 1000) : undefined
  try {
    const hasStarted = await playback.started
    if (hasStarted) announcePlayback(channel, 'PLAYBACK_START', written)
    const result = await attend(channel, playback.ended, options.signal, {
      begin: () => playback.pause(true),
      end: () => playback.pause(false),
    })
    if (hasStarted)
      announcePlayback(
        channel,
        'PLAYBACK_STOP',
        written,
        result.ended === 'done' ? 'done' : 'break',
      )
    else log.warning(`${written}: ${result.reason ?? result.ended}`, channel.uuid)
    setPlaybackVariables(channel, result)
    return { ...result, digit }
  } finally {
    clearTimeout(timer)
    listening[Symbol.dispose]()
    options.signal.removeEventListener('abort', stop)
    others.splice(others.indexOf(playback), 1)
    playback.stop()
  }
}

/** Takes digits off the queue until one is a terminator; the others are dropped. */
function takeTerminator(channel: Channel, terminators: string): string | undefined {
  // Whoever collects digits passes no terminators and takes them from the queue itself.
  if (terminators === 'none') return undefined
  for (let digit: Digit | undefined = channel.digits.take(); digit; digit = channel.digits.take()) {
    if (isTerminator(digit.digit, terminators)) return digit.digit
  }
  return undefined
}

function setPlaybackVariables(channel: Channel, result: PlayResult): void {
  const { variables } = channel
  const seconds = result.samples / result.rate
  variables.set('playback_last_offset_pos', String(result.position))
  variables.set('playback_seconds', String(Math.trunc(seconds)))
  variables.set('playback_ms', String(Math.trunc(seconds * 1000)))
  variables.set('playback_samples', String(result.samples))
}

function announcePlayback(
  channel: Channel,
  name: 'PLAYBACK_START' | 'PLAYBACK_STOP',
  path: string,
  status?: string,
): void {
  channel.announce(name, (event) => {
    const scheme = /^(?:\{[^}]*\})?(local_stream|tone_stream):/.exec(path)?.[1]
    if (scheme) event.add('Playback-File-Type', scheme)
    event.add('Playback-File-Path', path)
    if (status) event.add('Playback-Status', status)
  })
}
