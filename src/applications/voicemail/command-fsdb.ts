/** vm_fsdb_…: mailboxes for programs that have menus of their own. What succeeds is answered with `-OK`, as FreeSWITCH does. */
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { extname, join } from 'node:path'
import { reasonOf } from '../../base/errors.ts'
import { userParam } from '../../core/directory.ts'
import type { Command } from '../../core/interfaces.ts'
import { separate } from '../../core/separate.ts'
import type { Switch } from '../../core/switch.ts'
import { isOf } from './command-box.ts'
import { copyOf, injectInto } from './deliver.ts'
import { announceCounts } from './events.ts'
import { copyLasting, makeFolder, removeFile } from './files.ts'
import { greetingFile, mostGreetings, nameFile } from './greetings.ts'
import { makeForwardedMail } from './mail.ts'
import { boxName, type Mailbox, mailboxOf, ownFolder } from './mailbox.ts'
import type { VoicemailProfile } from './profile.ts'
import { removeMessage } from './purge.ts'
import { type BoxName, type Message, urgentFlag } from './store.ts'
import { voicemailsOf } from './voicemails.ts'

const ok = '-OK\n'
const missing = '-ERR Missing Arguments\n'

interface Asked {
  readonly sw: Switch
  readonly profile: VoicemailProfile
  readonly box: BoxName
  /** What follows the user. */
  readonly words: readonly string[]
}

interface Parts {
  readonly name: string
  readonly syntax: string
  readonly about: string
  /** The first word names a form of answer; there is one only. */
  readonly hasFormat?: boolean
  /** How many words must follow the user. */
  readonly least: number
  run(asked: Asked): Promise<string> | string
}

function fsdb({ name, syntax, about, hasFormat = false, least, run }: Parts): Command {
  return {
    name: `vm_fsdb_${name}`,
    syntax: `${hasFormat ? '<format> ' : ''}<profile> <domain> <user>${syntax}`,
    about,
    run(args, { sw }) {
      const all = separate(args, ' ')
      const [profileName = '', domain = '', id = '', ...words] = hasFormat ? all.slice(1) : all
      if (profileName === '' || domain === '' || id === '' || words.length < least) return missing
      const profile = voicemailsOf(sw).get(profileName)
      if (!profile) return '-ERR Profile not found\n'
      return run({ sw, profile, box: boxName(sw, id, domain), words })
    },
  }
}

/** Headers as the JSON that FreeSWITCH makes of an event. */
function asJson(sw: Switch, headers: readonly (readonly [name: string, value: string])[]): string {
  const event = sw.events.create('REQUEST_PARAMS')
  for (const [name, value] of headers) event.add(name, value)
  return JSON.stringify(Object.fromEntries(event.headers.map(([name, value]) => [name, value])))
}

/** The whole mailbox, where files are to be put; undefined when the directory has no such user. */
function mailboxFor({ sw, profile, box }: Asked): Mailbox | undefined {
  const user = sw.directory.user(box.user, box.domain)
  return user && mailboxOf(profile, user)
}

const messageCount = fsdb({
  name: 'msg_count',
  syntax: ' <folder>',
  about: 'How many messages a mailbox has, as JSON',
  hasFormat: true,
  least: 1,
  run({ sw, profile, box, words }) {
    const isInbox = words[0]?.toLowerCase() === 'inbox'
    const messages = isInbox ? profile.store.list(box, 'all') : []
    const count = (flags: string, urgentOnly: boolean) =>
      String(
        messages.filter(
          (each) => each.flags === flags && (!urgentOnly || each.readFlags === urgentFlag),
        ).length,
      )
    return asJson(sw, [
      ['VM-Total-New-Messages', count('', false)],
      ['VM-Total-New-Urgent-Messages', count('', true)],
      ['VM-Total-Saved-Messages', count('save', false)],
      ['VM-Total-Saved-Urgent-Messages', count('save', true)],
    ])
  },
})

