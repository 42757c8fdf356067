/** bridge: dials and joins; what follows a failure or the end is said by variables (`continue_on_fail`, `hangup_after_bridge` …). */
import { logger } from '../base/log.ts'
import { answer } from '../core/answer.ts'
import { attend } from '../core/attend.ts'
import { bridgeChannels } from '../core/bridge/bridge.ts'
import { applyFailure } from '../core/bridge/bridge-failure.ts'
import type { Application } from '../core/interfaces.ts'
import { campOn } from '../core/originate/camp-on.ts'
import { originate } from '../core/originate/originate.ts'
import { isTrue } from '../core/variables.ts'

const log = logger('applications/bridge')
const never = new AbortController().signal

export const bridge: Application = {
  name: 'bridge',
  syntax: '<dial string>',
  about: 'Dial and join whoever answers with this channel',
  needs: 'nothing',
  async run(channel, data) {
    if (data.trim() === '') return
    if (isTrue(channel.variables.get('campon'))) {
      await answer(channel)
      const reached = await campOn(channel, data)
      if (reached) await bridgeChannels(channel, reached)
      return
    }
    const dialling = originate(channel.sw, { dialString: data, originator: channel })
    const result = await attend(channel, dialling, never)
    if (result.channel) {
      await bridgeChannels(channel, result.channel)
      return
    }
    log.info(`originate failed: ${result.cause}`, channel.uuid)
    channel.variables.set('originate_failed_cause', result.cause)
    applyFailure(channel, result.cause)
  },
}
