/** A profile of voicemail.conf.xml as it is loaded: its settings, its mail templates, its store. */
import { readFileSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { placeText, reasonOf } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import { readSettings, type Values } from '../../core/settings.ts'
import type { Switch } from '../../core/switch.ts'
import type { XmlNode } from '../../xml/node.ts'
import { child } from '../../xml/query.ts'
import type { MailOutbox } from './outbox.ts'
import { emailSettings, profileSettings } from './settings.ts'
import type { MessageStore } from './store.ts'

const log = logger('applications/voicemail')

/** A mail as it is written: headers, one a line, and the body. */
export interface MailTemplate {
  readonly headers: string
  readonly body: string
}

export interface VoicemailProfile {
  readonly sw: Switch
  readonly name: string
  readonly values: Values
  readonly store: MessageStore
  readonly mails: MailOutbox
  /** Of the mail with the message, and of that which only tells of it; undefined: one of our own. */
  readonly template: MailTemplate | undefined
  readonly notifyTemplate: MailTemplate | undefined
  /** A param of `<email>`; empty where there is none. */
  email(name: string): string
}

/** Reads a `<profile>`; `store` is what keeps its messages. */
export function readProfile(
  sw: Switch,
  node: XmlNode,
  store: MessageStore,
  mails: MailOutbox,
): VoicemailProfile {
  const values = withBounds(readSettings(node, profileSettings), node)
  const mail = readSettings(child(node, 'email') ?? { ...node, children: [] }, emailSettings)
  const email = (name: string) => mail.maybe(name) ?? values.maybe(`email_${name}`) ?? ''
  const own = email('headers') === '' && email('body') === ''
  return {
    sw,
    name: node.attributes.get('name') ?? '',
    values,
    store,
    mails,
    template: own
      ? readTemplate(sw, email('template-file'), node)
      : { headers: email('headers'), body: email('body') },
    notifyTemplate: readTemplate(sw, email('notify-template-file'), node),
    email,
  }
}

/** Least and most of numbers. */
const bounds: Readonly<Record<string, readonly [number, number]>> = {
  'digit-timeout': [0, 30_000],
  'max-login-attempts': [0, 10],
  'min-record-len': [0, 10_000],
  'max-record-len': [0, 1000],
  'max-retries': [0, 1000],
  'record-silence-threshold': [0, 10_000],
  'record-silence-hits': [0, 1000],
  'min-pin-length': [1, 32],
  'lockout-attempts': [0, 10_000],
  'lockout-seconds': [1, 86_400],
}

function withBounds(values: Values, node: XmlNode): Values {
  const bounded = new Map<string, number>()
  for (const [name, [least, most]] of Object.entries(bounds)) {
    const value = values.number(name)
    const kept = Math.min(most, Math.max(least, value))
    if (kept !== value)
      log.err(`${placeText(node.place)}: ${name}="${value}": ${kept} is used (${least}–${most})`)
    bounded.set(name, kept)
  }
  return { ...values, number: (name) => bounded.get(name) ?? values.number(name) }
}

function readTemplate(sw: Switch, file: string, node: XmlNode): MailTemplate | undefined {
  if (file === '') return undefined
  const path = isAbsolute(file)
    ? file
    : join(sw.globals.get('conf_dir') ?? sw.options.confDir, file)
  try {
    const text = readFileSync(path, 'utf8').replace(/\r\n/g, '\n')
    const gap = text.indexOf('\n\n')
    if (gap < 0) {
      log.err(`${path}: no empty line between headers and body; a mail of our own is sent`)
      return undefined
    }
    return { headers: text.slice(0, gap), body: text.slice(gap + 2) }
  } catch (thrown) {
    log.err(`${placeText(node.place)}: template: ${reasonOf(thrown)}; a mail of our own is sent`)
    return undefined
  }
}
