/** record, record_session and uuid_record in whole calls: what is written, said in events and left in variables. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { SwitchEvent } from '../../src/core/events.ts'
import type { PhoneCall } from '../support/phone.ts'
import { type SipSwitch, startSipSwitch } from '../support/sip-switch.ts'
import { temporaryFolder } from '../support/sound.ts'
import { cleanest } from '../support/tone.ts'
import { channelOf, wavChunks } from '../support/wav.ts'

interface Call extends AsyncDisposable {
  readonly t: SipSwitch
  readonly call: PhoneCall
  readonly uuid: string
  readonly folder: string
}

/** A phone in an extension whose actions may name the folder as `FOLDER`. */
async function callTo(...actions: readonly string[]): Promise<Call> {
  const folder = await temporaryFolder()
  const own = actions.map((action) => action.replaceAll('FOLDER', folder.path))
  const t = await startSipSwitch({ extensions: { 7000: own, 7001: ['answer', 'park'] } })
  const phone = await t.phone('1000')
  const call = await phone.call('7000')
  assert.equal((await call.outcome()).status, 200)
  const { uuid } = t.channel('/1000@example.test')
  return {
    t,
    call,
    uuid,
    folder: folder.path,
    async [Symbol.asyncDispose]() {
      await t[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}

function variable(event: SwitchEvent, name: string): string | undefined {
  const value = event.headers.find(([header]) => header === `variable_${name}`)?.[1]
  return typeof value === 'string' ? value : undefined
}

test('record_session writes both sides until the hangup, and says so before the call is reported', async () => {
  await using c = await callTo(
    'answer',
    'set:RECORD_STEREO=true',
    'record_session:FOLDER/a/b.wav',
    'echo',
  )
  await c.t.event('RECORD_START')
  await c.call.rtp.tone(500, 60)
  await c.call.bye()
  const report = await c.t.event('CHANNEL_HANGUP_COMPLETE')
  const stop = await c.t.event('RECORD_STOP')
  const path = join(c.folder, 'a/b.wav')
  assert.equal(stop.get('Record-File-Path'), path)
  assert.equal(stop.get('Record-Completion-Cause'), 'success-silence')
  assert.ok(c.t.events.indexOf(stop) < c.t.events.indexOf(report))
  assert.equal(variable(report, 'record_completion_cause'), 'success-silence')
  const samples = channelOf(path, 0)
  assert.equal(variable(report, 'record_samples'), String(samples.length))
  assert.equal(variable(report, 'record_seconds'), String(Math.floor(samples.length / 8000)))
  assert.equal(variable(report, 'record_file_size'), String(44 + samples.length * 4))
  assert.ok(cleanest(500, samples) > 0.9)
  assert.ok(cleanest(500, channelOf(path, 1)) > 0.9)
})

test('uuid_record: several at a time, each with variables of its own that its events show', async () => {
  await using c = await callTo('answer', 'park')
  const [one, two] = [join(c.folder, 'one.wav'), join(c.folder, 'two.wav')]
  const record = (words: string) => c.t.api(`uuid_record ${c.uuid} ${words}`)
  assert.equal(await record(`start ${one} 0 {RECORD_READ_ONLY=true,who=me}`), '+OK Success\n')
  assert.equal(await record(`start ${two}`), '+OK Success\n')
  assert.equal(await record(`start ${one}`), '+OK Success\n')
  const begun = await c.t.event('RECORD_START', (event) => event.get('Record-File-Path') === one)
  assert.equal(begun.get('Recording-Variable-who'), 'me')
  assert.equal(c.t.channel('/1000@example.test').variables.get('RECORD_READ_ONLY'), undefined)
  await c.call.rtp.tone(500, 40)
  assert.equal(await record(`mask ${two}`), '+OK Success\n')
  assert.equal(await record(`unmask ${two}`), '+OK Success\n')
  assert.equal(await record(`pause ${two}`), '+OK Success\n')
  assert.equal(await record(`resume ${two}`), '+OK Success\n')
  assert.equal(await record(`pause ${c.folder}/none.wav`), '-ERR Cannot pause recording session!\n')
  assert.equal(await record(`stop ${one}`), '+OK Success\n')
  const stop = await c.t.event('RECORD_STOP')
  assert.equal(stop.get('Record-File-Path'), one)
  assert.equal(stop.get('Record-Completion-Cause'), 'success-maxtime')
  assert.equal(await record('stop all'), '+OK Success\n')
  assert.equal(await record('stop all'), '-ERR Cannot stop record session!\n')
  await c.t.event('RECORD_STOP', (event) => event.get('Record-File-Path') === two)
  for (const path of [one, two]) assert.ok(cleanest(500, channelOf(path, 0)) > 0.9)
})

test('a path begun twice ends where RECORD_TOGGLE_ON_REPEAT says so', async () => {
  await using c = await callTo('answer', 'set:RECORD_TOGGLE_ON_REPEAT=true', 'park')
  const path = join(c.folder, 'toggle.wav')
  await c.t.api(`uuid_record ${c.uuid} start ${path}`)
  await c.t.api(`uuid_record ${c.uuid} start ${path}`)
  await c.t.event('RECORD_STOP')
  assert.equal(
    await c.t.api(`uuid_record ${c.uuid} stop ${path}`),
    '-ERR Cannot stop record session!\n',
  )
})

test('what is too short is removed; hooks and what follows on the file run', async () => {
  await using c = await callTo(
    'answer',
    'set:RECORD_MIN_SEC=60',
    'set:execute_on_record_start=set hook_begin=yes',
    'set:execute_on_record_stop=set hook_end=yes',
    'set:record_post_process_exec_app=set:processed=app',
    'set:record_post_process_exec_api=global_setvar:processed=${uuid}',
    'record_session:FOLDER/short.wav',
    'park',
  )
  await c.t.event('RECORD_START')
  await c.call.rtp.tone(500, 10)
  await c.t.api(`uuid_record ${c.uuid} stop all`)
  const stop = await c.t.event('RECORD_STOP')
  assert.equal(stop.get('Record-Completion-Cause'), 'input-too-short')
  assert.equal(existsSync(join(c.folder, 'short.wav')), false)
  const { variables } = c.t.channel('/1000@example.test')
  assert.equal(variables.get('RECORD_DISCARDED'), 'true')
  await c.t.event(
    'CHANNEL_EXECUTE_COMPLETE',
    (event) => event.get('Application-Data') === 'processed=app',
  )
  const set = ['hook_begin', 'hook_end', 'processed'].map((name) => variables.get(name))
  assert.deepEqual(set, ['yes', 'yes', 'app'])
  await c.t.api('status')
  assert.equal(c.t.sw.globals.get('processed'), c.uuid)
})

test('the words of a file are used up, its limit ends it', async () => {
  await using c = await callTo(
    'answer',
    'set:RECORD_TITLE=The title',
    'record_session:FOLDER/titled.wav +1 {RECORD_ARTIST=Me}',
    'park',
  )
  const stop = await c.t.event('RECORD_STOP')
  assert.equal(stop.get('Record-Completion-Cause'), 'success-maxtime')
  assert.equal(c.t.channel('/1000@example.test').variables.get('record_samples'), '8000')
  assert.equal(c.t.channel('/1000@example.test').variables.get('RECORD_TITLE'), undefined)
  const info = wavChunks(join(c.folder, 'titled.wav')).find(({ name }) => name === 'LIST')
  assert.match(info?.body.toString() ?? '', /INAM.*The title.*IART.*Me/s)
})

test('nothing is recorded before the answer where RECORD_ANSWER_REQ says so', async () => {
  await using c = await callTo(
    'pre_answer',
    'set:RECORD_ANSWER_REQ=true',
    'record_session:FOLDER/answered.wav',
    'sleep:1500',
    'answer',
    'sleep:1000',
    'stop_record_session:all',
    'park',
  )
  await c.t.event('RECORD_STOP')
  const samples = Number(c.t.channel('/1000@example.test').variables.get('record_samples'))
  const at = async (name: string) =>
    Number((await c.t.event(name)).get('Event-Date-Timestamp')) / 1000
  const most = ((await at('RECORD_STOP')) - (await at('CHANNEL_ANSWER')) + 100) * 8
  assert.ok(samples > 6400 && samples < most, `${samples} of ${most} samples`)
})

test('a file that cannot be written ends the call only where RECORD_HANGUP_ON_ERROR says so', async () => {
  await using c = await callTo('answer', 'record_session:/proc/none/x.wav', 'park')
  await c.t.until(
    () => c.t.channel('/1000@example.test').variables.get('record_completion_cause') !== undefined,
  )
  assert.equal(
    c.t.channel('/1000@example.test').variables.get('record_completion_cause'),
    'uri-failure',
  )
  assert.equal(
    await c.t.api(`uuid_record ${c.uuid} start /proc/none/x.wav`),
    '-ERR Cannot record session!\n',
  )
  await c.t.api(`uuid_setvar ${c.uuid} RECORD_HANGUP_ON_ERROR true`)
  assert.equal(
    await c.t.api(`uuid_record ${c.uuid} start ${c.folder}/x.mp3`),
    '-ERR Cannot record session!\n',
  )
  const gone = await c.t.event('CHANNEL_HANGUP')
  assert.equal(gone.get('Hangup-Cause'), 'DESTINATION_OUT_OF_ORDER')
})

test('a blind transfer takes the recording along with the partner', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'followed.wav')
  await using t = await startSipSwitch({
    extensions: { 7001: ['answer', 'playback:tone_stream://%(60000,0,1000)'] },
  })
  const [caller, called] = [await t.phone('1000'), await t.phone('1001')]
  await called.register()
  const call = await caller.call('1001')
  const incoming = await called.incoming()
  incoming.answer()
  await call.outcome()
  await t.event('CHANNEL_BRIDGE')
  const partner = t.channel('/1000@example.test')
  await t.until(() => partner.partner !== undefined)
  const transferor = partner.partner!
  transferor.variables.set('recording_follow_transfer', 'true')
  transferor.variables.set('record_post_process_exec_app', 'set:done=yes')
  await t.api(`uuid_record ${transferor.uuid} start ${path} 0 {RECORD_WRITE_ONLY=true}`)
  await call.rtp.tone(440, 40)
  const refer = await incoming.request('REFER', [
    ['Refer-To', '<sip:7001@example.test>'],
    ['Contact', called.contact],
  ])
  assert.equal(refer.status, 202)
  await t.event('CHANNEL_EXECUTE', (event) => event.get('Application') === 'playback')
  await call.rtp.tone(500, 60)
  assert.equal(await t.api(`uuid_record ${partner.uuid} stop ${path}`), '+OK Success\n')
  const stop = await t.event('RECORD_STOP')
  assert.equal(stop.get('Unique-ID'), partner.uuid)
  await t.until(() => partner.variables.get('done') === 'yes')
  const samples = channelOf(path, 0)
  // First what the transferor heard, then what the partner hears.
  const half = samples.length / 2
  const [first, second] = [samples.subarray(0, half), samples.subarray(half)]
  assert.ok(cleanest(440, first) > 0.9 && cleanest(440, second) < cleanest(440, first))
  assert.ok(cleanest(1000, second) > 0.9)
})

test('record ends at a key, and silence or the limit give the cause', async () => {
  await using c = await callTo('answer', 'record:FOLDER/key.wav 20', 'park')
  await c.t.event('RECORD_START')
  await c.call.rtp.tone(500, 40)
  // The party hears noise meanwhile: the way through its NAT stays open.
  await c.call.rtp.until(20)
  await c.t.api(`uuid_recv_dtmf ${c.uuid} *`)
  await c.t.event('RECORD_STOP')
  const { variables } = c.t.channel('/1000@example.test')
  assert.equal(variables.get('silence_hits_exhausted'), 'false')
  assert.equal(variables.get('record_completion_cause'), undefined)
  assert.ok(Number(variables.get('record_ms')) > 700)
  await c.t.until(() => variables.get('playback_terminator_used') === '*')
  assert.ok(cleanest(500, channelOf(join(c.folder, 'key.wav'), 0)) > 0.9)
})
