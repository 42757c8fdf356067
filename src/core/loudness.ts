/** Waiting for a party to be loud or quiet: `wait_for_silence`, `detect_silence`, `detect_audio`. */
import { logger } from '../base/log.ts'
import type { LoudnessOutcome, LoudnessRequest } from '../media/engine.ts'
import type { Channel } from './channel.ts'
import { listenTo } from './listen.ts'
import { soundPaths } from './sound-path.ts'

const log = logger('core/loudness')

export type LoudnessWish = Omit<LoudnessRequest, 'kind'>

/**
 * Waits for what `wish` describes, its time-out, the end of `file` if one is played meanwhile, or an abort. Undefined when it was
 * neither heard nor timed out.
 */
export async function waitForLoudness(
  channel: Channel,
  wish: LoudnessWish,
  file: string | undefined,
  signal: AbortSignal,
): Promise<LoudnessOutcome | undefined> {
  let outcome: LoudnessOutcome | undefined
  const over = new AbortController()
  const end = () => over.abort()
  signal.addEventListener('abort', end, { once: true })
  const playback = file ? channel.media?.play({ paths: soundPaths(channel, file) }) : undefined
  void playback?.ended.then(({ ended, reason }) => {
    if (ended === 'not found' || ended === 'error')
      log.warning(`${file} cannot be played: ${reason}`, channel.uuid)
    end()
  })
  if (signal.aborted) end()
  await listenTo(
    channel,
    'loudness',
    { kind: 'loudness', ...wish },
    (report) => {
      if (report.heard === 'loudness') outcome = report
    },
    over.signal,
  )
  signal.removeEventListener('abort', end)
  playback?.stop()
  return outcome
}
