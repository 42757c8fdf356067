/** originate: dials somebody and sends the call to an extension or an application. */
import type { Channel } from '../core/channel.ts'
import { giveActions } from '../core/dialplan/give-actions.ts'
import type { Command } from '../core/interfaces.ts'
import { originate as dial } from '../core/originate/originate.ts'
import { separate } from '../core/separate.ts'
import { transfer } from '../core/transfer.ts'

export const originate: Command = {
  name: 'originate',
  syntax:
    '<call url> <exten>|&<application_name>(<app_args>) [<dialplan>] [<context>] [<cid_name>] [<cid_num>] [<timeout_sec>]',
  about: 'Originate a call',
  async run(args, { sw }) {
    const words = separate(args, ' ', 10)
    if (words.length < 2 || words.length > 7) return `-USAGE: ${originate.syntax}\n`
    const [dialString = '', target = '', dialplan, context, callerName, callerNumber, timeout] =
      words.map((word) => (word.toLowerCase() === 'undef' ? undefined : word))
    const result = await dial(sw, {
      dialString,
      timeoutSeconds: Number.parseInt(timeout ?? '', 10) || undefined,
      callerName,
      callerNumber,
    })
    if (!result.channel) return `-ERR ${result.cause}\n`
    send(result.channel, target, dialplan ?? 'XML', context ?? 'default')
    return `+OK ${result.channel.uuid}\n`
  },
}

/** `&application(data)` is executed; anything else is an extension. */
function send(channel: Channel, target: string, dialplan: string, context: string): void {
  if (!target.startsWith('&') || target.length === 1) {
    transfer(channel, { extension: target, dialplan, context })
    return
  }
  const end = target.indexOf(')')
  const text = target.slice(1, end < 0 ? undefined : end)
  const open = text.indexOf('(')
  const application = open < 0 ? text : text.slice(0, open)
  giveActions(channel, [{ application, data: open < 0 ? '' : text.slice(open + 1) }])
  channel.moveTo('execute')
}
