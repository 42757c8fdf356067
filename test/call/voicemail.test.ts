/** Mailboxes in whole calls: prompts and messages are tones, found in what the phone hears and in the files. */
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Caller } from '../support/caller.ts'
import { levelOf } from '../support/levels.ts'
import { beep, type MailboxSwitch, startMailboxSwitch, tones } from '../support/mailbox.ts'
import { eventually } from '../support/programs.ts'
import { mailAttachment, mailHeader, SmtpServer } from '../support/smtp-server.ts'
import { type Recording, readRecording, shareOf } from '../support/wav.ts'

const domain = 'example.test'

/** A message with a tone, left by hanging up. */
async function leave(sw: MailboxSwitch, box: string, hz: number, user = '1000'): Promise<void> {
  const before = await counts(sw, box)
  const caller = await Caller.call(sw, `40${box}`, user)
  await caller.hears(beep)
  await caller.says(hz, 1600)
  await caller.hangsUp()
  await eventually('the message', async () => (await counts(sw, box)) !== before)
}

/** `new:saved:new-urgent:saved-urgent`. */
function counts(sw: MailboxSwitch, box: string): Promise<string> {
  return sw.api(`vm_boxcount ${box}@${domain}|all`)
}

async function untilCounts(sw: MailboxSwitch, box: string, wanted: string): Promise<void> {
  await eventually(`${box} to have ${wanted}`, async () => (await counts(sw, box)) === wanted)
}

/** The files of a mailbox's messages. */
function files(sw: MailboxSwitch, box: string): string[] {
  const folder = join(sw.storage, domain, box)
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => name.startsWith('msg_'))
    .map((name) => join(folder, name))
}

/** Whether what can be heard in a file is a tone: piece by piece, for a packet that came late breaks its phase. */
function holds(path: string, hz: number, part: (recording: Recording) => Recording = (all) => all) {
  const { rate, samples } = part(readRecording(path))
  const length = rate / 20
  let heard = 0
  let right = 0
  for (let at = 0; at + length <= samples.length; at += length) {
    const piece = { rate, samples: samples.subarray(at, at + length) }
    if (levelOf(piece.samples) < 1000) continue
    heard++
    if (shareOf(piece, hz) > 0.8) right++
  }
  return heard >= 6 && right / heard > 0.5
}

async function logIn(sw: MailboxSwitch, box: string, pin = `9${box}`): Promise<Caller> {
  const caller = await Caller.call(sw, '4000', box)
  await caller.hears(tones.enter_id)
  await caller.presses(`${box}#`)
  await caller.hears(tones.enter_pass)
  await caller.presses(`${pin}#`)
  return caller
}

function actions(sw: MailboxSwitch): string[] {
  return sw.events.flatMap((event) => {
    const isOurs = event.get('Event-Subclass') === 'vm::maintenance'
    return isOurs ? [event.get('VM-Action') ?? ''] : []
  })
}

test('a message is left, heard, saved, deleted, brought back and forwarded', async () => {
  await using sw = await startMailboxSwitch()
  await leave(sw, '1001', 850)
  const [file = ''] = files(sw, '1001')
  assert.ok(holds(file, 850), 'the tone is in the file')
  assert.equal(await counts(sw, '1001'), '1:0:0:0')
  assert.deepEqual(actions(sw), ['leave-message', 'mwi-update'])
  const owner = await logIn(sw, '1001')
  await owner.hears(tones.message_count)
  await owner.hears(tones.say_message_number)
  await owner.hears(850)
  await owner.hears(tones.listen_file_check)
  await owner.presses('2')
  await owner.hears(tones.saved)
  await untilCounts(sw, '1001', '0:1:0:0')
  await owner.hears(tones.menu)
  await owner.presses('2')
  await owner.hears(850)
  await owner.presses('7')
  await owner.hears(tones.deleted)
  await untilCounts(sw, '1001', '0:0:0:0')
  await owner.hears(tones.menu)
  await owner.presses('8')
  await owner.hears(tones.undeleted)
  await untilCounts(sw, '1001', '0:1:0:0')
  await owner.hears(tones.menu)
  await owner.presses('2')
  await owner.hears(850)
  await owner.presses('8')
  await owner.hears(tones.forward_prepend)
  await owner.presses('1')
  await owner.hears(tones.record_message)
  await owner.hears(beep)
  await owner.says(1150, 1400)
  await owner.presses('#')
  await owner.hears(tones.record_file_check)
  await owner.presses('2')
  await owner.hears(tones.saved)
  await owner.hears(tones.forward_message_enter_extension)
  await owner.presses('1077#')
  await owner.hears(tones.invalid_extension)
  await owner.hears(tones.forward_message_enter_extension)
  await owner.presses('1002#')
  await owner.hears(tones.saved)
  // It is heard again: what becomes of it is still open.
  await owner.hears(850)
  await owner.presses('2')
  await owner.hears(tones.saved)
  await owner.hears(tones.menu)
  await owner.presses('#')
  await owner.hears(tones.goodbye)
  await owner.isHungUp()
  assert.equal(await counts(sw, '1001'), '0:1:0:0')
  assert.equal(await counts(sw, '1002'), '1:0:0:0')
  const [forwarded = ''] = files(sw, '1002')
  const first = ({ rate, samples }: Recording) => ({ rate, samples: samples.subarray(0, rate) })
  const last = ({ rate, samples }: Recording) => ({ rate, samples: samples.subarray(-rate) })
  assert.ok(holds(forwarded, 1150, first), 'first the words')
  assert.ok(holds(forwarded, 850, last), 'then the message')
})

