/**
 * A whole visit, recorded: somebody calls the attendant of the stock configuration, asks for support, waits in its queue with music,
 * gives up and leaves a message. Writes session.wav (left the caller, right what the server says) and session.png, its picture.
 * Run it built: `node .build/tools/session/record.js [FOLDER]`; the folder is where it lies unless told.
 */
import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { pressEvents, silentPacket } from '../../test/support/digits.ts'
import { Phone, type PhoneCall } from '../../test/support/phone.ts'
import { root } from '../../test/support/programs.ts'
import { folderForTest, password, Server } from '../../test/support/server.ts'
import { speech } from '../../test/support/speech-quality.ts'
import { spectrogram } from './spectrogram.ts'

const folder = process.argv[2] ?? join(root, 'tools', 'session')
const say = (text: string) => process.stdout.write(`${text}\n`)

/** Says nothing for so long: a phone sends silence too. */
async function listen(call: PhoneCall, ms: number): Promise<void> {
  await call.rtp.sound(new Int16Array((ms / 20) * 160))
}

async function press(call: PhoneCall, digits: string): Promise<void> {
  await pressEvents(call.rtp, digits, { toneMs: 120, gapMs: 100 }, 101, 8000, silentPacket)
}

using temporary = folderForTest()
await using server = await Server.start({ events: 'CHANNEL_EXECUTE CUSTOM vm::maintenance' })
await using caller = await Phone.open({
  user: '1005',
  domain: '127.0.0.1',
  server: `127.0.0.1:${server.ports.internal}`,
  password,
})
const begin = Date.now()
const step = (what: string) =>
  say(`${((Date.now() - begin) / 1000).toFixed(1).padStart(6)} s  ${what}`)

// As *281 does: the office is open, whatever the clock says.
await server.api('db insert/127.0.0.1-office/mode/open')
const call = await caller.call('5002')
await call.response(200)
const { headers } = await server.event('CHANNEL_EXECUTE', { Application: 'ivr' })
const uuid = headers.get('Unique-ID') ?? ''
const file = join(temporary.path, 'session.wav')
await server.api(`uuid_setvar ${uuid} RECORD_STEREO true`)
step(`recording: ${await server.api(`uuid_record ${uuid} start ${file}`)}`)
await listen(call, 12_000)
step('a wrong key')
await press(call, '8')
await listen(call, 6000)
step('2: support')
await press(call, '2')
await server.event('CHANNEL_EXECUTE', { Application: 'callcenter' })
step('waits in the queue')
await listen(call, 15_000)
step(
  `the queue has ${(await server.api('callcenter_config queue count members support@default')).split('\n')[0]} caller`,
)
step('#: does not want to wait')
await press(call, '#')
await server.event('CHANNEL_EXECUTE', { Application: 'voicemail' })
step('hears the greeting of the mailbox')
await listen(call, 12_000)
step('speaks')
await call.rtp.sound(speech(8, 8000))
step('#: it is said')
await press(call, '#')
await listen(call, 6000)
step('hangs up')
await call.bye()
await server.isIdle()
await pause(500) // the file is finished off the call's way
const boxes = await server.api('vm_boxcount 1000@127.0.0.1|all')
step(`messages in the mailbox (new:saved:urgent): ${boxes}`)
copyFileSync(file, join(folder, 'session.wav'))
writeFileSync(join(folder, 'session.png'), spectrogram(file))
step(`${join(folder, 'session.wav')} and session.png are written`)
