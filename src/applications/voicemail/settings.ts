/** The profiles of voicemail.conf.xml, as tables. */
import type { Setting } from '../../core/settings.ts'

const keys = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#']

function key(name: string, usual: string, about: string): Setting {
  const oneOf = usual === '' ? ['', ...keys] : keys
  return { name, type: 'text', default: usual, oneOf, about }
}

// biome-ignore format: a table keeps its columns
export const profileSettings: readonly Setting[] = [
  // Keys
  key('terminator-key', '#', 'ends what is entered, and the main menu'),
  key('play-new-messages-key', '1', 'main menu: new messages'),
  key('play-saved-messages-key', '2', 'main menu: saved messages'),
  key('config-menu-key', '5', 'main menu: greetings, name, PIN'),
  key('main-menu-key', '0', 'from there back to the main menu'),
  key('record-greeting-key', '1', 'records a greeting'),
  key('choose-greeting-key', '2', 'chooses one'),
  key('record-name-key', '3', 'records the name'),
  key('change-pass-key', '6', 'changes the PIN'),
  key('record-file-key', '3', 'records once more'),
  key('listen-file-key', '1', 'hears the recording'),
  key('save-file-key', '2', 'keeps it'),
  key('delete-file-key', '7', 'deletes the message'),
  key('undelete-file-key', '8', 'brings a deleted message back'),
  key('email-key', '4', 'sends the message by mail'),
  key('callback-key', '5', 'calls who left it'),
  key('forward-key', '8', 'forwards the message'),
  key('prepend-key', '1', 'forwards it behind words of one\'s own'),
  key('previous-message-key', '1', 'the message before'),
  key('next-message-key', '3', 'the message behind'),
  key('repeat-message-key', '0', 'the message again'),
  key('pause-key', '0', 'stops the sound and lets it go on'),
  key('restart-key', '1', 'the sound from its beginning'),
  key('ff-key', '6', 'three seconds ahead'),
  key('rew-key', '4', 'six seconds back'),
  key('skip-greet-key', '#', 'past the greeting'),
  key('skip-info-key', '*', 'past number and date of a message'),
  key('urgent-key', '*', 'marks a message as urgent'),
  key('operator-key', '', 'while the greeting plays: to operator-extension'),
  key('vmain-key', '', 'while the greeting plays: to vmain-extension'),
  { name: 'login-keys', type: 'text', default: '0', about: 'while the greeting plays: for the owner, who logs in' },
  { name: 'operator-extension', type: 'text', default: '', about: '<extension> [<dialplan>] [<context>]' },
  { name: 'vmain-extension', type: 'text', default: '', about: '<extension> [<dialplan>] [<context>]' },
  // Login
  { name: 'max-login-attempts', type: 'number', default: '3', about: 'how often id and PIN may be entered in a call' },
  { name: 'allow-empty-password-auth', type: 'boolean', default: 'true', about: 'a mailbox without PIN is open to everybody' },
  { name: 'db-password-override', type: 'boolean', default: 'false', about: 'once a PIN was chosen that of the directory is void' },
  { name: 'min-pin-length', type: 'number', default: '4', about: 'digits of a PIN that is chosen by keys' },
  { name: 'lockout-attempts', type: 'number', default: '10', about: 'wrong entries over all calls until nobody gets in; 0 never' },
  { name: 'lockout-seconds', type: 'number', default: '900', about: 'within how many seconds, and for how long' },
  // Recording
  { name: 'file-extension', type: 'text', default: 'wav', about: 'form of messages and greetings' },
  { name: 'min-record-len', type: 'number', default: '3', about: 'seconds; what is shorter is no message' },
  { name: 'max-record-len', type: 'number', default: '300', about: 'seconds' },
  { name: 'max-retries', type: 'number', default: '3', about: 'rounds of a menu without a choice, tries of a message too short' },
  { name: 'digit-timeout', type: 'number', default: '10000', about: 'ms to press a key' },
  { name: 'tone-spec', type: 'text', default: '%(1000, 0, 640)', about: 'the tone before a recording' },
  { name: 'record-silence-threshold', type: 'number', default: '200', about: 'mean amplitude that counts as speech; 0 silence ends nothing' },
  { name: 'record-silence-hits', type: 'number', default: '2', about: 'seconds of silence that end a recording' },
  { name: 'record-sample-rate', type: 'number', default: '0', about: 'Hz of the files; 0 that of the call' },
  { name: 'record-title', type: 'text', default: 'Voicemail', about: 'what a file says of itself' },
  { name: 'record-comment', type: 'text', default: 'Voicemail', about: 'what a file says of itself' },
  { name: 'record-copyright', type: 'text', default: '', about: 'what a file says of itself' },
  { name: 'auto-playback-recordings', type: 'boolean', default: 'false', about: 'a recording is played to who made it' },
  // Listening
  { name: 'play-new-messages-lifo', type: 'boolean', default: 'false', about: 'the newest first' },
  { name: 'play-saved-messages-lifo', type: 'boolean', default: 'false', about: 'the newest first' },
  { name: 'play-date-announcement', type: 'text', default: 'first', oneOf: ['first', 'last', 'never'], about: 'when the date is told' },
  { name: 'callback-dialplan', type: 'text', default: 'XML', about: 'where callback-key calls' },
  { name: 'callback-context', type: 'text', default: 'default', about: 'where callback-key calls' },
  { name: 'send-full-vm-header', type: 'boolean', default: 'false', about: 'lamps are told of urgent messages' },
  // Places
  { name: 'storage-dir', type: 'text', default: '', about: 'holds <domain>/<id>/; default storage_dir/voicemail/<profile>' },
  { name: 'storage-dir-shared', type: 'boolean', default: 'false', about: '<storage-dir>/<domain>/voicemail/<id>' },
  { name: 'dbname', type: 'text', default: '', about: 'the database in db_dir; default voicemail_<profile>' },
  { name: 'odbc-dsn', type: 'text', ignored: true, about: 'the database is embedded (SQLite)' },
  { name: 'web-template-file', type: 'text', ignored: true, about: 'there are no web pages of mailboxes' },
  // Mail
  { name: 'convert-cmd', type: 'text', default: '', about: 'run with the file and the name of the one to be made before it is attached' },
  { name: 'convert-ext', type: 'text', default: '', about: 'extension of that file' },
  ...emailNames().map(([name, about]) => ({ name: `email_${name}`, type: 'text', about }) as const),
]

