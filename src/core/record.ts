/** Recording what a party says to a file, in the foreground. */
import { logger } from '../base/log.ts'
import type { RecordResult } from '../media/engine.ts'
import { attend } from './attend.ts'
import type { Channel } from './channel.ts'
import { isTerminator } from './play.ts'
import { announceStart, announceStop, postProcess, setLengths } from './recording-events.ts'
import { RecordingSettings, type RecordingVariables } from './recording-settings.ts'
import { soundPath } from './sound-path.ts'

const log = logger('core/record')

/** The noise that the party hears meanwhile. */
const usualNoise = 1400
/** ms that its sound waits for late packets: whoever spoke waits for the recording to end. */
const holdMs = 200

export interface RecordOptions {
  readonly signal: AbortSignal
  /** Seconds; 0 no limit. */
  readonly limitSeconds: number
  /** 0: silence does not end it. */
  readonly silenceThreshold: number
  readonly silenceSeconds: number
  readonly terminators: string
  readonly variables?: RecordingVariables
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
  const { media, sw } = channel
  if (!media) return { result: noSound, digit: undefined, started: false }
  const settings = new RecordingSettings(
    channel,
    written,
    sw.globals.get('sounds_dir') ?? '',
    options.variables,
  )
  const path = settings.hasExtension ? settings.path : `${settings.path}.${settings.codecExtension}`
  channel.variables.set('silence_hits_exhausted', 'false')
  const { limitSeconds, silenceSeconds, silenceThreshold } = options
  const silenceMs = silenceSeconds * 1000
  const recording = media.record({
    ...settings.common(),
    path,
    what: 'read',
    limitSeconds,
    holdMs,
    noise: noiseLevel(settings.text('record_fill_cng'), 0),
    ...(silenceThreshold > 0
      ? { speech: { threshold: silenceThreshold, initialMs: silenceMs, finalMs: silenceMs } }
      : {}),
  })
  let digit: string | undefined
  const restartsLimit = limitSeconds > 0 && settings.isOn('record_restart_limit_on_dtmf')
  const listening = channel.signals.on('digit', () => {
    if (restartsLimit) recording.limit(limitSeconds)
    for (let next = channel.digits.take(); next; next = channel.digits.take()) {
      if (digit === undefined && isTerminator(next.digit, options.terminators)) {
        digit = next.digit
        recording.stop()
      }
    }
  })
  const stop = () => recording.stop()
  options.signal.addEventListener('abort', stop, { once: true })
  const noise = channel.partner
    ? 0
    : noiseLevel(settings.text('record_waste_resources'), usualNoise)
  if (noise > 0) media.sendSilence(noise)
  const indication = settings.text('record_indication')
  if (indication) media.play({ paths: [soundPath(channel, indication)] })
  try {
    const started = await recording.started
    if (started) announceStart(channel, path, settings.own)
    const result = await attend(channel, recording.ended, options.signal)
    if (!started) log.err(`${path}: ${result.reason ?? 'cannot be recorded'}`, channel.uuid)
    else finishRecording(settings, path, result)
    return { result, digit, started }
  } finally {
    listening[Symbol.dispose]()
    options.signal.removeEventListener('abort', stop)
    recording.stop()
    if (noise > 0) media.sendSilence(0)
  }
}

const noSound: RecordResult = {
  ended: 'error',
  samples: 0,
  rate: 8000,
  octets: 0,
  hasSpoken: false,
  lostMs: 0,
  reason: 'there is no sound',
}

/** `true` is the usual level, a number another one, anything else none. */
function noiseLevel(text: string | undefined, unset: number): number {
  if (text === undefined) return unset
  if (text.toLowerCase() === 'true') return usualNoise
  return Math.max(0, Number.parseInt(text, 10) || 0)
}

function finishRecording(settings: RecordingSettings, path: string, result: RecordResult): void {
  const { channel, own } = settings
  postProcess(channel, own)
  setLengths(channel, result)
  const isSilence = result.ended === 'silence' || result.ended === 'no input'
  const cause = isSilence
    ? 'success-silence'
    : result.ended === 'limit'
      ? 'success-maxtime'
      : result.ended === 'error'
        ? 'uri-failure'
        : undefined
  if (cause) channel.variables.set('record_completion_cause', cause)
  if (isSilence) channel.variables.set('silence_hits_exhausted', 'true')
  announceStop(channel, path, own, cause)
}
