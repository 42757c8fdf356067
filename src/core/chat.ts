/** Text messages: from one protocol to another, and the two protocols that the switch itself has. */
import { logger } from '../base/log.ts'
import { urlDecode } from './command-text.ts'
import type { SwitchEvent } from './events.ts'
import type { ChatMessage, ChatProtocol } from './interfaces.ts'
import type { Switch } from './switch.ts'

const log = logger('core/chat')

/** Delivers a message by a protocol and tells so in a MESSAGE event; false when that was not possible. */
export async function sendChat(
  sw: Switch,
  protocol: string,
  message: ChatMessage,
): Promise<boolean> {
  const found = sw.chats.get(protocol)
  if (!found) log.err(`there is no chat protocol ${protocol}`)
  const isDelivered = found ? await found.send(message, sw) : false
  sw.events.announce('MESSAGE', (event) => {
    fill(event, message)
    event.add('blocking', 'true')
    event.add('dest_proto', protocol)
    event.add('Delivery-Failure', String(!isDelivered))
    event.body = message.body
  })
  return isDelivered
}

function fill(event: SwitchEvent, message: ChatMessage): void {
  event.add('proto', message.protocol)
  event.add('from', message.from)
  event.add('to', message.to)
  if (message.contentType) event.add('type', message.contentType)
}

/** `event`: the MESSAGE event is all that is done with it. */
export const eventChat: ChatProtocol = { name: 'event', send: () => true }

/** `api`: runs what it is sent to as a command (or the global variable of that name) and answers with the reply. */
export const apiChat: ChatProtocol = {
  name: 'api',
  async send(message, sw) {
    const line = urlDecode(sw.globals.get(message.to) ?? message.to)
    const body = await sw.runCommand(line)
    if (sw.chats.get(message.protocol)) {
      const reply = { ...message, protocol: 'api', from: message.to, to: message.from, body }
      await sendChat(sw, message.protocol, reply)
    }
    return true
  },
}
