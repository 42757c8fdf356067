/** The call center with whole calls: callers and agents without a network, time that runs fast, everything random from a seed. */

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { type CallCenter, callCenterOf } from '../../src/applications/callcenter/center.ts'
import { type Strategy, strategies } from '../../src/applications/callcenter/strategy.ts'
import { delay } from '../../src/base/clock.ts'
import type { Channel } from '../../src/core/channel.ts'
import type { SwitchEvent } from '../../src/core/events.ts'
import { receiveDigit } from '../../src/core/receive-digit.ts'
import { sqliteDatabase } from '../../src/stores/sqlite-database.ts'
import { randomNumbers } from '../../tools/random.ts'
import { LeapClock } from '../support/clock.ts'
import { deskEndpoint, FastClock, type Manners } from '../support/desk.ts'
import { context } from '../support/dialplan.ts'
import type { FakeLeg } from '../support/fake-media.ts'
import { startSwitch, type TestSwitch } from '../support/switch.ts'
import { until } from '../support/until.ts'

const modules = [
  'mod_dialplan_xml',
  'mod_dptools',
  'mod_commands',
  'mod_loopback',
  'mod_callcenter',
]

interface Floor {
  readonly test: TestSwitch
  readonly center: CallCenter
  /** What rang, in order. */
  readonly calls: Channel[]
  /** The events of an action so far. */
  told(action: string): SwitchEvent[]
  /** A caller who dials; resolves with his channel. */
  dial(extension: string, number: string): Promise<Channel>
}

interface FloorOptions {
  readonly params?: Readonly<Record<string, string>>
  readonly agents?: readonly string[]
  readonly decide?: (name: string, channel: Channel) => Manners
  readonly factor?: number
  readonly databaseDir?: string
  readonly languages?: string
  readonly queues?: readonly string[]
  readonly more?: Readonly<Record<string, string>>
}

async function openFloor(options: FloorOptions = {}): Promise<Floor & AsyncDisposable> {
  const params = Object.entries({ 'moh-sound': 'tone_stream://%(100,0,500)', ...options.params })
  const lines = params.map(([name, value]) => `<param name="${name}" value="${value}"/>`)
  const queues = options.queues ?? ['help@test']
  const agents = options.agents ?? ['ann', 'bob', 'cec', 'dan', 'eve']
  const opened = await startSwitch({
    modules,
    ...(options.languages ? { languages: options.languages } : {}),
    ...(options.databaseDir ? { databaseDir: options.databaseDir } : {}),
    configuration: `<configuration name="callcenter.conf"><queues>${queues.map((queue) => `<queue name="${queue}">${lines.join('')}</queue>`).join('')}</queues>
<agents>${agents.map((name) => `<agent name="${name}" type="callback" contact="desk/${name}" no-answer-delay-time="1" busy-delay-time="1" reject-delay-time="1"/>`).join('')}</agents>
<tiers>${queues.flatMap((queue) => agents.map((name, index) => `<tier agent="${name}" queue="${queue}" level="1" position="${index + 1}"/>`)).join('')}</tiers></configuration>`,
    dialplan: context('default', {
      help: 'set hangup_after_bridge=true; callcenter help@test; set came_back=yes; hangup USER_BUSY',
      ...options.more,
    }),
  })
  const center = callCenterOf(opened.sw)
  center.clock = new FastClock(options.factor ?? 25)
  const desk = deskEndpoint(options.decide ?? (() => ({ afterMs: 5 })))
  opened.sw.endpoints.add(desk.endpoint, 'test')
  const told = (action: string) =>
    opened.events.filter(
      (event) => event.subclass === 'callcenter::info' && event.get('CC-Action') === action,
    )
  return {
    test: opened,
    center,
    calls: desk.calls,
    told,
    async dial(extension, number) {
      const reply = await opened.api(
        `originate {origination_caller_id_number=${number},origination_caller_id_name=Caller_${number}}null/${number} ${extension}`,
      )
      assert.match(reply, /^\+OK /)
      const channel = opened.sw.channels.get(reply.slice(4).trim())
      assert.ok(channel)
      return channel
    },
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  }
}

