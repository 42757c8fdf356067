/** mod_directory: the caller keys a name and is sent to whoever has it (directory.conf.xml). */
import { existsSync } from 'node:fs'
import { logger } from '../../base/log.ts'
import type { Channel } from '../../core/channel.ts'
import type { Application, Module } from '../../core/interfaces.ts'
import { separate } from '../../core/separate.ts'
import { transfer } from '../../core/transfer.ts'
import { findProfile, searchOrder } from './profile.ts'
import { findPerson } from './run.ts'
import { type Entry, entryOf } from './search.ts'

const log = logger('applications/directory')

const directory: Application = {
  name: 'directory',
  syntax: '<profile> <domain> [<context> | <dialplan> <context>]',
  about: 'Let the caller key a name and send him to who has it',
  needs: 'media',
  async run(channel, data, { signal }) {
    const [profileName = '', domain = '', ...where] = separate(data, ' ')
    if (domain === '') return log.err(`directory: ${directory.syntax}`, channel.uuid)
    const profile = findProfile(channel.sw, profileName)
    if (!profile) return log.err(`directory.conf has no profile "${profileName}"`, channel.uuid)
    const wish = channel.variables.get('directory_search_order')
    const order = wish === undefined ? profile.order : searchOrder(wish)
    if (!order) log.warning(`directory_search_order=${wish} is no order`, channel.uuid)
    const mailbox = channel.variables.get('directory_voicemail_profile') ?? profileName
    const person = await findPerson(channel, {
      profile,
      order: order ?? profile.order,
      entries: entriesOf(channel, domain, profile.usesAlias),
      recordedName: (extension) => recordedName(channel, `${mailbox}/${extension}@${domain}`),
      signal,
    })
    if (!person || signal.aborted) return
    log.info(`directory: ${person.fullName} at ${person.extension}`, channel.uuid)
    const [dialplan, context] = where.length > 1 ? where : ['XML', where[0]]
    transfer(channel, { extension: person.extension, dialplan, context: context ?? domain })
  },
}

/** Everybody who may be found; of one group alone where the variable `directory_group_selection` names it. */
function entriesOf(channel: Channel, domain: string, usesAlias: boolean): Entry[] {
  const { directory: users } = channel.sw
  if (!users.domain(domain)) log.warning(`directory: there is no domain ${domain}`, channel.uuid)
  const group = channel.variables.get('directory_group_selection')
  const chosen = group
    ? users.groupUsers(group, domain).map(({ user }) => users.user(user.id, domain) ?? user)
    : users.users(domain)
  return chosen
    .map((user) => entryOf(user, usesAlias))
    .filter((entry): entry is Entry => entry !== undefined)
}

/** What voicemail has of the name that the owner of a box has recorded. */
async function recordedName(channel: Channel, box: string): Promise<string | undefined> {
  const { sw } = channel
  if (!sw.commands.get('vm_prefs')) return undefined
  const path = (await sw.runCommand(`vm_prefs ${box}|name_path`, channel)).trim()
  return path !== '' && !path.startsWith('-') && existsSync(path) ? path : undefined
}

export const module: Module = { name: 'mod_directory', applications: [directory] }
