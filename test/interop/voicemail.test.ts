/** Mailboxes of a real server: what a kill leaves of messages, and the lamp of a telephone. */
import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { findCodec } from '../../src/codecs/index.ts'
import { Phone as Baresip, skipWithoutModules } from '../support/baresip.ts'
import { pressEvents, silentPacket } from '../support/digits.ts'
import { sine } from '../support/levels.ts'
import { beep, phraseMacros, tones } from '../support/mailbox.ts'
import { Phone, type PhoneCall } from '../support/phone.ts'
import { eventually, skipWithout } from '../support/programs.ts'
import {
  copyOfConf,
  folderForTest,
  Server,
  type ServerPorts,
  serverPorts,
} from '../support/server.ts'
import { mailAttachment, SmtpServer } from '../support/smtp-server.ts'
import { purity } from '../support/tone.ts'
import { readRecording, wavChunks } from '../support/wav.ts'

const domain = '127.0.0.1'
const boxes = ['1001', '1002', '1003']

/** Only what mailboxes need, with tones for prompts: such a server is quick to start. */
function smallConf(folder: string): string {
  const modules = `event_socket sofia dptools dialplan_xml commands voicemail sndfile tone_stream`
    .split(' ')
    .map((name) => `<load module="mod_${name}"/>`)
  const users = boxes.map((id) => `<user id="${id}"/>`)
  const file = join(folder, 'conf', 'freeswitch.xml')
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(
    file,
    `<document type="freeswitch/xml">
<section name="configuration">
<configuration name="switch.conf"><settings><param name="loglevel" value="notice"/><param name="sessions-per-second" value="1000"/>
<param name="rtp-start-port" value="$\${rtp_start_port}"/><param name="rtp-end-port" value="$\${rtp_end_port}"/></settings></configuration>
<configuration name="modules.conf"><modules>${modules.join('')}</modules></configuration>
<configuration name="event_socket.conf"><settings><param name="listen-ip" value="127.0.0.1"/>
<param name="listen-port" value="$\${event_socket_port}"/><param name="password" value="$\${event_socket_password}"/></settings></configuration>
<configuration name="sofia.conf"><profiles><profile name="internal"><settings><param name="sip-ip" value="127.0.0.1"/>
<param name="sip-port" value="$\${internal_sip_port}"/><param name="context" value="default"/><param name="auth-calls" value="false"/>
<param name="inbound-codec-prefs" value="PCMU"/></settings></profile></profiles></configuration>
<configuration name="voicemail.conf"><profiles><profile name="default"><param name="min-record-len" value="1"/>
<param name="tone-spec" value="%(300,0,${beep})"/><param name="record-silence-threshold" value="0"/>
<param name="digit-timeout" value="20000"/></profile></profiles></configuration>
</section>
<section name="dialplan"><context name="default"><extension name="leave">
<condition field="destination_number" expression="^40(\\d+)$"><action application="answer"/>
<action application="set" data="effective_caller_id_number=\${sip_h_X-Id}"/><action application="set" data="skip_greeting=true"/>
<action application="set" data="skip_instructions=true"/><action application="set" data="skip_record_check=true"/>
<action application="voicemail" data="default ${domain} $1"/></condition></extension></context></section>
<section name="directory"><domain name="${domain}">${users.join('')}</domain></section>
<section name="languages"><language name="en"><phrases><macros>${phraseMacros()}</macros></phrases></language></section>
</document>
`,
  )
  return dirname(file)
}

/** The time of one server, which somebody will kill. */
interface Life {
  isOver: boolean
}

/** Whether 100 ms of a tone come behind packet `from` before the server's life is over; where they end. */
async function hears(call: PhoneCall, hz: number, from: number, life: Life): Promise<number> {
  for (let at = from; !life.isOver; ) {
    if (call.rtp.arrived.length < at + 5) {
      await pause(20)
      continue
    }
    if (purity(hz, call.rtp.heard('PCMU', 0, at).subarray(0, 800)) > 0.9) return at + 5
    at++
  }
  return -1
}