async function logIn({ test: sw }: Floor, ...names: string[]): Promise<void> {
  for (const name of names)
    assert.equal(await sw.api(`callcenter_config agent set status ${name} Available`), '+OK\n')
}

/** The variables of a channel when it was reported. */
function report({ test: { events } }: Floor, uuid: string): SwitchEvent {
  const found = events.find(
    (event) => event.name === 'CHANNEL_HANGUP_COMPLETE' && event.get('Unique-ID') === uuid,
  )
  assert.ok(found, `the end of ${uuid}`)
  return found
}

const everybody = ['ann', 'bob', 'cec', 'dan', 'eve']

async function rush(strategy: Strategy, seed: number): Promise<void> {
  const random = randomNumbers(seed)
  const between = (low: number, high: number) => low + random() * (high - low)
  // One more is rung after 40 ms: some have to let it ring for longer.
  const longest = strategy === 'ring-progressively' ? 120 : 40
  const decide = (): Manners => {
    const what = random()
    const afterMs = between(2, longest)
    if (what < 0.12) return { afterMs, refuses: 'NO_ANSWER' }
    if (what < 0.2) return { afterMs, refuses: 'USER_BUSY' }
    if (what < 0.28) return { afterMs, refuses: 'CALL_REJECTED' }
    return { afterMs, talksMs: what < 0.9 ? between(60, 200) : 2 }
  }
  await using floor = await openFloor({
    params: { strategy, 'ring-progressively-delay': '1' },
    decide,
  })
  floor.center.random = random
  await logIn(floor, ...everybody)
  const callers: Channel[] = []
  for (let i = 0; i < 20; i++) {
    await delay(between(0, 20))
    const channel = await floor.dial('help', String(2000 + i))
    callers.push(channel)
    // A quarter of them lose patience, one in ten hangs up in the middle of a talk.
    const what = random()
    if (what < 0.25) void delay(between(0, 90)).then(() => channel.hangup('ORIGINATOR_CANCEL'))
    else if (what < 0.35)
      channel.signals.once('bridged', () =>
        setTimeout(() => channel.hangup('NORMAL_CLEARING'), between(1, 20)),
      )
  }
  await until(() => floor.test.sw.channels.count === 0, `all calls of ${strategy} to end`)
  await until(() => floor.center.offers.size === 0, 'all agents to be free')
  assertNobodyIsStuck(floor)
  assertStories(floor, callers)
  assertOneAtATime(floor, strategy)
}

function assertNobodyIsStuck({ center }: Floor): void {
  assert.equal(center.callers.size, 0)
  for (const member of center.members.list()) assert.equal(member.state, 'Abandoned')
  for (const agent of center.agents.table.list()) {
    assert.equal(agent.state, 'Waiting', agent.name)
    assert.equal(agent.uuid, '', agent.name)
  }
  for (const tier of center.agents.tiers.list())
    assert.ok(['Ready', 'No Answer'].includes(tier.state), `${tier.agent}: ${tier.state}`)
}

