/** Recordings that run beside the call (record_session, uuid_record): both parties, several at a time, by their path. */

import { logger } from '../base/log.ts'
import { onePer } from '../base/one-per.ts'
import type { Recording, RecordRequest, RecordResult } from '../media/engine.ts'
import { preAnswer } from './answer.ts'
import type { Channel } from './channel.ts'
import {
  announceStart,
  announceStop,
  handOnPostProcess,
  postProcess,
  setLengths,
} from './recording-events.ts'
import { RecordingSettings, type RecordingVariables } from './recording-settings.ts'

const log = logger('core/session-record')

/** ms of a frame, which `RECORD_PRE_BUFFER_FRAMES` counts in, and how many of them wait by default. */
const frameMs = 20
const usualFrames = 25
/** The loudness below which a frame is silent, where time-outs but no threshold are given. */
const usualThreshold = 200
/** A channel that is gone waits so long for a slow disk, ms, before it is reported without its recordings. */
const patienceMs = 3000

interface Running {
  readonly recording: Recording
  /** As it was asked for, and what it is called elsewhere. */
  readonly written: string
  readonly path: string
  readonly own: RecordingVariables
  readonly hangsUpOnError: boolean
  /** Why no time goes by on it. */
  readonly pauses: Set<'asked' | 'not answered'>
  /** Whose recording it is now. */
  channel: Channel
  listening: Disposable[]
  /** Resolves when the file is whole and everybody has been told. */
  finished: Promise<void>
}

/** By the path as it was written. */
const tableOf = onePer<Channel, Map<string, Running>>(() => new Map())
/** All that are not whole yet, stopped ones too. */
const unfinished = new Set<Running>()

/** One by the path as it was written, or as it is whole. */
function find(channel: Channel, written: string): Running | undefined {
  const table = tableOf(channel)
  const present = table.get(written)
  if (present) return present
  for (const one of table.values()) if (one.path === written) return one
  return undefined
}

/** The paths that are recorded to now, in the order they were begun. */
export function sessionRecordings(channel: Channel): string[] {
  return [...tableOf(channel).values()].map(({ path }) => path)
}

export interface SessionRecordingOptions {
  /** Seconds of sound; 0 is without end. */
  readonly limitSeconds: number
  /** Variables of this recording alone. */
  readonly variables?: RecordingVariables
}

/**
 * Begins a recording. True when it runs, also when that path is recorded to already; false when there is no sound or the
 * file cannot be written.
 */
export async function startSessionRecording(
  channel: Channel,
  written: string,
  options: SessionRecordingOptions,
): Promise<boolean> {
  const own = options.variables ?? []
  const folder = channel.sw.globals.get('base_dir') ?? ''
  const settings = new RecordingSettings(channel, written, folder, own)
  await preAnswer(channel)
  const { media } = channel
  if (!media || !channel.isUp) {
    log.err(`${settings.path}: there is no sound to be recorded`, channel.uuid)
    return false
  }
  const repeated = find(channel, written)
  if (repeated) return repeat(settings, repeated)
  const elsewhere = settings.isOn('RECORD_CHECK_BRIDGE') && channel.partner
  const theirs = elsewhere ? find(elsewhere, written) : undefined
  if (elsewhere && theirs) return repeat(new RecordingSettings(elsewhere, written, folder), theirs)
  const one: Running = {
    recording: media.record(requestOf(settings, options.limitSeconds)),
    written,
    path: settings.path,
    own,
    hangsUpOnError: settings.isOn('RECORD_HANGUP_ON_ERROR'),
    pauses: new Set(),
    channel,
    listening: [],
    finished: Promise.resolve(),
  }
  tableOf(channel).set(written, one)
  if (settings.isOn('RECORD_ANSWER_REQ') && !channel.isAnswered) pause(one, 'not answered', true)
  listen(one)
  unfinished.add(one)
  one.finished = finish(one).finally(() => unfinished.delete(one))
  if (!(await one.recording.started)) {
    await one.finished
    return false
  }
  announceStart(one.channel, one.path, own)
  announceBug(one, 'MEDIA_BUG_START')
  return true
}

