/** intercept: takes over the call of another channel, as a pickup of a ringing phone does. */
import { logger } from '../base/log.ts'
import { intercept as interceptChannel } from '../core/intercept.ts'
import type { Application } from '../core/interfaces.ts'
import { separate } from '../core/separate.ts'
import { isTrue } from '../core/variables.ts'

const log = logger('applications/intercept')

export const intercept: Application = {
  name: 'intercept',
  syntax: '[-bleg] <uuid>',
  about: 'Take over the call of a channel, or (-bleg) of whoever it talks with',
  needs: 'nothing',
  async run(channel, data) {
    const words = separate(data, ' ')
    const isOther = words[0]?.toLowerCase() === '-bleg'
    const uuid = words[isOther ? 1 : 0]
    // What a dialplan looks up is often empty: then nothing rings there.
    if (!uuid)
      return log.info(`intercept: nothing to take over (${intercept.syntax})`, channel.uuid)
    const named = channel.sw.channels.get(uuid)
    const target = isOther ? named?.partner : named
    if (!target) {
      const whose = isOther ? `bridged with ${uuid}` : uuid
      return log.info(`intercept: there is no channel ${whose}`, channel.uuid)
    }
    const says = (name: string) => isTrue(channel.variables.get(name))
    const fault = await interceptChannel(channel, target, {
      unbridgedOnly: says('intercept_unbridged_only'),
      unansweredOnly: says('intercept_unanswered_only'),
    })
    if (fault) log.info(`intercept: ${target.name} is not taken over: ${fault}`, channel.uuid)
  },
}
