/** What a channel has of the media engine beside its leg: streams that pass untouched, and legs that it had before. */
import type { LegStats, MediaStream, StreamStats } from '../media/engine.ts'
import type { Channel } from './channel.ts'

export type StreamKind = 'audio' | 'video' | 'text' | 'image'

interface SideStream {
  readonly kind: StreamKind
  readonly stream: MediaStream
}

/** The figures of a channel's streams when it ended. */
export interface StreamFigures {
  readonly kind: StreamKind
  readonly stats: StreamStats
}

const streams = new WeakMap<Channel, SideStream[]>()
/** The last figures of a leg that the channel gave up while it lived (`uuid_media off`). */
const pastLegs = new WeakMap<Channel, Promise<LegStats>>()

/** Ties a stream to the channel: it is closed with it. One that comes after the hangup is closed at once; then false. */
export function attachStream(channel: Channel, kind: StreamKind, stream: MediaStream): boolean {
  if (!channel.isUp) {
    void stream.close()
    return false
  }
  streams.set(channel, [...(streams.get(channel) ?? []), { kind, stream }])
  stream.events.on('timeout', () => channel.hangup('MEDIA_TIMEOUT'))
  return true
}

/** The figures of the channel's streams up to now. */
export async function streamFigures(channel: Channel): Promise<StreamFigures[]> {
  const all = streams.get(channel) ?? []
  return Promise.all(all.map(async ({ kind, stream }) => ({ kind, stats: await stream.stats() })))
}

/** Closes one of the channel's streams before its end. */
export function dropStream(channel: Channel, stream: MediaStream): void {
  const kept = streams.get(channel)?.filter((one) => one.stream !== stream)
  if (kept) streams.set(channel, kept)
  void stream.close()
}

/** Closes them all. */
export async function closeStreams(channel: Channel): Promise<StreamFigures[]> {
  const all = streams.get(channel) ?? []
  streams.delete(channel)
  return Promise.all(all.map(async ({ kind, stream }) => ({ kind, stats: await stream.close() })))
}

/** The channel has no sound of this server any more; its figures are kept for the report. */
export function detachMedia(channel: Channel): void {
  const { media } = channel
  if (!media) return
  channel.media = undefined
  pastLegs.set(channel, media.close())
}

/** The figures of the leg that was given up last. */
export function pastFigures(channel: Channel): Promise<LegStats> | undefined {
  return pastLegs.get(channel)
}