/** Each caller came and went once, and what his report says of his waiting is what happened. */
function assertStories(floor: Floor, callers: readonly Channel[]): void {
  const ends = floor.told('member-queue-end')
  let answered = 0
  let waited = 0
  let longest = 0
  for (const { uuid } of callers) {
    const of = (action: string) =>
      floor.told(action).filter((event) => event.get('CC-Member-Session-UUID') === uuid)
    assert.equal(of('member-queue-start').length, 1)
    assert.equal(of('member-queue-end').length, 1)
    const end = of('member-queue-end')[0]!
    const final = report(floor, uuid)
    const epoch = (name: string) => Number(final.get(`variable_cc_queue_${name}_epoch`))
    if (end.get('CC-Cause') === 'Terminated') {
      answered++
      const wait = epoch('answered') - epoch('joined')
      waited += wait
      longest = Math.max(longest, wait)
      assert.equal(final.get('variable_cc_cause'), 'answered')
      assert.equal(final.get('variable_cc_agent'), end.get('CC-Agent'))
      assert.equal(final.get('variable_cc_agent_uuid'), end.get('CC-Agent-UUID'))
      assert.ok(wait >= 0 && epoch('terminated') >= epoch('answered'))
      // The agents' times tell the same: he waited from when he joined until he was answered.
      assert.equal(Number(end.get('CC-Member-Joined-Time')), epoch('joined'))
      const picked = Number(end.get('CC-Agent-Answered-Time'))
      assert.ok(picked >= epoch('joined') && picked <= epoch('answered'))
    } else {
      assert.equal(end.get('CC-Cause'), 'Cancel')
      assert.match(end.get('CC-Cancel-Reason') ?? '', /^(BREAK_OUT|NONE)$/)
      assert.equal(final.get('variable_cc_cause'), 'cancel')
      assert.equal(final.get('variable_cc_cancel_reason'), end.get('CC-Cancel-Reason'))
      assert.ok(epoch('canceled') >= epoch('joined'))
    }
  }
  assert.equal(ends.length, callers.length)
  const queue = floor.center.queue('help@test')!
  assert.deepEqual(
    [queue.callsAnswered, queue.callsAbandoned],
    [answered, callers.length - answered],
  )
  const { figures } = floor.center
  assert.deepEqual(
    [figures.answered, figures.waitedSeconds, figures.longestWait],
    [answered, waited, longest],
  )
  assert.ok(answered >= callers.length / 2, `${answered} were answered`)
  const talks = floor.center.agents.table.list().reduce((sum, one) => sum + one.callsAnswered, 0)
  assert.equal(talks, answered)
}

/** No agent talks with two, and is rung only when he is free; only the strategies that ring several ring several for one. */
function assertOneAtATime(floor: Floor, strategy: Strategy): void {
  const busy = new Map<string, string>()
  const rung = new Map<string, Set<string>>()
  let several = false
  for (const event of floor.test.events) {
    if (event.subclass !== 'callcenter::info') continue
    const agent = event.get('CC-Agent') ?? ''
    const caller = event.get('CC-Member-UUID') ?? ''
    switch (event.get('CC-Action')) {
      case 'agent-offering': {
        assert.equal(busy.get(agent), undefined, `${agent} is offered a second call`)
        busy.set(agent, caller)
        const ringing = rung.get(caller) ?? new Set()
        rung.set(caller, ringing.add(agent))
        several ||= ringing.size > 1
        break
      }
      case 'bridge-agent-fail':
      case 'bridge-agent-end':
        assert.equal(busy.get(agent), caller)
        busy.delete(agent)
        rung.get(caller)?.delete(agent)
        break
    }
  }
  assert.equal(busy.size, 0)
  assert.equal(several, strategy === 'ring-all' || strategy === 'ring-progressively')
}

for (const [index, strategy] of strategies.entries())
  test(`${strategy}: 20 callers and 5 agents of all manners, and nobody is stuck`, () =>
    rush(strategy, 4711 + index))

test('an agent who does not answer as often as he may goes on a break, and the next one is called', async () => {
  await using floor = await openFloor({
    agents: ['ann', 'bob'],
    decide: (name) =>
      name === 'ann' ? { afterMs: 1, refuses: 'NO_ANSWER' } : { afterMs: 1, talksMs: 5 },
    params: { strategy: 'sequentially-by-agent-order' },
  })
  await floor.test.api('callcenter_config agent set max_no_answer ann 2')
  await logIn(floor, 'ann')
  await floor.dial('help', '2000')
  await until(() => floor.told('agent-max-no-answer').length === 1, 'ann to be on a break')
  assert.equal(await floor.test.api('callcenter_config agent get status ann'), 'On Break')
  assert.equal(floor.calls.length, 2)
  await logIn(floor, 'bob')
  await until(() => floor.told('member-queue-end').length === 1, 'bob to have talked')
  assert.equal(floor.told('member-queue-end')[0]?.get('CC-Agent'), 'bob')
})

