/** mod_cdr_csv: what its lines say of calls of every kind. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { SwitchEvent } from '../../src/core/events.ts'
import { type SipSwitch, type SipSwitchOptions, startSipSwitch } from '../support/sip-switch.ts'
import { temporaryFolder } from '../support/sound.ts'
import { startSwitch } from '../support/switch.ts'
import { until } from '../support/until.ts'

const fields = [
  ...['direction', 'caller_id_number', 'destination_number', 'caller_id', 'hangup_cause'],
  ...['hangup_cause_q850', 'last_app', 'last_arg', 'uuid', 'bleg_uuid', 'aleg_uuid', 'signal_bond'],
  ...['start_stamp', 'answer_stamp', 'bridge_stamp', 'progress_stamp', 'progress_media_stamp'],
  ...[
    'end_stamp',
    'start_uepoch',
    'answer_uepoch',
    'end_uepoch',
    'progress_uepoch',
    'bridge_uepoch',
  ],
  ...['duration', 'billsec', 'mduration', 'billmsec', 'uduration', 'billusec', 'flow_billmsec'],
  ...['waitmsec', 'answermsec', 'progressmsec', 'hold_accum_ms', 'hold_events', 'digits_dialed'],
  ...['read_codec', 'sip_hangup_disposition', 'endpoint_disposition', 'originate_disposition'],
  ...['rtp_audio_in_mos', 'rtp_audio_in_quality_percentage', 'rtp_audio_in_packet_count'],
  ...['rtp_audio_out_packet_count', 'rtp_audio_in_lost_packet_count', 'rtp_audio_in_jitter'],
  ...['accountcode', 'tag'],
] as const
type Record = { readonly [name in (typeof fields)[number]]: string }

function configuration(settings: { readonly [name: string]: string }, templates = ''): string {
  const params = Object.entries({ 'default-template': 'all', legs: 'ab', ...settings })
    .map(([name, value]) => `<param name="${name}" value="${value}"/>`)
    .join('')
  const all = fields.map((field) => `\${${field}}`).join('\t')
  return `<configuration name="cdr_csv.conf"><settings>${params}</settings>
<templates><template name="all">${all}</template>${templates}</templates></configuration>`
}

interface CdrSwitch extends SipSwitch {
  /** The lines of Master.csv when there are so many, who called first. */
  records(count: number): Promise<Record[]>
  lines(name: string): string[]
}

async function start(
  options: SipSwitchOptions = {},
  settings: { readonly [name: string]: string } = {},
  templates = '',
): Promise<CdrSwitch> {
  const sw = await startSipSwitch({
    ...options,
    modules: ['mod_cdr_csv', ...(options.modules ?? [])],
    configuration: `${configuration(settings, templates)}${options.configuration ?? ''}`,
  })
  const folder = join(sw.sw.globals.get('log_dir') ?? '', 'cdr-csv')
  const lines = (name: string) => {
    const path = join(folder, `${name}.csv`)
    return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : []
  }
  return Object.assign(sw, {
    lines,
    async records(count: number) {
      await until(
        () => lines('Master').length >= count,
        `${count} records`,
        () => lines('Master'),
      )
      return lines('Master')
        .map((line) => {
          const values = line.split('\t')
          return Object.fromEntries(fields.map((name, at) => [name, values[at]])) as Record
        })
        .sort((a, b) => (a.direction < b.direction ? -1 : 1))
    },
  })
}

const stamp = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/

/** 1000 calls 1001, who registers first. */
async function dial(sw: CdrSwitch, number = '1001') {
  const a = await sw.phone('1000')
  const b = await sw.phone('1001')
  await b.register()
  const out = await a.call(number)
  const into = await b.incoming()
  return { a, b, out, into }
}

