/** wait_for_silence, detect_silence, detect_audio and wait_for_answer: waiting for what the party does. */
import { logger } from '../base/log.ts'
import type { Application } from '../core/interfaces.ts'
import { type LoudnessWish, waitForLoudness } from '../core/loudness.ts'
import { separate } from '../core/separate.ts'

const log = logger('applications/wait_for_silence')

/** Behind the silence FreeSWITCH waits for so long again, ms. */
const afterSilenceMs = 500

interface Wish extends LoudnessWish {
  readonly file: string | undefined
}

/** Numbers and a file; undefined where they are too few, or the first two are not above 0. */
function wishOf(data: string, wants: LoudnessWish['wants']): Wish | undefined {
  const parts = separate(data, ' ')
  const numbers = wants === 'silence after sound' ? 4 : 3
  if (parts.length < numbers) return undefined
  const number = (index: number) => Math.max(0, Number.parseInt(parts[index] ?? '', 10) || 0)
  const [threshold, hits] = [number(0), number(1)]
  if (threshold === 0 || hits === 0) return undefined
  return {
    wants,
    threshold,
    hits,
    listenHits: numbers === 4 ? number(2) : 0,
    timeoutMs: number(numbers - 1),
    file: parts[numbers],
  }
}

export const waitForSilence: Application = {
  name: 'wait_for_silence',
  syntax: '<threshold> <silence hits> <listen hits> <timeout ms> [<file>]',
  about: 'Wait until the party has been silent for so many frames',
  needs: 'media',
  async run(channel, data, { signal }) {
    const wish = wishOf(data, 'silence after sound')
    if (!wish) return log.err(`wait_for_silence: ${waitForSilence.syntax}`, channel.uuid)
    const outcome = await waitForLoudness(channel, wish, wish.file, signal)
    if (!outcome) return
    const { variables } = channel
    variables.set('wait_for_silence_timeout', String(outcome.isTimeout))
    variables.set('wait_for_silence_listenhits', String(outcome.listened))
    // What was still missing.
    variables.set('wait_for_silence_silence_hits', String(Math.max(0, wish.hits - outcome.hits)))
    if (!outcome.isTimeout) await pause(afterSilenceMs, signal)
  },
}

function detector(
  name: 'detect_silence' | 'detect_audio',
  wants: 'silence' | 'audio',
  about: string,
): Application {
  const syntax = `<threshold> <${wants} hits> <timeout ms> [<file>]`
  return {
    name,
    syntax,
    about,
    needs: 'media',
    async run(channel, data, { signal }) {
      const wish = wishOf(data, wants)
      if (!wish) return log.err(`${name}: ${syntax}`, channel.uuid)
      const outcome = await waitForLoudness(channel, wish, wish.file, signal)
      if (!outcome) return
      channel.variables.set(`${name}_timeout`, String(outcome.isTimeout))
      if (outcome.isTimeout) channel.variables.set(`${name}_hits`, String(outcome.hits))
    },
  }
}

export const detectSilence = detector(
  'detect_silence',
  'silence',
  'Wait until the party is silent for more than so many frames',
)
export const detectAudio = detector(
  'detect_audio',
  'audio',
  'Wait until the party is heard for more than so many frames',
)

export const waitForAnswer: Application = {
  name: 'wait_for_answer',
  syntax: '',
  about: 'Wait until the call is answered',
  needs: 'nothing',
  ignoresBreak: true,
  async run(channel, _data, { signal }) {
    if (channel.isAnswered || signal.aborted) return
    await new Promise<void>((resolve) => {
      const handle = channel.signals.once('answered', () => resolve())
      signal.addEventListener(
        'abort',
        () => {
          handle[Symbol.dispose]()
          resolve()
        },
        { once: true },
      )
    })
  },
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', finish)
      resolve()
    }
    const timer = setTimeout(finish, ms)
    signal.addEventListener('abort', finish, { once: true })
    if (signal.aborted) finish()
  })
}
