/** Recording something with the caller as its judge: the tone, the recording, hear it, record it again, keep it. */
import { reasonOf } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import { record } from '../../core/record.ts'
import type { Values } from '../../core/settings.ts'
import { isTrue } from '../../core/variables.ts'
import { countersOf } from './counters.ts'
import { removeFile } from './files.ts'
import { actionOf, escapeMenu, keyList, recordedMenu } from './menus.ts'
import {
  askKey,
  isOver,
  say,
  sayUntilDigit,
  sound,
  soundWithKeys,
  type Talk,
  waitingKey,
} from './talk.ts'

const log = logger('applications/voicemail')

export interface RecordingTask {
  /** The phrase that asks for it; undefined: only the tone. */
  readonly macro: string | undefined
  /** What is recorded to. */
  readonly temporary: string
  /** Where it lies when it is whole. */
  readonly path: string
  /** What is shorter than min-record-len is none. */
  readonly hasLeast: boolean
  /** A short recording may have been a key that means something (`operator-key`). */
  readonly hasEscapes: boolean
  /** It is whole: keeps it. */
  keep(seconds: number): Promise<void>
  /** It is to be recorded again: gives it up. */
  again(): Promise<void>
}

export type RecordingOutcome =
  | { readonly outcome: 'kept' }
  | { readonly outcome: 'none' }
  | { readonly outcome: 'failed' }
  | { readonly outcome: 'escape'; readonly key: string }

/** Records until there is something that the caller keeps, or he is gone. */
export async function recordFile(talk: Talk, task: RecordingTask): Promise<RecordingOutcome> {
  const { channel, profile } = talk
  const reviews = !isTrue(channel.text('skip_record_check'))
  let tooShort = 0
  while (!isOver(talk)) {
    if (task.macro !== undefined) {
      // Who knows the words goes on with a key.
      await sayUntilDigit(talk, task.macro)
      const key = waitingKey(talk)
      if (key !== undefined && isEscape(task, key, profile.values))
        return { outcome: 'escape', key }
    }
    if (isOver(talk)) break
    const { seconds, key, hasFailed } = await recordOnce(talk, task)
    if (hasFailed) return { outcome: 'failed' }
    if (task.hasLeast && Math.trunc(seconds) < profile.values.number('min-record-len')) {
      await removeFile(task.temporary)
      if (key !== undefined && isEscape(task, key, profile.values))
        return { outcome: 'escape', key }
      if (isOver(talk) || tooShort++ >= profile.values.number('max-retries')) break
      await say(talk, 'ack', 'too-small')
      continue
    }
    try {
      await task.keep(seconds)
    } catch (thrown) {
      countersOf(profile.sw).failed++
      log.err(`a recording cannot be kept: ${reasonOf(thrown)}`, channel.uuid)
      return { outcome: 'failed' }
    }
    if (isOver(talk)) return { outcome: 'kept' }
    if ((await review(talk, task, reviews)) === 'keep') return { outcome: 'kept' }
    await task.again()
  }
  return { outcome: 'none' }
}

/** Whether a key leads elsewhere. */
function isEscape(task: RecordingTask, key: string, values: Values): boolean {
  return task.hasEscapes && actionOf(escapeMenu, key, values) !== undefined
}

async function recordOnce(
  talk: Talk,
  { temporary }: RecordingTask,
): Promise<{ seconds: number; key: string | undefined; hasFailed: boolean }> {
  const { channel, profile, signal } = talk
  const { values } = profile
  channel.digits.flush()
  await sound(talk, `tone_stream://${values.text('tone-spec')}`)
  // A key during the tone ends a recording that has not begun.
  const early = waitingKey(talk)
  if (early !== undefined) return { seconds: 0, key: early, hasFailed: false }
  const rate = values.number('record-sample-rate')
  const { result, digit, started } = await record(channel, temporary, {
    signal,
    limitSeconds: values.number('max-record-len'),
    silenceThreshold: values.number('record-silence-threshold'),
    silenceSeconds: values.number('record-silence-hits'),
    terminators: 'any',
    variables: rate > 0 ? [['record_sample_rate', String(rate)]] : [],
  })
  // Nothing but silence, and the caller is still there to be told so.
  const isSilence = result.ended === 'no input'
  const seconds = isSilence || result.rate === 0 ? 0 : result.samples / result.rate
  // Nobody to hear when the call is over before it began.
  const hasFailed = (!started && !isOver(talk)) || result.ended === 'error'
  if (hasFailed) {
    countersOf(profile.sw).failed++
    log.err(`${temporary}: ${result.reason ?? 'cannot be recorded'}`, channel.uuid)
    await removeFile(temporary)
  }
  if (result.lostMs > 0)
    log.warning(`${temporary}: a slow disk cost ${result.lostMs} ms`, channel.uuid)
  return { seconds, key: digit, hasFailed }
}

/** Lets the caller hear it and say what becomes of it. */
async function review(
  talk: Talk,
  { path }: RecordingTask,
  asks: boolean,
): Promise<'keep' | 'again'> {
  const { values } = talk.profile
  let hears = values.boolean('auto-playback-recordings')
  while (!isOver(talk)) {
    let key = hears ? await soundWithKeys(talk, path) : undefined
    if (key === values.text('terminator-key')) key = undefined
    if (key === undefined) {
      if (!asks) return 'keep'
      const keys = keyList(values, 'listen-file-key', 'save-file-key', 'record-file-key')
      key = await askKey(talk, 'record_file_check', keys)
      if (isOver(talk)) return 'keep'
    }
    const action = actionOf(recordedMenu, key, values)
    if (action === 'again') return 'again'
    if (action !== 'hear') break
    hears = true
  }
  await say(talk, 'ack', 'saved')
  return 'keep'
}