const delays: readonly [Manners['refuses'] & string, number][] = [
  ['USER_BUSY', 20],
  ['CALL_REJECTED', 30],
  ['NO_ANSWER', 10],
]
for (const [cause, seconds] of delays)
  test(`after ${cause} an agent is left alone for the time that was set for it`, async () => {
    await using floor = await openFloor({
      agents: ['ann'],
      decide: () => ({ afterMs: 1, refuses: cause }),
    })
    await floor.test.api('callcenter_config agent set busy_delay_time ann 20')
    await floor.test.api('callcenter_config agent set reject_delay_time ann 30')
    await floor.test.api('callcenter_config agent set no_answer_delay_time ann 10')
    await logIn(floor, 'ann')
    const caller = await floor.dial('help', '2000')
    await until(() => floor.told('bridge-agent-fail').length === 1, 'the first try')
    const failed = floor.told('bridge-agent-fail')[0]!
    assert.equal(failed.get('CC-Hangup-Cause'), cause)
    const ready = floor.center.agents.get('ann')!.readyTime
    assert.equal(ready - Number(failed.get('CC-Agent-Aborted-Time')), seconds)
    caller.hangup('NORMAL_CLEARING')
  })

test('a contact that fails at once is not dialled without end', async () => {
  await using floor = await openFloor({ agents: ['ann'], factor: 1 })
  await floor.test.api('callcenter_config agent set contact ann error/USER_BUSY')
  await floor.test.api('callcenter_config agent set busy_delay_time ann 0')
  await logIn(floor, 'ann')
  const caller = await floor.dial('help', '2000')
  await until(() => floor.told('bridge-agent-fail').length > 0, 'a try')
  const begun = performance.now()
  await delay(300)
  // He rests a second after each.
  const most = 2 + Math.floor((performance.now() - begun) / 1000)
  assert.ok(floor.told('agent-offering').length <= most)
  caller.hangup('NORMAL_CLEARING')
})

test('wrap-up: the next caller has to wait for it', async () => {
  await using floor = await openFloor({
    agents: ['ann'],
    decide: () => ({ afterMs: 1, talksMs: 10 }),
  })
  await floor.test.api('callcenter_config agent set wrap_up_time ann 6')
  await logIn(floor, 'ann')
  await floor.dial('help', '2000')
  await floor.dial('help', '2001')
  await until(() => floor.told('member-queue-end').length === 2, 'both to have talked')
  const [first, second] = floor.told('bridge-agent-end')
  const ended = Number(first?.get('CC-Bridge-Terminated-Time'))
  assert.ok(Number(second?.get('CC-Agent-Called-Time')) - ended > 6)
})

test('available on demand: one call, then none until the state says so', async () => {
  await using floor = await openFloor({
    agents: ['ann'],
    decide: () => ({ afterMs: 1, talksMs: 10 }),
  })
  await floor.test.api("callcenter_config agent set status ann 'Available (On Demand)'")
  await floor.dial('help', '2000')
  await until(() => floor.told('member-queue-end').length === 1, 'the first talk')
  await until(() => floor.center.offers.size === 0, 'ann to be free')
  assert.equal(await floor.test.api('callcenter_config agent get state ann'), 'Idle')
  const second = await floor.dial('help', '2001')
  await delay(200)
  assert.equal(floor.calls.length, 1)
  await floor.test.api('callcenter_config agent set state ann Waiting')
  await until(() => !second.isUp, 'the second talk to be over')
  assert.equal(floor.calls.length, 2)
})

