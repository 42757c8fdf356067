/** One message is heard: its number, its date, its sound, and what becomes of it. */
import { existsSync } from 'node:fs'
import { reasonOf } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import { executeExtension } from '../../core/dialplan/execute-extension.ts'
import { isTrue } from '../../core/variables.ts'
import { countersOf } from './counters.ts'
import { announceCounts } from './events.ts'
import { forwardMessage } from './forward.ts'
import { makeForwardedMail } from './mail.ts'
import type { Mailbox } from './mailbox.ts'
import { actionOf, deletedMenu, keyList, messageMenu, playingMenu } from './menus.ts'
import type { Message } from './store.ts'
import { askKey, isOver, say, sayWithKeys, soundWithKeys, type Talk, waitingKey } from './talk.ts'

const log = logger('applications/voicemail')

/** A stay in a mailbox, as far as hearing its messages goes. */
export interface Visit {
  readonly talk: Talk
  readonly box: Mailbox
  /** What was deleted, the last one at the end: it can be brought back until the visit is over. */
  readonly deleted: string[]
}

/** Which one comes next. */
export type Move = 'next' | 'previous' | 'same'

/** `number` counts among those of its kind. */
export async function hearMessage(
  visit: Visit,
  message: Message,
  which: 'new' | 'saved',
  number: number,
): Promise<Move> {
  const { talk } = visit
  const { channel } = talk
  channel.driver.display?.(message.callerName, message.callerNumber)
  if (message.callerNumber !== '' && isTrue(channel.text('vm_announce_cid')))
    await say(talk, 'say_phone_number', message.callerNumber)
  let key = await sayWithKeys(talk, 'say_message_number', `${which}:${number}`)
  for (;;) {
    key = await playMessage(visit, message, key)
    if (isOver(talk)) return 'next'
    if (key === undefined) key = await askWhat(visit)
    if (isOver(talk)) return 'next'
    const move = await act(visit, message, key)
    if (move !== 'hear') return move
    key = undefined
  }
}

/** Date and sound; the key that chose something, undefined when there is still to be asked. */
async function playMessage(
  { talk }: Visit,
  message: Message,
  pressed: string | undefined,
): Promise<string | undefined> {
  const { values } = talk.profile
  const when = values.text('play-date-announcement')
  let key = pressed
  const meaning = () => actionOf(playingMenu, key ?? '', values)
  if (key === undefined && when === 'first')
    key = await sayWithKeys(talk, 'say_date', String(message.createdEpoch))
  if (key === undefined || meaning() === 'skip') {
    key = undefined
    if (existsSync(message.path)) key = await soundWithKeys(talk, message.path)
    else log.err(`${message.path} is not there`, talk.channel.uuid)
  }
  if (key === undefined && when === 'last')
    key = await sayWithKeys(talk, 'say_date', String(message.createdEpoch))
  return meaning() === 'ask' || meaning() === 'skip' ? undefined : key
}

/** The address that email-key sends to; empty where there is none. */
function addressOf({ box }: Visit): string {
  return box.param('vm-mailto') || box.param('email-addr')
}

function askWhat(visit: Visit): Promise<string> {
  const { values } = visit.talk.profile
  const keys = keyList(
    values,
    'repeat-message-key',
    'save-file-key',
    'delete-file-key',
    'email-key',
    'callback-key',
    'forward-key',
  )
  const address = addressOf(visit)
  return askKey(visit.talk, 'listen_file_check', address === '' ? keys : `${keys}:${address}`)
}

async function act(visit: Visit, message: Message, key: string): Promise<Move | 'hear'> {
  const { talk, box } = visit
  const { channel, profile, signal } = talk
  const { store, values } = profile
  // The row is asked: the message may have been deleted since it began to play.
  const isDeleted = store.get(message.uuid)?.flags === 'delete'
  const action = actionOf(isDeleted ? deletedMenu : messageMenu, key, values)
  switch (action) {
    case 'previous':
    case 'next':
      return action
    case 'repeat':
      return 'same'
    case 'hear':
      return 'hear'
    case 'call back': {
      const extension = message.callerNumber
      const dialplan =
        channel.text('voicemail_callback_dialplan') || values.text('callback-dialplan')
      const context = channel.text('voicemail_callback_context') || values.text('callback-context')
      await executeExtension(channel, { extension, dialplan, context }, signal)
      return 'next'
    }
    case 'forward':
      // Sent on or not: what becomes of it here is still open.
      await forwardMessage(talk, box, message)
      return 'same'
    case 'undelete':
      await bringBack(visit, message.uuid)
      return 'next'
    case 'delete':
      await remove(visit, message)
      return 'next'
    case 'email':
      return (await sendByMail(visit, message)) ? 'next' : 'hear'
    default:
      store.setFlags(message.uuid, 'save')
      await say(talk, 'ack', 'saved')
      return 'next'
  }
}

/** Marks it as deleted; its owner may take that back at once, by going back to it, or from the main menu. */
async function remove(visit: Visit, { uuid }: Message): Promise<void> {
  const { talk } = visit
  const { store, values } = talk.profile
  store.setFlags(uuid, 'delete')
  visit.deleted.push(uuid)
  await say(talk, 'ack', 'deleted')
  if (talk.channel.digits.length === 0) return
  const key = waitingKey(talk) ?? ''
  if (values.text('undelete-file-key').includes(key)) await bringBack(visit, uuid)
}

async function bringBack(visit: Visit, uuid: string): Promise<void> {
  const { talk, box, deleted } = visit
  talk.profile.store.undelete(uuid)
  const at = deleted.lastIndexOf(uuid)
  if (at >= 0) deleted.splice(at, 1)
  announceCounts(talk.profile, box, 'SAVE')
  await say(talk, 'ack', 'undeleted')
}

/** The message goes out by mail and leaves the mailbox; false when there is no address. */
async function sendByMail(visit: Visit, message: Message): Promise<boolean> {
  const { talk, box } = visit
  const { channel, profile } = talk
  const address = addressOf(visit)
  if (address === '') {
    log.info(`${box.user}@${box.domain} has no address (vm-mailto, email-addr)`, channel.uuid)
    return false
  }
  try {
    const mail = await makeForwardedMail(box, message, address, channel)
    profile.store.database.transaction(() => {
      profile.mails.add(mail)
      profile.store.setFlags(message.uuid, 'delete')
    })
    visit.deleted.push(message.uuid)
    profile.mails.wake()
    await say(talk, 'ack', 'emailed')
  } catch (thrown) {
    countersOf(profile.sw).mailFailed++
    log.err(`no mail to ${address}: ${reasonOf(thrown)}`, channel.uuid)
    profile.store.setFlags(message.uuid, 'save')
    await say(talk, 'ack', 'saved')
  }
  return true
}
