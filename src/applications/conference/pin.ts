/** Asking for the pin of a conference. */
import { logger } from '../../base/log.ts'
import type { Channel } from '../../core/channel.ts'
import { collectDigits } from '../../core/collect.ts'
import type { Conference } from './conference.ts'
import { playLocally } from './local-sound.ts'

const log = logger('applications/conference')

/** ms until the first digit, and between two. */
const patienceMs = 10_000
const digitMs = 5000

/** ms in which a `#` still belongs to a pin that was complete without it. */
const endingMs = 2000

/** When channels entered a pin. */
const entered = new WeakMap<Channel, number>()

/** Whether a digit only ends the pin that was entered just before. */
export function endsPin(channel: Channel, digit: string): boolean {
  const at = entered.get(channel)
  entered.delete(channel)
  return digit === '#' && at !== undefined && performance.now() - at < endingMs
}

/** What a pin makes of whoever knows it; undefined lets nobody in. */
export type Entrance = 'member' | 'moderator' | undefined

export interface Pins {
  readonly member: string
  readonly moderator: string
}

/** The pins that count for a channel: the argument's before the conference's. */
export function pinsFor(conference: Conference, channel: Channel, given: string | undefined): Pins {
  return {
    member: given || conference.pin,
    moderator: channel.text('conference_moderator_pin') || conference.moderatorPin,
  }
}

/** What digits are worth. */
export function judgePin(digits: string, { member, moderator }: Pins): Entrance {
  if (member !== '' && digits === member) return 'member'
  return moderator !== '' && digits === moderator ? 'moderator' : undefined
}

/** `X-ConfPin=1234;…` of a SIP URI, or the digits alone. */
export function suppliedPin(text: string): string {
  const parameter = /X-ConfPin=([^;]*)/i.exec(text)?.[1]
  return parameter ?? text.split(';', 1)[0] ?? ''
}

/** Lets a channel in that knows a pin: from the variable `supplied_pin`, or its keys. */
export async function askForPin(
  conference: Conference,
  channel: Channel,
  pins: Pins,
  signal: AbortSignal,
): Promise<Entrance> {
  if (pins.member === '' && pins.moderator === '') return 'member'
  const supplied = judgePin(suppliedPin(channel.text('supplied_pin') ?? ''), pins)
  if (supplied) return supplied
  const { profile } = conference
  const prompt = profile.sound('pin-sound') ?? 'conference/conf-pin.wav'
  const wrong = profile.sound('bad-pin-sound') ?? 'conference/conf-bad-pin.wav'
  for (let left = profile.pinRetries; left > 0 && !signal.aborted; left--) {
    const entrance = judgePin(await collectPin(conference, channel, pins, prompt, signal), pins)
    if (signal.aborted) return undefined
    if (entrance) {
      entered.set(channel, performance.now())
      return entrance
    }
    log.notice(`a wrong pin for conference ${conference.name}`, channel.uuid)
    await playLocally(conference, channel, wrong, signal)
    channel.digits.flush()
  }
  return undefined
}

/** As many digits as the longer pin has, or fewer and `#`. What is a pin already, and cannot become one, is not waited for. */
async function collectPin(
  conference: Conference,
  channel: Channel,
  pins: Pins,
  prompt: string,
  signal: AbortSignal,
): Promise<string> {
  const lengths = [pins.member.length, pins.moderator.length].filter((length) => length > 0)
  const shortest = Math.min(...lengths)
  const longest = Math.max(...lengths)
  const collect = (max: number, sound: string, timeoutMs: number) =>
    collectDigits(channel, {
      signal,
      min: 1,
      max,
      prompt: sound,
      timeoutMs,
      digitTimeoutMs: digitMs,
      terminators: '#',
    })
  const first = await collect(shortest, conference.pathOf(prompt), patienceMs)
  const mayGoOn = [pins.member, pins.moderator].some(
    (pin) => pin.length > first.digits.length && pin.startsWith(first.digits),
  )
  let digits = first.digits
  const isWhole = first.terminator !== undefined || digits.length < shortest
  if (!isWhole && longest > shortest && (judgePin(digits, pins) === undefined || mayGoOn))
    digits += (await collect(longest - shortest, '', digitMs)).digits
  // What is left of a longer entry (its `#`) belongs to it.
  channel.digits.flush()
  return digits
}
