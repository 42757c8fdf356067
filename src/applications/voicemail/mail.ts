/** The mails of a message: who gets them, what they say. */
import { randomUUID } from 'node:crypto'
import { link } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import type { Channel } from '../../core/channel.ts'
import { channelScope, globalScope } from '../../core/channel-scope.ts'
import { type ExpandScope, expand } from '../../core/expand/expand.ts'
import { strftime } from '../../core/time/strftime.ts'
import { localTime } from '../../core/time/timezone.ts'
import { isTrue } from '../../core/variables.ts'
import { copyLasting, makeFolder } from './files.ts'
import { type Mailbox, ownFolder, timezoneOf } from './mailbox.ts'
import type { Mail } from './outbox.ts'
import type { MailTemplate } from './profile.ts'
import { type Message, urgentFlag } from './store.ts'

/** `%A, %B %d %Y, %I:%M %p`, as FreeSWITCH has it. */
const usualDate = '%A, %B %d %Y, %I:%M %p'

/** The mails that a new message makes: with the message, and to tell of it. `stays`: the message stays in the mailbox, too. */
export async function makeMails(
  box: Mailbox,
  message: Message,
  channel: Channel | undefined,
  stays: boolean,
): Promise<Mail[]> {
  const { profile } = box
  const [to, notify] = [box.param('vm-mailto'), box.param('vm-notify-mailto')]
  const mails: Mail[] = []
  if (isTrue(box.param('vm-email-all-messages')) && to !== '') {
    const attaches = isTrue(box.param('vm-attach-file'))
    const more = { recipient: to, attaches, keeps: !stays, template: profile.template }
    mails.push(await makeMail(box, message, channel, more))
  }
  if (isTrue(box.param('vm-notify-email-all-messages')) && (notify !== '' || to !== '')) {
    const template = profile.notifyTemplate
    const more = { recipient: notify || to, attaches: false, keeps: false, template }
    mails.push(await makeMail(box, message, channel, more))
  }
  return mails
}

/** A mail with one message that its owner asks for; the message leaves the mailbox for it. */
export function makeForwardedMail(
  box: Mailbox,
  message: Message,
  recipient: string,
  channel: Channel | undefined,
): Promise<Mail> {
  const { template } = box.profile
  return makeMail(box, message, channel, { recipient, attaches: true, keeps: true, template })
}

interface MailOptions {
  readonly recipient: string
  readonly attaches: boolean
  /** The mail is to have a file of its own, even one that it does not attach. */
  readonly keeps: boolean
  readonly template: MailTemplate | undefined
}

async function makeMail(
  box: Mailbox,
  message: Message,
  channel: Channel | undefined,
  { recipient, attaches, keeps, template }: MailOptions,
): Promise<Mail> {
  const { profile } = box
  const id = randomUUID()
  const values = mailValues(box, message, recipient)
  const scope = mailScope(box, channel, values)
  const headerScope = { ...scope, variable: (name: string) => oneLine(scope.variable(name)) }
  const ownAddress = `${box.user}@${box.domain}`
  const from = box.param('vm-mailfrom') || profile.email('email-from')
  const sender = from === '' ? ownAddress : await expand(from, headerScope)
  const { callerName, callerNumber, length } = message
  const headers = template
    ? await expand(template.headers, headerScope)
    : [
        `From: Voicemail <${ownAddress}>`,
        `Subject: Voicemail from ${oneLine(callerName)} ${oneLine(callerNumber)}`,
        `X-Priority: ${values.get('voicemail_priority')}`,
      ].join('\n')
  const body = template
    ? await expand(template.body, scope)
    : `${length} second voicemail from ${callerName} ${callerNumber}\n`
  return {
    id,
    recipient,
    sender: sender.replace(/[\r\n]/g, ''),
    headers: `${headers.replace(/\s+$/, '')}\nX-Voicemail-Length: ${length}`,
    body,
    attachment: attaches || keeps ? await ownCopy(box, message, id) : '',
    attachmentName: attaches ? basename(message.path) : '',
    conversion: {
      command: box.param('vm-convert-cmd') || profile.values.text('convert-cmd'),
      extension: box.param('vm-convert-ext') || profile.values.text('convert-ext'),
    },
    restores: keeps,
    user: box.user,
    domain: box.domain,
    callerName,
    callerNumber,
    readFlags: message.readFlags,
  }
}