/** Leaves a message; true when its caller has heard that it is kept. */
async function leave(phone: Phone, box: string, id: string, life: Life): Promise<boolean> {
  const call = await phone.call(`40${box}`, { headers: [['X-Id', id]], codecs: [0, 101] })
  await eventually('an answer', () => life.isOver || call.final !== undefined)
  if (life.isOver) return false
  const heard = await hears(call, beep, 0, life)
  if (heard < 0) return false
  const coder = findCodec('PCMU')!.open('')
  const samples = sine(1000, 8000, 70 * 160, 9000)
  const octets = new Uint8Array(160)
  const start = performance.now()
  for (let packet = 0; packet < 85 && !life.isOver; packet++) {
    coder.encode(samples.subarray((packet % 70) * 160, (packet % 70) * 160 + 160), octets)
    await call.rtp.packet(octets, 0, 160)
    await pause(Math.max(0, start + (packet + 1) * 20 - performance.now()))
  }
  await pressEvents(call.rtp, '#', { toneMs: 80, gapMs: 60 }, 101, 8000, silentPacket)
  const asked = await hears(call, tones.record_urgent_check, heard, life)
  if (asked < 0) return false
  await pressEvents(call.rtp, '#', { toneMs: 80, gapMs: 60 }, 101, 8000, silentPacket)
  if ((await hears(call, tones.saved, asked, life)) < 0) return false
  void call.bye().catch(() => undefined) // the server may be gone before it answers
  return true
}

interface Row {
  readonly path: string
  readonly number: string
  readonly seconds: number
}

async function rowsOf(server: Server, box: string): Promise<Row[]> {
  const text = await server.api(`vm_list ${box}@${domain}`)
  return text
    .split('\n')
    .filter((line) => line.includes(':'))
    .map((line) => line.split(':'))
    .map((words) => ({ path: words[5] ?? '', number: words[8] ?? '', seconds: Number(words[9]) }))
}

/** A file whose header tells the truth about it. */
function assertWhole({ path, seconds }: Row): void {
  const bytes = readFileSync(path)
  assert.equal(bytes.readUInt32LE(4) + 8, bytes.length, `${path}: the length in its head`)
  const sound = wavChunks(path).find(({ name }) => name === 'data')
  const length = (sound?.body.length ?? 0) / 16_000
  assert.ok(length >= 1, `${path} lasts ${length} s`)
  assert.equal(Math.trunc(length), seconds, `${path}: the length that its row tells`)
}

/** How often, and for how long at most: a machine that is busy starts servers slowly. */
const kills = 20
const mostMs = 120_000
/** By this kill some message has to be kept, however slow the machine is. */
const leastKept = 2

test(`kill -9 at ${kills} random moments while ten callers record loses nothing that was confirmed and leaves no half message`, {
  timeout: 280_000,
}, async (t) => {
  using folder = folderForTest()
  const conf = smallConf(folder.path)
  const data = join(folder.path, 'data')
  const ports: ServerPorts = await serverPorts()
  const confirmed = new Set<string>()
  let round = 0
  let server = await Server.start({ conf, data, ports, events: '' })
  try {
    const begun = performance.now()
    for (; round < kills && performance.now() - begun < mostMs; round++) {
      const life: Life = { isOver: false }
      const address = `127.0.0.1:${ports.internal}`
      const phones = await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          Phone.open({ user: `900${index}`, server: address, domain }),
        ),
      )
      const callers = phones.map(async (phone, index) => {
        for (let count = 0; !life.isOver; count++) {
          const id = `${round}x${index}x${count}`
          const box = boxes[(index + count) % boxes.length] ?? ''
          const isKept = await leave(phone, box, id, life).catch(() => false)
          if (isKept) confirmed.add(id)
        }
      })
      await pause(300 + Math.random() * 4500)
      // A test in which nothing was ever kept would tell nothing.
      if (round === leastKept && confirmed.size === 0)
        await eventually('a message to be kept', () => confirmed.size > 0, 60_000)
      server.program.signal('SIGKILL')
      await server.program.ends()
      life.isOver = true
      await Promise.all(callers)
      for (const phone of phones) await phone[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
      server = await Server.start({ conf, data, ports, events: '' })
    }
    const rows = (await Promise.all(boxes.map((box) => rowsOf(server, box)))).flat()
    const numbers = new Set(rows.map(({ number }) => number))
    const lost = [...confirmed].filter((id) => !numbers.has(id))
    assert.deepEqual(lost, [], 'every message that was confirmed is there')
    assert.equal(numbers.size, rows.length, 'none is there twice')
    for (const row of rows) assertWhole(row)
    for (const box of boxes) {
      const names = readdirSync(join(data, 'storage', 'voicemail', 'default', domain, box))
      const listed = rows.filter(({ path }) => path.includes(`/${box}/`))
      assert.equal(names.length, listed.length, `${box}: no file but those of messages`)
    }
    assert.ok(confirmed.size > 0, 'some messages were confirmed')
    t.diagnostic(`${round} kills: ${confirmed.size} confirmed, ${rows.length} messages kept`)
  } finally {
    await server[Symbol.asyncDispose]()
  }
})

