/** Broadcast: an application or a sound for a channel, its partner or both, while they go on with what they do. */
import type { Playback } from '../media/engine.ts'
import type { Channel } from './channel.ts'
import { soundPath } from './sound-path.ts'

export interface BroadcastLegs {
  readonly a: boolean
  readonly b: boolean
  /** The partner hears music while the channel is busy. */
  readonly holdsPartner: boolean
}

/** The legs that a word names: `aleg`, `bleg`, `both`, `holdb`; without a word the channel, its partner on hold. */
export function broadcastLegs(word: string | undefined): BroadcastLegs {
  if (word === undefined) return { a: true, b: false, holdsPartner: true }
  const lower = word.toLowerCase()
  const holdsPartner = lower.includes('holdb')
  const both = lower.includes('both')
  return {
    a: both || lower.includes('aleg'),
    b: !holdsPartner && (both || lower.includes('bleg')),
    holdsPartner,
  }
}

/**
 * Queues `path` (a sound, or `application::data`; `application!cause::data` hangs up afterwards) for the legs. Returns at
 * once: whatever waits on the channels runs it.
 */
export function broadcast(channel: Channel, path: string, legs: BroadcastLegs): void {
  const { application, data, cause } = parseBroadcast(path)
  const { partner } = channel
  if (legs.b && partner) partner.queue.add({ application, data, isLocked: true })
  if (legs.a) queueWithMusic(channel, application, data, legs.holdsPartner)
  if (cause !== undefined) channel.queue.add({ application: 'hangup', data: cause, isLocked: true })
}

/** The same for one channel; its partner hears music meanwhile where `holdsPartner`. */
export function broadcastOn(channel: Channel, path: string, holdsPartner: boolean): void {
  broadcast(channel, path, { a: true, b: false, holdsPartner })
}

function queueWithMusic(
  channel: Channel,
  application: string,
  data: string,
  holdsPartner: boolean,
): void {
  const { partner } = channel
  const music = holdsPartner && partner ? startMusic(channel, partner) : undefined
  const done = () => void music?.then((playback) => playback?.stop())
  channel.queue.add({ application, data, done, isLocked: true })
}

/** What `path` asks for. */
export function parseBroadcast(path: string): {
  application: string
  data: string
  cause: string | undefined
} {
  const colon = path.indexOf(':')
  // Only the first colon counts: `tone_stream://…` is a sound.
  if (colon < 0 || path[colon + 1] !== ':') {
    return { application: 'playback', data: path, cause: undefined }
  }
  const [application = '', cause] = path.slice(0, colon).split('!', 2)
  const data = path.slice(colon + 2)
  return { application, data, cause: cause === '' ? 'normal_clearing' : cause }
}

async function startMusic(channel: Channel, partner: Channel): Promise<Playback | undefined> {
  const text = channel.text('hold_music')
  if (!text || !partner.media) return undefined
  const path = await channel.sw.expand(text, channel)
  if (path === '' || path === 'silence' || channel.partner !== partner) return undefined
  return partner.media.play({ paths: [soundPath(channel, path)], loops: -1 })
}
