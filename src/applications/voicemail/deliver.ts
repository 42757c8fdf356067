/** A message comes into a mailbox: its row, the events, the lamps, the mail, and copies for others (`vm-cc`). */
import { randomUUID } from 'node:crypto'
import { basename, extname, join } from 'node:path'
import { reasonOf, SwitchError } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import type { Channel } from '../../core/channel.ts'
import type { Switch } from '../../core/switch.ts'
import { isFalse } from '../../core/variables.ts'
import { countersOf } from './counters.ts'
import type { Draft } from './draft.ts'
import { announceCounts, announceMaintenance } from './events.ts'
import { copyLasting, removeFile } from './files.ts'
import { makeMails } from './mail.ts'
import type { Mailbox } from './mailbox.ts'
import { type BoxName, type Message, normalFlag } from './store.ts'
import { findTargets } from './target.ts'

const log = logger('applications/voicemail')

/** Longest name of a file that a copy keeps in its own. */
const longestName = 100

/** The message that a caller left is one from now on. Throws SwitchError when its row cannot be written. */
export async function deliverDraft(
  draft: Draft,
  readFlags: string,
  channel: Channel,
): Promise<void> {
  const { box, uuid, path, caller, length } = draft
  const message: Message = {
    createdEpoch: Math.trunc(Date.now() / 1000),
    readEpoch: 0,
    user: box.user,
    domain: box.domain,
    uuid,
    callerName: caller.name,
    callerNumber: caller.number,
    folder: 'inbox',
    path,
    length,
    flags: '',
    readFlags,
    forwardedBy: '',
  }
  await deliver(
    box,
    message,
    () => box.profile.store.setDelivered(uuid, readFlags, length),
    channel,
  )
}

export interface Copy {
  readonly from: string
  readonly callerName: string
  readonly callerNumber: string
  readonly readFlags: string
  readonly forwardedBy: string
  /** No mail is made of it, and no copy for others. */
  readonly staysHere?: boolean
}

/** What a message of one mailbox is in another one; `from` is what is to be heard there. */
export function copyOf(message: Message, owner: BoxName, from = message.path): Copy {
  const { callerName, callerNumber, readFlags } = message
  return { from, callerName, callerNumber, readFlags, forwardedBy: `${owner.user}@${owner.domain}` }
}

/** A copy of a sound file becomes a message. Throws SwitchError when the file cannot be had or not be kept. */
export async function deliverCopy(box: Mailbox, copy: Copy): Promise<void> {
  const uuid = randomUUID()
  const name = basename(copy.from)
  const shown = name.length <= longestName ? name : `sound${extname(name)}`
  const path = join(box.folder, `msg_${uuid}_broadcast_${shown}`)
  const seconds = await box.profile.sw.media.files.seconds(copy.from)
  const message: Message = {
    createdEpoch: Math.trunc(Date.now() / 1000),
    readEpoch: 0,
    user: box.user,
    domain: box.domain,
    uuid,
    callerName: copy.callerName,
    callerNumber: copy.callerNumber,
    folder: 'inbox',
    path,
    length: Math.trunc(seconds),
    flags: '',
    readFlags: copy.readFlags || normalFlag,
    forwardedBy: copy.forwardedBy,
  }
  await copyLasting(copy.from, path, uuid)
  try {
    await deliver(box, message, () => box.profile.store.insert(message), undefined, copy.staysHere)
  } catch (thrown) {
    await removeFile(path)
    throw thrown
  }
}

async function deliver(
  box: Mailbox,
  message: Message,
  keep: () => void,
  channel: Channel | undefined,
  staysHere = false,
): Promise<void> {
  const { profile } = box
  const { sw, store } = profile
  const stays = staysHere || !isFalse(box.param('vm-keep-local-after-email'))
  const mails = staysHere ? [] : await makeMails(box, message, channel, stays)
  // Only a mail that takes the sound with it may take the message out of the mailbox.
  if (stays || !mails.some(({ attachment }) => attachment !== '')) {
    store.database.transaction(() => {
      keep()
      for (const mail of mails) profile.mails.add(mail)
    })
    countersOf(sw).left++
    announceMaintenance(sw, 'leave-message', box, leaveHeaders(message), channel)
    announceCounts(profile, box, 'NEW')
  } else {
    // The mail has it from here on: its own copy of the file, which comes back should nobody take the mail.
    store.database.transaction(() => {
      for (const mail of mails) profile.mails.add(mail)
      store.remove(message.uuid)
    })
    await removeFile(message.path)
  }
  profile.mails.wake()
  if (!staysHere) await copyToOthers(box, message, channel)
}

function leaveHeaders(message: Message): readonly (readonly [string, string])[] {
  return [
    ['VM-Caller-ID-Name', message.callerName],
    ['VM-Caller-ID-Number', message.callerNumber],
    ['VM-File-Path', message.path],
    ['VM-Flags', message.readFlags],
    ['VM-Folder', 'inbox'],
    ['VM-UUID', message.uuid],
    ['VM-Message-Len', String(message.length)],
    ['VM-Timestamp', String(Math.trunc(Date.now() / 1000))],
  ]
}

/** `vm-cc` of the user, or the variable `vm_cc`: further mailboxes, as `voicemail_inject` takes them. */
async function copyToOthers(
  box: Mailbox,
  message: Message,
  channel: Channel | undefined,
): Promise<void> {
  const list = channel?.text('vm_cc') ?? box.param('vm-cc')
  // A copy makes no copies: two mailboxes could name each other.
  if (list === '' || message.forwardedBy !== '') return
  for (const target of list.split(',').map((each) => each.trim())) {
    if (target === '') continue
    try {
      await injectInto(box.profile.sw, target, copyOf(message, box))
      log.notice(`copied to ${target}`, channel?.uuid)
    } catch (thrown) {
      countersOf(box.profile.sw).failed++
      log.err(`no copy for ${target}: ${reasonOf(thrown)}`, channel?.uuid)
    }
  }
}

/**
 * Puts a copy into what `target` names: `<box>[@<domain>[@<profile>]]`, `group=<group>[@<domain>]`, `domain=<domain>`. Throws
 * SwitchError VOICEMAIL_NO_BOX when there is no such mailbox, or what keeps the file from being copied.
 */
export async function injectInto(sw: Switch, target: string, copy: Copy): Promise<void> {
  const boxes = findTargets(sw, target)
  if (boxes.length === 0) throw new SwitchError('VOICEMAIL_NO_BOX', `there is no mailbox ${target}`)
  for (const box of boxes) await deliverCopy(box, copy)
}