const messageList = fsdb({
  name: 'msg_list',
  syntax: ' <folder> <filter> [msg-order = ASC | DESC]',
  about: 'The uuids of messages: not-read, new, save, or those that were read',
  hasFormat: true,
  least: 2,
  run({ sw, profile, box, words }) {
    const [, filter = '', order = 'ASC'] = words
    if (!/^(asc|desc)$/i.test(order)) return `-ERR Bad Argument: '${order}'\n`
    const passes: Readonly<Record<string, (message: Message) => boolean>> = {
      'not-read': (message) => message.readEpoch === 0,
      new: (message) => message.flags === '',
      save: (message) => message.flags === 'save',
    }
    const passing = passes[filter.toLowerCase()] ?? ((message: Message) => message.readEpoch !== 0)
    const found = profile.store.list(box, 'all', /^desc$/i.test(order)).filter(passing)
    const rows = found.map(
      ({ uuid }, index) => [`VM-List-Message-${index + 1}-UUID`, uuid] as const,
    )
    return asJson(sw, [...rows, ['VM-List-Count', String(found.length)]])
  },
})

const messageGet = fsdb({
  name: 'msg_get',
  syntax: ' <uuid>',
  about: 'What is known of a message, as JSON',
  hasFormat: true,
  least: 1,
  run({ sw, profile, box, words }) {
    const message = profile.store.get(words[0] ?? '')
    return asJson(sw, isOf(box, message) ? headersOf(message) : [])
  },
})

function headersOf(message: Message): readonly (readonly [string, string])[] {
  return [
    ['VM-Message-Received-Epoch', String(message.createdEpoch)],
    ['VM-Message-Read-Epoch', String(message.readEpoch)],
    ['VM-Message-UUID', message.uuid],
    ['VM-Message-Caller-Name', message.callerName],
    ['VM-Message-Caller-Number', message.callerNumber],
    ['VM-Message-Folder', message.folder],
    ['VM-Message-File-Path', message.path],
    ['VM-Message-Duration', String(message.length)],
    ['VM-Message-Flags', message.flags],
    ['VM-Message-Read-Flags', message.readFlags],
    ['VM-Message-Forwarded-By', message.forwardedBy],
  ]
}

function flagCommand(name: string, flags: Message['flags'], about: string): Command {
  return fsdb({
    name,
    syntax: ' <uuid>',
    about,
    least: 1,
    run({ profile, box, words }) {
      const message = profile.store.get(words[0] ?? '')
      if (isOf(box, message)) {
        profile.store.setFlags(message.uuid, flags)
        announceCounts(profile, box, flags === 'delete' ? 'DELETE' : 'SAVE')
      }
      return ok
    },
  })
}

const messagePurge = fsdb({
  name: 'msg_purge',
  syntax: '',
  about: 'Remove the messages of a mailbox that are marked as deleted',
  least: 0,
  async run({ profile, box }) {
    for (const message of profile.store.list(box, 'deleted')) await removeMessage(profile, message)
    announceCounts(profile, box, 'PURGE')
    return ok
  },
})

const messageEmail = fsdb({
  name: 'msg_email',
  syntax: ' <uuid> <email>',
  about: 'Send a message by mail',
  least: 2,
  async run(asked) {
    const { profile, words } = asked
    const box = mailboxFor(asked)
    if (!box) return "-ERR Can't locate user.\n"
    const message = profile.store.get(words[0] ?? '')
    if (!isOf(box, message)) return '-ERR Invalid Message UUID\n'
    const mail = await makeForwardedMail(box, message, words[1] ?? '', undefined)
    // The message stays where it is.
    profile.mails.add({ ...mail, restores: false })
    profile.mails.wake()
    return ok
  },
})

const messageForward = fsdb({
  name: 'msg_forward',
  syntax: ' <uuid> <dst_domain> <dst_user> [prepend_file_location]',
  about: 'Copy a message to another mailbox, with a sound before it where one is given',
  least: 3,
  async run({ sw, profile, box, words }) {
    const [uuid = '', domain = '', user = '', prepend = ''] = words
    const message = profile.store.get(uuid)
    if (!isOf(box, message) || !existsSync(message.path))
      return `-ERR Cannot find source msg to forward: ${message?.path ?? '(null)'}\n`
    const folder = ownFolder(profile, 'forward')
    const made = join(folder, `msg_${randomUUID()}${extname(message.path)}`)
    try {
      let from = message.path
      if (prepend !== '' && existsSync(prepend)) {
        await makeFolder(folder)
        await sw.media.files.join([prepend, message.path], made)
        from = made
      }
      await injectInto(sw, `${user}@${domain}@${profile.name}`, copyOf(message, box, from))
      return ok
    } catch (thrown) {
      return `-ERR Error Forwarding Message: ${reasonOf(thrown)}\n`
    } finally {
      await removeFile(made)
    }
  },
})

