/** Playing a sound to a channel's party, until it ends or a terminator digit comes. */

import { setTimeout as sleep } from 'node:timers/promises'
import { logger } from '../base/log.ts'
import { onePer } from '../base/one-per.ts'
import type { Playback, PlayResult } from '../media/engine.ts'
import { attend } from './attend.ts'
import type { Channel } from './channel.ts'
import type { Digit } from './digit-queue.ts'
import { soundParts, soundPath } from './sound-path.ts'
import { isTrue } from './variables.ts'

const log = logger('core/play')

export interface PlayOptions {
  readonly signal: AbortSignal
  /** Digits that end it: a set of characters, `any` or `none`. */
  readonly terminators?: string
  /** Where to start in the first file, samples. */
  readonly startAt?: number
  /** -1 endless; default 1. */
  readonly loops?: number
  /** It is one sound, whatever `playback_delimiter` says: a spoken text may have that character. */
  readonly isOneSound?: boolean
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
const playingOn = onePer<Channel, Playback[]>(() => [])

/** What plays on a channel now; undefined when nothing does. */
export function currentPlayback(channel: Channel): Playback | undefined {
  return playingOn(channel).at(-1)
}

/** Whether a digit is one of a terminator set. */
export function isTerminator(digit: string, terminators: string): boolean {
  if (terminators === 'any') return true
  return terminators !== 'none' && terminators.toUpperCase().includes(digit.toUpperCase())
}

/** What ends a sound that an application plays: the variable `playback_terminators`, `*` without it. */
export function playbackTerminators(channel: Channel): string {
  return channel.variables.get('playback_terminators') ?? '*'
}

/**
 * Plays `written`: a path, a stream, words for a speaker (`phrase:`, `say:`), several with `playback_delimiter`. Digits that
 * are no terminators are dropped, as FreeSWITCH does; queued applications run meanwhile and the sound waits for them.
 */
export async function play(
  channel: Channel,
  written: string,
  options: PlayOptions,
): Promise<PlayOutcome> {
  const parts = options.isOneSound ? [written] : soundParts(channel, written)
  if (!parts.some((part) => spokenWord(part) !== undefined))
    return playFiles(channel, written, parts, options)
  const loops = options.loops ?? 1
  let outcome: PlayOutcome = { ended: 'done', ...nothingHeard }
  for (let round = 0; loops < 0 || round < loops; round++) {
    // Words that cannot be said are over at once: without a rest they would be tried without end.
    if (round > 0) await rest(Math.max(shortestRest, gapOf(channel)), options.signal)
    outcome = await playParts(channel, parts, { ...options, loops: 1 })
    if (outcome.ended !== 'done') break
  }
  return outcome
}

/** ms between rounds of words. */
const shortestRest = 100

/** Around words each part is played for itself. */
async function playParts(
  channel: Channel,
  parts: readonly string[],
  options: PlayOptions,
): Promise<PlayOutcome> {
  let outcome: PlayOutcome = { ended: 'done', ...nothingHeard }
  for (const [index, part] of parts.entries()) {
    const word = spokenWord(part)
    if (index > 0) await rest(gapOf(channel), options.signal)
    if (options.signal.aborted) return { ended: 'stopped', ...nothingHeard }
    outcome =
      word === undefined
        ? await playFiles(channel, part, [part], options)
        : await speak(channel, word, part.slice(word.length + 1), options)
    if (outcome.ended === 'stopped' || outcome.ended === 'closed') break
  }
  return outcome
}

const nothingHeard = { digit: undefined, samples: 0, position: 0, rate: 8000 } as const

/** `phrase` or `say`, when that is what a part begins with. */
function spokenWord(part: string): string | undefined {
  return /^(phrase|say):/i.exec(part)?.[1]
}

async function speak(
  channel: Channel,
  word: string,
  text: string,
  options: PlayOptions,
): Promise<PlayOutcome> {
  const speaker = channel.sw.speakers.get(word)
  if (speaker) return speaker.speak(channel, text, options)
  log.err(`${word}:${text} cannot be said: no module is loaded that brings ${word}:`, channel.uuid)
  return { ended: 'error', ...nothingHeard }
}

/** ms of silence between the files of one play string. */
function gapOf(channel: Channel): number {
  return Number.parseInt(channel.variables.get('playback_sleep_val') ?? '250', 10) || 0
}

async function rest(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await sleep(ms, undefined, { signal }).catch(() => undefined)
}

/** Seconds after which a sound is ended; 0 never. As FreeSWITCH has it one second counts as no limit. */
function timeLimit(channel: Channel): number {
  for (const name of ['playback_timeout_sec_cumulative', 'playback_timeout_sec']) {
    const seconds = Number.parseInt(channel.variables.get(name) ?? '', 10)
    if (seconds > 1) return seconds
  }
  return 0
}

async function playFiles(
  channel: Channel,
  written: string,
  parts: readonly string[],
  options: PlayOptions,
): Promise<PlayOutcome> {
  const { media } = channel
  if (!media) return { ended: 'error', ...nothingHeard }
  if (options.signal.aborted) return { ended: 'stopped', ...nothingHeard }
  const waiting = takeTerminator(channel, options.terminators ?? 'none')
  if (waiting !== undefined) return { ended: 'stopped', ...nothingHeard, digit: waiting }
  const playback = media.play({
    paths: parts.map((part) => soundPath(channel, part)),
    startAt: options.startAt ?? 0,
    loops: options.loops ?? 1,
    ...(parts.length > 1 ? { gapMs: gapOf(channel) } : {}),
  })
  // Where several are played, or a stream, what was written tells of them.
  const [first = written] = parts
  const isWhole = parts.length > 1 || first.includes('://')
  const shown = isWhole ? written.trim() : soundPath(channel, first)
  const others = playingOn(channel)
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
  const limit = timeLimit(channel)
  let isLate = false
  const late = () => {
    isLate = true
    stop()
  }
  const timer = limit > 0 ? setTimeout(late, limit * 1000) : undefined
  try {
    const hasStarted = await playback.started
    if (hasStarted) announcePlayback(channel, 'PLAYBACK_START', shown)
    const result = await attend(channel, playback.ended, options.signal, {
      begin: () => playback.pause(true),
      end: () => playback.pause(false),
    })
    if (hasStarted)
      announcePlayback(channel, 'PLAYBACK_STOP', shown, result.ended === 'done' ? 'done' : 'break')
    else tellMissing(channel, written, result)
    setPlaybackVariables(channel, result)
    const isSuccess = isTrue(channel.variables.get('playback_timeout_as_success'))
    if (isLate && !isSuccess) return { ...result, ended: 'error', digit }
    return { ...result, digit }
  } finally {
    clearTimeout(timer)
    listening[Symbol.dispose]()
    options.signal.removeEventListener('abort', stop)
    others.splice(others.indexOf(playback), 1)
    playback.stop()
  }
}

/** A file that is not there is logged once for all, by speech/spoken-prompts.ts; here is which channel wanted it. */
function tellMissing(channel: Channel, written: string, result: PlayResult): void {
  const level = result.ended === 'not found' ? 7 : 4
  log.at(level, `${written}: ${result.reason ?? result.ended}`, channel.uuid)
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
