/** Sending a mail: through an SMTP server, or the mail program of the system (`mailer-app` of switch.conf.xml). */
import { spawn } from 'node:child_process'
import { extname } from 'node:path'
import { createTransport } from 'nodemailer'
import type Mailer from 'nodemailer/lib/mailer/index.js'
import { reasonOf } from '../../base/errors.ts'
import { isFalse, isTrue } from '../../core/variables.ts'
import { removeFile } from './files.ts'
import type { Mail } from './outbox.ts'
import type { VoicemailProfile } from './profile.ts'

/** `failed` may work another time; `refused` never will. */
export type MailOutcome =
  | { readonly result: 'sent'; readonly by: string }
  | { readonly result: 'failed' | 'refused'; readonly reason: string }

/** ms that a server or a program may take for a step. */
const patienceMs = 30_000
const programMs = 120_000

export async function sendMail(profile: VoicemailProfile, mail: Mail): Promise<MailOutcome> {
  let converted: string | undefined
  try {
    converted = await convert(profile, mail)
    const message = mailMessage(mail, converted ?? mail.attachment)
    if (profile.email('smtp-host') !== '') return await sendBySmtp(profile, mail, message)
    const program = profile.sw.settings.text('mailer-app')
    if (program !== '') return await sendByProgram(profile, program, mail, message)
    const reason = 'there is no smtp-host in <email>, and no mailer-app in switch.conf'
    return { result: 'failed', reason }
  } catch (thrown) {
    return { result: 'failed', reason: reasonOf(thrown) }
  } finally {
    if (converted !== undefined) await removeFile(converted)
  }
}

async function sendBySmtp(
  profile: VoicemailProfile,
  { sender, recipient }: Mail,
  message: Mailer.Options,
): Promise<MailOutcome> {
  const host = profile.email('smtp-host')
  const isSecure = isTrue(profile.email('smtp-secure'))
  const port = Number(profile.email('smtp-port')) || (isSecure ? 465 : 25)
  const [user, pass] = [profile.email('smtp-username'), profile.email('smtp-password')]
  const transport = createTransport({
    host,
    port,
    secure: isSecure,
    requireTLS: isTrue(profile.email('smtp-require-tls')),
    tls: { rejectUnauthorized: !isFalse(profile.email('smtp-verify')) },
    connectionTimeout: patienceMs,
    greetingTimeout: patienceMs,
    socketTimeout: patienceMs,
    ...(user === '' ? {} : { auth: { user, pass } }),
  })
  try {
    await transport.sendMail({ ...message, envelope: { from: sender, to: addresses(recipient) } })
    return { result: 'sent', by: `${host}:${port}` }
  } catch (thrown) {
    const { responseCode = 0 } = thrown as { responseCode?: number }
    // RFC 5321 §4.2.1: 5xx says that it is of no use to try again; a wrong password may be put right.
    const isFinal =
      responseCode >= 500 && responseCode < 600 && ![530, 534, 535].includes(responseCode)
    return {
      result: isFinal ? 'refused' : 'failed',
      reason: `${host}:${port}: ${reasonOf(thrown)}`,
    }
  } finally {
    transport.close()
  }
}

/** The program gets the whole mail, as sendmail does: `<mailer-app> -f <sender> <mailer-app-args> [<recipient>]`. */
async function sendByProgram(
  profile: VoicemailProfile,
  program: string,
  { sender, recipient }: Mail,
  message: Mailer.Options,
): Promise<MailOutcome> {
  const writer = createTransport({ streamTransport: true, buffer: true, newline: 'unix' })
  const made = await writer.sendMail({
    ...message,
    envelope: { from: sender, to: addresses(recipient) },
  })
  const words = profile.sw.settings
    .text('mailer-app-args')
    .split(/\s+/)
    .filter((word) => word !== '')
  // With -t it reads the recipients out of the mail, and some take those given as well for such as are not to get it.
  const args = ['-f', sender, ...words, ...(words.includes('-t') ? [] : addresses(recipient))]
  const reason = await runProgram(program, args, made.message as Buffer)
  return reason === undefined
    ? { result: 'sent', by: program }
    : { result: 'failed', reason: `${program}: ${reason}` }
}

