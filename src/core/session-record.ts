/** Recordings that run beside the call (record_session, uuid_record): both parties, several at a time, by their path. */
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { reasonOf } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import type { Recording, RecordRequest } from '../media/engine.ts'
import type { Channel } from './channel.ts'
import { runHooks } from './hooks.ts'
import { soundPath } from './sound-path.ts'
import { isTrue } from './variables.ts'

const log = logger('core/session-record')

interface Running {
  readonly recording: Recording
  readonly path: string
}

/** By the path as it was written. */
const running = new WeakMap<Channel, Map<string, Running>>()

function tableOf(channel: Channel): Map<string, Running> {
  const present = running.get(channel)
  if (present) return present
  const table = new Map<string, Running>()
  running.set(channel, table)
  return table
}

/** The paths that are recorded to now, in the order they were begun. */
export function sessionRecordings(channel: Channel): string[] {
  return [...(running.get(channel)?.keys() ?? [])]
}

/** What is recorded: both mixed, both as left and right, or one side, by `RECORD_STEREO`, `…_READ_ONLY`, `…_WRITE_ONLY`. */
function sides(channel: Channel): RecordRequest['what'] {
  const asks = (name: string) => isTrue(channel.text(name))
  if (asks('RECORD_READ_ONLY')) return 'read'
  if (asks('RECORD_WRITE_ONLY')) return 'write'
  return asks('RECORD_STEREO') || asks('RECORD_STEREO_SWAP') ? 'stereo' : 'mix'
}

/**
 * Begins a recording; `limitSeconds` 0 is without end. True when it runs, also when that path is recorded to already; false
 * when there is no sound or the file cannot be written.
 */
export async function startSessionRecording(
  channel: Channel,
  written: string,
  limitSeconds: number,
): Promise<boolean> {
  const { media } = channel
  if (!media || !channel.isUp) return false
  const table = tableOf(channel)
  if (table.has(written)) return true
  const path = soundPath(channel, written)
  try {
    mkdirSync(dirname(path.replace(/^\{[^}]*\}/, '')), { recursive: true })
  } catch (thrown) {
    log.err(`${path}: ${reasonOf(thrown)}`, channel.uuid)
    return false
  }
  const rate = Number.parseInt(channel.text('record_sample_rate') ?? '', 10)
  const recording = media.record({
    path,
    what: sides(channel),
    append: isTrue(channel.text('RECORD_APPEND')),
    limitSeconds,
    ...(rate > 0 ? { rate } : {}),
  })
  table.set(written, { recording, path })
  if (!(await recording.started)) {
    table.delete(written)
    const { reason } = await recording.ended
    log.err(`${path}: ${reason ?? 'cannot be recorded'}`, channel.uuid)
    return false
  }
  channel.announce('RECORD_START', (event) => event.add('Record-File-Path', path))
  runHooks(channel, 'record_start')
  void recording.ended.then((result) => {
    if (table.get(written)?.recording === recording) table.delete(written)
    const seconds = result.samples / result.rate
    channel.variables.set('record_samples', String(result.samples))
    channel.variables.set('record_seconds', String(Math.trunc(seconds)))
    channel.variables.set('record_ms', String(Math.trunc(seconds * 1000)))
    channel.announce('RECORD_STOP', (event) => event.add('Record-File-Path', path))
    if (channel.isUp) runHooks(channel, 'record_stop')
  })
  return true
}

/** Ends one recording, or with `all` every one. False when there was none. */
export function stopSessionRecording(channel: Channel, written: string): boolean {
  const table = tableOf(channel)
  const names = written.toLowerCase() === 'all' ? [...table.keys()] : [written]
  let found = false
  for (const name of names) {
    const one = table.get(name)
    if (!one) continue
    found = true
    table.delete(name)
    one.recording.stop()
  }
  return found
}

/** Leaves a gap out (`pause`) or writes silence (`mask`) from now on, or no more. False when nothing is recorded there. */
export function changeSessionRecording(
  channel: Channel,
  written: string,
  change: 'pause' | 'resume' | 'mask' | 'unmask',
): boolean {
  const one = tableOf(channel).get(written)
  if (!one) return false
  if (change === 'pause' || change === 'resume') one.recording.pause(change === 'pause')
  else one.recording.mask(change === 'mask')
  return true
}
