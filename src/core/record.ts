/** Recording what a party says to a file, in the foreground. */
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { logger } from '../base/log.ts'
import type { RecordResult } from '../media/engine.ts'
import { attend } from './attend.ts'
import type { Channel } from './channel.ts'
import { isTerminator } from './play.ts'
import { soundPath } from './sound-path.ts'
import { isTrue } from './variables.ts'

const log = logger('core/record')

export interface RecordOptions {
  readonly signal: AbortSignal
  readonly limitSeconds: number
  readonly silenceThreshold: number
  readonly silenceSeconds: number
  readonly terminators: string
}

export interface RecordOutcome {
  readonly result: RecordResult
  readonly digit: string | undefined
  readonly started: boolean
}

/** Records until the limit, silence, a terminator digit, or the end of the call. */
export async function record(
  channel: Channel,
  written: string,
  options: RecordOptions,
): Promise<RecordOutcome> {
  const { media, variables } = channel
  if (!media) {
    const result: RecordResult = {
      ended: 'error',
      samples: 0,
      rate: 8000,
      reason: 'there is no sound',
    }
    return { result, digit: undefined, started: false }
  }
  const path = soundPath(channel, written)
  mkdirSync(dirname(path.replace(/^\{[^}]*\}/, '')), { recursive: true })
  const rate = Number.parseInt(variables.get('record_sample_rate') ?? '', 10)
  const recording = media.record({
    path,
    what: 'read',
    append: isTrue(variables.get('record_append')),
    limitSeconds: options.limitSeconds,
    silenceThreshold: options.silenceThreshold,
    silenceSeconds: options.silenceSeconds,
    ...(rate > 0 ? { rate } : {}),
  })
  let digit: string | undefined
  const listening = channel.signals.on('digit', () => {
    for (let next = channel.digits.take(); next; next = channel.digits.take()) {
      if (digit === undefined && isTerminator(next.digit, options.terminators)) {
        digit = next.digit
        recording.stop()
      }
    }
  })
  const stop = () => recording.stop()
  options.signal.addEventListener('abort', stop, { once: true })
  try {
    const started = await recording.started
    if (started) channel.announce('RECORD_START', (event) => event.add('Record-File-Path', path))
    const result = await attend(channel, recording.ended, options.signal)
    if (!started) log.err(`${path}: ${result.reason ?? 'cannot be recorded'}`, channel.uuid)
    else finishRecording(channel, path, result)
    return { result, digit, started }
  } finally {
    listening[Symbol.dispose]()
    options.signal.removeEventListener('abort', stop)
    recording.stop()
  }
}

function finishRecording(channel: Channel, path: string, result: RecordResult): void {
  const { variables } = channel
  const seconds = result.samples / result.rate
  variables.set('record_seconds', String(Math.trunc(seconds)))
  variables.set('record_ms', String(Math.trunc(seconds * 1000)))
  variables.set('record_samples', String(result.samples))
  const cause =
    result.ended === 'silence'
      ? 'success-silence'
      : result.ended === 'limit'
        ? 'success-maxtime'
        : undefined
  if (cause) variables.set('record_completion_cause', cause)
  if (result.ended === 'silence') variables.set('silence_hits_exhausted', 'true')
  channel.announce('RECORD_STOP', (event) => {
    event.add('Record-File-Path', path)
    if (cause) event.add('Record-Completion-Cause', cause)
  })
}
