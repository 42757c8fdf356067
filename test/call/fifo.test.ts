/** `fifo` with whole calls: callers, consumers and members without a network. */

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fifosOf } from '../../src/applications/fifo/fifos.ts'
import { delay } from '../../src/base/clock.ts'
import type { Channel } from '../../src/core/channel.ts'
import { receiveDigit } from '../../src/core/receive-digit.ts'
import { randomNumbers } from '../../tools/random.ts'
import { deskEndpoint, type Manners } from '../support/desk.ts'
import { context } from '../support/dialplan.ts'
import type { FakeLeg } from '../support/fake-media.ts'
import { startSwitch } from '../support/switch.ts'
import { until } from '../support/until.ts'

const modules = ['mod_dialplan_xml', 'mod_dptools', 'mod_commands', 'mod_loopback', 'mod_fifo']

interface Options {
  readonly extensions?: Readonly<Record<string, string>>
  readonly fifos?: string
  readonly decide?: (name: string, channel: Channel) => Manners
  readonly databaseDir?: string
}

async function open(options: Options = {}) {
  const test = await startSwitch({
    modules,
    ...(options.databaseDir ? { databaseDir: options.databaseDir } : {}),
    configuration: `<configuration name="fifo.conf"><settings/><fifos>${options.fifos ?? ''}</fifos></configuration>`,
    dialplan: context('default', {
      in: 'set fifo_music=tone_stream://%(100,0,500); fifo hall in',
      out: 'set fifo_consumer_wrapup_time=0; fifo hall out wait',
      one: 'fifo hall out nowait; set after=yes; park',
      orbit: 'set came=yes; hangup USER_BUSY',
      ...options.extensions,
    }),
  })
  const desk = deskEndpoint(options.decide ?? (() => ({ afterMs: 5 })))
  test.sw.endpoints.add(desk.endpoint, 'test')
  const fifos = fifosOf(test.sw)
  return {
    ...test,
    fifos,
    calls: desk.calls,
    actions: () =>
      test.events
        .filter((event) => event.subclass === 'fifo::info')
        .map((event) => event.get('FIFO-Action') ?? ''),
    async dial(extension: string, number: string, more = ''): Promise<Channel> {
      const reply = await test.api(
        `originate {origination_caller_id_number=${number},origination_caller_id_name=N${number}${more}}null/${number} ${extension}`,
      )
      assert.match(reply, /^\+OK /)
      const channel = test.sw.channels.get(reply.slice(4).trim())
      assert.ok(channel)
      return channel
    },
  }
}

test('a consumer who waits takes one caller after the other; all is told in its order', async () => {
  await using hall = await open()
  const consumer = await hall.dial('out', '3000')
  await until(() => hall.fifos.get('hall')?.consumers.size === 1, 'the consumer to wait')
  const first = await hall.dial('in', '2000')
  await until(() => first.partner === consumer, 'them to talk')
  assert.equal(first.variables.get('fifo_status'), 'TALKING')
  assert.equal(first.variables.get('fifo_serviced_uuid'), consumer.uuid)
  assert.equal(consumer.variables.get('fifo_target'), first.uuid)
  const second = await hall.dial('in', '2001')
  await until(() => hall.fifos.get('hall')?.waiting === 1, 'the second to wait')
  assert.equal(await hall.api('fifo count hall'), 'hall:1:1:0:0:0\n')
  assert.equal(second.variables.get('fifo_position'), '1')
  assert.equal(await hall.api(`fifo_check_bridge ${first.uuid}`), 'true')
  first.hangup('NORMAL_CLEARING')
  await until(() => second.partner === consumer, 'the second to talk')
  assert.equal(first.variables.get('fifo_status'), 'DONE')
  second.hangup('NORMAL_CLEARING')
  await until(() => hall.fifos.talks.size === 0, 'the talk to be over')
  consumer.hangup('NORMAL_CLEARING')
  await until(() => hall.sw.channels.count === 0, 'all to be gone')
  assert.deepEqual(hall.actions().slice(0, 7), [
    'consumer_start',
    'push',
    'caller_pop',
    'consumer_pop',
    'channel-consumer-start',
    'bridge-consumer-start',
    'bridge-caller-start',
  ])
  const report = hall.events.find(
    (event) => event.name === 'CHANNEL_HANGUP_COMPLETE' && event.get('Unique-ID') === first.uuid,
  )
  assert.equal(report?.get('variable_fifo_role'), 'caller')
  assert.ok(report?.get('variable_fifo_bridge_seconds'))
})

test('nowait takes the one who waits, or nobody, and goes on', async () => {
  await using hall = await open()
  const early = await hall.dial('one', '3000')
  await until(() => early.variables.get('after') === 'yes', 'the consumer to go on')
  const caller = await hall.dial('in', '2000')
  await until(() => hall.fifos.get('hall')?.waiting === 1, 'the caller to wait')
  const consumer = await hall.dial('one', '3001')
  await until(() => caller.partner === consumer, 'them to talk')
  caller.hangup('NORMAL_CLEARING')
  await until(() => consumer.variables.get('after') === 'yes', 'the consumer to go on')
})