const login = fsdb({
  name: 'auth_login',
  syntax: ' <password>',
  about: 'Whether a PIN opens a mailbox',
  least: 1,
  run({ sw, profile, box, words }) {
    const user = sw.directory.user(box.user, box.domain)
    if (!user) return '-ERR User not found\n'
    if (/^(no|false|off|0|disabled|inactive)$/i.test(userParam(user, 'vm-enabled') ?? ''))
      return '-ERR Login Denied'
    const given = (words[0] ?? '').toLowerCase()
    const chosen = profile.store.preferences(box).password
    const own = userParam(user, 'vm-password') ?? ''
    const usesOwn = chosen === '' || !profile.values.boolean('db-password-override')
    const isRight =
      (chosen !== '' && chosen.toLowerCase() === given) ||
      (usesOwn && own !== '' && own.toLowerCase() === given) ||
      (chosen === '' && own === '' && profile.values.boolean('allow-empty-password-auth'))
    return isRight ? '-OK' : '-ERR'
  },
})

const passwordSet = fsdb({
  name: 'pref_password_set',
  syntax: ' <password>',
  about: 'Set the PIN of a mailbox',
  least: 1,
  run({ profile, box, words }) {
    profile.store.setPreference(box, 'password', words[0] ?? '')
    return ok
  },
})

const greetingSet = fsdb({
  name: 'pref_greeting_set',
  syntax: ' <slot> [file-path]',
  about: 'Choose a greeting, and put a file in its place where one is given',
  least: 1,
  async run(asked) {
    const slot = Number.parseInt(asked.words[0] ?? '', 10)
    if (!(slot >= 1 && slot <= mostGreetings)) return missing
    const box = mailboxFor(asked)
    if (!box) return '-ERR User not found\n'
    const path = greetingFile(box, slot)
    const given = asked.words[1]
    if (given !== undefined) {
      if (!existsSync(given)) return "-ERR Filename doesn't exist\n"
      await moveHere(given, path)
    }
    if (!existsSync(path)) return `-ERR Recording doesn't exist [${path}]\n`
    asked.profile.store.setPreference(box, 'greeting_path', path)
    return ok
  },
})

async function moveHere(from: string, to: string): Promise<void> {
  await copyLasting(from, to, randomUUID())
  if (from !== to) await removeFile(from)
}

const greetingGet = fsdb({
  name: 'pref_greeting_get',
  syntax: ' [slot]',
  about: 'The greeting that is chosen, as JSON',
  hasFormat: true,
  least: 0,
  run(asked) {
    const { sw, profile, box } = asked
    const { greetingPath } = profile.store.preferences(box)
    if (greetingPath === '') return '-ERR No greeting found\n'
    const slot = /greeting_(\d)\.\w+$/.exec(greetingPath)?.[1] ?? ''
    return asJson(sw, [
      ['VM-Preference-Greeting-File-Path', greetingPath],
      ['VM-Preference-Greeting-Slot', slot],
      ['VM-Preference-Greeting-Selected', 'True'],
    ])
  },
})

const recordedNameSet = fsdb({
  name: 'pref_recname_set',
  syntax: ' <file-path>',
  about: 'Put a file in the place of the spoken name',
  least: 1,
  async run(asked) {
    const box = mailboxFor(asked)
    if (!box) return '-ERR User not found\n'
    const given = asked.words[0] ?? ''
    if (!existsSync(given)) return "-ERR Filename doesn't exist\n"
    const path = nameFile(box)
    await moveHere(given, path)
    asked.profile.store.setPreference(box, 'name_path', path)
    return ok
  },
})

export const fsdbCommands: readonly Command[] = [
  login,
  messageCount,
  messageList,
  messageGet,
  flagCommand('msg_delete', 'delete', 'Mark a message as deleted'),
  flagCommand('msg_undelete', '', 'Take that back'),
  flagCommand('msg_save', 'save', 'Mark a message as saved'),
  messagePurge,
  messageEmail,
  messageForward,
  greetingSet,
  greetingGet,
  recordedNameSet,
  passwordSet,
]
