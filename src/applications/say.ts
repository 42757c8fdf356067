/** say: numbers, dates, names… with the sounds of a language. */
import { logger } from '../base/log.ts'
import type { Application } from '../core/interfaces.ts'
import { playbackTerminators } from '../core/play.ts'
import { say } from '../core/say.ts'
import { separate } from '../core/separate.ts'

const log = logger('applications/say')

export const sayApplication: Application = {
  name: 'say',
  syntax: '<module_name>[:<lang>] <say_type> <say_method> [<say_gender>] <text>',
  about: 'Say a number, a date, a name… in a language',
  needs: 'media',
  async run(channel, data, { signal }) {
    const parts = separate(data, ' ', 5)
    if (parts.length < 4) return log.err(`say ${data}: ${sayApplication.syntax}`, channel.uuid)
    const [module = '', type = '', method = ''] = parts
    const [gender = '', text = ''] = parts.length === 5 ? parts.slice(3) : ['', parts[3]]
    // The language decides which module speaks; a bare `en` is both.
    const language = module.includes(':') ? module.slice(module.indexOf(':') + 1) : module
    channel.variables.unset('playback_terminator_used')
    const saying = { type, method, gender, text }
    const terminators = playbackTerminators(channel)
    const outcome = await say(channel, saying, language || undefined, { signal, terminators })
    channel.variables.set('playback_terminator_used', outcome?.digit)
  },
}