/** `<email>` of a profile: the mail, and who takes it. */
export const emailSettings: readonly Setting[] = emailNames().map(([name, about]) => ({
  name,
  type: 'text',
  about,
}))

function emailNames(): readonly (readonly [name: string, about: string])[] {
  return [
    ['template-file', 'headers, an empty line, the body'],
    ['notify-template-file', 'the same for mail that only tells of a message'],
    ['headers', 'headers in place of a file'],
    ['body', 'body in place of a file'],
    ['date-fmt', 'voicemail_time, by strftime'],
    ['email-from', 'the sender of the envelope'],
    ['smtp-host', 'the server that takes the mail; none: mailer-app of switch.conf'],
    ['smtp-port', 'its port; default 25, or 465 with smtp-secure'],
    ['smtp-secure', 'TLS from the start; otherwise STARTTLS where it is offered'],
    ['smtp-require-tls', 'no mail without TLS'],
    ['smtp-verify', 'its certificate must be good; default true'],
    ['smtp-username', 'to log in there'],
    ['smtp-password', 'to log in there'],
    ['retry-hours', 'how long it is tried again; default 24'],
  ]
}

/** Settings of voicemail.conf itself. */
// biome-ignore format: a table keeps its columns
export const moduleSettings: readonly Setting[] = [
  { name: 'message-query-exact-match', type: 'boolean', default: 'false', about: 'lamps of a domain are those of the profile of that name' },
  { name: 'debug', type: 'text', ignored: true, about: 'the log level says how much is told' },
]
