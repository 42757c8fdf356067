/** Speaking with a caller: phrases, questions, sounds with keys to wind them. */
import type { Channel } from '../../core/channel.ts'
import { collectDigits, playUntilDigit, untilDigit } from '../../core/collect.ts'
import { interruptible } from '../../core/interruptible.ts'
import { findLanguage, languageName, macroGroups } from '../../core/phrases/language.ts'
import { sayPhrase } from '../../core/phrases/run-macro.ts'
import { currentPlayback, play } from '../../core/play.ts'
import { childWith } from '../../xml/query.ts'
import { actionOf, playingMenu, soundMenu } from './menus.ts'
import type { VoicemailProfile } from './profile.ts'

/** A caller within the application. */
export interface Talk {
  readonly channel: Channel
  readonly profile: VoicemailProfile
  /** Aborts when the call leaves voicemail. */
  readonly signal: AbortSignal
}

/** Whether there is nobody to speak with any more. */
export function isOver({ channel, signal }: Talk): boolean {
  return signal.aborted || !channel.isUp
}

/** Says a phrase to its end; digits wait for whoever asks next. */
export async function say(talk: Talk, macro: string, data = ''): Promise<void> {
  if (isOver(talk)) return
  await interruptible(talk.channel, (signal) =>
    sayPhrase(talk.channel, `voicemail_${macro}`, data, { signal }),
  )
}

/** Whether the caller's language has a phrase: some are of our own, and a tree made for FreeSWITCH lacks them. */
export function hasPhrase({ channel }: Talk, macro: string): boolean {
  const language = findLanguage(channel.sw, languageName(channel))
  const groups = language ? macroGroups(language) : []
  return groups.some((group) => childWith(group, 'macro', 'name', `voicemail_${macro}`))
}

/** Says a phrase until a digit comes, which waits for whoever asks next. */
export async function sayUntilDigit(talk: Talk, macro: string, data = ''): Promise<void> {
  const { channel } = talk
  if (isOver(talk)) return
  await interruptible(channel, (breaking) =>
    untilDigit(channel, breaking, (signal) =>
      sayPhrase(channel, `voicemail_${macro}`, data, { signal }),
    ),
  )
}

/** Plays a file or a stream to its end; digits wait for whoever asks next. */
export async function sound(talk: Talk, path: string): Promise<void> {
  if (isOver(talk)) return
  await interruptible(talk.channel, (signal) => play(talk.channel, path, { signal }))
}

/** Plays a file or a stream until a digit comes. */
export async function soundUntilDigit(talk: Talk, path: string): Promise<void> {
  if (isOver(talk)) return
  await interruptible(talk.channel, (signal) => playUntilDigit(talk.channel, path, signal))
}

/** A key that waits already; undefined when there is none. */
export function waitingKey({ channel }: Talk): string | undefined {
  return channel.digits.take()?.digit
}

/** Says a phrase and waits for one key; empty when none came. */
export async function askKey(talk: Talk, macro: string, data: string): Promise<string> {
  await sayUntilDigit(talk, macro, data)
  const timeoutMs = talk.profile.values.number('digit-timeout')
  const options = { signal: talk.signal, min: 0, max: 1, prompt: '', timeoutMs, terminators: '' }
  return (await collectDigits(talk.channel, options)).digits
}

export interface Entry {
  readonly digits: string
  /** Nothing came at all. */
  readonly isLate: boolean
}

/** Nobody has a box number or a PIN of more digits. */
const mostDigits = 32

/** Says a phrase and takes digits until the terminator or a pause. */
export async function askDigits(talk: Talk, macro: string): Promise<Entry> {
  const terminators = talk.profile.values.text('terminator-key')
  await sayUntilDigit(talk, macro, terminators)
  const timeoutMs = talk.profile.values.number('digit-timeout')
  const { digits, result } = await collectDigits(talk.channel, {
    signal: talk.signal,
    min: 0,
    max: mostDigits,
    prompt: '',
    timeoutMs,
    terminators,
  })
  return { digits, isLate: digits === '' && result !== 'success' }
}

/** ms that winding keys go ahead and back. */
const aheadMs = 3000
const backMs = 6000

/**
 * Plays or says something while keys can wind it (`isSound`) and, unless `staysOn`, end it: the key that did, or undefined when it
 * came to its end.
 */
async function withKeys(
  talk: Talk,
  options: { readonly isSound: boolean; readonly staysOn?: boolean },
  work: (signal: AbortSignal) => Promise<unknown>,
): Promise<string | undefined> {
  const { channel, profile } = talk
  if (isOver(talk)) return undefined
  let ended: string | undefined
  await interruptible(channel, async (signal) => {
    const stopping = new AbortController()
    const stop = () => stopping.abort()
    let isHeld = false
    const takeKeys = () => {
      while (ended === undefined) {
        const key = waitingKey(talk)
        if (key === undefined) return
        const isEnd = actionOf(playingMenu, key, profile.values) !== undefined
        // What the sound has no use for while it is told about: the mail goes out at once.
        const isMail = !options.isSound && key === profile.values.text('email-key')
        if (!options.staysOn && (isEnd || isMail)) {
          ended = key
          return stop()
        }
        if (options.isSound)
          isHeld = wind(channel, actionOf(soundMenu, key, profile.values), isHeld)
      }
    }
    signal.addEventListener('abort', stop, { once: true })
    const listening = channel.signals.on('digit', takeKeys)
    try {
      takeKeys()
      if (ended === undefined) await work(stopping.signal)
    } finally {
      listening[Symbol.dispose]()
      signal.removeEventListener('abort', stop)
    }
  })
  return ended
}

/** Whether the sound is held afterwards. */
function wind(
  channel: Channel,
  action: 'pause' | 'restart' | 'ahead' | 'back' | undefined,
  isHeld: boolean,
): boolean {
  const playback = currentPlayback(channel)
  if (!playback || action === undefined) return isHeld
  switch (action) {
    case 'pause':
      playback.adjust({ isHeld: !isHeld })
      return !isHeld
    case 'restart':
      playback.seek(0, false)
      return isHeld
    case 'ahead':
      playback.seek(aheadMs, true)
      return isHeld
    case 'back':
      playback.seek(-backMs, true)
      return isHeld
  }
}

/** Plays a file with keys to wind and end it. */
export function soundWithKeys(
  talk: Talk,
  path: string,
  staysOn = false,
): Promise<string | undefined> {
  return withKeys(talk, { isSound: true, staysOn }, (signal) =>
    play(talk.channel, path, { signal }),
  )
}

/** Says a phrase that keys end. */
export function sayWithKeys(talk: Talk, macro: string, data: string): Promise<string | undefined> {
  return withKeys(talk, { isSound: false }, (signal) =>
    sayPhrase(talk.channel, `voicemail_${macro}`, data, { signal }),
  )
}