test('a deleted message is gone when its owner hangs up, with its file', async () => {
  await using sw = await startMailboxSwitch()
  await leave(sw, '1001', 850)
  const owner = await logIn(sw, '1001')
  await owner.hears(850)
  await owner.presses('7')
  await owner.hears(tones.deleted)
  await owner.hangsUp()
  await eventually('the file to go', () => files(sw, '1001').length === 0)
  await eventually('the row to go', async () => (await sw.api(`vm_list 1001@${domain}`)) === '')
})

test('a message stays new when its owner hangs up while it plays', async () => {
  await using sw = await startMailboxSwitch()
  await leave(sw, '1001', 850)
  const owner = await logIn(sw, '1001')
  await owner.hears(850)
  await owner.hangsUp()
  await sw.event(
    'CHANNEL_HANGUP_COMPLETE',
    (event) => event.get('Caller-Destination-Number') === '4000',
  )
  assert.equal(await counts(sw, '1001'), '1:0:0:0')
})

test('keys lead from message to message, and back to one that was deleted', async () => {
  await using sw = await startMailboxSwitch()
  for (const hz of [850, 950, 1050]) await leave(sw, '1001', hz)
  const owner = await logIn(sw, '1001')
  await owner.hears(850)
  await owner.presses('3')
  await owner.hears(950)
  await owner.presses('1')
  await owner.hears(850)
  await owner.presses('7')
  await owner.hears(tones.deleted)
  await owner.hears(950)
  await owner.presses('1')
  await owner.hears(850)
  await owner.presses('8')
  await owner.hears(tones.undeleted)
  await owner.hears(950)
  await owner.presses('0')
  await owner.hears(950)
  await owner.presses('3')
  await owner.hears(1050)
  await owner.presses('#')
  await owner.hears(tones.listen_file_check)
  await owner.presses('1')
  await owner.hears(950)
  await owner.hangsUp()
  await untilCounts(sw, '1001', '3:0:0:0')
})

test('a recording is heard, made again and marked as urgent', async () => {
  await using sw = await startMailboxSwitch()
  const caller = await Caller.call(sw, '401001')
  await caller.hears(tones.play_greeting)
  await caller.hears(tones.record_message)
  await caller.hears(beep)
  await caller.says(850, 1300)
  await caller.presses('5')
  await caller.hears(tones.record_file_check)
  await caller.presses('1')
  await caller.hears(850)
  await caller.hears(tones.record_file_check)
  await caller.presses('3')
  await caller.hears(beep)
  await caller.says(1000, 1300)
  await caller.presses('#')
  await caller.hears(tones.record_file_check)
  await caller.presses('2')
  await caller.hears(tones.saved)
  await caller.hears(tones.record_urgent_check)
  await caller.presses('*')
  await caller.hears(tones['marked-urgent'])
  await caller.hears(tones.goodbye)
  await caller.isHungUp()
  assert.equal(await counts(sw, '1001'), '1:0:1:0')
  const [file = '', ...others] = files(sw, '1001')
  assert.deepEqual(others, [])
  assert.ok(holds(file, 1000))
  assert.deepEqual(readdirSync(join(sw.storage, domain, '1001')).length, 1, 'no temporary file')
})

