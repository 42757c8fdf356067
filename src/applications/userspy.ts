/** mod_spy: `userspy` listens to every call of a user, with music in between. */
import { logger } from '../base/log.ts'
import { attend } from '../core/attend.ts'
import type { Channel } from '../core/channel.ts'
import { eavesdrop } from '../core/eavesdrop.ts'
import type { Application, Module } from '../core/interfaces.ts'
import { separate } from '../core/separate.ts'
import { soundPath } from '../core/sound-path.ts'
import { spyOnUser } from '../core/user-spies.ts'

const log = logger('applications/userspy')

const both = { read: true, write: true }
const none = { read: false, write: false }

const userspy: Application = {
  name: 'userspy',
  syntax: '<user>@<domain> [<uuid>]',
  about: 'Listen to every call of a user, until hung up; keys as with eavesdrop',
  needs: 'media',
  async run(channel, data, { signal }) {
    const [user = '', uuid] = separate(data, ' ')
    if (user === '') return log.err(`userspy: ${userspy.syntax}`, channel.uuid)
    let next = uuid === undefined ? undefined : channel.sw.channels.get(uuid)
    let wake = () => {}
    using _ = spyOnUser(channel.sw, user, (target) => {
      if (target === channel) return
      next = target
      wake()
    })
    log.notice(`listens to the calls of ${user}`, channel.uuid)
    while (!signal.aborted && channel.isUp) {
      const target = next
      next = undefined
      if (target) {
        channel.variables.set('spy_uuid', target.uuid)
        const options = { takesKeys: true, hears: both, whispers: none }
        await eavesdrop(channel, target, options, signal)
        continue
      }
      await waitWithMusic(
        channel,
        new Promise((resolve) => {
          wake = resolve
          signal.addEventListener('abort', () => resolve(), { once: true })
          if (signal.aborted) resolve()
        }),
        signal,
      )
    }
  },
}

async function waitWithMusic(
  channel: Channel,
  coming: Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const text = channel.text('hold_music')
  const path = text ? await channel.sw.expand(text, channel) : ''
  const hasMusic = path !== '' && path !== 'silence'
  const music = hasMusic
    ? channel.media?.play({ paths: [soundPath(channel, path)], loops: -1 })
    : undefined
  await attend(channel, coming, signal)
  music?.stop()
}

export const module: Module = { name: 'mod_spy', applications: [userspy] }
