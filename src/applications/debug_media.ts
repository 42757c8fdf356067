/** debug_media: a line in the log for each packet of the party. */
import { logger } from '../base/log.ts'
import type { Application } from '../core/interfaces.ts'
import { traceMedia } from '../core/trace-media.ts'

const log = logger('applications/debug_media')

export const debugMedia: Application = {
  name: 'debug_media',
  syntax: '<read|write|both|vread|vwrite|vboth|all> <on|off>',
  about: 'Debug Media',
  needs: 'nothing',
  run(channel, data) {
    const [which = '', word = ''] = data.trim().split(/\s+/)
    if (!traceMedia(channel, which, word))
      log.err(
        `debug_media ${data}: wanted ${debugMedia.syntax}, and a call with sound`,
        channel.uuid,
      )
  },
}
