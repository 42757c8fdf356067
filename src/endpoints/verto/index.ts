/** mod_verto: browsers as phones. Starts the profiles of verto.conf.xml and brings the endpoint `verto.rtc` and its commands. */
import { placeText } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import type { Module } from '../../core/interfaces.ts'
import type { Switch } from '../../core/switch.ts'
import { child, children } from '../../xml/query.ts'
import { vertoChat } from './chat.ts'
import { vertoCommand } from './command.ts'
import { vertoContact } from './contact.ts'
import { vertoEndpoint } from './endpoint.ts'
import { EventRelay, mailboxChannel, sendEvent } from './event-channels.ts'
import { tellMessageWaiting } from './message-waiting.ts'
import { checkOperators } from './operator.ts'
import { VertoProfile } from './profile.ts'
import { setVerto, Verto } from './verto.ts'

const log = logger('verto')

async function startProfiles(sw: Switch, verto: Verto): Promise<void> {
  for (const node of children(child(sw.configuration('verto.conf'), 'profiles'), 'profile')) {
    const profile = new VertoProfile(verto, node)
    if (profile.name === '' || verto.profiles.some(({ name }) => name === profile.name)) {
      log.err(`${placeText(node.place)}: a profile needs a name of its own and is left out`)
    } else if (profile.bindings.length === 0) {
      log.notice(
        `${placeText(node.place)}: profile ${profile.name} listens nowhere and is not started`,
      )
    } else {
      await profile.start()
      verto.profiles.push(profile)
    }
  }
}

export const module: Module = {
  name: 'mod_verto',
  endpoints: [vertoEndpoint],
  commands: [vertoCommand, vertoContact],
  chats: [vertoChat],
  async start(sw) {
    const verto = new Verto(sw)
    setVerto(sw, verto)
    const stop = async () => {
      for (const profile of verto.profiles) await profile.stop()
      setVerto(sw, undefined)
    }
    try {
      await startProfiles(sw, verto)
    } catch (thrown) {
      await stop()
      throw thrown
    }
    const handles = [
      sw.events.attach(new EventRelay(verto)),
      sw.events.attach({
        name: 'verto lamps',
        wants: (name) => name === 'MESSAGE_WAITING' && verto.subscriptions.has(mailboxChannel),
        receive: (event) => tellMessageWaiting(verto, event),
      }),
      sw.events.attach({
        name: 'verto operators',
        wants: (name) => name === 'RELOADXML' && verto.operators.size > 0,
        receive: () => checkOperators(verto),
      }),
      sw.eventChannels.bind('*', (channel, event) => sendEvent(verto, channel, event), verto),
      sw.counters.add('verto', () => ({
        sockets: [...verto.connections()].length,
        sessions: verto.sessions.size,
        calls: verto.calls.size,
        ...verto.counters,
        ...listenerCounters(verto),
      })),
    ]
    return {
      async [Symbol.asyncDispose]() {
        for (const handle of handles) handle[Symbol.dispose]()
        for (const call of [...verto.calls.values()]) call.channel.hangup('SYSTEM_SHUTDOWN')
        await stop()
      },
    }
  },
}

/** What the listeners themselves refused. */
function listenerCounters(verto: Verto): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const { bindings } of verto.profiles) {
    for (const { server } of bindings) {
      for (const [name, count] of Object.entries(server?.counters ?? {}))
        sums[`http ${name}`] = (sums[`http ${name}`] ?? 0) + count
    }
  }
  return sums
}
