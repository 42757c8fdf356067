/** Group confirm: whoever answers must type a key, or get through an application, before the call is theirs. */
import { systemClock } from '../../base/clock.ts'
import type { Channel } from '../channel.ts'
import { executeApplication } from '../execute.ts'
import type { ConfirmSettings } from './originate-settings.ts'

/** Resolves true when the leg is confirmed, false when it went away or `signal` aborted. */
export async function askToConfirm(
  leg: Channel,
  settings: ConfirmSettings,
  signal: AbortSignal,
): Promise<boolean> {
  if (settings.key.toLowerCase() === 'exec') return confirmByApplication(leg, settings)
  leg.digits.flush()
  while (leg.isUp && !signal.aborted) {
    const typed = await promptForKey(leg, settings, signal)
    if (!leg.isUp || signal.aborted) return false
    if (typed === settings.key) return true
    if (settings.errorFile) await playThrough(leg, settings.errorFile, signal)
  }
  return false
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
function promptForKey(
  leg: Channel,
  settings: ConfirmSettings,
  signal: AbortSignal,
): Promise<string> {
  return new Promise((resolve) => {
    let typed = ''
    let over = false
    let timer = { cancel: () => {} }
    const playback = settings.file ? leg.media?.play({ paths: [settings.file] }) : undefined
    const finish = () => {
      over = true
      timer.cancel()
      playback?.stop()
      for (const handle of handles) handle[Symbol.dispose]()
      signal.removeEventListener('abort', finish)
      resolve(typed)
    }
    const wait = () => {
      if (over) return
      timer.cancel()
      timer = systemClock.after(settings.readTimeoutMs, finish)
    }
    const take = () => {
      for (let digit = leg.digits.take(); digit; digit = leg.digits.take()) typed += digit.digit
      if (typed === '') return
      playback?.stop()
      if (typed.length >= settings.key.length) finish()
      else wait()
    }
    const handles = [leg.signals.on('digit', take), leg.signals.on('hangup', finish)]
    signal.addEventListener('abort', finish, { once: true })
    if (playback) void playback.ended.then(() => (typed === '' ? wait() : undefined))
    else wait()
    take()
  })
}

async function playThrough(leg: Channel, path: string, signal: AbortSignal): Promise<void> {
  const playback = leg.media?.play({ paths: [path] })
  if (!playback) return
  const stop = () => playback.stop()
  signal.addEventListener('abort', stop, { once: true })
  using hangup = leg.signals.on('hangup', stop)
  void hangup
  await playback.ended
  signal.removeEventListener('abort', stop)
}