test('key * of the consumer hangs the caller up, 0 holds both', async () => {
  await using hall = await open()
  const consumer = await hall.dial('out', '3000')
  const caller = await hall.dial('in', '2000')
  await until(() => caller.partner === consumer, 'them to talk')
  const press = (digit: string) => receiveDigit(consumer, { digit, duration: 800, source: 'RTP' })
  press('0')
  const leg = caller.media as FakeLeg
  assert.equal(leg.playing?.paths[0], 'tone_stream://%(100,0,500)')
  press('0')
  assert.equal(leg.playing, undefined)
  press('*')
  await until(() => !caller.isUp, 'the caller to be gone')
  assert.ok(consumer.isUp)
})

test('a caller whose consumer hangs up before they can talk is first again', async () => {
  await using hall = await open({
    extensions: {
      slow: 'set fifo_consumer_wrapup_time=0; fifo hall out wait tone_stream://%(100,0,500)',
    },
  })
  const caller = await hall.dial('in', '2000')
  await hall.dial('in', '2001')
  await until(() => hall.fifos.get('hall')?.waiting === 2, 'both to wait')
  const consumer = await hall.dial('slow', '3000')
  // He goes in the moment in which he has his caller.
  await hall.event('CUSTOM', (event) => {
    if (event.get('FIFO-Action') !== 'consumer_pop') return false
    consumer.hangup('NORMAL_CLEARING')
    return true
  })
  await until(() => hall.fifos.get('hall')?.waiting === 2, 'the caller to be back')
  assert.equal(hall.fifos.get('hall')?.entries()[0]?.channel, caller)
  const next = await hall.dial('out', '3001')
  await until(() => caller.partner === next, 'him to be served')
})

test('after fifo_orbit_exten’s time the caller is sent there; a key does it at once', async () => {
  await using hall = await open({
    extensions: {
      late: 'set fifo_orbit_exten=orbit:1; fifo hall in',
      keyed:
        'set fifo_orbit_exten=orbit:60; set fifo_caller_exit_key=9; set fifo_caller_exit_to_orbit=true; fifo hall in',
    },
  })
  const keyed = await hall.dial('keyed', '2001')
  await until(() => hall.fifos.get('hall')?.waiting === 1, 'him to wait')
  const late = await hall.dial('late', '2000')
  receiveDigit(keyed, { digit: '9', duration: 800, source: 'RTP' })
  for (const channel of [keyed, late]) {
    await until(() => !channel.isUp, 'the orbit')
    assert.equal(channel.variables.get('came'), 'yes')
  }
  assert.deepEqual(
    [late, keyed].map((channel) => channel.variables.get('fifo_status')),
    ['TIMEOUT', 'ABORTED'],
  )
  assert.equal(hall.fifos.get('hall')?.waiting, 0)
})

test('ringall: all members ring for one caller with his number, one has him, the others lose', async () => {
  await using hall = await open({
    decide: (name) => ({ afterMs: name === 'bob' ? 20 : 5000 }),
  })
  for (const name of ['ann', 'bob', 'cec'])
    assert.equal(await hall.api(`fifo_member add hall desk/${name} 1 20 0`), '+OK\n')
  const caller = await hall.dial('in', '2000')
  await until(() => caller.partner !== undefined, 'somebody to answer')
  assert.equal(caller.partner?.name, 'desk/bob')
  assert.equal(hall.calls[0]?.profile.get('caller_id_number'), '2000')
  assert.deepEqual(hall.calls.map(({ name, hangupCause }) => `${name} ${hangupCause}`).sort(), [
    'desk/ann LOSE_RACE',
    'desk/bob undefined',
    'desk/cec LOSE_RACE',
  ])
  await until(() => hall.fifos.get('hall')?.ringing.size === 0, 'the ringing to be over')
  const rows = hall.fifos.membersOf('hall')
  assert.deepEqual(
    rows.map(({ useCount, ringCount }) => [useCount, ringCount]),
    [
      [0, 0],
      [1, 0],
      [0, 0],
    ],
  )
  caller.hangup('NORMAL_CLEARING')
  await until(() => hall.sw.channels.count === 0, 'all to be gone')
  assert.equal(rows[1]?.useCount, 0)
  assert.ok((rows[1]?.nextAvail ?? 0) > 0)
})

test('a caller who goes while members ring ends their ringing', async () => {
  await using hall = await open({ decide: () => ({ afterMs: 0, refuses: 'never' }) })
  await hall.api('fifo_member add hall desk/ann')
  const caller = await hall.dial('in', '2000')
  await until(() => hall.calls.length === 1, 'ann to ring')
  caller.hangup('NORMAL_CLEARING')
  await until(() => hall.sw.channels.count === 0, 'the ringing to end')
  assert.equal(hall.calls[0]?.hangupCause, 'ORIGINATOR_CANCEL')
  assert.equal(hall.fifos.membersOf('hall')[0]?.ringCount, 0)
  assert.equal(hall.fifos.membersOf('hall')[0]?.outboundFailCount, 0)
})