test('an answered call: both parties, their times, causes and the quality of their sound', async () => {
  await using sw = await start()
  const { out, into } = await dial(sw)
  into.ring()
  await out.response(180)
  into.answer()
  await out.outcome()
  await sw.event('CHANNEL_BRIDGE')
  await Promise.all([out.rtp.tone(600, 60, 'PCMU'), into.rtp.tone(800, 60, 'PCMU')])
  await into.rtp.until(50)
  await into.bye()
  await out.hungUp()
  const [a, b] = await sw.records(2)
  assert.ok(a && b)
  assert.deepEqual(
    [a.caller_id_number, a.destination_number, a.hangup_cause, a.hangup_cause_q850],
    ['1000', '1001', 'NORMAL_CLEARING', '16'],
  )
  assert.equal(a.caller_id, '"Phone 1000" <1000>')
  assert.deepEqual(
    [a.last_app, a.last_arg, b.last_app, b.last_arg],
    ['bridge', 'sofia/internal/1001%example.test', '', ''],
  )
  assert.deepEqual([a.bleg_uuid, b.bleg_uuid, b.aleg_uuid], [b.uuid, '', a.uuid])
  assert.deepEqual([a.signal_bond, b.signal_bond], [b.uuid, a.uuid])
  assert.deepEqual([a.sip_hangup_disposition, b.sip_hangup_disposition], ['send_bye', 'recv_bye'])
  assert.deepEqual([a.endpoint_disposition, a.originate_disposition], ['ANSWER', 'SUCCESS'])
  for (const one of [a, b]) {
    for (const name of ['start', 'answer', 'bridge', 'progress', 'end'] as const)
      assert.match(one[`${name}_stamp`], stamp, name)
    assert.equal(one.progress_media_stamp, '', 'no sound came before the answer')
    const at = (name: 'start' | 'progress' | 'answer' | 'end' | 'bridge') =>
      Number(one[`${name}_uepoch`])
    assert.ok(
      at('start') < at('progress') && at('progress') < at('answer') && at('answer') < at('end'),
    )
    assert.equal(Number(one.uduration), at('end') - at('start'))
    assert.equal(Number(one.billusec), at('end') - at('answer'))
    const ms = (us: number) => Math.trunc(us / 1000)
    assert.equal(Number(one.mduration), ms(at('end')) - ms(at('start')))
    assert.equal(Number(one.billmsec), ms(at('end')) - ms(at('answer')))
    assert.equal(one.flow_billmsec, one.mduration)
    assert.equal(Number(one.answermsec), ms(at('answer')) - ms(at('start')))
    assert.equal(Number(one.progressmsec), ms(at('progress')) - ms(at('start')))
    assert.equal(Number(one.waitmsec), ms(at('bridge')) - ms(at('start')))
    const seconds = (us: number) => Math.trunc(us / 1e6)
    assert.equal(Number(one.duration), seconds(at('end')) - seconds(at('start')))
    assert.equal(Number(one.billsec), seconds(at('end')) - seconds(at('answer')))
    assert.ok(Number(one.rtp_audio_in_mos) > 3 && Number(one.rtp_audio_in_mos) <= 4.5)
    assert.ok(Number(one.rtp_audio_in_quality_percentage) > 90)
    assert.ok(Number(one.rtp_audio_in_packet_count) >= 50)
    assert.ok(Number(one.rtp_audio_out_packet_count) >= 50)
    assert.match(one.rtp_audio_in_jitter, /^\d+\.\d\d$/)
    assert.match(one.rtp_audio_in_lost_packet_count, /^\d+$/)
  }
  assert.deepEqual([a.read_codec, b.read_codec], ['PCMU', 'PCMU'])
  assert.equal(a.accountcode, 'acct1000')
  assert.deepEqual(sw.lines('acct1000'), [sw.lines('Master').find((line) => line.startsWith('in'))])
})

