/** What a break ends while the application around it goes on. */
import type { Channel } from './channel.ts'

/** Does something that a break (uuid_break) ends, but not the application around it. */
export async function interruptible<T>(
  channel: Channel,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const activity = channel.begin()
  try {
    return await work(activity.signal)
  } finally {
    channel.finish(activity)
  }
}
