/** redirect: tells the caller to call elsewhere. */
import { logger } from '../base/log.ts'
import type { Application } from '../core/interfaces.ts'
import { separate } from '../core/separate.ts'

const log = logger('applications/redirect')

export const redirect: Application = {
  name: 'redirect',
  syntax: '<target>[,<target>…]',
  about: 'Tell the caller to call elsewhere (302)',
  needs: 'nothing',
  run(channel, data) {
    if (channel.driver.redirect) channel.driver.redirect(separate(data, ','))
    else log.warning(`${channel.name} cannot be redirected`, channel.uuid)
  },
}