test('calls that nobody took: busy, cancelled, not answered, without a way', async () => {
  await using sw = await start({
    extensions: { '2000': ['set:call_timeout=1', 'bridge:sofia/internal/1001%example.test'] },
  })
  const causes = async (count: number) =>
    (await sw.records(count)).map(
      (one) => `${one.direction} ${one.hangup_cause} ${one.billsec} ${one.answer_stamp}`,
    )
  const { a, b, out, into } = await dial(sw)
  into.reject(486)
  await out.outcome()
  assert.deepEqual(await causes(2), ['inbound USER_BUSY 0 ', 'outbound USER_BUSY 0 '])
  const cancelled = await a.call('1001')
  ;(await b.incoming()).ring()
  await cancelled.response(180)
  cancelled.cancel()
  await cancelled.outcome()
  const records = await sw.records(4)
  const [inbound, outbound] = records.filter(
    ({ hangup_cause }) => hangup_cause === 'ORIGINATOR_CANCEL',
  )
  assert.deepEqual(
    [inbound?.sip_hangup_disposition, outbound?.sip_hangup_disposition],
    ['recv_cancel', 'send_cancel'],
  )
  assert.deepEqual([inbound?.hangup_cause_q850, inbound?.bleg_uuid], ['16', ''])
  assert.equal(inbound?.progress_uepoch, outbound?.progress_uepoch, 'it rang when the leg did')
  const unheard = await a.call('2000')
  ;(await b.incoming()).ring()
  assert.equal((await unheard.outcome()).status, 480)
  const last = (await sw.records(6)).filter((one) =>
    /NO_ANSWER/.test(one.hangup_cause + one.originate_disposition),
  )
  assert.deepEqual(
    last.map((one) => [one.direction, one.hangup_cause, one.originate_disposition]),
    [
      ['inbound', 'NORMAL_CLEARING', 'NO_ANSWER'],
      ['outbound', 'NO_ANSWER', ''],
    ],
  )
  await (await a.call('nowhere')).outcome()
  const lost = (await sw.records(7)).find((one) => one.destination_number === 'nowhere')
  assert.deepEqual(
    [lost?.hangup_cause, lost?.hangup_cause_q850, lost?.last_app],
    ['NO_ROUTE_DESTINATION', '3', ''],
  )
})

test('a transferred call counts to its end; who was talked with before the transfer is no more its other leg', async () => {
  await using sw = await start({ extensions: { '9196': ['answer', 'echo'] } })
  const { out, into } = await dial(sw)
  into.answer()
  await out.outcome()
  await sw.event('CHANNEL_BRIDGE')
  const caller = sw.sw.channels.list().find(({ direction }) => direction === 'inbound')
  assert.equal(await sw.api(`uuid_transfer ${caller?.uuid} 9196 XML default`), '+OK\n')
  await into.hungUp()
  await sw.event('CHANNEL_EXECUTE', (event) => event.get('Application') === 'echo')
  await out.bye()
  const [a, b] = await sw.records(2)
  assert.deepEqual(
    [a?.destination_number, a?.last_app, a?.bleg_uuid, a?.signal_bond],
    ['9196', 'echo', '', ''],
  )
  assert.equal(a?.answer_uepoch === '0', false)
  assert.deepEqual([b?.hangup_cause, b?.aleg_uuid], ['NORMAL_CLEARING', a?.uuid])
})

test('holds are told with their lengths, the one that a hangup ends too', async () => {
  await using sw = await start({ settings: { 'disable-hold': 'false' } })
  const { out, into } = await dial(sw)
  into.answer()
  await out.outcome()
  await sw.event('CHANNEL_BRIDGE')
  await out.reinvite([0, 101], 'sendonly')
  await sw.event('CHANNEL_HOLD')
  await out.reinvite([0, 101], 'sendrecv')
  await sw.event('CHANNEL_UNHOLD')
  await out.reinvite([0, 101], 'sendonly')
  await until(
    () => sw.events.filter(({ name }) => name === 'CHANNEL_HOLD').length === 2,
    'a second hold',
  )
  await out.bye()
  await into.hungUp()
  const [a, b] = await sw.records(2)
  const [, later = '', lateEnd = '', first = '', firstEnd = ''] =
    /^\{\{(\d+),(\d+)\},\{(\d+),(\d+)\}\}$/.exec(a?.hold_events ?? '') ??
    assert.fail(a?.hold_events)
  assert.ok(first < firstEnd && firstEnd < later && later <= lateEnd)
  const held = Number(firstEnd) - Number(first) + Number(lateEnd) - Number(later)
  assert.equal(Number(a?.hold_accum_ms), Math.trunc(held / 1000))
  assert.deepEqual([b?.hold_events, b?.hold_accum_ms], ['', '0'])
})