test('what is too short is no message, and its caller is told so', async () => {
  await using sw = await startMailboxSwitch({
    params: { 'min-record-len': '10', 'max-retries': '1' },
  })
  const caller = await Caller.call(sw, '401001')
  await caller.hears(beep)
  await caller.says(850, 800)
  await caller.presses('#')
  await caller.hears(tones['too-small'])
  await caller.hears(beep)
  await caller.presses('#')
  await caller.hears(tones.goodbye)
  await caller.isHungUp()
  assert.equal(await counts(sw, '1001'), '0:0:0:0')
  assert.deepEqual(readdirSync(join(sw.storage, domain, '1001')), [])
  assert.deepEqual(actions(sw), [])
})

test('a mailbox that is full takes no message', async () => {
  await using sw = await startMailboxSwitch({ userParams: () => ({ 'vm-disk-quota': '1' }) })
  await leave(sw, '1001', 850)
  const caller = await Caller.call(sw, '401001')
  await caller.hears(tones.disk_quota_exceeded)
  await caller.hears(tones.goodbye)
  await caller.isHungUp()
  assert.equal(await counts(sw, '1001'), '1:0:0:0')
})

test('keys during the greeting: past it, to the operator, to the menu, to the login', async () => {
  await using sw = await startMailboxSwitch({
    params: {
      'operator-key': '9',
      'operator-extension': 'operator XML default',
      'vmain-key': '*',
      'vmain-extension': '4000 XML default',
    },
    extensions: { operator: ['answer:', 'playback:tone_stream://%(300,0,1444)', 'hangup:'] },
  })
  const hasty = await Caller.call(sw, '401001')
  await hasty.hears(tones.play_greeting)
  await hasty.presses('#')
  await hasty.hears(beep)
  await hasty.hangsUp()
  const lost = await Caller.call(sw, '401001')
  await lost.hears(tones.play_greeting)
  await lost.presses('9')
  await lost.hears(1444)
  await lost.isHungUp()
  const late = await Caller.call(sw, '401001')
  await late.hears(beep)
  await late.presses('9')
  await late.hears(1444)
  const main = await Caller.call(sw, '401001')
  await main.hears(tones.play_greeting)
  await main.presses('*')
  await main.hears(tones.enter_id)
  await main.hangsUp()
  const owner = await Caller.call(sw, '401001')
  await owner.hears(tones.play_greeting)
  await owner.presses('0')
  await owner.hears(tones.enter_pass)
  await owner.presses('91001#')
  await owner.hears(tones.message_count)
  await owner.hangsUp()
})

test('greetings and the name are recorded, chosen and heard by callers', async () => {
  await using sw = await startMailboxSwitch()
  const owner = await logIn(sw, '1001')
  await owner.hears(tones.menu)
  await owner.presses('5')
  await owner.hears(tones.config_menu)
  await owner.presses('3')
  await owner.hears(tones.record_name)
  await owner.hears(beep)
  await owner.says(1200, 600)
  await owner.presses('#')
  await owner.hears(tones.record_file_check)
  await owner.presses('2')
  await owner.hears(tones.config_menu)
  await owner.presses('1')
  await owner.hears(tones.choose_greeting)
  await owner.presses('4')
  await owner.hears(tones.record_greeting)
  await owner.hears(beep)
  await owner.says(1300, 1400)
  await owner.presses('#')
  await owner.hears(tones.record_file_check)
  await owner.presses('2')
  await owner.hears(tones.config_menu)
  const greeting = join(sw.storage, domain, '1001', 'greeting_4.wav')
  assert.equal(await sw.api(`vm_prefs 1001@${domain}|greeting_path`), greeting)
  const first = await Caller.call(sw, '401001')
  await first.hears(1300)
  await first.hears(beep)
  await first.hangsUp()
  await owner.presses('2')
  await owner.hears(tones.choose_greeting)
  await owner.presses('7')
  await owner.hears(tones.choose_greeting_fail)
  await owner.hears(tones.config_menu)
  await owner.presses('2')
  await owner.hears(tones.choose_greeting)
  await owner.presses('0')
  await owner.hears(tones.greeting_selected)
  await owner.hears(tones.config_menu)
  const second = await Caller.call(sw, '401001')
  await second.hears(1200)
  await second.hears(tones.play_greeting)
  await second.hangsUp()
  await owner.presses('0')
  await owner.hears(tones.menu)
  await owner.hangsUp()
  const wanted = ['record-name', 'record-greeting', 'remove-greeting']
  assert.deepEqual(
    actions(sw).filter((action) => wanted.includes(action)),
    wanted,
  )
})