/** The mail's own file, which the fate of the message does not touch. */
async function ownCopy(box: Mailbox, message: Message, id: string): Promise<string> {
  const folder = ownFolder(box.profile, 'mail')
  await makeFolder(folder)
  const path = join(folder, `${id}${extname(message.path)}`)
  // Another name for the same file where the disk allows it; what is written once is never changed.
  await link(message.path, path).catch(() => copyLasting(message.path, path, id))
  return path
}

function mailValues(box: Mailbox, message: Message, recipient: string): Map<string, string> {
  const { sw, store } = box.profile
  const counts = store.counts(box)
  const zone = sw.timeZones.find(timezoneOf(box) ?? '') ?? sw.timeZones.server
  const created = message.createdEpoch * 1000
  const pattern = box.profile.email('date-fmt') || usualDate
  return new Map([
    ['voicemail_current_folder', 'inbox'],
    ['voicemail_total_new_messages', String(counts.newMessages)],
    ['voicemail_total_saved_messages', String(counts.savedMessages)],
    ['voicemail_urgent_new_messages', String(counts.newUrgent)],
    ['voicemail_urgent_saved_messages', String(counts.savedUrgent)],
    ['voicemail_account', box.user],
    ['voicemail_domain', box.domain],
    ['voicemail_caller_id_name', message.callerName],
    ['voicemail_caller_id_number', message.callerNumber],
    ['voicemail_formatted_caller_id_number', formatNumber(message.callerNumber)],
    ['voicemail_file_path', message.path],
    ['voicemail_read_flags', message.readFlags],
    ['voicemail_time', strftime(pattern, localTime(created, zone), zone.names)],
    ['voicemail_uuid', message.uuid],
    ['voicemail_priority', message.readFlags === urgentFlag ? '1' : '3'],
    ['voicemail_email', recipient],
    ['voicemail_notify_email', recipient],
    ['voicemail_email_from', box.param('vm-mailfrom')],
    ['voicemail_message_len', durationText(message.length)],
    ['rfc2822_date', new Date().toUTCString().replace('GMT', '+0000')],
  ])
}

/**
 * The values of the mail, then what the channel or the switch knows. As with an event's headers what they hold is not looked up
 * again: a caller may call himself anything.
 */
function mailScope(
  box: Mailbox,
  channel: Channel | undefined,
  values: ReadonlyMap<string, string>,
): ExpandScope {
  const outer = channel ? channelScope(channel) : globalScope(box.profile.sw)
  return {
    ...outer,
    kind: 'event',
    variable: (name) => values.get(name.toLowerCase()) ?? outer.variable(name),
  }
}

/** What comes from outside must not make further headers, nor leave its quotes. */
function oneLine(value: string | readonly string[] | undefined): string | undefined {
  if (value === undefined) return undefined
  const text = typeof value === 'string' ? value : value.join(', ')
  return text.replace(/[\r\n]+/g, ' ').replaceAll('"', "'")
}

/** `00:01:05`. */
export function durationText(seconds: number): string {
  const two = (n: number) => String(n).padStart(2, '0')
  return [Math.trunc(seconds / 3600), Math.trunc(seconds / 60) % 60, seconds % 60]
    .map(two)
    .join(':')
}

/** Numbers of North America as they are written there. */
function formatNumber(number: string): string {
  const digits = number.replace(/^\+/, '')
  const [, country = '', area, office, line] = /^(1)?(\d{3})(\d{3})(\d{4})$/.exec(digits) ?? []
  if (area === undefined) return number
  return `${country === '' ? '' : `${country} `}(${area}) ${office}-${line}`
}
