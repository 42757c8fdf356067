/** Recordings of a real server process that is killed, or told to end, in the middle of them. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { openForReading } from '../../src/formats/index.ts'
import { BurstSender } from '../support/burst-sender.ts'
import { Phone, type PhoneCall } from '../support/phone.ts'
import { eventually, skipWithout } from '../support/programs.ts'
import { folderForTest, password, Server } from '../support/server.ts'
import { readAll } from '../support/sound.ts'
import { channelOf, wavChunks } from '../support/wav.ts'

/** ms until the process is killed; by hand it may be half a minute. */
const killAfter = Number(process.env['RECORD_KILL_MS'] ?? 5000)
/** What may be missing at the end: the wait for late packets, and what was not yet given to the disk. */
const mostMissing = 1800

interface Recorded extends AsyncDisposable {
  readonly server: Server
  readonly call: PhoneCall
  readonly uuid: string
}

/** A phone that talks to the echo of a server. */
async function echoCall(data: string): Promise<Recorded> {
  const server = await Server.start({ data })
  const phone = await Phone.open({
    user: '1000',
    server: `127.0.0.1:${server.ports.internal}`,
    domain: '127.0.0.1',
    password,
  })
  const call = await phone.call('9196')
  assert.equal((await call.outcome()).status, 200)
  const { headers } = await server.event('CHANNEL_ANSWER')
  return {
    server,
    call,
    uuid: headers.get('Unique-ID') ?? '',
    async [Symbol.asyncDispose]() {
      await phone[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

/** Speaks until told to stop. */
function speak(call: PhoneCall, ms: number): { sender: BurstSender; done: Promise<void> } {
  const sender = new BurstSender(call.rtp, { frequency: 440 })
  return { sender, done: sender.run(ms) }
}

test('a recording cut short by kill -9 is whole up to the last moment, and other programs play it', async () => {
  using folder = folderForTest()
  const path = join(folder.path, 'killed.wav')
  await using t = await echoCall(folder.path)
  const speech = speak(t.call, killAfter + 2000)
  await t.server.api(`uuid_setvar ${t.uuid} RECORD_STEREO true`)
  assert.equal(await t.server.api(`uuid_record ${t.uuid} start ${path}`), '+OK Success')
  const began = performance.now()
  await new Promise((resolve) => setTimeout(resolve, killAfter))
  // A machine that stood still has the sound of that time to write first: the server is killed when it has been seen to follow.
  let lasted = 0
  await eventually(
    'the file to follow the sound',
    () => {
      lasted = performance.now() - began
      return statSync(path).size / 32 > lasted - mostMissing
    },
    undefined,
    () => [statSync(path).size, lasted],
  )
  t.server.program.signal('SIGKILL')
  await t.server.program.ends()
  const chunks = wavChunks(path)
  const sound = chunks.find(({ name }) => name === 'data')
  const bytes = readFileSync(path)
  // What the header says is there, is there.
  assert.equal(bytes.readUInt32LE(4) + 8, 44 + bytes.readUInt32LE(40))
  assert.equal(sound?.body.length, bytes.readUInt32LE(40))
  const ms = bytes.readUInt32LE(40) / 32
  assert.ok(ms > lasted - mostMissing, `${ms} ms of ${lasted} are there`)
  const source = await openForReading(path, 8000)
  assert.equal((await readAll(source)).length, bytes.readUInt32LE(40) / 4)
  source.close()
  assert.ok(channelOf(path, 0).some((sample) => Math.abs(sample) > 5000))
  assert.ok(channelOf(path, 1).some((sample) => Math.abs(sample) > 5000))
  if (!skipWithout('soxi')) {
    const said = execFileSync('soxi', ['-D', path], { encoding: 'utf8' })
    assert.ok(Math.abs(Number(said) * 1000 - ms) < 1, `soxi says ${said}`)
  }
  await speech.done
})

test('a server that is told to end closes its recordings first', async () => {
  using folder = folderForTest()
  const path = join(folder.path, 'ended.wav')
  await using t = await echoCall(folder.path)
  const speech = speak(t.call, 4000)
  assert.equal(await t.server.api(`uuid_record ${t.uuid} start ${path}`), '+OK Success')
  const began = performance.now()
  await eventually('a second of sound', () => statSync(path).size > 16_000)
  const lasted = performance.now() - began
  assert.equal(await t.server.stop(), 0)
  const bytes = readFileSync(path)
  assert.equal(bytes.readUInt32LE(40) + 44, bytes.length)
  assert.ok(bytes.readUInt32LE(40) / 16 > lasted - 100, 'the sound up to the end is in it')
  await speech.done
})