test('the PIN is changed by keys, and a bad one is not taken', async () => {
  await using sw = await startMailboxSwitch()
  const owner = await logIn(sw, '1001')
  await owner.hears(tones.menu)
  await owner.presses('5')
  await owner.hears(tones.config_menu)
  await owner.presses('6')
  for (const bad of ['12', '7777']) {
    await owner.hears(tones.enter_pass)
    await owner.presses(`${bad}#`)
    await owner.hears(tones.change_pass_fail)
  }
  await owner.hears(tones.enter_pass)
  await owner.presses('2468#')
  await owner.hears(tones.change_pass_success)
  await owner.hangsUp()
  assert.equal(await sw.api(`vm_prefs 1001@${domain}|password`), '2468')
  const again = await logIn(sw, '1001', '2468')
  await again.hears(tones.message_count)
  await again.hangsUp()
})

test('wrong entries are told, limited in a call, and over all calls lock the mailbox', async () => {
  await using sw = await startMailboxSwitch({
    params: { 'max-login-attempts': '2', 'lockout-attempts': '3' },
  })
  const guesser = await Caller.call(sw, '4000', '1003')
  for (const _ of [1, 2]) {
    await guesser.hears(tones.enter_id)
    await guesser.presses('1001#')
    await guesser.hears(tones.enter_pass)
    await guesser.presses('0000#')
    await guesser.hears(tones.fail_auth)
  }
  await guesser.hears(tones.abort)
  await guesser.hears(tones.goodbye)
  await guesser.isHungUp()
  const again = await Caller.call(sw, '4000', '1003')
  await again.hears(tones.enter_id)
  await again.presses('1001#')
  await again.hears(tones.enter_pass)
  await again.presses('0001#')
  await again.hears(tones.fail_auth)
  await again.hangsUp()
  // Even the right one does not open it now, and nobody learns that it was right.
  const late = await logIn(sw, '1001')
  await late.hears(tones.fail_auth)
  await late.hangsUp()
  // The owner's own phone is known without a PIN.
  const owner = await Caller.call(sw, '4001', '1001')
  await owner.hears(tones.message_count)
  await owner.hangsUp()
  const figures = await sw.sw.counters.read()
  const own = figures.find(([source]) => source === 'voicemail')?.[1]
  assert.equal(own?.['wrongPins'], 3)
  assert.equal(own?.['lockedOut'], 1)
})

test('without a PIN only the own phone gets in, and chooses one first', async () => {
  await using sw = await startMailboxSwitch({ userParams: () => ({}) })
  const stranger = await Caller.call(sw, '4000', '1002')
  await stranger.hears(tones.enter_id)
  await stranger.presses('1001#')
  await stranger.hears(tones.enter_pass)
  await stranger.presses('1001#')
  await stranger.hears(tones.fail_auth)
  await stranger.hangsUp()
  const owner = await Caller.call(sw, '4002', '1001')
  await owner.hears(tones.enter_pass)
  await owner.presses('1001#')
  await owner.hears(tones.change_pass_fail)
  await owner.hears(tones.enter_pass)
  await owner.presses('8642#')
  await owner.hears(tones.change_pass_success)
  await owner.hears(tones.message_count)
  await owner.hangsUp()
  const away = await Caller.call(sw, '4000', '1002')
  await away.hears(tones.enter_id)
  await away.presses('1001#')
  await away.hears(tones.enter_pass)
  await away.presses('8642#')
  await away.hears(tones.message_count)
  await away.hangsUp()
})

test('"auth" without a mailbox opens none', async () => {
  await using sw = await startMailboxSwitch({
    extensions: { 4009: ['answer:', 'voicemail:check auth default example.test'] },
  })
  const caller = await Caller.call(sw, '4009', '1002')
  await caller.hears(tones.enter_id)
  await caller.presses('1001#')
  await caller.hears(tones.enter_pass)
  await caller.hangsUp()
})

test('auth_only tells who somebody is and goes on with the dialplan', async () => {
  await using sw = await startMailboxSwitch({
    extensions: {
      4010: [
        'answer:',
        'voicemail:auth_only default example.test',
        'playback:tone_stream://%(300,0,1444)',
        'hangup:',
      ],
    },
  })
  const caller = await Caller.call(sw, '4010', '1002')
  await caller.hears(tones.enter_id)
  await caller.presses('1001#')
  await caller.hears(tones.enter_pass)
  await caller.presses('91001#')
  await caller.hears(1444)
  await caller.isHungUp()
  const over = await sw.event('CHANNEL_HANGUP_COMPLETE')
  assert.equal(over.get('variable_user_pin_authenticated_user'), '1001')
  assert.equal(over.get('variable_user_name'), '1001')
})

