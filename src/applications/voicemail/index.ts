/** mod_voicemail: mailboxes for users. */
import { logger } from '../../base/log.ts'
import type { Module } from '../../core/interfaces.ts'
import { voicemail } from './application.ts'
import { vmBoxcount, vmDelete, vmList, vmPrefs, vmRead } from './command-box.ts'
import { fsdbCommands } from './command-fsdb.ts'
import { vmInject, voicemailCommand, voicemailInject } from './command-voicemail.ts'
import { countersOf } from './counters.ts'
import { deliverCopy } from './deliver.ts'
import { boxName, findMailbox } from './mailbox.ts'
import { voicemailsOf } from './voicemails.ts'

const log = logger('applications/voicemail')

export const module: Module = {
  name: 'mod_voicemail',
  applications: [voicemail],
  commands: [
    voicemailCommand,
    voicemailInject,
    vmInject,
    vmBoxcount,
    vmPrefs,
    vmList,
    vmRead,
    vmDelete,
    ...fsdbCommands,
  ],
  async start(sw) {
    const voicemails = voicemailsOf(sw)
    voicemails.restore = async (profile, mail) => {
      const box = findMailbox(profile, mail.user, mail.domain)
      if (!box) return log.err(`${mail.attachment} is nobody's: it is lost`)
      const { attachment, callerName, callerNumber, readFlags } = mail
      const copy = { from: attachment, callerName, callerNumber, readFlags, forwardedBy: '' }
      await deliverCopy(box, { ...copy, staysHere: true })
    }
    await voicemails.loadAll()
    const handles = [
      sw.counters.add('voicemail', () => countersOf(sw)),
      sw.messageWaiting.addCounter((user, domain) => {
        const box = boxName(sw, user, domain)
        const isExact = voicemails.settings.boolean('message-query-exact-match')
        const own = isExact ? voicemails.get(domain) : undefined
        const profiles = isExact ? (own ? [own] : []) : voicemails.list()
        for (const { store } of profiles) {
          const counts = store.counts(box)
          if (counts.newMessages > 0 || counts.savedMessages > 0) return counts
        }
        return undefined
      }),
    ]
    return {
      async [Symbol.asyncDispose]() {
        for (const handle of handles) handle[Symbol.dispose]()
        await voicemails.stop()
      },
    }
  },
}