const waits: readonly [string, Readonly<Record<string, string>>, string][] = [
  ['max-wait-time', { 'max-wait-time': '3' }, 'TIMEOUT'],
  [
    'max-wait-time-with-no-agent',
    { 'max-wait-time-with-no-agent': '2', 'max-wait-time-with-no-agent-time-reached': '1' },
    'NO_AGENT_TIMEOUT',
  ],
]
for (const [name, params, reason] of waits)
  test(`${name}: the caller goes on in the dialplan, and his report says ${reason}`, async () => {
    await using floor = await openFloor({ params })
    const caller = await floor.dial('help', '2000')
    await until(() => !caller.isUp, 'the end of his patience')
    assert.equal(caller.variables.get('came_back'), 'yes')
    assert.equal(caller.hangupCause, 'USER_BUSY')
    assert.equal(caller.variables.get('cc_cancel_reason'), reason)
    assert.equal(floor.told('member-queue-end')[0]?.get('CC-Cancel-Reason'), reason)
  })

test('an agent who rings when the time is up still has his chance', async () => {
  await using floor = await openFloor({
    agents: ['ann'],
    params: { 'max-wait-time': '60' },
    decide: () => ({ afterMs: 1000, talksMs: 5 }),
  })
  const clock = new LeapClock()
  floor.center.clock = clock
  await logIn(floor, 'ann')
  const caller = await floor.dial('help', '2000')
  await until(() => floor.calls.length === 1, 'ann to be rung')
  clock.leap(70_000)
  assert.equal(caller.isUp, true)
  await until(() => !caller.isUp, 'the call to end')
  assert.equal(caller.variables.get('cc_cause'), 'answered')
})

test('two queues share their agents: nobody is offered two callers at a time, and all are served', async () => {
  const random = randomNumbers(5)
  await using floor = await openFloor({
    agents: ['ann', 'bob'],
    queues: ['help@test', 'sales@test'],
    more: { sales: 'set hangup_after_bridge=true; callcenter sales@test' },
    decide: () => ({ afterMs: 1 + random() * 20, talksMs: 5 + random() * 40 }),
  })
  await logIn(floor, 'ann', 'bob')
  for (let i = 0; i < 10; i++) {
    await floor.dial('help', String(2000 + i))
    await floor.dial('sales', String(2100 + i))
  }
  await until(() => floor.test.sw.channels.count === 0, 'all calls to end')
  await until(() => floor.center.offers.size === 0, 'the agents to be free')
  assertNobodyIsStuck(floor)
  assertOneAtATime(floor, 'longest-idle-agent')
  for (const name of ['help@test', 'sales@test'])
    assert.equal(floor.center.queue(name)?.callsAnswered, 10)
})

test('a caller with a higher score is served before those who came earlier', async () => {
  await using floor = await openFloor({
    agents: ['ann'],
    decide: () => ({ afterMs: 1, talksMs: 5 }),
    more: { vip: 'set hangup_after_bridge=true; set cc_base_score=500; callcenter help@test' },
  })
  const plain = await floor.dial('help', '2000')
  const vip = await floor.dial('vip', '2001')
  await until(() => floor.told('member-queue-start').length === 2, 'both to wait')
  await logIn(floor, 'ann')
  await until(() => floor.told('member-queue-end').length === 2, 'both to have talked')
  assert.deepEqual(
    floor.told('member-queue-end').map((event) => event.get('CC-Member-Session-UUID')),
    [vip.uuid, plain.uuid],
  )
})

test('when the module is unloaded who waits goes on in his dialplan, and who talks goes on talking', async () => {
  await using floor = await openFloor({ agents: ['ann'] })
  await logIn(floor, 'ann')
  const talking = await floor.dial('help', '2000')
  await until(() => talking.partner !== undefined, 'them to talk')
  const waiting = await floor.dial('help', '2001')
  await until(() => floor.told('member-queue-start').length === 2, 'the other one to wait')
  await floor.test.api('unload mod_callcenter')
  await until(() => !waiting.isUp, 'him to go on')
  assert.equal(waiting.variables.get('came_back'), 'yes')
  assert.notEqual(talking.partner, undefined)
  talking.hangup('NORMAL_CLEARING')
  await until(() => floor.test.sw.channels.count === 0, 'all to be gone')
})

