/** Group confirm: whoever answers must type a key, or get through an application, before the call is theirs. */
import type { Channel } from '../channel.ts'
import { collectDigits, playUntilDigit } from '../collect.ts'
import { executeApplication } from '../execute.ts'
import { play } from '../play.ts'
import type { ConfirmSettings } from './originate-settings.ts'

/** Resolves true when the leg is confirmed, false when it went away or `signal` aborted. */
export async function askToConfirm(
  leg: Channel,
  settings: ConfirmSettings,
  signal: AbortSignal,
): Promise<boolean> {
  if (settings.key.toLowerCase() === 'exec') return confirmByApplication(leg, settings)
  leg.digits.flush()
  // The asking ends when the leg does, too.
  const ending = new AbortController()
  const end = () => ending.abort()
  signal.addEventListener('abort', end, { once: true })
  const gone = leg.signals.on('hangup', end)
  if (signal.aborted || !leg.isUp) end()
  try {
    while (!ending.signal.aborted) {
      const typed = await promptForKey(leg, settings, ending.signal)
      if (ending.signal.aborted) return false
      if (typed === settings.key) return true
      if (settings.errorFile) await play(leg, settings.errorFile, { signal: ending.signal })
    }
    return false
  } finally {
    gone[Symbol.dispose]()
    signal.removeEventListener('abort', end)
  }
}

async function confirmByApplication(leg: Channel, settings: ConfirmSettings): Promise<boolean> {
  const text = settings.file ?? ''
  const space = text.indexOf(' ')
  const name = space < 0 ? text : text.slice(0, space)
  if (name === '') return false
  await executeApplication(leg, name, space < 0 ? '' : text.slice(space + 1))
  return leg.isUp
}

/** Plays the prompt and takes as many digits as the key has; a pause of `readTimeoutMs` after the prompt ends it. */
async function promptForKey(
  leg: Channel,
  settings: ConfirmSettings,
  signal: AbortSignal,
): Promise<string> {
  if (settings.file) await playUntilDigit(leg, settings.file, signal)
  if (signal.aborted) return ''
  const { digits } = await collectDigits(leg, {
    signal,
    min: 0,
    max: settings.key.length,
    prompt: '',
    timeoutMs: settings.readTimeoutMs,
    terminators: '',
  })
  return digits
}