test('loopback, conference, mailbox, digits: the last application and what was pressed', async () => {
  await using sw = await start({
    modules: ['mod_loopback', 'mod_conference', 'mod_voicemail'],
    extensions: {
      '9196': ['answer', 'echo'],
      '3000': ['answer', 'conference:room@default'],
      '4000': ['answer', 'voicemail:default example.test 1001'],
      '5000': ['set:digits_dialed_filter=(12)', 'answer', 'park'],
    },
  })
  const phone = await sw.phone('1000')
  const talk = async (number: string, application: string, count: number) => {
    const call = await phone.call(number)
    await call.outcome()
    await sw.event('CHANNEL_EXECUTE', (event) => event.get('Application') === application)
    await call.bye()
    return (await sw.records(count)).find((one) => one.destination_number === number)
  }
  assert.equal((await talk('3000', 'conference', 1))?.last_arg, 'room@default')
  assert.equal((await talk('4000', 'voicemail', 2))?.last_app, 'voicemail')
  const pressing = await phone.call('5000')
  await pressing.outcome()
  await sw.event('CHANNEL_PARK')
  const uuid = sw.sw.channels.list()[0]?.uuid
  await sw.api(`uuid_recv_dtmf ${uuid} 9123`)
  await until(() => sw.events.filter(({ name }) => name === 'DTMF').length === 4, 'four digits')
  await pressing.bye()
  const keys = (await sw.records(3)).find((one) => one.destination_number === '5000')
  assert.equal(keys?.digits_dialed, '9XX3')
  await sw.api('originate loopback/9196/default &park')
  const parks = (event: SwitchEvent) => event.get('Channel-Name')?.endsWith('-a') === true
  await sw.event('CHANNEL_PARK', parks)
  await sw.api('hupall')
  const legs = (await sw.records(5)).filter((one) => one.hangup_cause === 'MANAGER_REQUEST')
  assert.deepEqual(
    legs.map((one) => [one.direction, one.last_app, one.destination_number]),
    [
      ['inbound', 'echo', '9196'],
      ['outbound', 'park', '9196'],
    ],
  )
})

test('process_cdr and skip_cdr_causes say which calls are written; the leg does as its caller', async () => {
  await using sw = await start({
    modules: ['mod_loopback'],
    extensions: {
      '1': ['set:process_cdr=false', 'set:tag=never', 'hangup'],
      '2': [
        'set:skip_cdr_causes=USER_BUSY|CALL_REJECTED',
        'set:tag=${destination_number}',
        'hangup:CALL_REJECTED',
      ],
      '3': ['set:skip_cdr_causes=17,21', 'set:tag=other cause', 'hangup:NO_ANSWER'],
      '4': ['set:process_cdr=a_only', 'set:tag=a', 'bridge:[tag=b]loopback/9/default'],
      '5': [
        'set:process_cdr=b_only',
        'set:tag=a of b_only',
        'bridge:[tag=b of b_only]loopback/9/default',
      ],
      '6': ['set:process_cdr=false', 'bridge:[tag=never]loopback/9/default'],
      // The far end of the loopback is nobody's leg.
      '9': ['set:tag=', 'answer', 'hangup'],
    },
  })
  const phone = await sw.phone('1000')
  for (const number of ['1', '2', '3', '4', '5', '6']) {
    const call = await phone.call(number)
    const { status } = await call.outcome()
    if (status === 200) await call.hungUp()
  }
  await sw.sw.channels.untilEmpty()
  await sw.api('cdr_csv rotate')
  await sw.sw.modules.unload('mod_cdr_csv')
  const tags = sw.lines('Master').map((line) => line.split('\t').at(-1))
  assert.deepEqual(tags.filter((tag) => tag !== '').sort(), ['a', 'b of b_only', 'other cause'])
})

