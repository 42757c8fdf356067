/** chat and presence: a message, or how somebody is, told from the console. */
import { ownMessage, sendChat } from '../core/chat.ts'
import type { Command } from '../core/interfaces.ts'
import { separate } from '../core/separate.ts'

export const chat: Command = {
  name: 'chat',
  syntax: '<proto>|<from>|<to>|<message>|[<content-type>]',
  about: 'chat',
  async run(args, { sw }) {
    const [protocol = '', from = '', to = '', body, type] = separate(args, '|', 5)
    if (body === undefined) return 'Invalid'
    const message = ownMessage({ proto: 'global', from, to, type, blocking: 'true' }, body)
    return (await sendChat(sw, protocol, message)) ? 'Sent' : 'Error! Message Not Sent'
  },
}

export const presence: Command = {
  name: 'presence',
  syntax: '[in|out] <user> <rpid> <message>',
  about: 'presence',
  run(args, { sw }) {
    const words = separate(args, ' ', 4)
    const [direction = '', user = '', rpid, status] = words
    const word = direction.toLowerCase()
    if ((word !== 'in' && word !== 'out') || words.length < (word === 'out' ? 2 : 4)) {
      return `Invalid: presence ${presence.syntax}`
    }
    const isIn = word === 'in'
    const isOver = isIn && /^cs_|hangup/i.test(status ?? '')
    sw.events.announce(isIn ? 'PRESENCE_IN' : 'PRESENCE_OUT', (event) => {
      event.add('proto', 'dp')
      event.add('login', 'presence')
      event.add('from', user)
      if (rpid !== undefined) event.add('rpid', rpid)
      if (status !== undefined) event.add('status', status)
      if (isOver) event.add('channel-state', 'CS_HANGUP')
      if (isOver || !isIn) event.add('status', 'CS_HANGUP')
      event.add('event_type', 'presence')
      event.add('alt_event_type', 'dialog')
      event.add('event_count', '0')
    })
    return 'Event Sent'
  },
}
