/** Digits from outside: sent, received, forgotten, dropped. */
import { usage } from '../core/command-usage.ts'
import { parseDigits } from '../core/digits-text.ts'
import type { Command } from '../core/interfaces.ts'
import { receiveDigits, sendDigits } from '../core/send-digits.ts'
import { separate } from '../core/separate.ts'

const gone = '-ERR Cannot locate session!\n'

export const uuidSendDtmf: Command = {
  name: 'uuid_send_dtmf',
  syntax: '<uuid> <dtmf_data>',
  about: 'Send dtmf digits',
  run(args, { sw }) {
    const [uuid = '', digits = ''] = separate(args, ' ', 2)
    if (uuid === '' || digits === '') return usage(uuidSendDtmf.syntax)
    const channel = sw.channels.get(uuid)
    if (!channel) return gone
    const problem = sendDigits(channel, digits)
    if (problem !== undefined) return '-ERR Operation failed\n'
    return `+OK ${uuid} sent DTMF ${digits}.\n`
  },
}

export const uuidRecvDtmf: Command = {
  name: 'uuid_recv_dtmf',
  syntax: '<uuid> <dtmf_data>',
  about: 'Receive dtmf digits',
  run(args, { sw }) {
    const [uuid = '', digits = ''] = separate(args, ' ', 2)
    if (uuid === '' || digits === '') return usage(uuidRecvDtmf.syntax)
    const channel = sw.channels.get(uuid)
    if (!channel) return gone
    for (const chunk of parseDigits(digits).chunks) receiveDigits(channel, chunk.digits, chunk.ms)
    return `+OK ${uuid} received DTMF ${digits}.\n`
  },
}

export const uuidFlushDtmf: Command = {
  name: 'uuid_flush_dtmf',
  syntax: '<uuid>',
  about: 'Flush dtmf on a given uuid',
  run(args, { sw }) {
    const channel = sw.channels.get(args)
    if (!channel) return '-ERR No such session\n'
    channel.digits.flush()
    return '+OK\n'
  },
}

export const uuidDropDtmf: Command = {
  name: 'uuid_drop_dtmf',
  syntax: '<uuid> [on | off ] [ mask_digits <digits> | mask_file <file>]',
  about: 'Drop all DTMF or replace it with a mask',
  run(args, { sw }) {
    const [uuid = '', action = '', mask = '', value] = args.split(' ')
    if (value === undefined) return usage(uuidDropDtmf.syntax)
    const channel = sw.channels.get(uuid)
    if (!channel) return `-ERR No such channel ${uuid}!\n`
    const { variables } = channel
    const kind = mask.toLowerCase()
    if (kind !== '' && value !== '' && kind !== 'mask_digits' && kind !== 'mask_file') {
      return usage(uuidDropDtmf.syntax)
    }
    variables.set('drop_dtmf_masking_digits', kind === 'mask_digits' ? value : undefined)
    variables.set('drop_dtmf_masking_file', kind === 'mask_file' ? value : undefined)
    const isOn = action.toLowerCase() === 'on'
    if (action !== '') {
      variables.set('drop_dtmf', String(isOn))
      channel.digitRules.isDropping = isOn
      channel.media?.dropDigits(isOn || channel.digitRules.isBlocking)
    }
    const shown = (name: string) => variables.get(name) ?? 'NONE'
    return `+OK ${uuid} is ${isOn ? 'dropping' : 'not dropping'} DTMF. mask_file: ${shown('drop_dtmf_masking_file')} mask_digits: ${shown('drop_dtmf_masking_digits')}\n`
  },
}