/** It runs already: that is as good as begun, or ends it where the channel wants it so. */
function repeat(settings: RecordingSettings, one: Running): boolean {
  if (settings.isOn('RECORD_TOGGLE_ON_REPEAT'))
    return stopSessionRecording(one.channel, one.written)
  log.warning(`${one.path} is recorded to already`, one.channel.uuid)
  return true
}

/** What is recorded: both mixed, both as left and right, or one side. */
function sides(settings: RecordingSettings): RecordRequest['what'] {
  if (settings.isOn('RECORD_READ_ONLY')) return 'read'
  if (settings.isOn('RECORD_WRITE_ONLY')) return 'write'
  if (settings.isOn('RECORD_STEREO_SWAP')) return 'stereo swapped'
  return settings.isOn('RECORD_STEREO') ? 'stereo' : 'mix'
}

function requestOf(settings: RecordingSettings, limitSeconds: number): RecordRequest {
  const frames = settings.number('RECORD_PRE_BUFFER_FRAMES') ?? 0
  const what = sides(settings)
  const { path } = settings
  const extension = settings.codecExtension
  const suffix = what === 'write' ? '-out' : '-in'
  return {
    ...settings.common(),
    // Without an extension each side goes to a file of its own, in the form of the channel's codec.
    ...(settings.hasExtension
      ? { path, what }
      : what === 'read' || what === 'write'
        ? { path: `${path}${suffix}.${extension}`, what }
        : { path: `${path}-in.${extension}`, otherPath: `${path}-out.${extension}`, what: 'pair' }),
    limitSeconds,
    leastSeconds: settings.number('RECORD_MIN_SEC') ?? 0,
    holdMs: (frames > 0 ? frames : usualFrames) * frameMs,
    needsBridge: settings.isOn('RECORD_BRIDGE_REQ'),
    ...speechOf(settings),
  }
}

function speechOf(settings: RecordingSettings): Pick<RecordRequest, 'speech'> {
  const initialMs = settings.number('RECORD_INITIAL_TIMEOUT_MS')
  const finalMs = settings.number('RECORD_FINAL_TIMEOUT_MS')
  const asked = settings.number('RECORD_SILENCE_THRESHOLD')
  const isTimed = initialMs !== undefined || finalMs !== undefined
  const threshold = asked ?? (isTimed ? usualThreshold : 0)
  if (threshold === 0) return {}
  return { speech: { threshold, initialMs: initialMs ?? 0, finalMs: finalMs ?? 0 } }
}

function pause(one: Running, why: 'asked' | 'not answered', on: boolean): void {
  if (on) one.pauses.add(why)
  else one.pauses.delete(why)
  one.recording.pause(one.pauses.size > 0)
}

/** What happens to the channel that a recording has to follow. */
function listen(one: Running): void {
  const { channel } = one
  one.listening = [
    channel.signals.on('answered', () => pause(one, 'not answered', false)),
    channel.signals.on('hold', (on) => {
      const settings = new RecordingSettings(channel, one.written, '', one.own)
      const { partner } = channel
      if (on && partner && settings.isOn('flip_record_on_hold'))
        transferRecordings(channel, partner)
    }),
  ]
}

function silenceListening(one: Running): void {
  for (const handle of one.listening) handle[Symbol.dispose]()
  one.listening = []
}

/** Everything that follows when the file is whole. */
async function finish(one: Running): Promise<void> {
  const hasStarted = await one.recording.started
  const result = await one.recording.ended
  const { channel } = one
  silenceListening(one)
  const table = tableOf(channel)
  if (table.get(one.written) === one) table.delete(one.written)
  const cause = causeOf(channel, result)
  channel.variables.set('record_completion_cause', cause)
  if (result.ended === 'error') {
    log.err(`${one.path}: ${result.reason ?? 'cannot be recorded'}`, channel.uuid)
    if (one.hangsUpOnError) channel.hangup('DESTINATION_OUT_OF_ORDER')
  }
  if (!hasStarted) return
  setLengths(channel, result)
  if (result.discarded) channel.variables.set('RECORD_DISCARDED', 'true')
  announceStop(channel, one.path, one.own, cause)
  announceBug(one, 'MEDIA_BUG_STOP')
  postProcess(channel, one.own)
}

