/** hangup: ends the call. */
import { causeFromText } from '../core/hangup-cause.ts'
import type { Application } from '../core/interfaces.ts'

export const hangup: Application = {
  name: 'hangup',
  syntax: '[<cause>]',
  about: 'Hangup the call',
  needs: 'nothing',
  run: (channel, data) => channel.hangup(causeFromText(data.trim())),
}
