/** The media bugs of a channel: `uuid_buglist` shows them, `remove_bugs` ends them, events tell of them. */
import { onePer } from '../base/one-per.ts'
import type { Channel } from './channel.ts'
import { sessionRecordings, stopSessionRecording } from './session-record.ts'

export interface ListedBug {
  /** The kind: `eavesdrop`, `displace`, `tone_detect` … */
  readonly name: string
  /** What it is about: a uuid, a path, a key. */
  readonly target: string
}

interface Entry extends ListedBug {
  stop(): void
}

const entriesOf = onePer<Channel, Set<Entry>>(() => new Set())

/** Lists a bug until disposed, with MEDIA_BUG_START and MEDIA_BUG_STOP. `stop` must end it and have the entry disposed. */
export function listBug(
  channel: Channel,
  name: string,
  target: string,
  stop: () => void,
): Disposable {
  const entries = entriesOf(channel)
  const entry = { name, target, stop }
  entries.add(entry)
  announceBug(channel, 'MEDIA_BUG_START', entry)
  return {
    [Symbol.dispose]: () => {
      if (entries.delete(entry)) announceBug(channel, 'MEDIA_BUG_STOP', entry)
    },
  }
}

function announceBug(
  channel: Channel,
  event: 'MEDIA_BUG_START' | 'MEDIA_BUG_STOP',
  { name, target }: ListedBug,
): void {
  channel.announce(event, (one) => {
    one.add('Media-Bug-Function', name)
    one.add('Media-Bug-Target', target)
  })
}

/** All bugs of a channel, recordings of the session among them, in the order they were begun. */
export function bugsOf(channel: Channel): ListedBug[] {
  const recordings = sessionRecordings(channel).map((target) => ({
    name: 'session_record',
    target,
  }))
  return [...recordings, ...entriesOf(channel)]
}

/** Ends all of them, or those of one kind; how many those were. */
export function removeBugs(channel: Channel, name?: string): number {
  let count = 0
  for (const entry of [...entriesOf(channel)]) {
    if (name !== undefined && entry.name !== name) continue
    entry.stop()
    count++
  }
  if (name !== undefined && name !== 'session_record') return count
  for (const path of sessionRecordings(channel)) {
    if (stopSessionRecording(channel, path)) count++
  }
  return count
}
