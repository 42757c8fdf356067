/** What a menu hears from its caller: digits after a greeting, their confirmation, a PIN. */
import type { Channel } from '../../core/channel.ts'
import { collectDigits, playUntilDigit, untilDigit } from '../../core/collect.ts'
import { interruptible } from '../../core/interruptible.ts'
import { sayPhrase } from '../../core/phrases/run-macro.ts'
import type { Menu } from './menu.ts'

const pinTries = 3
/** ms */
const pinTimeout = 3000
const pinDigitTimeout = 10_000

export interface MenuInput {
  readonly digits: string
  /** Nothing came in time. */
  readonly timedOut: boolean
}

/** Plays a sound of a menu, `${}` in it expanded; a digit ends it and stays for the menu. */
export async function playMenuSound(channel: Channel, sound: string): Promise<void> {
  if (sound === '') return
  const expanded = await channel.sw.expand(sound, channel)
  await interruptible(channel, (signal) => playUntilDigit(channel, expanded, signal))
}

function terminatorsOf(channel: Channel): string {
  return channel.text('ivr_menu_terminator') ?? '#'
}

/** Plays a greeting and collects what the caller chooses. */
export async function askChoice(
  channel: Channel,
  menu: Menu,
  greeting: string,
  signal: AbortSignal,
): Promise<MenuInput> {
  await playMenuSound(channel, greeting)
  const { digits, terminator, result } = await collectDigits(channel, {
    signal,
    min: 0,
    max: menu.digitLength,
    prompt: '',
    timeoutMs: menu.timeout,
    digitTimeoutMs: menu.interDigitTimeout,
    terminators: terminatorsOf(channel),
  })
  // A terminator by itself may be the choice: `digits="#"`.
  const alone = digits === '' ? terminator : undefined
  const chosen = menu.entries.some((entry) => entry.digits === alone) ? (alone ?? '') : digits
  if (chosen === '') return { digits: '', timedOut: result === 'timeout' }
  const isMeant = menu.confirmMacro === '' || (await confirm(channel, menu, chosen, signal))
  return { digits: isMeant ? chosen : '', timedOut: false }
}

/**
 * Says the macro with the digits: the confirm key takes them, another refuses them, none lets it be said again. Without a key to
 * press it is said once.
 */
async function confirm(
  channel: Channel,
  menu: Menu,
  digits: string,
  signal: AbortSignal,
): Promise<boolean> {
  for (let left = menu.confirmAttempts; left > 0 && !signal.aborted; left--) {
    await interruptible(channel, (breaking) => sayUntilDigit(channel, menu, digits, breaking))
    if (menu.confirmKey === '') return true
    const answer = await collectDigits(channel, {
      signal,
      min: 0,
      max: 1,
      prompt: '',
      timeoutMs: menu.timeout,
      terminators: terminatorsOf(channel),
    })
    const key = answer.digits || answer.terminator
    if (key !== undefined) return menu.confirmKey.startsWith(key)
  }
  return false
}

async function sayUntilDigit(
  channel: Channel,
  menu: Menu,
  digits: string,
  signal: AbortSignal,
): Promise<void> {
  const say = (until: AbortSignal) =>
    sayPhrase(channel, menu.confirmMacro, digits, { signal: until })
  if (menu.confirmKey === '') await say(signal)
  else await untilDigit(channel, signal, say)
}

/** Whether the caller knows the PIN of a menu, in three tries. */
export async function knowsPin(
  channel: Channel,
  menu: Menu,
  signal: AbortSignal,
): Promise<boolean> {
  for (let left = pinTries; left > 0 && !signal.aborted; left--) {
    await playMenuSound(channel, menu.pinFile)
    const { digits } = await collectDigits(channel, {
      signal,
      min: 0,
      max: menu.pin.length,
      prompt: '',
      timeoutMs: pinTimeout,
      digitTimeoutMs: pinDigitTimeout,
      terminators: '#',
    })
    if (digits === menu.pin) return true
    if (!signal.aborted) await playMenuSound(channel, menu.badPinFile)
  }
  return false
}
