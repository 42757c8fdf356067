/** Leaving a message: greeting, tone, recording, is it urgent. */
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { reasonOf } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import type { Channel } from '../../core/channel.ts'
import { localStamp } from '../../core/time/times.ts'
import { transfer } from '../../core/transfer.ts'
import { isTrue } from '../../core/variables.ts'
import { checkMailbox } from './check.ts'
import { countersOf } from './counters.ts'
import { deliverDraft } from './deliver.ts'
import { type CallerIdentity, callerOf, Draft } from './draft.ts'
import { removeFile } from './files.ts'
import { greetingFile, mostGreetings } from './greetings.ts'
import { durationText } from './mail.ts'
import { findMailbox, type Mailbox } from './mailbox.ts'
import { actionOf, greetingMenu, keyList, urgentMenu } from './menus.ts'
import { recordFile } from './record-file.ts'
import { normalFlag, urgentFlag } from './store.ts'
import {
  askKey,
  isOver,
  say,
  sayUntilDigit,
  soundUntilDigit,
  type Talk,
  waitingKey,
} from './talk.ts'

const log = logger('applications/voicemail')

/** ms before the greeting. */
const breathMs = 100

/** What the dialplan asks for one message. */
interface Wishes {
  readonly skipsGreeting: boolean
  readonly skipsUrgentCheck: boolean
  readonly skipsGoodbye: boolean
  skipsInstructions: boolean
}

export async function leaveMessage(talk: Talk, id: string, domain: string): Promise<void> {
  const { channel, profile } = talk
  const wishes = takeWishes(channel)
  if (id === '') return log.err('voicemail: whose mailbox? No id is given', channel.uuid)
  const box = findMailbox(profile, id, domain, channel.uuid)
  if (!box) return
  if (isTrue(box.param('vm-skip-instructions'))) wishes.skipsInstructions = true
  if ((await greetAndRecord(talk, box, wishes)) === 'elsewhere') return
  if (!isOver(talk) && !wishes.skipsGoodbye) await say(talk, 'goodbye')
}

/** Variables that hold for one message and are used up. */
function takeWishes({ variables }: Channel): Wishes {
  const take = (name: string) => {
    const value = isTrue(variables.get(name))
    variables.unset(name)
    return value
  }
  return {
    skipsGreeting: [take('skip_greeting'), take('voicemail_skip_greeting')].includes(true),
    skipsInstructions: take('skip_instructions'),
    skipsUrgentCheck: take('skip_record_urgent_check'),
    skipsGoodbye: take('voicemail_skip_goodbye'),
  }
}

/** `elsewhere`: the caller has gone to where a key led him. */
async function greetAndRecord(
  talk: Talk,
  box: Mailbox,
  wishes: Wishes,
): Promise<'done' | 'elsewhere'> {
  let key: string | undefined
  for (;;) {
    if (key === undefined && !wishes.skipsGreeting) key = await greet(talk, box)
    if (isOver(talk)) return 'done'
    if (key !== undefined) {
      const next = await act(talk, box, key)
      key = undefined
      if (next === 'elsewhere') return next
      if (next === 'record') wishes.skipsInstructions = true
      // A key without a meaning: from the beginning.
      else if (next === 'greet' && !wishes.skipsGreeting) continue
    }
    if (await isFull(talk, box)) return 'done'
    key = await recordMessage(talk, box, wishes)
    if (key === undefined) return 'done'
  }
}

/** Plays what a caller is to hear; the key that he pressed meanwhile. */
async function greet(talk: Talk, box: Mailbox): Promise<string | undefined> {
  const { channel, profile, signal } = talk
  await sleep(breathMs, undefined, { signal }).catch(() => undefined)
  const preferences = profile.store.preferences(box)
  const chosen = greetingPath(channel, box, preferences.greetingPath)
  if (chosen !== '' && existsSync(chosen)) {
    await soundUntilDigit(talk, chosen)
    return waitingKey(talk)
  }
  if (preferences.namePath !== '' && existsSync(preferences.namePath)) {
    await soundUntilDigit(talk, preferences.namePath)
    const key = waitingKey(talk)
    if (key !== undefined) return key
  }
  const shown =
    box.param('vm-alternate-greet-id') || channel.text('voicemail_alternate_greet_id') || box.user
  await sayUntilDigit(talk, 'play_greeting', shown)
  return waitingKey(talk)
}

/** What the variables say, else what the owner chose; empty where there is none. */
function greetingPath(channel: Channel, box: Mailbox, chosen: string): string {
  const number = channel.text('voicemail_greeting_number')
  if (number !== undefined) {
    const wanted = Number.parseInt(number, 10)
    const isOne = wanted >= 1 && wanted <= mostGreetings
    return isOne ? greetingFile(box, wanted) : ''
  }
  return channel.text('voicemail_greeting_path') ?? chosen
}