test('legs: only who called, or only who was called', async () => {
  for (const [legs, wanted] of [
    ['a', 'inbound'],
    ['b', 'outbound'],
  ] as const) {
    await using sw = await start({}, { legs })
    const { out, into } = await dial(sw)
    into.answer()
    await out.outcome()
    await sw.event('CHANNEL_BRIDGE')
    await out.bye()
    await sw.sw.channels.untilEmpty()
    await sw.sw.modules.unload('mod_cdr_csv')
    assert.deepEqual(
      (await sw.records(1)).map(({ direction }) => direction),
      [wanted],
    )
  }
})

test('an account has its own template, a name that is no file name has no file, and a folder of the call wins', async () => {
  await using folder = await temporaryFolder()
  await using sw = await start(
    {
      extensions: {
        '1': ['hangup:USER_BUSY'],
        '2': ['set:accountcode=../../evil', 'hangup'],
        '3': [`set:cdr_csv_base=${folder.path}/elsewhere`, 'hangup'],
      },
    },
    {},
    '<template name="acct1000">"${accountcode}","${hangup_cause}"</template>',
  )
  const phone = await sw.phone('1000')
  for (const number of ['1', '2', '3']) await (await phone.call(number)).outcome()
  await sw.records(2)
  const elsewhere = join(folder.path, 'elsewhere', 'acct1000.csv')
  await until(() => existsSync(elsewhere), 'the file elsewhere')
  assert.deepEqual(sw.lines('acct1000'), ['"acct1000","USER_BUSY"'])
  const counters = new Map(await sw.sw.counters.read()).get('cdr_csv')
  assert.equal(counters?.['accounts refused'], 1)
})

test('a hangup hook is run before the record is made', async () => {
  await using sw = await start({
    extensions: { '1': ['set:api_hangup_hook=uuid_setvar ${uuid} tag from the hook', 'hangup'] },
  })
  await (await (await sw.phone('1000')).call('1')).outcome()
  assert.equal((await sw.records(1))[0]?.tag, 'from the hook')
})

test('five hundred calls that end at once lose no record, nor do those that the end of the server ends', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'cdr-csv', 'Master.csv')
  const uuids = () => readFileSync(path, 'utf8').split('\n').slice(0, -1)
  const settings = { 'log-base': folder.path, 'default-template': 'uuid' }
  const template = '<template name="uuid">${uuid} ${hangup_cause} ${duration}</template>'
  {
    await using sw = await startSwitch({
      modules: ['mod_dialplan_xml', 'mod_dptools', 'mod_commands', 'mod_loopback', 'mod_cdr_csv'],
      configuration: configuration(settings, template),
    })
    for (let call = 0; call < 500; call++) await sw.api('originate null/somebody &park')
    assert.equal(sw.sw.channels.count, 500)
    await sw.api('hupall USER_BUSY')
    await sw.sw.channels.untilEmpty()
    for (let call = 0; call < 100; call++) await sw.api('originate null/somebody &park')
  }
  const lines = uuids()
  assert.equal(new Set(lines).size, 600)
  assert.equal(lines.filter((line) => line.includes(' USER_BUSY ')).length, 500)
  assert.equal(lines.filter((line) => line.includes(' SYSTEM_SHUTDOWN ')).length, 100)
})

test('cdr_csv rotate and SIGHUP begin new files where rotate-on-hup is set', async () => {
  await using folder = await temporaryFolder()
  await using sw = await start(
    { extensions: { '1': ['hangup'] } },
    { 'log-base': folder.path, 'rotate-on-hup': 'true' },
  )
  const path = join(folder.path, 'cdr-csv', 'Master.csv')
  const phone = await sw.phone('1000')
  await (await phone.call('1')).outcome()
  await until(() => existsSync(path), 'a record')
  assert.equal(await sw.api('cdr_csv rotate'), '+OK')
  await until(() => !existsSync(path), 'the file to have another name')
  await (await phone.call('1')).outcome()
  await until(() => existsSync(path), 'a new file')
  await sw.api('fsctl send_sighup')
  await until(() => !existsSync(path), 'the file to have another name')
  assert.equal(await sw.api('cdr_csv'), '-USAGE: rotate\n')
  writeFileSync(path, '')
})