const skip = skipWithout('baresip') || skipWithoutModules(['mwi'])

/** Waits until the lamp is told so, behind what it was waited for before: the same may be told twice. */
function lampOf(phone: Baresip): (words: RegExp) => Promise<void> {
  let from = 0
  return async (words) => {
    // What it prints, not its events: the first comes as soon as it has registered, before anybody may listen for those.
    const notices = () => phone.program.text.split('----- MWI for ').slice(1)
    const at = await eventually(
      `the lamp to be told ${words}`,
      () => {
        const found = notices().findIndex((text, i) => i >= from && words.test(text))
        return found >= 0 && found + 1
      },
      60_000,
      notices,
    )
    from = at
  }
}

/** How many tenths of a second of a message are the caller's tone. */
function piecesOf(samples: Int16Array): number {
  let count = 0
  for (let at = 0; at + 800 <= samples.length; at += 800)
    if (purity(650, samples.subarray(at, at + 800)) > 0.8) count++
  return count
}

test('the lamp of a telephone lights with a message and goes out when it was heard; the mail arrives', {
  skip,
}, async () => {
  using folder = folderForTest()
  await using smtp = await SmtpServer.start()
  const conf = copyOfConf(join(folder.path, 'conf'), {
    'autoload_configs/voicemail.conf.xml': (text) =>
      text
        .replace(
          '<email>',
          `<email><param name="smtp-host" value="127.0.0.1"/><param name="smtp-port" value="${smtp.port}"/>`,
        )
        .replace('name="min-record-len" value="3"', 'name="min-record-len" value="1"'),
    'directory/default/1001.xml': (text) =>
      text.replace(
        '<params>',
        '<params><param name="vm-password" value="2468"/><param name="vm-mailto" value="bob@mail.test"/><param name="vm-email-all-messages" value="true"/><param name="vm-attach-file" value="true"/>',
      ),
  })
  await using server = await Server.start({ conf })
  const port = server.ports.internal
  await using lamp = await Baresip.start({ server: port, user: '1001', hasLamp: true })
  await lamp.registered()
  const told = lampOf(lamp)
  await told(/Messages-Waiting: no/i)
  // 1001 does not take the call: the mailbox does.
  await using caller = await Baresip.start({ server: port, user: '1000', tone: 650 })
  await caller.registered()
  await caller.dial('1001')
  await lamp.event('CALL_INCOMING')
  await lamp.hangUp()
  await caller.event('CALL_ESTABLISHED')
  // The greeting and what to do are spoken first, and after the login how many messages there are and when this one came.
  const started = await server.event('RECORD_START', {}, 90_000)
  const recorded = started.headers.get('Record-File-Path') ?? ''
  await eventually(
    'two seconds of the tone in the message',
    () => piecesOf(readRecording(recorded).samples) >= 20,
    60_000,
    () => [recorded, readRecording(recorded).samples.length],
  )
  await caller.hangUp()
  const left = await server.event('CUSTOM', { 'VM-Action': 'leave-message' })
  assert.equal(left.headers.get('VM-User'), '1001')
  await told(/Messages-Waiting: yes.*Voice-Message: 1\/0/is)
  await eventually('the mail', () => smtp.mails.length > 0)
  const path = join(folder.path, 'mail.wav')
  writeFileSync(path, mailAttachment(smtp.mails[0]?.text ?? '', '.wav') ?? '')
  const { body } = wavChunks(path).find(({ name }) => name === 'data')!
  const samples = new Int16Array(body.buffer, body.byteOffset, Math.trunc(body.length / 2))
  assert.ok(piecesOf(samples) >= 10, 'a second of the tone is in it')
  await lamp.dial('*97')
  await lamp.event('CALL_ESTABLISHED')
  // The PIN, and the message is saved.
  await server.event('CHANNEL_EXECUTE', {
    Application: 'voicemail',
    'Caller-Caller-ID-Number': '1001',
  })
  for (const key of '2468#') {
    await lamp.command('sndcode', key)
    await pause(200)
  }
  await server.event('CUSTOM', { 'VM-Action': 'authentication', 'VM-Auth-Result': 'success' })
  await server.event('PLAYBACK_START', { 'Playback-File-Path': /msg_/ }, 90_000)
  await lamp.hears(650)
  await lamp.command('sndcode', '2')
  await eventually('it to be saved', async () =>
    /^0:1:/.test(await server.api(`vm_boxcount 1001@${domain}|all`)),
  )
  await told(/Messages-Waiting: no.*Voice-Message: 0\/1/is)
})