test('enterprise: as many ring as callers wait, and who answers has whoever is first then', async () => {
  await using hall = await open({
    fifos: `<fifo name="hall" outbound_strategy="enterprise" outbound_per_cycle="5">
<member lag="0">{member_wait=nowait}desk/ann</member><member lag="0">{member_wait=nowait}desk/bob</member><member lag="0">{member_wait=nowait}desk/cec</member></fifo>`,
    decide: () => ({ afterMs: 30 }),
  })
  const first = await hall.dial('in', '2000')
  const second = await hall.dial('in', '2001')
  await until(() => first.partner !== undefined && second.partner !== undefined, 'both to talk')
  assert.equal(hall.calls.length, 2)
  assert.equal(hall.calls[0]?.profile.get('caller_id_number'), 'Queue: hall')
})

test('members added by command are there after a restart, those of the file come from the file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'strowger-fifo-'))
  try {
    {
      await using hall = await open({
        databaseDir: folder,
        fifos: '<fifo name="shop"><member simo="2">desk/old</member></fifo>',
      })
      await hall.api('fifo_member add hall desk/ann 3 30 7')
    }
    await using hall = await open({
      databaseDir: folder,
      fifos: '<fifo name="shop" importance="4"><member>desk/new</member></fifo>',
    })
    const rows = hall.fifos.members.list()
    assert.deepEqual(
      rows.map((row) => [row.fifoName, row.originateString, row.simoCount, row.lag]),
      [
        ['hall', 'desk/ann', 3, 7],
        ['shop', 'desk/new', 1, 10],
      ],
    )
    assert.equal(await hall.api('fifo importance shop'), 'importance: 4\n')
    assert.equal(await hall.api('fifo_member del hall desk/ann'), '+OK\n')
    assert.equal(await hall.api('fifo has_outbound shop'), 'shop:1\n')
    assert.match(
      await hall.api('fifo list shop'),
      /^<fifo_report>\n {2}<fifo name="shop" consumer_count="0" .*importance="4".*>\n {4}<outbound>\n {6}<member simo="1" .*>desk\/new<\/member>\n {4}<\/outbound>\n {4}<callers><\/callers>/,
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('a tracked call keeps a member from being called', async () => {
  await using hall = await open({
    extensions: { own: 'fifo_track_call ann; park' },
    decide: () => ({ afterMs: 5 }),
  })
  await hall.api('fifo_member add hall {fifo_outbound_uuid=ann}desk/ann 1 20 0')
  const own = await hall.dial('own', '3000')
  await until(() => hall.fifos.membersOf('hall')[0]?.useCount === 1, 'the call to be tracked')
  const caller = await hall.dial('in', '2000')
  await delay(150)
  assert.equal(hall.calls.length, 0)
  own.hangup('NORMAL_CLEARING')
  await until(() => caller.partner !== undefined, 'ann to be called')
})

test('somebody who is to be called back is dialled for the next free consumer', async () => {
  await using hall = await open({ decide: () => ({ afterMs: 5 }) })
  assert.equal(await hall.api('fifo_add_outbound hall desk/guest 2'), '1')
  const consumer = await hall.dial('one', '3000')
  await until(() => consumer.partner?.name === 'desk/guest', 'them to talk')
})

test('20 callers and 5 consumers who come, go and talk at random: nobody is stuck', async () => {
  const random = randomNumbers(99)
  const between = (low: number, high: number) => low + random() * (high - low)
  await using hall = await open()
  const consumers = new Set<Channel>()
  let isOpen = true
  const work = async (number: number): Promise<void> => {
    while (isOpen) {
      const consumer = await hall.dial('out', String(3000 + number))
      consumers.add(consumer)
      await delay(between(30, 300))
      consumer.hangup('NORMAL_CLEARING')
      consumers.delete(consumer)
    }
  }
  const working = Array.from({ length: 5 }, (_, number) => work(number))
  const callers: Channel[] = []
  for (let i = 0; i < 20; i++) {
    const caller = await hall.dial('in', String(2000 + i), `,fifo_priority=${i % 3}`)
    callers.push(caller)
    if (random() < 0.25) void delay(between(5, 150)).then(() => caller.hangup('ORIGINATOR_CANCEL'))
    else
      caller.signals.on('bridged', (other) => {
        if (other) setTimeout(() => caller.hangup('NORMAL_CLEARING'), between(5, 40))
      })
    await delay(between(0, 20))
  }
  await until(() => callers.every(({ isUp }) => !isUp), 'every caller to be done')
  isOpen = false
  await Promise.all(working)
  await until(() => hall.sw.channels.count === 0, 'all to be gone')
  const fifo = hall.fifos.get('hall')
  assert.equal(fifo?.waiting, 0)
  assert.equal(fifo?.consumers.size, 0)
  assert.equal(hall.fifos.hunts.size, 0)
  assert.equal(hall.fifos.talks.size, 0)
  for (const caller of callers)
    assert.match(caller.variables.get('fifo_status') ?? '', /^(DONE|ABORTED)$/)
})
