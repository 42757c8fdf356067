/** att_xfer: an attended transfer by keys: the party talks with another one first, its partner waits with music. */
import { logger } from '../base/log.ts'
import { consult } from '../core/bridge/consult.ts'
import type { Application } from '../core/interfaces.ts'

const log = logger('applications/att_xfer')

export const attXfer: Application = {
  name: 'att_xfer',
  syntax: '<dial string>',
  about:
    'Consult somebody while the partner waits; # goes back, * or hanging up joins the two, 0 makes it a talk of three',
  needs: 'nothing',
  ignoresBreak: true,
  async run(channel, data) {
    if (data.trim() === '') return log.err(`att_xfer: ${attXfer.syntax}`, channel.uuid)
    if (channel.consultation) return log.warning('att_xfer: it consults already', channel.uuid)
    await consult(channel, data)
  },
}