test('an exit key leads on in the dialplan', async () => {
  await using floor = await openFloor({
    more: { keyed: 'set cc_exit_keys=*9; callcenter help@test; hangup USER_BUSY' },
  })
  const caller = await floor.dial('keyed', '2000')
  await until(() => floor.told('member-queue-start').length === 1, 'the caller to wait')
  for (const digit of ['1', '9']) receiveDigit(caller, { digit, duration: 800, source: 'RTP' })
  await until(() => !caller.isUp, 'the call to end')
  assert.equal(caller.variables.get('cc_exit_key'), '9')
  assert.equal(caller.variables.get('cc_cancel_reason'), 'EXIT_WITH_KEY')
})

test('who calls again soon has his old place, where the queue allows it', async () => {
  await using floor = await openFloor({ params: { 'abandoned-resume-allowed': 'true' } })
  const first = await floor.dial('help', '2000')
  const other = await floor.dial('help', '2001')
  await until(() => floor.told('member-queue-start').length === 2, 'both to wait')
  const uuid = first.variables.get('cc_member_uuid')
  first.hangup('NORMAL_CLEARING')
  await until(() => floor.told('member-queue-end').length === 1, 'the first to be gone')
  const again = await floor.dial('help', '2000')
  await until(() => floor.told('member-queue-resume').length === 1, 'him to be back')
  assert.equal(again.variables.get('cc_member_uuid'), uuid)
  const rows = (await floor.test.api('callcenter_config queue list members help@test')).split('\n')
  assert.equal(rows[1]?.split('|')[2], uuid)
  for (const channel of [again, other]) channel.hangup('NORMAL_CLEARING')
})

test('who left is forgotten after discard-abandoned-after', async () => {
  await using floor = await openFloor({ params: { 'discard-abandoned-after': '2' } })
  const caller = await floor.dial('help', '2000')
  await until(() => floor.told('member-queue-start').length === 1, 'him to wait')
  caller.hangup('NORMAL_CLEARING')
  await until(() => floor.center.members.size === 0, 'him to be forgotten')
})

test('an agent who waits on his own channel takes call after call', async () => {
  await using floor = await openFloor({
    agents: ['ann'],
    more: { standby: 'park' },
  })
  const { test: sw } = floor
  const agent = await floor.dial('standby', '3000')
  await sw.api('callcenter_config agent set type ann uuid-standby')
  await sw.api(`callcenter_config agent set uuid ann ${agent.uuid}`)
  await logIn(floor, 'ann')
  for (let i = 0; i < 2; i++) {
    const caller = await floor.dial('help', String(2000 + i))
    await until(() => caller.partner === agent, 'them to talk')
    assert.equal(agent.variables.get('cc_member_session_uuid'), caller.uuid)
    caller.hangup('NORMAL_CLEARING')
    await until(() => agent.state === 'park', 'the agent to wait again')
  }
  agent.hangup('NORMAL_CLEARING')
  const caller = await floor.dial('help', '2009')
  await until(
    () => floor.center.agents.get('ann')?.status === 'Logged Out',
    'the agent who is gone to be logged out',
  )
  caller.hangup('NORMAL_CLEARING')
})

test('callcenter_break frees the agent while the talk goes on', async () => {
  await using floor = await openFloor({ agents: ['ann'] })
  await logIn(floor, 'ann')
  const caller = await floor.dial('help', '2000')
  await until(() => floor.center.agents.get('ann')?.state === 'In a queue call', 'them to talk')
  const agent = floor.calls[0]!
  assert.equal(await floor.test.api(`callcenter_break agent ${agent.uuid}`), '+OK\n')
  await until(() => floor.center.agents.get('ann')?.state === 'Waiting', 'ann to be free')
  assert.equal(caller.partner, agent)
  caller.hangup('NORMAL_CLEARING')
})

