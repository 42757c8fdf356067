/** deflect: sends the far end elsewhere after the answer. */
import { logger } from '../base/log.ts'
import type { Application } from '../core/interfaces.ts'

const log = logger('applications/deflect')

export const deflect: Application = {
  name: 'deflect',
  syntax: '<target>',
  about: 'Send the far end elsewhere after the answer (REFER)',
  needs: 'nothing',
  async run(channel, data, { signal }) {
    const reply = await channel.driver.deflect?.(data, signal)
    if (reply === undefined) log.warning(`${channel.name} cannot be deflected`, channel.uuid)
    else channel.variables.set('deflect_response', reply)
  },
}
