/** transfer: sends the call to an extension. */
import { logger } from '../base/log.ts'
import type { Application } from '../core/interfaces.ts'
import { separate } from '../core/separate.ts'
import { transfer as transferChannel } from '../core/transfer.ts'

const log = logger('applications/transfer')

export const transfer: Application = {
  name: 'transfer',
  syntax: '[-bleg|-both] <extension> [<dialplan> <context>]',
  about: 'Send the call to an extension',
  needs: 'nothing',
  run(channel, data) {
    const [first, ...others] = separate(data, ' ', 4)
    if (!first) return log.err('transfer: no extension', channel.uuid)
    const word = first.toLowerCase()
    if (word !== '-bleg' && word !== '-both') {
      transferChannel(channel, { extension: first, dialplan: others[0], context: others[1] })
      return
    }
    const [extension = '', dialplan, context] = others
    const partner = channel.partner
    if (partner) transferChannel(partner, { extension, dialplan, context })
    else log.warning(`transfer ${word}: there is no other leg`, channel.uuid)
    if (word === '-both') transferChannel(channel, { extension, dialplan, context })
  },
}