test('who left a message is called back', async () => {
  await using sw = await startMailboxSwitch({
    extensions: { '100[0-9]': ['answer:', 'playback:tone_stream://%(300,0,1444)'] },
  })
  await leave(sw, '1001', 850, '1005')
  const owner = await logIn(sw, '1001')
  await owner.hears(850)
  await owner.hears(tones.listen_file_check)
  await owner.presses('5')
  await owner.hears(1444)
  await owner.hangsUp()
})

test('mail with the message arrives, and a second one by key', async () => {
  await using smtp = await SmtpServer.start()
  await using sw = await startMailboxSwitch({
    email: {
      'smtp-host': '127.0.0.1',
      'smtp-port': String(smtp.port),
      'email-from': '${voicemail_account}@${voicemail_domain}',
    },
    userParams: (id) => ({
      'vm-password': `9${id}`,
      'vm-mailto': `user${id}@mail.test`,
      'vm-email-all-messages': 'true',
      'vm-attach-file': 'true',
    }),
  })
  await leave(sw, '1001', 850, '1005')
  await eventually('the mail', () => smtp.mails.length > 0)
  const [mail] = smtp.mails
  assert.deepEqual(mail?.to, ['user1001@mail.test'])
  assert.equal(mail?.from, `1001@${domain}`)
  assert.match(mailHeader(mail?.text ?? '', 'Subject') ?? '', /Voicemail from Phone 1005 1005/)
  const path = join(sw.storage, 'of-the-mail.wav')
  writeFileSync(path, mailAttachment(mail?.text ?? '', '.wav') ?? '')
  assert.ok(holds(path, 850), 'the tone is in the attachment')
  assert.equal(await counts(sw, '1001'), '1:0:0:0', 'it stays in the mailbox')
  const owner = await logIn(sw, '1001')
  await owner.hears(850)
  await owner.hears(tones.listen_file_check)
  await owner.presses('4')
  await owner.hears(tones.emailed)
  await owner.hangsUp()
  await eventually('the second mail', () => smtp.mails.length > 1)
  await untilCounts(sw, '1001', '0:0:0:0')
})

test('a message that only goes by mail comes back when nobody takes the mail', async () => {
  await using smtp = await SmtpServer.start()
  smtp.verdict = '550 no such user'
  await using sw = await startMailboxSwitch({
    email: { 'smtp-host': '127.0.0.1', 'smtp-port': String(smtp.port) },
    userParams: (id) => ({
      'vm-mailto': `user${id}@mail.test`,
      'vm-email-all-messages': 'true',
      'vm-attach-file': 'true',
      'vm-keep-local-after-email': 'false',
    }),
  })
  await leave(sw, '1001', 850)
  await untilCounts(sw, '1001', '1:0:0:0')
  const [file = ''] = files(sw, '1001')
  assert.ok(holds(file, 850))
  smtp.verdict = '250 ok'
  const caller = await Caller.call(sw, '401001')
  await caller.hears(beep)
  await caller.says(900, 1600)
  await caller.hangsUp()
  await eventually('the mail', () => smtp.mails.length > 0)
  await eventually('its file to go', () => files(sw, '1001').length === 1)
  assert.equal(await counts(sw, '1001'), '1:0:0:0')
})

