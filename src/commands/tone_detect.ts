/** tone_detect: the application of that name, begun from outside. */
import { logger } from '../base/log.ts'
import { leadingInteger } from '../core/expand/expand.ts'
import type { Command } from '../core/interfaces.ts'
import { separate } from '../core/separate.ts'
import { startToneDetect, toneTimeout } from '../core/tone-detect.ts'

const log = logger('commands/tone_detect')

export const toneDetect: Command = {
  name: 'tone_detect',
  syntax: '<uuid> <key> <tone_spec> [<flags> <timeout> <app> <args> <hits>]',
  about: 'Start tone detection on a channel',
  async run(args, { sw }) {
    const [uuid = '', name = '', frequencies = '', flags, timeout = '', ...rest] = separate(
      args,
      ' ',
      8,
    )
    if (frequencies === '') {
      if (args !== '') log.err(`tone_detect ${args}: ${toneDetect.syntax}`)
      return ''
    }
    const channel = sw.channels.get(uuid)
    if (!channel) return '-ERR Cannot locate session!\n'
    const timeoutMs = toneTimeout(timeout)
    // FreeSWITCH takes a time that is over for a mistake, 0 among them, and says nothing.
    if (timeoutMs === undefined) {
      log.err(`tone_detect ${name}: ${timeout} is no time-out`, uuid)
      return ''
    }
    const [application, data, hits = ''] = rest
    const wish = { name, frequencies, flags: flags ?? '', timeoutMs, application, data }
    const fault = await startToneDetect(channel, {
      ...wish,
      hits: Math.max(0, leadingInteger(hits)),
    })
    if (fault) {
      log.err(`tone_detect ${name}: ${fault}`, uuid)
      return `-ERR ${fault}\n`
    }
    return `+OK Enabling tone detection '${name}' '${frequencies}' '${flags ?? '(null)'}'\n`
  },
}