/** Why it failed; undefined when it did not. */
function runProgram(
  program: string,
  args: readonly string[],
  input?: Buffer,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      stdio: [input ? 'pipe' : 'ignore', 'ignore', 'pipe'],
      timeout: programMs,
    })
    let said = ''
    child.stderr?.on('data', (bytes: Buffer) => {
      said = (said + bytes.toString()).slice(0, 500)
    })
    child.on('error', (error) => resolve(error.message))
    child.on('close', (code, signal) =>
      resolve(code === 0 ? undefined : `ended with ${code ?? signal}: ${said.trim()}`),
    )
    child.stdin?.on('error', () => undefined) // it may not want to read all of it
    child.stdin?.end(input)
  })
}

/** `convert-cmd <file> <new file>`, of the user or the profile; undefined where there is none. Throws when it fails. */
async function convert(profile: VoicemailProfile, mail: Mail): Promise<string | undefined> {
  if (mail.attachment === '' || mail.attachmentName === '') return undefined
  const { command, extension } = mail.conversion
  if (command === '' || extension === '') return undefined
  const made = `${mail.attachment.slice(0, -extname(mail.attachment).length || undefined)}.${extension}`
  if (made === mail.attachment) return undefined
  const args = ['-c', `${command} "$1" "$2"`, 'sh', mail.attachment, made]
  const reason = await runProgram('/bin/sh', args)
  if (reason === undefined) return made
  throw new Error(`convert-cmd ${command} (${profile.name}): ${reason}`)
}

function addresses(recipient: string): string[] {
  return recipient
    .split(/[,;]/)
    .map((each) => /<([^>]*)>/.exec(each)?.[1]?.trim() ?? each.trim())
    .filter((each) => each !== '')
}

const types: Readonly<Record<string, string>> = {
  wav: 'audio/x-wav',
  mp3: 'audio/mpeg',
  ogg: 'audio/ogg',
  opus: 'audio/ogg',
}

/** Headers the mailer makes itself. */
const ownHeaders = new Set(['mime-version', 'content-type', 'content-transfer-encoding'])

function mailMessage(mail: Mail, file: string): Mailer.Options {
  const headers: { key: string; value: string }[] = []
  const known = new Map<string, string>()
  for (const line of unfolded(mail.headers)) {
    const [, name = '', value = ''] = /^([^:\s]+)\s*:\s*(.*)$/.exec(line) ?? []
    const key = name.toLowerCase()
    if (['from', 'to', 'cc', 'subject', 'date', 'reply-to'].includes(key)) known.set(key, value)
    else if (name !== '' && !ownHeaders.has(key)) headers.push({ key: name, value })
  }
  const attachments: Mailer.Attachment[] = []
  // A body that brings its own headers is a part of the mail as it stands.
  const isPart = /^content-type\s*:/i.test(mail.body)
  if (isPart) attachments.push({ raw: mail.body.replace(/\r?\n/g, '\r\n') })
  if (file !== '' && mail.attachmentName !== '') {
    const extension = extname(file).slice(1).toLowerCase()
    const base = mail.attachmentName.slice(0, -extname(mail.attachmentName).length || undefined)
    attachments.push({
      path: file,
      filename: `${base}.${extension}`,
      contentType: types[extension] ?? `audio/x-${extension}`,
    })
  }
  const date = new Date(known.get('date') ?? '')
  const replyTo = known.get('reply-to')
  const cc = known.get('cc')
  return {
    from: known.get('from') ?? mail.sender,
    to: known.get('to') ?? mail.recipient,
    subject: known.get('subject') ?? 'Voicemail',
    date: Number.isNaN(date.getTime()) ? new Date() : date,
    ...(cc === undefined ? {} : { cc }),
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(isPart ? {} : { text: mail.body }),
    headers,
    attachments,
    disableUrlAccess: true,
  }
}

/** Header lines, each whole. */
function unfolded(headers: string): string[] {
  return headers.replace(/\n[ \t]+/g, ' ').split('\n')
}
