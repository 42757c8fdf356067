/** A message is forwarded to another mailbox of the domain, with words of one's own before it where they are wanted. */
import { randomUUID } from 'node:crypto'
import { extname, join } from 'node:path'
import { reasonOf } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import { countersOf } from './counters.ts'
import { copyOf, deliverCopy } from './deliver.ts'
import { makeFolder, makeLasting, removeFile, temporaryFor } from './files.ts'
import { findMailbox, type Mailbox, ownFolder } from './mailbox.ts'
import { actionOf, forwardMenu, keyList } from './menus.ts'
import { recordFile } from './record-file.ts'
import type { Message } from './store.ts'
import { askDigits, askKey, isOver, say, type Talk } from './talk.ts'

const log = logger('applications/voicemail')

/** Asks whether words of his own come first, then for whom it is. */
export async function forwardMessage(talk: Talk, box: Mailbox, message: Message): Promise<void> {
  const { values } = talk.profile
  const keys = keyList(values, 'prepend-key', 'forward-key')
  const key = await askKey(talk, 'forward_prepend', keys)
  if (isOver(talk)) return
  if (actionOf(forwardMenu, key, values) !== 'introduce')
    return sendOn(talk, box, message, message.path)
  const folder = ownFolder(talk.profile, 'forward')
  const made = join(folder, `msg_${randomUUID()}${extname(message.path)}`)
  try {
    await makeFolder(folder)
    if (!(await introduce(talk, message, made))) {
      return await say(talk, 'ack', 'deleted')
    }
    return await sendOn(talk, box, message, made)
  } finally {
    await removeFile(made).catch((thrown) => log.warning(reasonOf(thrown)))
  }
}

/** Records the words, and puts them and the message into the file `path`. */
async function introduce(talk: Talk, message: Message, path: string): Promise<boolean> {
  const { channel, profile } = talk
  const words = join(path, '..', `intro_${randomUUID()}.wav`)
  const temporary = temporaryFor(words, randomUUID())
  try {
    const recorded = await recordFile(talk, {
      macro: 'record_message',
      temporary,
      path: words,
      hasLeast: true,
      hasEscapes: false,
      keep: () => makeLasting(temporary, words),
      again: () => removeFile(words),
    })
    if (recorded.outcome !== 'kept' || isOver(talk)) return false
    await profile.sw.media.files.join([words, message.path], path)
    return true
  } catch (thrown) {
    countersOf(profile.sw).failed++
    log.err(`a message is not forwarded: ${reasonOf(thrown)}`, channel.uuid)
    return false
  } finally {
    for (const file of [temporary, words])
      await removeFile(file).catch((thrown) => log.warning(reasonOf(thrown)))
  }
}

/** Asks for whom until there is such a mailbox; nothing entered gives it up. */
async function sendOn(talk: Talk, box: Mailbox, message: Message, path: string): Promise<void> {
  const { channel, profile } = talk
  const tries = Math.max(1, profile.values.number('max-retries'))
  for (let left = tries; left > 0 && !isOver(talk); left--) {
    const { digits } = await askDigits(talk, 'forward_message_enter_extension')
    if (isOver(talk) || digits === '') return
    const target = findMailbox(profile, digits, box.domain, channel.uuid)
    if (!target) {
      await say(talk, 'invalid_extension', digits)
      continue
    }
    try {
      await deliverCopy(target, copyOf(message, box, path))
      log.notice(`forwarded to ${target.user}@${target.domain}`, channel.uuid)
      await say(talk, 'ack', 'saved')
      return
    } catch (thrown) {
      countersOf(profile.sw).failed++
      log.err(`a message is not forwarded: ${reasonOf(thrown)}`, channel.uuid)
      await say(talk, 'invalid_extension', digits)
    }
  }
}
