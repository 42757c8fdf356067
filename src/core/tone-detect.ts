/** Tones that a channel waits for (`tone_detect`): a name for each, and what happens when it is heard. */
import { logger } from '../base/log.ts'
import type { MediaBug } from '../media/engine.ts'
import { preAnswer } from './answer.ts'
import type { Channel } from './channel.ts'
import { runHooks } from './hooks.ts'
import { listBug } from './media-bugs.ts'

const log = logger('core/tone-detect')

/** As many as FreeSWITCH has room for. */
const most = 16
/** FreeSWITCH counts rest and memory in frames of 20 ms. */
const frameMs = 20
const usualRestFrames = 25
const usualMemoryFrames = 250

export interface ToneWish {
  readonly name: string
  /** `350,440`: these together. */
  readonly frequencies: string
  /** r what the party says (default), w what it hears, o ends all detection once it is found. */
  readonly flags: string
  /** ms from now; 0 without end. */
  readonly timeoutMs: number
  /** How often it must be heard; 0: once, or as `tone_detect_hits` says. */
  readonly hits: number
  /** Run when it is heard, beside what the channel does. */
  readonly application?: string | undefined
  readonly data?: string | undefined
  /** Called instead of hooks and application. */
  readonly heard?: () => void
  /** A long tone is one hit. */
  readonly countsBeginnings?: boolean
}

interface Detection {
  wish: ToneWish
  bug: MediaBug | undefined
  entry: Disposable | undefined
  startedAt: number
}

const running = new WeakMap<Channel, Map<string, Detection>>()

/** Begins to wait for a tone, or again for one that was heard. What is wrong with the wish, or undefined. */
export async function startToneDetect(
  channel: Channel,
  wish: ToneWish,
): Promise<string | undefined> {
  const table = running.get(channel) ?? new Map<string, Detection>()
  running.set(channel, table)
  const key = wish.name.toLowerCase()
  if (key === '') return 'it has no name'
  const known = table.get(key)
  if (!known && table.size >= most) return `there are ${most} already`
  if (!known && frequenciesOf(wish).length === 0) return `${wish.frequencies} are no frequencies`
  await preAnswer(channel)
  if (!channel.media || !channel.isUp) return 'the channel has no sound'
  if (known && frequenciesOf(wish).length > 0) known.wish = wish
  const detection = known ?? { wish, bug: undefined, entry: undefined, startedAt: Date.now() }
  table.set(key, detection)
  if (!known) log.notice(`listens for ${wish.name}: ${wish.frequencies} Hz`, channel.uuid)
  listen(channel, detection)
  return undefined
}

/** Ends all detection; false when there was none. */
export function stopToneDetect(channel: Channel): boolean {
  const table = running.get(channel)
  running.delete(channel)
  for (const { bug, entry } of table?.values() ?? []) {
    bug?.stop()
    entry?.[Symbol.dispose]()
  }
  return (table?.size ?? 0) > 0
}

function frequenciesOf({ frequencies }: ToneWish): number[] {
  return frequencies
    .split(',')
    .map((part) => Number.parseFloat(part))
    .filter((frequency) => frequency > 0)
}

/**
 * ms from now of a time-out as `tone_detect` takes it: `+` and seconds, or seconds since 1970; 0 or nothing is none. Undefined
 * for one that makes no sense.
 */
export function toneTimeout(text: string): number | undefined {
  const seconds = Number.parseInt(text, 10)
  if (text.startsWith('+')) return seconds > 0 ? seconds * 1000 : undefined
  if (text === '' || seconds === 0) return 0
  const left = seconds * 1000 - Date.now()
  return left > 0 ? left : undefined
}

function listen(channel: Channel, detection: Detection): void {
  const { media } = channel
  if (!media) return
  const { wish } = detection
  const frames = (name: string, usual: number) => {
    const wanted = Number.parseInt(channel.variables.get(name) ?? '', 10)
    return (wanted > 0 ? wanted : usual) * frameMs
  }
  const hits = Number.parseInt(channel.variables.get('tone_detect_hits') ?? '', 10)
  detection.bug?.stop()
  detection.startedAt = Date.now()
  const request = {
    kind: 'tone',
    direction: wish.flags.includes('w') && !wish.flags.includes('r') ? 'write' : 'read',
    frequencies: frequenciesOf(wish),
    countsBeginnings: wish.countsBeginnings ?? false,
    hits: hits > 0 ? hits : Math.max(1, wish.hits),
    restMs: frames('tone_detect_sleep', usualRestFrames),
    expiresMs: frames('tone_detect_expires', usualMemoryFrames),
  } as const
  const bug = media.bug(request, () => found(channel, detection))
  detection.bug = bug
  detection.entry ??= listBug(channel, 'tone_detect', wish.name, () => stopToneDetect(channel))
  const limit =
    wish.timeoutMs > 0 ? setTimeout(() => bug.stop(), wish.timeoutMs).unref() : undefined
  void bug.ended.then(({ ended, reason }) => {
    clearTimeout(limit)
    if (detection.bug !== bug) return
    detection.bug = undefined
    detection.entry?.[Symbol.dispose]()
    detection.entry = undefined
    if (ended === 'failed') log.err(`${wish.name}: ${reason}`, channel.uuid)
  })
}

function found(channel: Channel, { wish, startedAt }: Detection): void {
  log.debug(`heard ${wish.name}`, channel.uuid)
  channel.variables.set(`tone_detect_${wish.name}_total_time`, String(Date.now() - startedAt))
  announceTone(channel, wish.name)
  if (wish.heard) return wish.heard()
  runHooks(channel, 'tone_detect')
  if (wish.application) channel.queue.add({ application: wish.application, data: wish.data ?? '' })
  if (wish.flags.includes('o')) stopToneDetect(channel)
}

/** DETECTED_TONE. */
export function announceTone(channel: Channel, name: string): void {
  channel.announce('DETECTED_TONE', (event) => event.add('Detected-Tone', name))
}
