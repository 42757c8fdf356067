/** The event SEND_MESSAGE (`sendevent`): a MESSAGE to the phones of `user` at `host`, or inside the call `uuid`. */
import { logger } from '../../base/log.ts'
import { ownMessage, sendChat } from '../../core/chat.ts'
import type { SwitchEvent } from '../../core/events.ts'
import type { Switch } from '../../core/switch.ts'

const log = logger('sofia/chat')

export function takeSendMessage(sw: Switch): Disposable {
  return sw.events.attach({
    name: 'sofia-messages',
    wants: (name) => name === 'SEND_MESSAGE',
    // The message must not overtake the event on its way to others.
    receive: (event) => queueMicrotask(() => void sendFor(sw, event)),
  })
}

async function sendFor(sw: Switch, event: SwitchEvent): Promise<void> {
  const [profile, type, user, host, subject, uuid] = [
    'profile',
    'content-type',
    'user',
    'host',
    'subject',
    'uuid',
  ].map((name) => event.get(name))
  const body = event.body ?? ''
  if (type && user && host) {
    if (!profile) return log.err('SEND_MESSAGE without profile')
    const address = `${user}@${host}`
    const parts = { proto: 'global', from: address, to: `${profile}/${address}`, type }
    await sendChat(sw, 'sip', ownMessage({ ...parts, sip_h_Subject: subject }, body))
  } else if (type && uuid) {
    if (sw.channels.get(uuid)?.driver.sendMessage?.(type, body) !== true)
      log.warning(`SEND_MESSAGE: there is no call ${uuid} that takes messages`)
  } else log.warning('SEND_MESSAGE needs content-type, and user and host, or uuid')
}
