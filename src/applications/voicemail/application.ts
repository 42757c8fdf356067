/** The application `voicemail`: leaving messages, and hearing them. */
import { logger } from '../../base/log.ts'
import type { Application } from '../../core/interfaces.ts'
import { separate } from '../../core/separate.ts'
import { isTrue } from '../../core/variables.ts'
import { checkMailbox } from './check.ts'
import { leaveMessage } from './leave.ts'
import { voicemailsOf } from './voicemails.ts'

const log = logger('applications/voicemail')

export const voicemail: Application = {
  name: 'voicemail',
  syntax: '[check] [auth|auth_only] <profile_name> <domain_name> [<id>] [<uuid>]',
  about: 'Leave a message in a mailbox, or (check) hear its messages',
  needs: 'media',
  // A break ends what is said, not the call's stay here.
  ignoresBreak: true,
  async run(channel, data, { signal }) {
    const words = separate(data, ' ')
    const modes = new Set<string>()
    while (/^(check|auth|auth_only)$/i.test(words[0] ?? ''))
      modes.add((words.shift() ?? '').toLowerCase())
    const profileName = words[0] || channel.text('voicemail_profile_name') || ''
    const domain = words[1] || channel.text('voicemail_domain_name') || ''
    const id = words[2] || channel.text('voicemail_id') || ''
    if (profileName === '' || domain === '')
      return log.err(`Error Usage: ${voicemail.syntax}`, channel.uuid)
    const profile = voicemailsOf(channel.sw).get(profileName)
    if (!profile) return log.err(`there is no voicemail profile ${profileName}`, channel.uuid)
    if (signal.aborted || !channel.media) return
    const talk = { channel, profile, signal }
    const isLoginOnly = modes.has('auth_only')
    if (!modes.has('check') && !isLoginOnly) return leaveMessage(talk, id, domain)
    const isKnown =
      !isLoginOnly && (modes.has('auth') || isTrue(channel.text('voicemail_authorized')))
    const uuid = words[3] ?? ''
    await checkMailbox(talk, { id, domain, isKnown, uuid, isLoginOnly })
  },
}
