/** mod_sms: the plan for text messages (section `chatplan`), and its applications. */

import { sendChat } from '../../core/chat.ts'
import { ChatMessage } from '../../core/chat-message.ts'
import type { SwitchEvent } from '../../core/events.ts'
import type { Module } from '../../core/interfaces.ts'
import type { Switch } from '../../core/switch.ts'
import { arrayText } from '../../core/variables.ts'
import { chatplan, planCounters } from './plan.ts'

export const module: Module = {
  name: 'mod_sms',
  chatFilters: [chatplan],
  start(sw) {
    const listening = sw.events.attach({
      name: 'mod_sms',
      wants: (name, subclass) => name === 'CUSTOM' && subclass === 'SMS::SEND_MESSAGE',
      // The message must not overtake the event on its way to others.
      receive: (event) => queueMicrotask(() => void sendFor(sw, event)),
    })
    const counting = sw.counters.add('sms', () => ({ ...planCounters }))
    return Promise.resolve({
      [Symbol.asyncDispose]() {
        listening[Symbol.dispose]()
        counting[Symbol.dispose]()
        return Promise.resolve()
      },
    })
  },
}

const standard = /^(Event-|Core-UUID$|FreeSWITCH-|Content-Length$|Command$)/i

/** `sendevent CUSTOM` with the subclass SMS::SEND_MESSAGE: sends what the event says by its `dest_proto`, and reports. */
async function sendFor(sw: Switch, event: SwitchEvent): Promise<void> {
  const headers = event.headers
    .map(([name, value]) => [name, typeof value === 'string' ? value : arrayText(value)] as const)
    .filter(([name]) => !standard.test(name))
  const message = new ChatMessage([...headers, ['skip_global_process', 'true']], event.body ?? '')
  const isSent = await sendChat(sw, message.get('dest_proto') ?? '', message)
  sw.events.announce(
    'CUSTOM',
    (report) => {
      report.add('Status', isSent ? 'Success' : 'Failure')
      for (const [name, value] of message.headers) report.add(name, value)
    },
    'SMS::DELIVERY_REPORT',
  )
}
