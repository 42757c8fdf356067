/** Listening to a channel with a media bug: beside what it does, or for as long as an application runs. */
import type { BugReport, BugRequest, MediaBug } from '../media/engine.ts'
import { attend } from './attend.ts'
import type { Channel } from './channel.ts'
import { listBug } from './media-bugs.ts'

export type { BugReport, BugRequest }

/** Puts a bug on a channel that has sound; it is listed as `name` until it ends. */
export function startBug(
  channel: Channel,
  name: string,
  request: BugRequest,
  report: (report: BugReport) => void,
): MediaBug {
  const { media } = channel
  if (!media) throw new Error('the channel has no sound')
  const bug = media.bug(request, report)
  const entry = listBug(channel, name, channel.uuid, () => bug.stop())
  void bug.ended.then(() => entry[Symbol.dispose]())
  return bug
}

/**
 * Listens until the bug has heard what it wants, is removed, or `signal` aborts; what commands queue for the channel runs
 * meanwhile. `name` is what `uuid_buglist` calls it. Why it ended where it could not listen.
 */
export async function listenTo(
  channel: Channel,
  name: string,
  request: BugRequest,
  report: (report: BugReport) => void,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (!channel.media) return 'the channel has no sound'
  if (signal.aborted) return undefined
  const bug = startBug(channel, name, request, report)
  const stop = () => bug.stop()
  signal.addEventListener('abort', stop, { once: true })
  try {
    const { ended, reason } = await attend(channel, bug.ended, signal)
    return ended === 'failed' ? reason : undefined
  } finally {
    signal.removeEventListener('abort', stop)
    bug.stop()
  }
}
