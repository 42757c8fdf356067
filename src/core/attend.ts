/** Waiting on a channel: while one thing goes on, the channel runs what commands have queued for it. */
import { Activity } from './activity.ts'
import type { Channel } from './channel.ts'
import type { QueuedCommand } from './command-queue.ts'
import { executeApplication } from './execute.ts'

/**
 * Waits for `work`, meanwhile running queued applications one after the other (uuid_broadcast, sendmsg). They run to
 * their end, or until the channel leaves what it does; `work` is expected to end by itself when `signal` aborts.
 * `around` is told when one begins and ends, so that a player can pause meanwhile.
 */
export async function attend<T>(
  channel: Channel,
  work: Promise<T>,
  signal: { readonly aborted: boolean },
  around?: { begin(): void; end(): void },
): Promise<T> {
  let over = false
  const finished = work.finally(() => {
    over = true
  })
  for (;;) {
    await Promise.race([finished, channel.queue.filled()])
    if (over || signal.aborted) return finished
    const command = channel.queue.take()
    if (!command) continue
    around?.begin()
    await runQueued(channel, command)
    around?.end()
  }
}

/** Runs one queued application, as often as it asks. */
export async function runQueued(channel: Channel, command: QueuedCommand): Promise<void> {
  const loops = command.loops ?? 1
  const lock = command.isLocked ? channel.queue.lock() : undefined
  countGuest(channel, 1)
  try {
    for (let i = 0; loops <= 0 || i < loops; i++) {
      if (!channel.isUp) return
      const state = channel.state
      await executeApplication(channel, command.application, command.data, {
        uuid: command.uuid,
        uuidName: command.uuidName,
      })
      // A transfer or a hangup ends the repetition.
      if (channel.state !== state) return
    }
  } finally {
    lock?.[Symbol.dispose]()
    countGuest(channel, -1)
    command.done?.()
  }
}

function countGuest(channel: Channel, step: 1 | -1): void {
  channel.guests += step
  channel.signals.emit('keys', undefined)
}

/** Waits until called off, running queued applications meanwhile. */
export function attendUntilAborted(
  channel: Channel,
  called: Activity | AbortSignal,
): Promise<void> {
  const over = called instanceof Activity ? called.untilAborted() : untilAborted(called)
  return attend(channel, over, called)
}

/** Resolves when the signal aborts. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
