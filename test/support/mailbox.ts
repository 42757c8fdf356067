/** A switch with mailboxes whose prompts are tones: each phrase has its own frequency, so that a test hears what is said. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type SipSwitch, startSipSwitch } from './sip-switch.ts'

/** Hz of each phrase. */
export const tones = {
  hello: 500,
  goodbye: 510,
  abort: 520,
  enter_id: 530,
  enter_pass: 540,
  fail_auth: 550,
  message_count: 560,
  menu: 570,
  config_menu: 580,
  record_name: 590,
  record_file_check: 600,
  record_urgent_check: 610,
  forward_prepend: 620,
  forward_message_enter_extension: 630,
  invalid_extension: 640,
  listen_file_check: 650,
  choose_greeting: 660,
  choose_greeting_fail: 670,
  greeting_selected: 680,
  record_greeting: 690,
  record_message: 700,
  play_greeting: 710,
  say_message_number: 730,
  say_phone_number: 740,
  say_date: 760,
  disk_quota_exceeded: 780,
  change_pass_success: 790,
  change_pass_fail: 810,
  saved: 1700,
  deleted: 1750,
  undeleted: 1800,
  emailed: 1850,
  'marked-urgent': 1900,
  'too-small': 1950,
} as const

/** What is heard before a recording begins. */
export const beep = 2100

const acks = ['saved', 'deleted', 'undeleted', 'emailed', 'marked-urgent', 'too-small'] as const

/** The greeting is long enough for a key to be pressed meanwhile. */
function sound(hz: number): string {
  const ms = hz === tones.play_greeting ? 800 : 160
  return `<action function="play-file" data="tone_stream://%(${ms},0,${hz})"/>`
}

/** `<macro>`s of all phrases. */
export function phraseMacros(): string {
  const macros = Object.entries(tones)
    .filter(([name]) => !(acks as readonly string[]).includes(name))
    .map(
      ([name, hz]) =>
        `<macro name="voicemail_${name}" pause="0"><input pattern="(.*)"><match>${sound(hz)}</match></input></macro>`,
    )
  const inputs = acks.map(
    (name) => `<input pattern="^${name}$"><match>${sound(tones[name])}</match></input>`,
  )
  return `${macros.join('')}<macro name="voicemail_ack" pause="0">${inputs.join('')}</macro>`
}

export interface MailboxOptions {
  /** Further params of the profile `default`, or other values. */
  readonly params?: Readonly<Record<string, string>>
  /** Params of `<email>`. */
  readonly email?: Readonly<Record<string, string>>
  readonly userParams?: (id: string) => Readonly<Record<string, string>>
  readonly extensions?: Readonly<Record<string, readonly string[]>>
  readonly settings?: Readonly<Record<string, string>>
  /** Further params of switch.conf. */
  readonly switchParams?: Readonly<Record<string, string>>
  /** Global variables. */
  readonly globals?: Readonly<Record<string, string>>
  readonly configuration?: string
}

export interface MailboxSwitch extends SipSwitch {
  /** Holds `<domain>/<user>/`. */
  readonly storage: string
}

function paramsXml(params: Readonly<Record<string, string>>): string {
  return Object.entries(params)
    .map(([name, value]) => `<param name="${name}" value="${value}"/>`)
    .join('')
}

/** 40xxxx leaves a message for a user, 4000 checks, 4001 checks the caller's own mailbox. */
export async function startMailboxSwitch(options: MailboxOptions = {}): Promise<MailboxSwitch> {
  const folder = mkdtempSync(join(tmpdir(), 'strowger-voicemail-'))
  const storage = join(folder, 'voicemail', 'default')
  const params = {
    'tone-spec': `%(300,0,${beep})`,
    'min-record-len': '1',
    'max-record-len': '20',
    'record-silence-threshold': '0',
    'digit-timeout': '20000',
    'play-date-announcement': 'never',
    'allow-empty-password-auth': 'false',
    ...options.params,
  }
  const sw = await startSipSwitch({
    modules: ['mod_voicemail', 'mod_loopback'],
    globals: { storage_dir: folder, conf_dir: folder, ...options.globals },
    userParams: options.userParams ?? ((id) => ({ 'vm-password': `9${id}` })),
    ...(options.settings ? { settings: options.settings } : {}),
    ...(options.switchParams ? { switchParams: options.switchParams } : {}),
    languages: `<language name="en"><phrases><macros>${phraseMacros()}</macros></phrases></language>`,
    configuration: `<configuration name="voicemail.conf"><profiles><profile name="default">${paramsXml(params)}
<email>${paramsXml(options.email ?? {})}</email></profile></profiles></configuration>${options.configuration ?? ''}`,
    extensions: {
      '40(100[0-9])': ['answer:', 'voicemail:default example.test $1'],
      '4000': ['answer:', 'voicemail:check default example.test'],
      '4001': ['answer:', 'voicemail:check auth default example.test ${user_name}'],
      '4002': ['answer:', 'voicemail:check default example.test ${user_name}'],
      ...options.extensions,
    },
  })
  const end = sw[Symbol.asyncDispose].bind(sw)
  return Object.assign(sw, {
    storage,
    async [Symbol.asyncDispose]() {
      await end()
      rmSync(folder, { recursive: true, force: true })
    },
  })
}