test('who logs out while he is rung is not rung any more, and the caller keeps his place', async () => {
  await using floor = await openFloor({
    agents: ['ann'],
    decide: () => ({ afterMs: 0, refuses: 'never' }),
  })
  await logIn(floor, 'ann')
  const caller = await floor.dial('help', '2000')
  await until(() => floor.calls.length === 1, 'ann to be rung')
  await floor.test.api("callcenter_config agent set status ann 'Logged Out'")
  await until(() => floor.told('bridge-agent-fail').length === 1, 'the ringing to end')
  assert.equal(floor.calls[0]?.hangupCause, 'ORIGINATOR_CANCEL')
  assert.equal(floor.center.agents.get('ann')?.state, 'Waiting')
  assert.equal(floor.center.members.list()[0]?.state, 'Waiting')
  caller.hangup('NORMAL_CLEARING')
})

test('a tracked call of his own keeps an agent from the queue', async () => {
  await using floor = await openFloor({
    agents: ['ann'],
    decide: () => ({ afterMs: 1, talksMs: 5 }),
    more: { own: 'callcenter_track ann; park' },
  })
  await logIn(floor, 'ann')
  const own = await floor.dial('own', '3000')
  await until(() => floor.center.agents.get('ann')?.externalCallsCount === 1, 'it to be tracked')
  const caller = await floor.dial('help', '2000')
  await delay(150)
  assert.equal(floor.calls.length, 0)
  own.hangup('NORMAL_CLEARING')
  await until(() => !caller.isUp, 'the caller to have talked')
  assert.equal(caller.variables.get('cc_agent'), 'ann')
})