/** What a key does that was pressed while the greeting played. */
async function act(
  talk: Talk,
  box: Mailbox,
  key: string,
): Promise<'greet' | 'record' | 'elsewhere'> {
  const { channel, profile } = talk
  const { values } = profile
  switch (actionOf(greetingMenu, key, values)) {
    case 'log in':
      await checkMailbox(talk, { id: box.user, domain: box.domain, isKnown: false, uuid: '' })
      return 'elsewhere'
    case 'operator': {
      const own = channel.text('vm_operator_extension') || box.param('vm-operator-extension')
      return sendTo(channel, own || values.text('operator-extension')) ? 'elsewhere' : 'greet'
    }
    case 'vmain':
      return sendTo(channel, values.text('vmain-extension')) ? 'elsewhere' : 'greet'
    case 'record':
      return 'record'
    default:
      return 'greet'
  }
}

/** `<extension> [<dialplan>] [<context>]`; false when it is empty. */
function sendTo(channel: Channel, target: string): boolean {
  const [extension = '', dialplan, context] = target.trim().split(/\s+/)
  if (extension === '') return false
  transfer(channel, { extension, dialplan, context })
  return true
}

/** Whether the mailbox has all the sound that it may have (`vm-disk-quota`, seconds); the caller is told. */
async function isFull(talk: Talk, box: Mailbox): Promise<boolean> {
  const quota = Number.parseInt(box.param('vm-disk-quota'), 10)
  if (!(quota > 0) || talk.profile.store.secondsUsed(box) < quota) return false
  countersOf(talk.profile.sw).overQuota++
  log.notice(`${box.user}@${box.domain} is full (vm-disk-quota ${quota})`, talk.channel.uuid)
  await say(talk, 'disk_quota_exceeded')
  return true
}

/** Records and delivers; a key that leads elsewhere when one ended a recording that was none. */
async function recordMessage(
  talk: Talk,
  box: Mailbox,
  wishes: Wishes,
): Promise<string | undefined> {
  const { channel, profile } = talk
  const caller = callerOf(channel)
  nameFile(channel, profile.values.text, caller)
  const extension =
    channel.text('vm_message_ext') ||
    box.param('vm-message-ext') ||
    profile.values.text('file-extension')
  let draft: Draft
  try {
    draft = await Draft.begin(box, caller, extension.replace(/[^\w-]/g, ''))
  } catch (thrown) {
    countersOf(profile.sw).failed++
    log.err(`no message can be left: ${reasonOf(thrown)}`, channel.uuid)
    await say(talk, 'ack', 'deleted')
    return undefined
  }
  try {
    const recorded = await recordFile(talk, {
      macro: wishes.skipsInstructions ? undefined : 'record_message',
      temporary: draft.temporary,
      path: draft.path,
      hasLeast: true,
      hasEscapes: true,
      keep: (seconds) => draft.recorded(seconds),
      again: () => draft.again(),
    })
    if (recorded.outcome === 'failed') await say(talk, 'ack', 'deleted')
    if (recorded.outcome === 'none') countersOf(profile.sw).tooShort++
    if (recorded.outcome === 'kept') await confirm(talk, draft, wishes)
    return recorded.outcome === 'escape' ? recorded.key : undefined
  } catch (thrown) {
    // A message that cannot be delivered stays where the next start finds it, as long as it is whole.
    countersOf(profile.sw).failed++
    log.err(`a message is not delivered: ${reasonOf(thrown)}`, channel.uuid)
    await say(talk, 'ack', 'deleted')
    return undefined
  } finally {
    if (draft.isRecorded) await removeFile(draft.temporary).catch(() => undefined)
    else await draft.discard().catch((thrown) => log.err(reasonOf(thrown), channel.uuid))
  }
}

/** The message is delivered, and only then its caller is told so. */
async function confirm(talk: Talk, draft: Draft, wishes: Wishes): Promise<void> {
  const { channel, profile } = talk
  const { values } = profile
  const asks = !wishes.skipsUrgentCheck && !isOver(talk)
  const key = asks
    ? await askKey(talk, 'record_urgent_check', keyList(values, 'urgent-key', 'terminator-key'))
    : ''
  const isUrgent = actionOf(urgentMenu, key, values) === 'urgent'
  const readFlags = isUrgent ? urgentFlag : normalFlag
  await deliverDraft(draft, readFlags, channel)
  channel.variables.set('voicemail_account', draft.box.user)
  channel.variables.set('voicemail_domain', draft.box.domain)
  channel.variables.set('voicemail_file_path', draft.path)
  channel.variables.set('voicemail_read_flags', readFlags)
  channel.variables.set('voicemail_message_len', durationText(draft.length))
  if (asks) await say(talk, 'ack', isUrgent ? 'marked-urgent' : 'saved')
}

/** What the file says of itself. */
function nameFile(
  { variables }: Channel,
  setting: (name: string) => string,
  caller: CallerIdentity,
): void {
  variables.set('RECORD_ARTIST', `${caller.name} (${caller.number})`)
  variables.set('RECORD_DATE', localStamp(Date.now()))
  variables.set('RECORD_SOFTWARE', 'Strowger')
  variables.set('RECORD_TITLE', setting('record-title'))
  variables.set('RECORD_COMMENT', setting('record-comment'))
  variables.set('RECORD_COPYRIGHT', setting('record-copyright'))
}
