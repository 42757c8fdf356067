/** echo and delay_echo: the party hears itself. */
import { attendUntilAborted } from '../core/attend.ts'
import type { Channel } from '../core/channel.ts'
import type { Application } from '../core/interfaces.ts'

async function echoUntil(channel: Channel, delayMs: number, signal: AbortSignal): Promise<void> {
  channel.media?.echo(delayMs)
  try {
    await attendUntilAborted(channel, signal)
  } finally {
    channel.media?.stopEcho()
  }
}

export const echo: Application = {
  name: 'echo',
  syntax: '',
  about: 'Echo',
  needs: 'media',
  run: (channel, _data, { signal }) => echoUntil(channel, 0, signal),
}

export const delayEcho: Application = {
  name: 'delay_echo',
  syntax: '[<ms>]',
  about: 'Send back what the party says, so much later (1000 ms unless given)',
  needs: 'media',
  run: (channel, data, { signal }) => echoUntil(channel, delayOf(data), signal),
}

function delayOf(data: string): number {
  const ms = Number.parseInt(data, 10)
  return ms > 0 ? Math.min(ms, 60_000) : 1000
}