test('agents, their status and tiers are there after a restart; who waited counts as gone', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'strowger-callcenter-'))
  try {
    {
      await using floor = await openFloor({ agents: [], databaseDir: folder })
      const { test: sw } = floor
      assert.equal(await sw.api('callcenter_config agent add zoe callback'), '+OK\n')
      assert.equal(await sw.api('callcenter_config agent set contact zoe desk/zoe'), '+OK\n')
      await logIn(floor, 'zoe')
      await sw.api("callcenter_config agent set status zoe 'On Break'")
      assert.equal(await sw.api('callcenter_config tier add help@test zoe 2 3'), '+OK\n')
      await floor.dial('help', '2000')
      await until(() => floor.told('member-queue-start').length === 1, 'a caller to wait')
    }
    await using floor = await openFloor({ agents: [], databaseDir: folder })
    const { test: sw } = floor
    assert.equal(await sw.api('callcenter_config agent get status zoe'), 'On Break')
    const tiers = 'queue|agent|state|level|position\nhelp@test|zoe|Ready|2|3\n+OK\n'
    assert.equal(await sw.api('callcenter_config tier list'), tiers)
    assert.equal(floor.center.members.list()[0]?.state, 'Abandoned')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('what a command has set is on disk when it answers', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'strowger-callcenter-'))
  try {
    await using floor = await openFloor({ agents: ['ann'], databaseDir: folder })
    await logIn(floor, 'ann')
    using database = sqliteDatabase(join(folder, 'callcenter.db'))
    assert.deepEqual(database.all('SELECT name, status, state FROM agents'), [
      { name: 'ann', status: 'Available', state: 'Waiting' },
    ])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('a phrase as announcement takes the place of the music and knows the place in the queue', async () => {
  await using floor = await openFloor({
    params: { 'announce-sound': 'phrase:place:${cc_queue_position}', 'announce-frequency': '2' },
    languages:
      '<language name="en"><phrases><macros><macro name="place"><input pattern="(.*)"><match><action function="play-file" data="place-$1.wav"/></match></input></macro></macros></phrases></language>',
  })
  const callers = [await floor.dial('help', '2000'), await floor.dial('help', '2001')]
  const asked = (caller: Channel) => (caller.media as FakeLeg).asked.join(' ')
  for (const [index, caller] of callers.entries())
    await until(() => asked(caller).includes(`place-${index + 1}.wav`), 'the announcement')
  callers[0]?.hangup('NORMAL_CLEARING')
  await until(() => asked(callers[1]!).includes('place-1.wav'), 'the second to be first')
  callers[1]?.hangup('NORMAL_CLEARING')
})

test('the JSON API lists the same tables as objects', async () => {
  await using floor = await openFloor({ agents: ['ann'] })
  await floor.dial('help', '2000')
  await until(() => floor.told('member-queue-start').length === 1, 'a caller to wait')
  const ask = async (data: Readonly<Record<string, string>>) => {
    const reply = await floor.test.api(
      `json ${JSON.stringify({ command: 'callcenter_config', data })}`,
    )
    const { status, response } = JSON.parse(reply)
    return { status, response }
  }
  const agents = await ask({ arguments: 'agent list' })
  assert.equal(agents.status, 'success')
  assert.equal(agents.response[0].name, 'ann')
  assert.equal(agents.response[0].max_no_answer, '0')
  const members = await ask({ arguments: 'queue list members', queue_name: 'help@test' })
  assert.equal(members.response[0].cid_number, '2000')
  assert.match(members.response[0].score, /^\d+$/)
  const queues = await ask({ arguments: 'queue list' })
  assert.equal(queues.response[0].strategy, 'longest-idle-agent')
  const nameless = await ask({ arguments: 'queue list tiers' })
  assert.deepEqual(nameless, {
    status: 'error',
    response: { error: 'Missing data attribute: queue_name' },
  })
  assert.equal((await ask({ arguments: 'shoe list' })).status, 'error')
})

test('the command says what is wrong in the words of FreeSWITCH', async () => {
  await using floor = await openFloor({ agents: ['ann'] })
  const replies: readonly [string, string][] = [
    ['agent add ann callback', '-ERR Agent already exist!'],
    ['agent add bob nonsense', '-ERR Agent type invalid!'],
    ['agent add bob', '-ERR Invalid!'],
    ['agent set status nobody Available', '-ERR Agent not found!'],
    ['agent set status ann Asleep', '-ERR Invalid Agent Status!'],
    ['agent set state ann Asleep', '-ERR Invalid Agent State!'],
    ['agent set shoe ann 42', '-ERR Invalid Agent Update KEY!'],
    ['agent get shoe ann', '-ERR Invalid Agent Update KEY!'],
    ['tier add nowhere ann', '-ERR Queue not found!'],
    ['tier add help@test nobody', '-ERR Agent not found!'],
    ['tier add help@test ann', '-ERR Tier already exist!'],
    ['tier set state help@test ann Asleep', '-ERR Invalid Tier State!'],
    ['queue load nowhere', '-ERR Invalid Queue not found!'],
    ['queue count', '1'],
    ['queue count agents help@test', '1'],
    ['queue count agents help@test Available', '0'],
    ['queue count members help@test', '0'],
    ['queue count tiers help@test', '1'],
    ['shoe list', '-ERR Invalid!'],
  ]
  for (const [line, expected] of replies)
    assert.equal(await floor.test.api(`callcenter_config ${line}`), `${expected}\n`, line)
  const head = (await floor.test.api('callcenter_config agent list')).split('\n')[0]
  assert.equal(
    head,
    'name|instance_id|uuid|type|contact|status|state|max_no_answer|wrap_up_time|reject_delay_time|busy_delay_time|no_answer_delay_time|last_bridge_start|last_bridge_end|last_offered_call|last_status_change|no_answer_count|calls_answered|talk_time|ready_time|external_calls_count',
  )
})