test('the mail of a template: parts as they stand, and what a caller calls himself stays text', async () => {
  await using smtp = await SmtpServer.start()
  const folder = mkdtempSync(join(tmpdir(), 'strowger-template-'))
  try {
    writeFileSync(
      join(folder, 'mail.tpl'),
      `From: "\${voicemail_caller_id_name}" <\${voicemail_caller_id_number}@\${voicemail_domain}>
Date: \${RFC2822_DATE}
To: \${voicemail_email}
Subject: \${voicemail_caller_id_name} \${voicemail_message_len}
X-Priority: \${voicemail_priority}

Content-Type: multipart/alternative;
\tboundary="000XXX000"

--000XXX000
Content-Type: text/plain; charset=ISO-8859-1

Account: \${voicemail_account}@\${voicemail_domain} of \${nobody}
--000XXX000--
`,
    )
    await using sw = await startMailboxSwitch({
      email: {
        'template-file': join(folder, 'mail.tpl'),
        'smtp-host': '127.0.0.1',
        'smtp-port': String(smtp.port),
      },
      globals: { secret: 'not for callers', nobody: 'nobody' },
      userParams: (id) => ({
        'vm-mailto': `user${id}@mail.test`,
        'vm-email-all-messages': 'true',
        'vm-attach-file': 'true',
      }),
    })
    await leave(sw, '1002', 850)
    await eventually('the first mail', () => smtp.mails.length > 0)
    const [sound = ''] = files(sw, '1002')
    const name = 'Eve "E" ${secret}\\nBcc: all@mail.test'
    assert.equal(await sw.api(`voicemail_inject 1001@${domain} ${sound} 5551 '${name}'`), '+OK\n')
    await eventually('the second mail', () => smtp.mails.length > 1)
    const { text = '', to } = smtp.mails[1] ?? {}
    assert.deepEqual(to, ['user1001@mail.test'])
    assert.equal(mailHeader(text, 'Bcc'), undefined)
    // A busy machine makes it longer.
    const subject = mailHeader(text, 'Subject') ?? ''
    assert.match(subject, /^Eve 'E' \$\{secret\} Bcc: all@mail\.test 00:00:(0[1-9]|1\d)$/)
    assert.equal(mailHeader(text, 'X-Priority'), '3')
    assert.match(text, /boundary="000XXX000"\r\n\r\n--000XXX000\r\n/)
    assert.match(text, /\r\nAccount: 1001@example.test of nobody\r\n/)
    assert.ok((mailAttachment(text, '.wav')?.length ?? 0) > 10_000)
    const rows = (await sw.api(`vm_list 1001@${domain}`)).trim().split('\n')
    assert.equal(rows.length, 1, 'a name with a line break makes no row of its own')
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('mail that a server puts off is sent again, and a program may take it', async () => {
  await using smtp = await SmtpServer.start()
  smtp.verdict = '450 later'
  const userParams = (id: string) => ({
    'vm-mailto': `user${id}@mail.test`,
    'vm-email-all-messages': 'true',
  })
  {
    await using sw = await startMailboxSwitch({
      email: { 'smtp-host': '127.0.0.1', 'smtp-port': String(smtp.port) },
      userParams,
    })
    await leave(sw, '1001', 850)
    const tries = async () => {
      const figures = await sw.sw.counters.read()
      return figures.find(([source]) => source === 'voicemail')?.[1]
    }
    await eventually('it to be put off', async () => (await tries())?.['mailRetried'] === 1)
    smtp.verdict = '250 ok'
    await eventually('the mail', () => smtp.mails.length > 0, 25_000)
    assert.equal(await counts(sw, '1001'), '1:0:0:0')
  }
  const folder = mkdtempSync(join(tmpdir(), 'strowger-mailer-'))
  try {
    const program = join(folder, 'mailer')
    writeFileSync(program, `#!/bin/sh\necho "$@" > ${folder}/words\ncat > ${folder}/mail\n`, {
      mode: 0o755,
    })
    await using sw = await startMailboxSwitch({
      userParams,
      switchParams: { 'mailer-app': program },
    })
    await leave(sw, '1001', 850)
    await eventually('the program to have it', () => existsSync(join(folder, 'mail')))
    await eventually('all of it', () => /second/.test(readFileSync(join(folder, 'mail'), 'utf8')))
    assert.equal(readFileSync(join(folder, 'words'), 'utf8').trim(), `-f 1001@${domain} -t`)
    assert.match(readFileSync(join(folder, 'mail'), 'utf8'), /^To: user1001@mail.test$/m)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('a sound is put into the mailboxes of one, of a group and of all', async () => {
  await using sw = await startMailboxSwitch()
  await leave(sw, '1001', 850)
  const [sound = ''] = files(sw, '1001')
  assert.equal(await sw.api(`voicemail_inject 1002@${domain} ${sound} 5551 'Joe B'`), '+OK\n')
  const row = (await sw.api(`vm_list 1002@${domain}`)).split(':')
  assert.deepEqual(row.slice(7, 9), ['Joe B', '5551'])
  assert.equal(await sw.api(`voicemail_inject group=all@${domain} ${sound}`), '+OK\n')
  assert.equal(await sw.api(`vm_inject domain=${domain} ${sound}`), '+OK\n')
  assert.equal(await counts(sw, '1002'), '3:0:0:0')
  assert.equal(await counts(sw, '1009'), '2:0:0:0')
  assert.match(
    await sw.api(`voicemail_inject 1002@${domain} /nonexistent.wav`),
    /^-ERR .*nonexistent/,
  )
  assert.equal(await counts(sw, '1002'), '3:0:0:0')
})
