/** voicemail: loads, unloads and lists profiles. voicemail_inject: puts a sound file into mailboxes. */
import { reasonOf, SwitchError } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import type { Command } from '../../core/interfaces.ts'
import { reloadXmlReply } from '../../core/reload-xml.ts'
import { separate } from '../../core/separate.ts'
import { injectInto } from './deliver.ts'
import { normalFlag } from './store.ts'
import { voicemailsOf } from './voicemails.ts'

const log = logger('applications/voicemail')

const ruler = '============================\n'

export const voicemailCommand: Command = {
  name: 'voicemail',
  syntax: 'rss [<host> <port> <uri> <user> <domain>] | [load|unload|reload] <profile> [reloadxml]',
  about: 'Load, unload and list voicemail profiles',
  completions: ['status', 'load', 'unload', 'reload'],
  async run(args, { sw }) {
    const [word = '', name, more] = separate(args, ' ')
    const verb = word.toLowerCase()
    const voicemails = voicemailsOf(sw)
    if (verb === 'status') {
      const rows = voicemails.list().map((profile) => `Profile: ${profile.name}\n`)
      return `${ruler}${rows.join('')}${ruler}`
    }
    if (verb === 'rss' && separate(args, ' ').length > 5)
      return '-ERR there is no web server here that would serve a mailbox\n'
    if (name === undefined || !['load', 'unload', 'reload'].includes(verb))
      return `Error: ${voicemailCommand.syntax}\n`
    const reloaded = more?.toLowerCase() === 'reloadxml' ? await reloadXmlReply(sw) : ''
    if (verb === 'unload') voicemails.unload(name)
    else if (!(await voicemails.load(name)))
      log.warning(`voicemail.conf has no profile ${name}: nothing is loaded`)
    return `${reloaded}+OK ${verb} complete\n`
  },
}

const injectSyntax =
  '[group=<group>[@domain]|domain=<domain>|<box>[@<domain>]] <sound_file> [<cid_num>] [<cid_name>]'

function injectCommand(name: string): Command {
  return {
    name,
    syntax: injectSyntax,
    about: 'Put a sound file into a mailbox, those of a group, or all of a domain',
    async run(args, { sw }) {
      const [target, from, number, caller, forwardedBy, readFlags] = separate(args, ' ')
      if (target === undefined || from === undefined) return `Error: ${injectSyntax}\n`
      const copy = {
        from,
        callerNumber: number ?? 'anonymous',
        callerName: caller ?? 'anonymous',
        forwardedBy: forwardedBy ?? '',
        readFlags: readFlags ?? normalFlag,
      }
      try {
        await injectInto(sw, target, copy)
        return '+OK\n'
      } catch (thrown) {
        log.err(`${name} ${args}: ${reasonOf(thrown)}`)
        const isUnknown = thrown instanceof SwitchError && thrown.code === 'VOICEMAIL_NO_BOX'
        return isUnknown ? `Error: ${injectSyntax}\n` : `-ERR ${reasonOf(thrown)}\n`
      }
    },
  }
}

export const voicemailInject = injectCommand('voicemail_inject')
export const vmInject = injectCommand('vm_inject')
