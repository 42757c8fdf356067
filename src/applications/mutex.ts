/** mutex: one call at a time does something; the others wait their turn. */
import { logger } from '../base/log.ts'
import { preAnswer } from '../core/answer.ts'
import { attendUntilAborted } from '../core/attend.ts'
import type { Channel } from '../core/channel.ts'
import type { Application } from '../core/interfaces.ts'
import { releaseLock, takeLock, usesLock } from '../core/mutexes.ts'
import { play } from '../core/play.ts'
import { transfer } from '../core/transfer.ts'

const log = logger('applications/mutex')

/** Seconds that a call waits which is to go elsewhere then (`mutex_orbit_exten`). */
const usualTimeout = 60

export const mutex: Application = {
  name: 'mutex',
  syntax: '<key>[ on|off]',
  about: 'Wait until no other call holds the key, and hold it until off or the end of the call',
  needs: 'nothing',
  async run(channel, data, { signal }) {
    const [key = '', word = 'on'] = data.trim().split(' ')
    if (key === '') return log.err(`mutex: ${mutex.syntax}`, channel.uuid)
    const on = word.toLowerCase() !== 'off'
    if (on === usesLock(channel, key)) {
      return log.err(`mutex ${key}: it ${on ? 'is held already' : 'is not held'}`, channel.uuid)
    }
    if (!on) return releaseLock(channel, key)
    const turn = takeLock(channel, key)
    if (!turn) return
    log.debug(`mutex ${key} is held by another call`, channel.uuid)
    const isTaken = await waitForTurn(channel, turn.taken, signal)
    if (isTaken) return
    turn.leave()
    const extension = channel.variables.get('mutex_orbit_exten')
    if (signal.aborted || !extension || !channel.isUp) return
    transfer(channel, {
      extension,
      dialplan: channel.variables.get('mutex_orbit_dialplan'),
      context: channel.variables.get('mutex_orbit_context'),
    })
  },
}

/** Waits with the sound `mutex_feedback`; false when `mutex_timeout` (s) has passed, or the caller went. */
async function waitForTurn(
  channel: Channel,
  taken: Promise<void>,
  signal: AbortSignal,
): Promise<boolean> {
  const stopping = new AbortController()
  const stop = () => stopping.abort()
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  const seconds =
    Number.parseInt(channel.variables.get('mutex_timeout') ?? '', 10) ||
    (channel.variables.has('mutex_orbit_exten') ? usualTimeout : 0)
  const timer = seconds > 0 ? setTimeout(stop, seconds * 1000) : undefined
  let isTaken = false
  void taken.then(() => {
    isTaken = true
    stop()
  })
  try {
    await entertain(channel, stopping.signal)
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
  }
  return isTaken
}

async function entertain(channel: Channel, signal: AbortSignal): Promise<void> {
  const written = channel.text('mutex_feedback')
  if (written && written.toLowerCase() !== 'silence') {
    await preAnswer(channel)
    while (!signal.aborted && channel.isUp) {
      const outcome = await play(channel, written, { signal, loops: -1 })
      // A sound that cannot be played is silence.
      if (outcome.ended !== 'done') break
    }
  }
  await attendUntilAborted(channel, signal)
}
