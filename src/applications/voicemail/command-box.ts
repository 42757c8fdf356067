/** vm_boxcount and vm_prefs: how a mailbox is; vm_list, vm_read and vm_delete: its messages. */
import { escapeXml } from '../../core/event-text.ts'
import type { Command } from '../../core/interfaces.ts'
import type { Switch } from '../../core/switch.ts'
import { announceCounts } from './events.ts'
import { boxName } from './mailbox.ts'
import type { VoicemailProfile } from './profile.ts'
import { removeMessage } from './purge.ts'
import type { BoxName, Message } from './store.ts'
import { voicemailsOf } from './voicemails.ts'

/** `[profile/]user@domain[|word]`, as boxcount and prefs take it. */
function takeBox(args: string): { profile: string; id: string; domain: string; word: string } {
  const slash = args.indexOf('/')
  const profile = slash < 0 ? '' : args.slice(0, slash)
  const rest = args.slice(slash + 1).replace(/^sip:/i, '')
  const at = rest.indexOf('@')
  const [domain = '', word = ''] = at < 0 ? [] : rest.slice(at + 1).split('|')
  return { profile, id: at < 0 ? rest : rest.slice(0, at), domain, word }
}

export const vmBoxcount: Command = {
  name: 'vm_boxcount',
  syntax: '[profile/]<user>@<domain>[|[new|saved|new-urgent|saved-urgent|all]]',
  about: 'How many messages a mailbox has',
  run(args, { sw }) {
    const { profile: name, id, domain, word } = takeBox(args)
    const voicemails = voicemailsOf(sw)
    if (id === '' || domain === '') return '0'
    const profile = name === '' ? voicemails.first : voicemails.get(name)
    if (!profile) return name === '' ? '0' : '-ERR No such profile\n'
    const counts = profile.store.counts(boxName(sw, id, domain))
    const { newMessages, savedMessages, newUrgent, savedUrgent } = counts
    switch (word.toLowerCase()) {
      case 'saved':
        return String(savedMessages)
      case 'new-urgent':
        return String(newUrgent)
      // FreeSWITCH's own word for it.
      case 'new-saved':
        return String(savedUrgent)
      case 'all':
        return `${newMessages}:${savedMessages}:${newUrgent}:${savedUrgent}`
      default:
        return String(newMessages)
    }
  },
}

export const vmPrefs: Command = {
  name: 'vm_prefs',
  syntax: '[profile/]<user>@<domain>[|[name_path|greeting_path|password]]',
  about: 'The greeting, name and PIN that the owner of a mailbox chose',
  run(args, { sw }) {
    const { profile: name, id, domain, word } = takeBox(args)
    if (id === '') return '0'
    if (domain === '') return '-ERR No domain specified\n'
    const profile = voicemailsOf(sw).get(name || 'default')
    if (!profile)
      return name === '' ? "-ERR profile 'default' doesn't exist\n" : '-ERR No such profile\n'
    const { greetingPath, namePath, password } = profile.store.preferences(boxName(sw, id, domain))
    switch (word.toLowerCase()) {
      case '':
      case 'greeting_path':
        return greetingPath
      case 'name_path':
        return namePath
      case 'password':
        return password
      default:
        return `${greetingPath}:${namePath}:${password}`
    }
  },
}

/** What vm_list, vm_read and vm_delete are about; undefined when there is no such profile. */
interface Asked {
  readonly profile: VoicemailProfile
  readonly box: BoxName
  readonly words: readonly string[]
}

/** `<id>@<domain>[/profile] word…`. */
function takeMessages(sw: Switch, args: string): Asked | undefined {
  const [target = '', ...words] = args.split(/ +/)
  const [, id = '', domain = '', name = 'default'] =
    /^([^@]*)@([^/]*)(?:\/(.*))?$/.exec(target) ?? []
  const profile = voicemailsOf(sw).get(name)
  if (id === '' || domain === '' || !profile) return undefined
  return { profile, box: boxName(sw, id, domain), words }
}

const notFound = "-ERR can't find user or profile.\n"

export const vmList: Command = {
  name: 'vm_list',
  syntax: '<id>@<domain>[/profile] [xml]',
  about: 'The messages of a mailbox',
  run(args, { sw }) {
    if (args === '') return `Usage: ${vmList.syntax}\n`
    const asked = takeMessages(sw, args)
    if (!asked) return notFound
    const [format, uuid] = asked.words
    const all = asked.profile.store.list(asked.box, 'all')
    const messages = uuid === undefined ? all : all.filter((message) => message.uuid === uuid)
    if (format?.toLowerCase() !== 'xml') return messages.map(row).join('')
    return `<voicemail>\n${messages.map(element).join('')}</voicemail>\n`
  },
}

function valuesOf(message: Message): readonly (readonly [name: string, value: string | number])[] {
  return [
    ['created_epoch', message.createdEpoch],
    ['read_epoch', message.readEpoch],
    ['username', message.user],
    ['domain', message.domain],
    ['folder', message.folder],
    ['path', message.path],
    ['uuid', message.uuid],
    ['cid-name', message.callerName],
    ['cid-number', message.callerNumber],
    ['message-len', message.length],
  ]
}

function row(message: Message): string {
  return `${valuesOf(message)
    .map(([, value]) => String(value).replace(/[\r\n]+/g, ' '))
    .join(':')}\n`
}

function element(message: Message): string {
  const lines = valuesOf(message).map(
    ([name, value]) => `  <${name}>${escapeXml(String(value))}</${name}>\n`,
  )
  return ` <message>\n${lines.join('')} </message>\n`
}

export const vmRead: Command = {
  name: 'vm_read',
  syntax: '<id>@<domain>[/profile] <read|unread> [<uuid>]',
  about: 'Mark a message, or all of a mailbox, as heard or new',
  run(args, { sw }) {
    if (args === '') return `Usage: ${vmRead.syntax}\n`
    const asked = takeMessages(sw, args)
    const word = asked?.words[0]?.toLowerCase()
    if (!asked || (word !== 'read' && word !== 'unread')) return notFound
    const { profile, box, words } = asked
    const epoch = word === 'read' ? Math.trunc(Date.now() / 1000) : 0
    const uuid = words[1]
    if (uuid === undefined) profile.store.setReadOfBox(box, epoch)
    else if (isOf(box, profile.store.get(uuid))) profile.store.setRead(uuid, epoch)
    announceCounts(profile, box, 'READ')
    return '+OK\n'
  },
}

/** Whether a message lies in a mailbox. */
export function isOf(box: BoxName, message: Message | undefined): message is Message {
  return message?.user === box.user && message.domain === box.domain && message.folder === 'inbox'
}

export const vmDelete: Command = {
  name: 'vm_delete',
  syntax: '<id>@<domain>[/profile] [<uuid>]',
  about: 'Delete a message, or all of a mailbox',
  async run(args, { sw }) {
    if (args === '') return `Usage: ${vmDelete.syntax}\n`
    const asked = takeMessages(sw, args)
    if (!asked) return notFound
    const { profile, box, words } = asked
    const uuid = words[0]
    const all = profile.store.list(box, 'all')
    const chosen = uuid === undefined ? all : all.filter((message) => message.uuid === uuid)
    for (const message of chosen) await removeMessage(profile, message)
    announceCounts(profile, box, 'DELETE')
    return '+OK\n'
  },
}
