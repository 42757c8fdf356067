/** send_display, send_info and acknowledge_call: what the far end of a call is told. */
import { logger } from '../base/log.ts'
import type { Application } from '../core/interfaces.ts'
import { separate } from '../core/separate.ts'

const log = logger('applications/send_display')

export const sendDisplay: Application = {
  name: 'send_display',
  syntax: '<name>[|<number>]',
  about: "Show a name and a number on the party's telephone",
  needs: 'nothing',
  run(channel, data) {
    const [name = '', number = ''] = separate(data, '|', 2)
    if (name === '') return log.err(`send_display: ${sendDisplay.syntax}`, channel.uuid)
    if (!channel.driver.display) return log.info(`${channel.name} shows nothing`, channel.uuid)
    channel.driver.display(name, number)
  },
}

export const sendInfo: Application = {
  name: 'send_info',
  syntax: '<text>',
  about: 'Send a message inside the call (SIP INFO, freeswitch/data)',
  needs: 'nothing',
  run(channel, data) {
    if (!channel.driver.sendInfo) return log.info(`${channel.name} takes no INFO`, channel.uuid)
    channel.driver.sendInfo('freeswitch/data', data)
  },
}

export const acknowledgeCall: Application = {
  name: 'acknowledge_call',
  syntax: '',
  about: 'Tell the caller that his call has come in (100 Trying)',
  needs: 'nothing',
  run(channel) {
    if (channel.isRinging || channel.isEarly || channel.isAnswered) return
    channel.driver.respond?.(100, undefined)
  },
}