/** How it ended, in the words of MRCP. */
function causeOf(channel: Channel, result: RecordResult): string {
  if (result.ended === 'error') return 'uri-failure'
  if (result.discarded === 'empty') return 'empty-file'
  if (result.discarded === 'short') return 'input-too-short'
  if (result.ended === 'no input') return 'no-input-timeout'
  if (result.ended === 'silence') return 'success-silence'
  if (channel.isUp) return 'success-maxtime'
  return result.hasSpoken ? 'success-silence' : 'no-input-timeout'
}

function announceBug(one: Running, name: 'MEDIA_BUG_START' | 'MEDIA_BUG_STOP'): void {
  one.channel.announce(name, (event) => {
    event.add('Media-Bug-Function', 'session_record')
    event.add('Media-Bug-Target', one.path)
  })
}

/** Resolves when every recording of a channel is whole, or when a slow disk has been waited for long enough. */
export async function recordingsFinished(channel: Channel): Promise<void> {
  if (unfinished.size === 0) return
  const open = [...unfinished].filter((one) => one.channel === channel)
  if (open.length === 0) return
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      log.warning(
        'the recordings of this call are not whole yet; it is reported without',
        channel.uuid,
      )
      resolve()
    }, patienceMs).unref()
  })
  await Promise.race([Promise.allSettled(open.map(({ finished }) => finished)), late])
  clearTimeout(timer)
}

/** Ends one recording, or with `all` every one. False when there was none. */
export function stopSessionRecording(channel: Channel, written: string): boolean {
  const all = written.toLowerCase() === 'all' ? [...tableOf(channel).values()] : []
  const one = find(channel, written)
  const chosen = one ? [one] : all
  for (const each of chosen) {
    tableOf(channel).delete(each.written)
    each.recording.stop()
  }
  return chosen.length > 0
}

/** Leaves a gap out (`pause`) or writes silence (`mask`) from now on, or no more. False when nothing is recorded there. */
export function changeSessionRecording(
  channel: Channel,
  written: string,
  change: 'pause' | 'resume' | 'mask' | 'unmask',
): boolean {
  const one = find(channel, written)
  if (!one) return false
  if (change === 'pause' || change === 'resume') pause(one, 'asked', change === 'pause')
  else one.recording.mask(change === 'mask')
  return true
}

/** All recordings of a channel go on with another one, in their files. False when there is none, or no sound to be had. */
export function transferRecordings(from: Channel, to: Channel): boolean {
  const moved = [...tableOf(from).values()]
  if (moved.length === 0 || from === to) return false
  if (!to.media || !to.isUp) {
    log.warning('the recordings cannot follow to a channel without sound', from.uuid)
    return false
  }
  handOnPostProcess(from, to)
  for (const one of moved) {
    if (find(to, one.written)) {
      log.warning(`${one.path} is recorded to already by ${to.name}; it does not follow`, from.uuid)
      continue
    }
    announceBug(one, 'MEDIA_BUG_STOP')
    silenceListening(one)
    tableOf(from).delete(one.written)
    one.channel = to
    tableOf(to).set(one.written, one)
    one.recording.moveTo(to.media)
    if (to.isAnswered) pause(one, 'not answered', false)
    listen(one)
    announceBug(one, 'MEDIA_BUG_START')
  }
  return true
}

/** The same, where the channel that is left wants it: `recording_follow_transfer`. */
export function followTransfer(from: Channel, to: Channel): void {
  const settings = new RecordingSettings(from, '', '')
  if (settings.isOn('recording_follow_transfer')) transferRecordings(from, to)
}
