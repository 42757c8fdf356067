/** soft_hold: both parties of a call hear music until the one that held presses a key. Phones need no hold key for it. */
import { logger } from '../base/log.ts'
import { attendUntilAborted } from '../core/attend.ts'
import type { Channel } from '../core/channel.ts'
import type { Application } from '../core/interfaces.ts'
import { separate } from '../core/separate.ts'
import { soundPath } from '../core/sound-path.ts'

const log = logger('applications/soft_hold')

export const softHold: Application = {
  name: 'soft_hold',
  syntax: '<unhold key> [<music here>] [<music for the other>]',
  about: 'Hold the other party; the key ends it',
  needs: 'media',
  async run(channel, data, { signal }) {
    const [key, own, theirs] = separate(data, ' ')
    const { partner } = channel
    if (!key) return log.err(`soft_hold: ${softHold.syntax}`, channel.uuid)
    if (!partner) return log.warning('soft_hold: there is no other party', channel.uuid)
    const music = [
      await startMusic(partner, theirs ?? partner.text('hold_music')),
      await startMusic(channel, own ?? channel.text('hold_music')),
    ]
    try {
      await untilKey(channel, partner, key.charAt(0), signal)
    } finally {
      for (const playback of music) playback?.stop()
    }
  },
}

async function startMusic(channel: Channel, text: string | undefined) {
  const path = text ? await channel.sw.expand(text, channel) : ''
  if (path === '' || path.toLowerCase() === 'silence' || !channel.isUp) return undefined
  return channel.media?.play({ paths: [soundPath(channel, path)], loops: -1 })
}

/** Waits for the key, for the other party to leave, or to be told to end. */
async function untilKey(
  channel: Channel,
  partner: Channel,
  key: string,
  signal: AbortSignal,
): Promise<void> {
  const stopping = new AbortController()
  const stop = () => stopping.abort()
  const look = () => {
    for (let digit = channel.digits.take(); digit; digit = channel.digits.take())
      if (digit.digit === key) stop()
  }
  const handles = [channel.signals.on('digit', look), partner.signals.on('state', stop)]
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  look()
  try {
    await attendUntilAborted(channel, stopping.signal)
  } finally {
    for (const handle of handles) handle[Symbol.dispose]()
    signal.removeEventListener('abort', stop)
  }
}
