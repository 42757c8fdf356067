/** media_reset: takes bypass_media and proxy_media back before the call has sound. */
import { logger } from '../base/log.ts'
import type { Application } from '../core/interfaces.ts'

const log = logger('applications')

export const mediaReset: Application = {
  name: 'media_reset',
  syntax: '',
  about: 'Forget bypass_media and proxy_media; only before the call has sound',
  needs: 'nothing',
  run(channel) {
    if (channel.hasMedia) {
      log.warning('media_reset does nothing once there is sound', channel.uuid)
      return
    }
    channel.variables.unset('bypass_media')
    channel.variables.unset('proxy_media')
  },
}
